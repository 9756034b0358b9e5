"""Write what Outlook writes: compound files with an item in them (MS-CFB, MS-OXMSG). Uses no code of ours."""

import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime

SECTOR, MINI = 512, 64
MINI_CUTOFF = 4096
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
ROOT, STORAGE, STREAM = 5, 1, 2
Tree = dict[str, "bytes | Tree"]
Value = str | bytes | int | bool | datetime


@dataclass
class _Entry:
    name: str
    kind: int
    content: bytes = b""
    child: int = FREE
    left: int = FREE
    right: int = FREE
    start: int = 0

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le") + b"\0\0"
        links = (self.left, self.right, self.child)
        head = name.ljust(64, b"\0") + struct.pack("<HBB3I", len(name), self.kind, 1, *links)
        return head + bytes(36) + struct.pack("<IQ", self.start, len(self.content))


@dataclass
class _Chains:
    """A FAT: numbers of sectors, each pointing to the next of its chain."""

    unit: int
    table: list[int] = field(default_factory=list)
    content: bytearray = field(default_factory=bytearray)

    def add(self, content: bytes) -> int:
        if not content:
            return END
        first, count = len(self.table), -(-len(content) // self.unit)
        self.table += [*range(first + 1, first + count), END]
        self.content += content.ljust(count * self.unit, b"\0")
        return first


def compound(tree: Tree) -> bytes:
    """Return a compound file of version 3 with these storages and streams."""
    entries = [_Entry("Root Entry", ROOT)]
    _enter(tree, entries, entries[0])
    sectors, minis = _Chains(SECTOR), _Chains(MINI)
    for entry in entries[1:]:
        if entry.kind == STREAM:
            entry.start = (minis if len(entry.content) < MINI_CUTOFF else sectors).add(entry.content)
    entries[0].content = bytes(minis.content)
    entries[0].start = sectors.add(entries[0].content)
    mini_table = struct.pack(f"<{len(minis.table)}I", *minis.table)
    mini_start = sectors.add(mini_table.ljust(-(-len(mini_table) // SECTOR) * SECTOR, b"\xff"))
    directory = b"".join(entry.packed() for entry in entries)
    directory_start = sectors.add(directory.ljust(-(-len(directory) // SECTOR) * SECTOR, b"\0"))
    return _file(sectors, directory_start, mini_start, -(-len(mini_table) // SECTOR))


def _enter(tree: Tree, entries: list[_Entry], parent: _Entry) -> None:
    places = []
    for name in sorted(tree, key=lambda name: (len(name), name.upper())):
        inside = tree[name]
        entry = _Entry(name, STREAM, inside) if isinstance(inside, bytes) else _Entry(name, STORAGE)
        entries.append(entry)
        places.append(len(entries) - 1)
        if not isinstance(inside, bytes):
            _enter(inside, entries, entry)
    parent.child = _balanced(places, entries)


def _balanced(places: list[int], entries: list[_Entry]) -> int:
    if not places:
        return FREE
    middle = len(places) // 2
    entry = entries[places[middle]]
    entry.left = _balanced(places[:middle], entries)
    entry.right = _balanced(places[middle + 1 :], entries)
    return places[middle]


def _file(sectors: _Chains, directory: int, minis: int, mini_count: int) -> bytes:
    used, count = len(sectors.table), 0
    while count * (SECTOR // 4) < used + count:
        count += 1
    assert count <= 109, "larger samples need a DIFAT"
    table = [*sectors.table, *[FAT] * count]
    table += [FREE] * (count * (SECTOR // 4) - len(table))
    fat_places = [used + place for place in range(count)]
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, count, directory, 0, MINI_CUTOFF, minis, mini_count, END, 0)
    header += struct.pack("<109I", *fat_places, *[FREE] * (109 - count))
    return header + bytes(sectors.content) + struct.pack(f"<{len(table)}I", *table)


@dataclass(frozen=True)
class Attachment:
    """A file, or a message (`item`), with its properties by their tags."""

    said: dict[int, Value]
    item: "Message | None" = None


@dataclass(frozen=True)
class Message:
    """An item with its properties by their tags: str, bytes, int, bool or datetime."""

    said: dict[int, Value]
    people: tuple[dict[int, Value], ...] = ()
    files: tuple[Attachment, ...] = ()
    charset: str = ""
    """Where given, text is kept in it as old Outlooks do, else in UTF-16."""


def msg(message: Message) -> bytes:
    """Return a msg file."""
    return compound({"__nameid_version1.0": {}, **_storage(message, bytes(8), bytes(8))})


def _storage(message: Message, before: bytes, after: bytes) -> Tree:
    counts = (len(message.people), len(message.files)) * 2
    tree = _streams(message.said, before + struct.pack("<4I", *counts) + after, message.charset)
    for number, person in enumerate(message.people):
        tree[f"__recip_version1.0_#{number:08X}"] = _streams(person, bytes(8), message.charset)
    for number, file in enumerate(message.files):
        inside = _streams(file.said, bytes(8), message.charset)
        if file.item is not None:
            inside["__substg1.0_3701000D"] = _storage(file.item, bytes(8), b"")
        tree[f"__attach_version1.0_#{number:08X}"] = inside
    return tree


def _streams(said: dict[int, Value], header: bytes, charset: str) -> Tree:
    tree: Tree = {}
    fixed = header
    for tag, value in said.items():
        kind, raw = encoded(value, charset)
        if kind in {0x1E, 0x1F, 0x102}:
            tree[f"__substg1.0_{tag:04X}{kind:04X}"] = raw
            raw = struct.pack("<II", len(raw) + {0x1E: 1, 0x1F: 2}.get(kind, 0), 3)
        fixed += struct.pack("<HHI", kind, tag, 6) + raw.ljust(8, b"\0")
    return {"__properties_version1.0": fixed, **tree}


def encoded(value: Value, charset: str = "") -> tuple[int, bytes]:
    """Return the type of a property and its bytes."""
    match value:
        case bool():
            return 0x0B, bytes([value])
        case int():
            return 0x03, struct.pack("<I", value)
        case bytes():
            return 0x102, value
        case datetime():
            seconds = int((value - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds())
            return 0x40, struct.pack("<Q", seconds * 10_000_000)
        case str():
            return (0x1E, value.encode(charset)) if charset else (0x1F, value.encode("utf-16-le"))
