"""Read the Outlook item in a msg file (MS-OXMSG, in a compound file: MS-CFB).

In: the bytes of a file. Out: Item. Raises OSError where nothing can be read; what is damaged in part is told
in the item's warnings. Memory: a stream is read when it is asked for, and is no larger than the file.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO

from olefile import OleFileIO
from olefile.olefile import STGTY_STORAGE, STGTY_STREAM, OleDirectoryEntry

from service.sources.mapi import BINARY, OBJECT, STRING8, UNICODE, Attached, Item, Properties, Tag, charset_of

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
"""The first bytes of a compound file."""
PROPERTIES = "__properties_version1.0"
"""The stream that every msg file has, and no other compound file."""
_ROOT_HEADER, _EMBEDDED_HEADER, _OBJECT_HEADER = 32, 24, 8
"""Bytes before the first property: of the message, of one attached to it, of a recipient or attachment."""
_VALUE = "__substg1.0_{:04X}{:04X}"
_MOST_PEOPLE = 10_000
_LARGEST_FIXED = 1 << 20
"""Bytes of the stream of fixed-size properties; real ones take 2 to 8 KB."""


def read_msg(data: bytes) -> Item:
    """Return the item of a file; its attachments read from `data` when they are asked for."""
    with _broken_told():
        file = OleFileIO(BytesIO(data))
    root = _Storage(file, file.root, ())
    if PROPERTIES.lower() not in root.streams:
        raise OSError("it holds no Outlook item")
    return _item(root, _ROOT_HEADER)


def is_msg(path: str) -> bool:
    """Say whether the compound file at `path` is one of Outlook."""
    try:
        with _broken_told(), OleFileIO(path) as file:
            return bool(file.exists(PROPERTIES))
    except OSError:
        return False


@contextmanager
def _broken_told() -> Iterator[None]:
    """Turn what olefile raises on damaged files into OSError; its own errors are one already."""
    try:
        yield
    except (
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        AttributeError,
        struct.error,
        RecursionError,
    ) as error:
        raise OSError(f"damaged compound file: {type(error).__name__}") from error


class _Storage:
    """A folder of the compound file: the item itself, a recipient, an attachment."""

    def __init__(self, file: OleFileIO, entry: OleDirectoryEntry, path: tuple[str, ...]) -> None:
        self.file = file
        self.path = path
        self.streams = {one.name.lower(): one for one in entry.kids if one.entry_type == STGTY_STREAM}
        self.storages = [one for one in entry.kids if one.entry_type == STGTY_STORAGE]

    def size(self, name: str) -> int:
        entry = self.streams.get(name.lower())
        return int(entry.size) if entry else 0

    def read(self, name: str) -> bytes:
        """Return what is left of a stream; raises OSError where that is nothing."""
        with _broken_told(), self.file.openstream([*self.path, name]) as stream:
            return bytes(stream.read())

    def whole(self, name: str) -> bytes:
        """Return the bytes of a stream; raises OSError unless they are all there."""
        content, size = self.read(name), self.size(name)
        if len(content) != size:
            raise OSError(f"is damaged: {len(content):,} of {size:,} bytes are left")
        return content

    def inside(self, prefix: str) -> list["_Storage"]:
        return [
            _Storage(self.file, one, (*self.path, one.name))
            for one in self.storages
            if one.name.lower().startswith(prefix)
        ]


def _item(storage: _Storage, header: int) -> Item:
    warnings: list[str] = []
    said = _properties(storage, header, "", warnings)
    people = storage.inside("__recip_version1.0_")[:_MOST_PEOPLE]
    files = storage.inside("__attach_version1.0_")
    return Item(
        said,
        tuple(_properties(one, _OBJECT_HEADER, said.charset, warnings) for one in people),
        tuple(_attached(one, said.charset, warnings) for one in files),
        tuple(dict.fromkeys(warnings)),
    )


def _properties(storage: _Storage, header: int, charset: str, warnings: list[str]) -> Properties:
    """Read the wanted properties; a charset that the item names itself counts before `charset`."""
    try:
        small = storage.size(PROPERTIES) <= _LARGEST_FIXED
        fixed = storage.read(PROPERTIES)[header:] if small else b""
    except OSError as error:
        warnings.append(str(error))
        fixed = b""
    values: dict[int, tuple[int, bytes]] = {}
    for kind, tag, value in struct.iter_unpack("<HH4x8s", fixed[: len(fixed) // 16 * 16]):
        if tag in _TAGS and kind not in {UNICODE, STRING8, BINARY, OBJECT}:
            values[tag] = kind, value
    for tag in _TAGS - {Tag.ATTACH_DATA}:
        for kind in (UNICODE, STRING8, BINARY):
            name = _VALUE.format(tag, kind)
            if name.lower() not in storage.streams:
                continue
            try:
                values[tag] = kind, storage.read(name)
            except OSError as error:
                warnings.append(f"{tag.name.lower()}: {error}")
                continue
            if len(values[tag][1]) != storage.size(name):
                warnings.append(f"{tag.name.lower()} is damaged: only its beginning is left")
            break
    return Properties(values, charset_of(values) or charset)


def _attached(storage: _Storage, charset: str, warnings: list[str]) -> Attached:
    said = _properties(storage, _OBJECT_HEADER, charset, warnings)
    data, held = _VALUE.format(Tag.ATTACH_DATA, BINARY), _VALUE.format(Tag.ATTACH_DATA, OBJECT).lower()
    if data.lower() in storage.streams:
        return Attached(said, storage.size(data), load=partial(storage.whole, data))
    inner = next(iter(storage.inside(held)), None)
    if inner is not None and PROPERTIES.lower() in inner.streams:
        return Attached(said, open=partial(_item, inner, _EMBEDDED_HEADER))
    if inner is not None:
        return Attached(
            said, missing="is an object of another program, which cannot be taken out of its msg file"
        )
    return Attached(said)


_TAGS = frozenset(Tag)
