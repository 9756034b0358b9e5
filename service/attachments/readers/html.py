"""Web pages. Out: their text with its block structure."""

import re
from collections.abc import Iterator

from service.attachments.looks import HEAD, is_text
from service.attachments.reader import Given, Words
from service.sources.charsets import decode
from service.sources.mail_text import declared_in_html, html_to_text

_MARKUP = re.compile(
    rb"<(?:!doctype html|html|head|meta|body|div|table|p|br|span|a|ul|h[1-6])\b", re.IGNORECASE
)
_MOST_BYTES = 8 * 1024 * 1024


class HtmlReader:
    """Reads `.html`."""

    name = "html-1"
    media_types = frozenset({"text/html", "application/xhtml+xml"})
    endings = frozenset({".html", ".htm", ".xhtml"})

    def fits(self, content: bytes) -> bool:
        """Say whether it begins with markup."""
        return is_text(content) and _MARKUP.search(content[:HEAD]) is not None

    def read(self, given: Given) -> Iterator[Words]:
        """Yield all of it."""
        content = given.content
        if len(content) > _MOST_BYTES:
            # A letter cut in half would make UTF-8 look like something else.
            content = content[:_MOST_BYTES].rpartition(b"<")[0] or content[:_MOST_BYTES]
        html, _ = decode(content, declared_in_html(content))
        yield Words(html_to_text(html))


READER = HtmlReader()
