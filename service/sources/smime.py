"""Look into S/MIME containers (CMS: RFC 5652 and 8551). In: BER. Out: the signed content, as it was signed.

Never: checks a signature, decrypts, raises on what it finds. Mail programs stream: lengths are often
indefinite and octet strings cut into pieces (X.690, 8.1.3.6 and 8.7.3), which DER parsers refuse.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MEDIA_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
SIGNATURE_TYPES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _OID, _EXPLICIT, _OCTETS, _OCTETS_IN_PIECES = 0x30, 0x06, 0xA0, 0x04, 0x24
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class _Value:
    """One tag with its content: `data[start:end]`; the next value begins at `after`."""

    tag: int
    start: int
    end: int
    after: int


class _BrokenError(Exception):
    """The bytes are no BER."""


def signed_content(data: bytes) -> bytes | None:
    """Return the mail inside signed-data; None where it is encrypted, compressed, detached or broken."""
    try:
        return _signed_content(data)
    except (_BrokenError, IndexError):
        return None


def _signed_content(data: bytes) -> bytes | None:
    info = list(_inside(data, _value(data, 0, len(data), 0)))
    if [one.tag for one in info[:2]] != [_OID, _EXPLICIT] or data[
        info[0].start : info[0].end
    ] != _SIGNED_DATA:
        return None
    signed = next(_inside(data, info[1]))
    # SignedData: version, digestAlgorithms, then encapContentInfo: its type and its content.
    wrapped = [one for one in _inside(data, signed) if one.tag == _SEQUENCE]
    content = [one for one in _inside(data, wrapped[0]) if one.tag == _EXPLICIT]
    return b"".join(_octets(data, next(_inside(data, content[0])), 0)) if content else None


def _inside(data: bytes, value: _Value) -> Iterator[_Value]:
    place = value.start
    while place < value.end:
        one = _value(data, place, value.end, 0)
        yield one
        place = one.after


def _value(data: bytes, place: int, end: int, depth: int) -> _Value:
    if depth > _DEEPEST or place + 2 > end:
        raise _BrokenError
    tag, size, start = data[place], data[place + 1], place + 2
    if size == 0x80:
        return _indefinite(data, tag, start, end, depth)
    if size > 0x80:
        digits = size & 0x7F
        size, start = int.from_bytes(data[start : start + digits]), start + digits
    if start + size > end:
        raise _BrokenError
    return _Value(tag, start, start + size, start + size)


def _indefinite(data: bytes, tag: int, start: int, end: int, depth: int) -> _Value:
    """Find where a value without a length ends: at two zero bytes on its own level."""
    place = start
    while data[place : place + 2] != b"\0\0":
        place = _value(data, place, end, depth + 1).after
    return _Value(tag, start, place, place + 2)


def _octets(data: bytes, value: _Value, depth: int) -> Iterator[bytes]:
    if value.tag == _OCTETS:
        yield data[value.start : value.end]
    elif value.tag == _OCTETS_IN_PIECES and depth < _DEEPEST:
        for piece in _inside(data, value):
            yield from _octets(data, piece, depth + 1)
    else:
        raise _BrokenError
