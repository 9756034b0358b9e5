"""Read what `mongodump` writes: a BSON file for each collection of a database. In: a file. Out: Piece.

Never: loads the file; follows a length out of its document; loses what stands behind a damaged one.

Source: bsonspec.org, version 1.1. Dates become milliseconds since 1970, ids their hexadecimal digits. What no
chat needs (binary data, code, decimal numbers) becomes None: the original has it.
"""

import mmap
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.sources.json_records import MAX_PIECE, Piece

_SHORTEST = 5
_DEEPEST = 100
"""Levels of documents in documents: MongoDB itself allows no more."""
_STARTS = re.compile(rb"....[\x02\x07]_id\0", re.DOTALL)
"""MongoDB puts the id of a document first."""
_INT32, _INT64, _DOUBLE = struct.Struct("<i"), struct.Struct("<q"), struct.Struct("<d")
_NUMBERS = {0x01: _DOUBLE, 0x09: _INT64, 0x10: _INT32, 0x12: _INT64}
_STRINGS = frozenset({0x02, 0x0D, 0x0E})
_OBJECT, _ARRAY, _BINARY, _OBJECT_ID, _BOOLEAN = 0x03, 0x04, 0x05, 0x07, 0x08
_REGEX, _POINTER, _SCOPED_CODE = 0x0B, 0x0C, 0x0F
_SIZES = {0x06: 0, _OBJECT_ID: 12, _BOOLEAN: 1, 0x0A: 0, 0x11: 8, 0x13: 16, 0x7F: 0, 0xFF: 0}
_DAMAGED = "damaged: this is no BSON document; dump the collection again"


def is_bson(head: bytes) -> bool:
    """Say whether a file begins with the length of a document: text has no NUL, lengths below 16 MiB do."""
    return len(head) >= _SHORTEST and head[3] == 0 and head[4] in _SIZES.keys() | _NUMBERS.keys() | {2, 3, 4}


def read_documents(path: Path, holds: bytes = b"") -> Iterator[Piece]:
    """Yield every document of a dump; behind damage only one with the bytes `holds` is taken for one."""
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            at = 0
            while at < len(data):
                end = _end(data, at)
                piece = _piece(data, at, end) if end else _damage(data, at, _next(data, at + 1, holds))
                yield piece
                at = piece.end


def decode(document: bytes, depth: int = 0) -> dict[str, Any]:
    r"""Return a document as JSON would have it; raises ValueError for what is none.

    >>> decode(b"\x0e\0\0\0\x02u\0\x02\0\0\0A\0\0")
    {'u': 'A'}
    """
    last = len(document) - 1
    if (
        depth > _DEEPEST
        or last < _SHORTEST - 1
        or document[last]
        or _INT32.unpack_from(document)[0] != last + 1
    ):
        raise ValueError(_DAMAGED)
    found: dict[str, Any] = {}
    at = _INT32.size
    while at < last:
        name_end = document.index(0, at + 1, last)
        name = document[at + 1 : name_end].decode("utf-8", "replace")
        end = _value_end(document, document[at], name_end + 1)
        if end > last:
            raise ValueError(_DAMAGED)
        found[name] = _value(document[at], document[name_end + 1 : end], depth)
        at = end
    return found


def _value_end(document: bytes, type_: int, at: int) -> int:
    if type_ in _NUMBERS:
        return at + _NUMBERS[type_].size
    if type_ in _SIZES:
        return at + _SIZES[type_]
    if type_ == _REGEX:
        return document.index(0, document.index(0, at) + 1) + 1
    if at + _INT32.size > len(document):
        raise ValueError(_DAMAGED)
    (length,) = _INT32.unpack_from(document, at)
    behind = {_OBJECT: 0, _ARRAY: 0, _SCOPED_CODE: 0, _BINARY: 5, _POINTER: 16, **dict.fromkeys(_STRINGS, 4)}
    if type_ not in behind or length < 0:
        raise ValueError(_DAMAGED)
    return at + behind[type_] + int(length)


def _value(type_: int, data: bytes, depth: int) -> Any:
    if type_ in _NUMBERS:
        return _NUMBERS[type_].unpack(data)[0]
    if type_ in _STRINGS:
        return data[4:-1].decode("utf-8", "replace")
    if type_ == _BOOLEAN:
        return data != b"\0"
    if type_ == _OBJECT_ID:
        return data.hex()
    if type_ == _OBJECT:
        return decode(data, depth + 1)
    return list(decode(data, depth + 1).values()) if type_ == _ARRAY else None


# Documents in a file.


def _end(data: mmap.mmap, at: int) -> int | None:
    """Return where the document at `at` ends; None where its length cannot be true."""
    if at + _SHORTEST > len(data):
        return None
    end: int = at + _INT32.unpack_from(data, at)[0]
    is_true = at + _SHORTEST <= end <= min(len(data), at + MAX_PIECE) and data[end - 1] == 0
    return end if is_true else None


def _next(data: mmap.mmap, at: int, holds: bytes) -> int:
    """Return where the next document begins, or the end of the file."""
    while found := _STARTS.search(data, at):
        end = _end(data, found.start())
        if end and data.find(holds, found.start(), end) >= 0:
            return found.start()
        at = found.start() + 1
    return len(data)


def _piece(data: mmap.mmap, start: int, end: int) -> Piece:
    original = data[start:end]
    try:
        return Piece(start, end, original, decode(original))
    except ValueError:
        return Piece(start, end, original, error=_DAMAGED)


def _damage(data: mmap.mmap, start: int, end: int) -> Piece:
    original = data[start:end] if end - start <= MAX_PIECE else None
    return Piece(start, end, original, error=_DAMAGED)
