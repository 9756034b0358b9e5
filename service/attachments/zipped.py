"""Read the XML inside a zip, which is what office documents are. In: bytes. Out: text in order.

Never: unpacks more than a document can hold, builds a tree, resolves entities, reaches for the network.
"""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO

from lxml import etree

from service.errors import UnsafeArchive

MOST_ENTRIES = 20_000
MOST_BYTES = 400 * 1024 * 1024
"""Unpacked, all entries together: a deck of photographs; `zipfile` never gives out more than is declared."""
MOST_RATIO = 200
"""Unpacked to packed; XML of a large table comes to 50."""
RATIO_FROM = 50 * 1024 * 1024

_ENCRYPTED = 0x1
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Marks:
    """Which elements hold words, by their names without namespace: dialects of one format differ in that."""

    kept: frozenset[str]
    ends: Mapping[str, str]
    """What the end of an element means for the text: a new line, a blank."""
    skipped: frozenset[str] = frozenset()
    """Elements whose insides are said elsewhere, or were taken back."""


def is_zip(content: bytes) -> bool:
    """Say whether the bytes begin as a zip does."""
    return content.startswith(b"PK\x03\x04")


def open_document(content: bytes) -> zipfile.ZipFile:
    """Open a zip whose declared sizes are those of a document. Raises UnsafeArchive, BadZipFile."""
    opened = zipfile.ZipFile(BytesIO(content))
    entries = opened.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_BYTES:
        raise UnsafeArchive(f"unpacks to {unpacked:,} bytes in {len(entries):,} files: more than is read")
    if unpacked > max(RATIO_FROM, MOST_RATIO * len(content)):
        raise UnsafeArchive(f"unpacks to {unpacked // len(content)} times its size, as a zip bomb does")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise UnsafeArchive("is protected by a password: ask its sender for one that is not")
    return opened


def text_of(document: zipfile.ZipFile, name: str, marks: Marks) -> Iterator[str]:
    """Yield the text of one entry piece by piece; nothing where there is no such entry."""
    if name not in document.namelist():
        return
    collected = _Text(marks)
    parser = etree.XMLParser(target=collected, resolve_entities=False, no_network=True, recover=True)
    with document.open(name) as entry:
        while chunk := entry.read(_CHUNK):
            parser.feed(chunk)
            yield collected.taken()
    yield collected.taken()


@dataclass(slots=True)
class _Text:
    """Hears the elements of an XML file one after the other."""

    marks: Marks
    inside: int = 0
    skipping: int = 0
    pieces: list[str] = field(default_factory=list)

    def doctype(self, *_declared: str | None) -> None:
        raise UnsafeArchive("declares entities, as no office document does: they may swell without end")

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        self.skipping += name in self.marks.skipped
        self.inside += name in self.marks.kept

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        self.skipping -= name in self.marks.skipped
        self.inside -= name in self.marks.kept
        if name in self.marks.ends and not self.skipping:
            self.pieces.append(self.marks.ends[name])

    def data(self, text: str) -> None:
        if self.inside and not self.skipping:
            self.pieces.append(text)

    def close(self) -> None:
        """Nothing is left to do: pieces are taken while the file is read."""

    def taken(self) -> str:
        text = "".join(self.pieces)
        self.pieces.clear()
        return text
