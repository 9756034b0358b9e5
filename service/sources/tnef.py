"""Open the `winmail.dat` that Outlook and Exchange put a mail into (MS-OXTNEF). Never: raises on TNEF.

In: the bytes of an `application/ms-tnef` part. Out: an Item as a msg file holds it, its files, its text.
One pass without copies, and nothing that the data only claims is believed: a count of properties can be
four thousand million in a file of 40 bytes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from service.sources.mail_text import html_to_text, plain_lines
from service.sources.mapi import BINARY, OBJECT, STRING8, UNICODE, Attached, Item, Properties, Tag, code_page
from service.sources.outlook_mail import files_of, texts_of

_MEDIA_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SIGNATURE = struct.pack("<I", 0x223E9F78)
_BODY, _SUBJECT, _MESSAGE_CLASS = 0x800C, 0x8004, 0x8008
_FILE_NAME, _FILE_DATA, _NEW_FILE, _FILE_PROPERTIES = 0x8010, 0x800F, 0x9002, 0x9005
_PROPERTIES, _CODE_PAGE = 0x9003, 0x9007
_MESSAGE_IID = bytes.fromhex("0703020000000000c000000000000046")
"""IID_IMessage: what follows is a message, as TNEF again."""
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
"""Bytes of values by their type; those of two are padded to four (MS-OXTNEF 2.1.3.4)."""
_VARIABLE = frozenset({STRING8, UNICODE, OBJECT, BINARY})
_MANY = 0x1000
_MOST_FILES = 1_000
_DEEPEST = 8

Values = dict[int, tuple[int, bytes]]


def is_tnef(media_type: str, name: str) -> bool:
    """Say whether a part of this type and name is TNEF; other servers than Exchange forget its type."""
    return media_type in _MEDIA_TYPES or name.lower() == "winmail.dat"


def read_tnef(data: bytes) -> Item:
    """Return what the bytes hold, nothing where they are no TNEF; damaged ones are read as far as they go."""
    return _read(memoryview(data), 0) if data.startswith(_SIGNATURE) else Item(Properties({}))


def files_in_tnef(data: bytes) -> list[tuple[str, str, bytes]]:
    """Return name, media type and bytes of each attachment; messages are mails again."""
    return list(files_of(read_tnef(data)))


def text_in_tnef(data: bytes) -> tuple[str, str | None]:
    """Return the text, and its HTML where it has no other form."""
    texts = dict(texts_of(read_tnef(data).properties))
    html = texts.get("text/html", "")
    if plain := texts.get("text/plain"):
        return plain_lines(plain), None
    return html_to_text(html), html or None


@dataclass(slots=True)
class _File:
    """An attachment while its attributes are met one after the other."""

    values: Values = field(default_factory=dict)
    content: bytes | None = None

    def attached(self, charset: str, depth: int) -> Attached:
        said = Properties(self.values, charset)
        kind, raw = self.values.pop(Tag.ATTACH_DATA, (0, b""))
        if kind == OBJECT and raw.startswith(_MESSAGE_IID) and depth < _DEEPEST:
            inner = _read(memoryview(raw)[len(_MESSAGE_IID) :], depth + 1)
            return Attached(said, open=lambda: inner)
        content = raw if self.content is None else self.content
        return Attached(said, len(content), load=partial(bytes, content))


def _read(data: memoryview, depth: int) -> Item:
    values: Values = {}
    files: list[_File] = []
    charset = ""
    for name, content in _attributes(data):
        if name == _CODE_PAGE:
            charset = code_page(int.from_bytes(content[:4], "little"))
        elif name in {_SUBJECT, _BODY, _MESSAGE_CLASS}:
            tag = {_SUBJECT: Tag.SUBJECT, _BODY: Tag.BODY, _MESSAGE_CLASS: Tag.MESSAGE_CLASS}[name]
            values.setdefault(tag, (STRING8, bytes(content)))
        elif name == _PROPERTIES:
            values.update(_properties(content))
        elif name == _NEW_FILE:
            if len(files) == _MOST_FILES:
                break
            files.append(_File())
        elif files:
            _add(files[-1], name, content)
    attachments = tuple(file.attached(charset, depth) for file in files)
    return Item(Properties(values, charset), attachments=attachments)


def _add(file: _File, name: int, content: memoryview) -> None:
    if name == _FILE_NAME:
        file.values.setdefault(Tag.ATTACH_NAME, (STRING8, bytes(content)))
    elif name == _FILE_DATA:
        file.content = bytes(content)
    elif name == _FILE_PROPERTIES:
        file.values.update(_properties(content))


def _attributes(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield each attribute by the low half of its id; the last may be cut off. Checksums prove nothing."""
    place = 6
    while place + 9 <= len(data):
        name, size = struct.unpack_from("<xHxxI", data, place)
        yield name, data[place + 9 : place + 9 + size]
        place += 9 + size + 2


def _properties(data: memoryview) -> Values:
    """Return the wanted properties of a list, up to where it is damaged."""
    values: Values = {}
    try:
        for tag, kind, value in _listed(data):
            if tag in _TAGS:
                values[tag] = kind, value
    except (struct.error, KeyError):
        pass  # cut off, or of a type that does not exist: where the next one begins is not known
    return values


def _listed(data: memoryview) -> Iterator[tuple[int, int, bytes]]:
    (count,) = struct.unpack_from("<I", data)
    place = 4
    for _ in range(min(count, len(data) // 8)):
        kind, tag = struct.unpack_from("<HH", data, place)
        place += 4
        if tag >= 0x8000:  # it has a name, which no property that we want has
            (named,) = struct.unpack_from("<I", data, place + 16)
            (size,) = struct.unpack_from("<I", data, place + 20)
            place += 24 + (_padded(size) if named else 0)
        base, several = kind & ~_MANY, 1
        if kind & _MANY or base in _VARIABLE:
            (several,) = struct.unpack_from("<I", data, place)
            place += 4
        value = b""
        for _ in range(several):
            size = _FIXED[base] if base not in _VARIABLE else struct.unpack_from("<I", data, place)[0]
            place += 4 if base in _VARIABLE else 0
            if place >= len(data):
                return
            value = value or bytes(data[place : place + size])
            place += _padded(size)
        yield tag, kind, value


def _padded(size: int) -> int:
    return size + -size % 4


_TAGS = frozenset(Tag)
