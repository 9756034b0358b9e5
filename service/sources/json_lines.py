"""Read a file of JSON Lines, one value on each. In: a file. Out: Piece, a value with its bytes.

Never: loads the file, or more of a line than MAX_PIECE; stops at a line that is not JSON.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from service.sources.json_records import MAX_PIECE, Piece

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_CHUNK = 1024 * 1024


def read_lines(path: Path, only: re.Pattern[bytes] | None = None) -> Iterator[Piece]:
    """Yield every line that is not blank, in file order; `original` is the line without the space around it.

    Lines end with LF or CRLF; a byte order mark before the first is no part of it. With `only`, lines that
    do not match at their start are passed over unread, as are those that are too long.
    """
    with path.open("rb") as file:
        at = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
        file.seek(at)
        while line := file.readline(MAX_PIECE + 1):
            start = at
            if len(line) > MAX_PIECE:
                at += len(line) + _skip_line(file, line)
                if only is None:
                    yield Piece(start, at, None, error=f"a line of {at - start} bytes; the others were read")
                continue
            at += len(line)
            value = line.strip(_SPACE)
            if value and (only is None or only.match(value)):
                yield _piece(start + line.index(value), value)


def _skip_line(file: BinaryIO, begun: bytes) -> int:
    """Go to the next line without keeping this one; return how many bytes it still had."""
    skipped = 0
    part = begun
    while part and not part.endswith(b"\n"):
        part = file.readline(_CHUNK)
        skipped += len(part)
    return skipped


def _piece(start: int, original: bytes) -> Piece:
    end = start + len(original)
    text = original.decode(errors="replace")
    repairs = ("bytes that are not UTF-8 were replaced",) if text.encode() != original else ()
    try:
        return Piece(start, end, original, json.loads(text), repairs=repairs)
    except (ValueError, RecursionError) as error:
        why = f"a line that is not JSON ({error}): damaged or cut off; the others were read. Export it again"
        return Piece(start, end, original, error=why)
