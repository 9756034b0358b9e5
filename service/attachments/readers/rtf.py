"""Rich text. Out: its text without formatting."""

from collections.abc import Iterator

from service.attachments.reader import Given, Words
from service.sources.mail_text import html_to_text
from service.sources.rtf import read_rtf


class RtfReader:
    """Reads `.rtf`, also where an old Word named it `.doc`."""

    name = "rtf-2"
    media_types = frozenset({"application/rtf", "text/rtf", "text/richtext", "application/msword"})
    endings = frozenset({".rtf", ".doc"})

    def fits(self, content: bytes) -> bool:
        """Say whether it begins as rich text does."""
        return content.startswith(b"{\\rtf")

    def read(self, given: Given) -> Iterator[Words]:
        """Yield all of it; letters outside ASCII are escapes, in charsets that the text itself names."""
        text, is_html = read_rtf(given.content)
        yield Words(html_to_text(text) if is_html else text)


READER = RtfReader()
