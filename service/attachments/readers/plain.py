"""Plain text of any kind: txt, csv, md, ics, vcf, logs. Out: the text, whatever its charset."""

from collections.abc import Iterator

from service.attachments.looks import is_text, is_utf_16
from service.attachments.reader import Given, Words
from service.sources.charsets import decode
from service.sources.mail_text import plain_lines

_MOST_BYTES = 8 * 1024 * 1024
"""Enough for all characters that are kept of an attachment."""
_ARMOUR = b"-----BEGIN "
"""Signatures, keys and encrypted texts (RFC 9580, RFC 7468): letters without words."""


class PlainReader:
    """Reads what people read in an editor."""

    name = "plain-1"
    media_types = frozenset(
        {
            "text/plain",
            "text/csv",
            "text/tab-separated-values",
            "text/markdown",
            "text/x-markdown",
            "text/calendar",
            "text/vcard",
            "text/x-vcard",
            "text/enriched",
            "application/ics",
            "application/json",
        }
    )
    endings = frozenset(
        {".txt", ".csv", ".tsv", ".md", ".ics", ".vcf", ".log", ".json", ".srt", ".tex", ".yml", ".yaml"}
    )

    def fits(self, content: bytes) -> bool:
        """Say whether it is text with words in it."""
        return is_text(content) and not content.lstrip().startswith(_ARMOUR)

    def read(self, given: Given) -> Iterator[Words]:
        """Yield all of it."""
        content = given.content
        if len(content) > _MOST_BYTES:
            # A letter cut in half would make UTF-8 look like something else.
            content = content[:_MOST_BYTES].rpartition(b"\n")[0] or content[:_MOST_BYTES]
        text, _ = decode(content, "utf-16" if is_utf_16(content) else "")
        yield Words(plain_lines(text))


READER = PlainReader()
