"""Cut a printed Signal chat into messages. In: a text of signal-export or sigtop. Out: Page, their bytes.

Never: loads the file, or more than MAX_PAGE of one message; takes a line for a message that has no header.

* signal-export (`chat.md`): `[2024-03-04 10:15:00] Anna: text`, until 2022 `[2024-03-04, 10:15] Anna: text`.
* sigtop (`-f text`): blocks of `From:`, `Type:`, `Sent:`, then a blank line and the text.
* sigtop (`-f text-short`): `2024-03-04 10:15 Anna: [1 attachment] text`.
"""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_PAGE = 16 * 1024 * 1024
"""Bytes of one message beyond which it is reported and not loaded."""
_BEGINS = {
    "markdown": re.compile(
        rb"(?:^|(?<=\A\xef\xbb\xbf))\[\d{4}-\d\d-\d\d,? \d\d:\d\d(?::\d\d)?\] [^\n]{0,300}?:(?=[ \r\n]|\Z)",
        re.MULTILINE,
    ),
    "blocks": re.compile(
        rb"(?:\A|(?<=\A\xef\xbb\xbf)|(?<=\n\n)|(?<=\n\r\n))(?:From: [^\n]{0,300}\n)?Type: [\w-]+\r?\n"
        rb"(?:Sent|Received): [^\n]*\d\d:\d\d:\d\d"
    ),
    "short": re.compile(
        rb"(?:^|(?<=\A\xef\xbb\xbf))\d{4}-\d\d-\d\d \d\d:\d\d [^\n]{0,300}?:(?=[ \r\n]|\Z)", re.MULTILINE
    ),
}
"""How a message begins, by style."""


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of one message, or of what stands before the first."""

    start: int
    """Byte offset in the file."""
    original: bytes | None
    """None where they are more than MAX_PAGE."""
    is_message: bool


def style_of(head: bytes) -> str | None:
    """Return the style of a file from its first bytes; None where it is none of them."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"Conversation: "):
        text = text.partition(b"\n")[2].lstrip()
    return next((style for style, begins in _BEGINS.items() if begins.match(text)), None)


def read_pages(path: Path, style: str) -> Iterator[Page]:
    """Yield the messages of a file in order; what stands before the first is no message."""
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield from _pages(data, _BEGINS[style])


def _pages(data: mmap.mmap, begins: re.Pattern[bytes]) -> Iterator[Page]:
    start, is_message = 0, False
    for found in begins.finditer(data):
        if found.start() > start:
            yield _page(data, start, found.start(), is_message=is_message)
        start, is_message = found.start(), True
    yield _page(data, start, len(data), is_message=is_message)


def _page(data: mmap.mmap, start: int, end: int, *, is_message: bool) -> Page:
    return Page(start, data[start:end] if end - start <= MAX_PAGE else None, is_message)
