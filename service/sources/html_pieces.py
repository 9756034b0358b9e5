"""Cut an HTML file into the records that it shows. In: a file, the start of a record. Out: HtmlPiece.

Never: loads the file; leaves a byte out: the pieces, with what is behind each, are the file.

A tree of the whole page would lose the bytes that a record was read from, and one tag that does not close
would put all later records into one. Here a record ends where its element closes, or where the next begins.
"""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_PIECE = 16 * 1024 * 1024
"""Bytes of one record beyond which it is not loaded."""
_TAGS = {tag: re.compile(rb"<(/?)%s\b[^>]*+>" % tag, re.IGNORECASE) for tag in (b"div", b"tr", b"li", b"p")}


@dataclass(frozen=True, slots=True)
class HtmlPiece:
    """What stands before the first record (`is_head`), or one record."""

    start: int
    """Byte offset in the file."""
    end: int
    original: bytes | None
    """The exact bytes; None where they are more than MAX_PIECE."""
    behind: bytes = b""
    """What follows, up to the next record: closing tags, links to other pages."""
    is_head: bool = False
    is_closed: bool = True
    """False where the next record, or the end of the file, comes before the closing tag."""


def read_html_pieces(path: Path, begins: re.Pattern[bytes], tag: bytes = b"div") -> Iterator[HtmlPiece]:
    """Yield the head, which may be empty, then each record in file order.

    `begins` matches the opening tag of a record, which is a `tag` (div, tr, li or p).
    """
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            yield HtmlPiece(0, 0, b"", is_head=True)
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield from _pieces(data, begins, _TAGS[tag])


def _pieces(data: mmap.mmap, begins: re.Pattern[bytes], tags: re.Pattern[bytes]) -> Iterator[HtmlPiece]:
    start = None
    for found in begins.finditer(data):
        if start is None:
            yield HtmlPiece(0, found.start(), _bytes(data, 0, found.start()), is_head=True)
        else:
            yield _record(data, start, found.start(), tags)
        start = found.start()
    if start is None:
        yield HtmlPiece(0, len(data), _bytes(data, 0, len(data)), is_head=True)
    else:
        yield _record(data, start, len(data), tags)


def _record(data: mmap.mmap, start: int, limit: int, tags: re.Pattern[bytes]) -> HtmlPiece:
    end = _element_end(data, start, limit, tags)
    if end is None:
        return HtmlPiece(start, limit, _bytes(data, start, limit), is_closed=False)
    return HtmlPiece(start, end, _bytes(data, start, end), data[end : min(limit, end + MAX_PIECE)])


def _element_end(data: mmap.mmap, start: int, limit: int, tags: re.Pattern[bytes]) -> int | None:
    depth = 0
    for tag in tags.finditer(data, start, limit):
        depth += -1 if tag[1] else 1
        if depth <= 0:
            return tag.end()
    return None


def _bytes(data: mmap.mmap, start: int, end: int) -> bytes | None:
    return data[start:end] if end - start <= MAX_PIECE else None
