"""Write a small Unicode pst (MS-PST): folders, messages, people, attachments. Uses no code of ours.

Only what a reader needs: no allocation maps, no encoding of blocks, at most 8 KB a value and 3 KB of short
values a message.
"""

import struct
import zlib
from dataclasses import dataclass, field

from outlook_files import Attachment, Message, Value, encoded

PAGE, BLOCK_UNIT, LARGEST_BLOCK = 512, 64, 8176
NBT, BBT = 0x81, 0x80
ROOT_FOLDER, MESSAGE_STORE, NAMES = 0x122, 0x21, 0x61
FOLDER, MESSAGE, ATTACHMENT = 0x02, 0x04, 0x05
HIERARCHY_TABLE, CONTENTS_TABLE, HIDDEN_TABLE = 0x0D, 0x0E, 0x0F
RECIPIENT_TABLE, ATTACHMENT_TABLE = 0x692, 0x671
LONGEST_IN_HEAP = 512
Folders = dict[str, "list[Message] | Folders"]


def pst(folders: Folders) -> bytes:
    """Return a pst with these folders: each holds messages, or folders."""
    file = _File()
    file.node(MESSAGE_STORE, _pc({}, _Subnodes(file)), 0, 0)
    names = {0x0001: 251, 0x0002: bytes(16), 0x0003: struct.pack("<IHH", 0x8501, 6, 0), 0x0004: bytes(4)}
    file.node(NAMES, _pc(names, _Subnodes(file)), 0, 0)
    file.folder(ROOT_FOLDER, "Root", folders, ROOT_FOLDER)
    return file.packed()


@dataclass
class _File:
    blocks: list[tuple[int, bytes]] = field(default_factory=list)
    nodes: list[tuple[int, int, int, int]] = field(default_factory=list)
    taken: int = 0x400

    def folder(self, number: int, name: str, inside: "list[Message] | Folders", parent: int) -> None:
        self.node(number, _pc({0x3001: name}, _Subnodes(self)), 0, parent)
        messages, folders = [], []
        for message in inside if isinstance(inside, list) else []:
            messages.append(self._next(MESSAGE))
            self.node(messages[-1], *self.message(message), number)
        for called, deeper in inside.items() if isinstance(inside, dict) else []:
            folders.append(self._next(FOLDER))
            self.folder(folders[-1], called, deeper, number)
        for kind, numbers in ((HIERARCHY_TABLE, folders), (CONTENTS_TABLE, messages), (HIDDEN_TABLE, [])):
            self.node(number & ~0x1F | kind, _table([{} for _ in numbers], numbers=numbers), 0, 0)

    def message(self, message: Message) -> tuple[bytes, int]:
        subnodes = _Subnodes(self)
        content = _pc(message.said, subnodes, message.charset)
        if message.people:
            subnodes.add(RECIPIENT_TABLE, _table(message.people, message.charset))
        rows = []
        for file in message.files:
            number = self._next(ATTACHMENT)
            inner = _Subnodes(self)
            subnodes.add(number, _pc(self._attached(file, inner), inner, message.charset), inner.block())
            rows.append(number)
        if rows:
            subnodes.add(ATTACHMENT_TABLE, _table([{} for _ in rows], numbers=rows))
        return content, subnodes.block()

    def _attached(self, file: Attachment, subnodes: "_Subnodes") -> dict[int, Value]:
        if file.item is None:
            return file.said
        content, inner = self.message(file.item)
        number = self._next(MESSAGE)
        subnodes.add(number, content, inner)
        return {**file.said, 0x3701: _Object(struct.pack("<II", number, len(content)))}

    def _next(self, kind: int) -> int:
        self.taken += 1
        return self.taken << 5 | kind

    def block(self, content: bytes, *, internal: bool = False) -> int:
        assert len(content) <= LARGEST_BLOCK, "larger values need an XBLOCK"
        number = (len(self.blocks) + 1) << 2 | internal << 1
        self.blocks.append((number, content))
        return number

    def node(self, number: int, content: bytes, subnodes: int, parent: int) -> None:
        self.nodes.append((number, self.block(content), subnodes, parent))

    def packed(self) -> bytes:
        out = bytearray(PAGE * 2)
        places = []
        for number, content in self.blocks:
            places.append((number, struct.pack("<QQHHI", number, len(out), len(content), 2, 0)))
            size = -(-(len(content) + 16) // BLOCK_UNIT) * BLOCK_UNIT
            trailer = struct.pack("<HHIQ", len(content), _signature(len(out), number), _crc(content), number)
            out += content.ljust(size - 16, b"\0") + trailer
        out += bytes(-len(out) % PAGE)
        nodes = [(number, struct.pack("<QQQII", number, *rest, 0)) for number, *rest in sorted(self.nodes)]
        node_root, block_root = _tree(out, NBT, nodes, 32), _tree(out, BBT, places, 24)
        header = _header(len(out), node_root, block_root)
        out[: len(header)] = header
        return bytes(out)


class _Object(bytes):
    """A value of the type that points at another item."""


@dataclass
class _Subnodes:
    """What belongs to one node alone: large values, tables, attachments."""

    file: _File
    entries: list[tuple[int, int, int]] = field(default_factory=list)
    taken: int = 0x10000

    def add(self, number: int, content: bytes, subnodes: int = 0) -> None:
        self.entries.append((number, self.file.block(content), subnodes))

    def value(self, content: bytes) -> int:
        self.taken += 1
        number = self.taken << 5 | 0x1F
        self.add(number, content)
        return number

    def block(self) -> int:
        if not self.entries:
            return 0
        entries = b"".join(struct.pack("<QQQ", *entry) for entry in sorted(self.entries))
        return self.file.block(struct.pack("<BBHI", 2, 0, len(self.entries), 0) + entries, internal=True)


@dataclass
class _Heap:
    """A heap on a node (MS-PST 2.3.1)."""

    kind: int
    values: list[bytes] = field(default_factory=list)

    def add(self, value: bytes) -> int:
        self.values.append(value)
        return len(self.values) << 5

    def packed(self, root: int) -> bytes:
        places, place = [], 12
        for value in self.values:
            places.append(place)
            place += len(value)
        places.append(place)
        content = b"".join(self.values) + bytes(place % 2)
        page_map = struct.pack(f"<HH{len(places)}H", len(self.values), 0, *places)
        return struct.pack("<HBBI4x", 12 + len(content), 0xEC, self.kind, root) + content + page_map


def _tree_on_heap(heap: _Heap, key: int, size: int, records: list[bytes]) -> int:
    rows = heap.add(b"".join(records)) if records else 0
    return heap.add(struct.pack("<BBBBI", 0xB5, key, size, 0, rows))


def _pc(said: dict[int, Value], subnodes: _Subnodes, charset: str = "") -> bytes:
    """Return a property context (MS-PST 2.3.3)."""
    heap = _Heap(0xBC)
    records = []
    for tag, value in sorted({0x3FF1: 1033, **said}.items()):
        kind, raw = (0x0D, bytes(value)) if isinstance(value, _Object) else encoded(value, charset)
        place = raw.ljust(4, b"\0") if len(raw) <= 4 and kind in {0x03, 0x0B} else b""
        if not place:
            where = heap.add(raw) if 0 < len(raw) <= LONGEST_IN_HEAP else subnodes.value(raw) if raw else 0
            place = struct.pack("<I", where)
        records.append(struct.pack("<HH", tag, kind) + place)
    return heap.packed(_tree_on_heap(heap, 2, 6, records))


def _table(
    rows: list[dict[int, Value]] | tuple[dict[int, Value], ...],
    charset: str = "",
    numbers: list[int] | None = None,
) -> bytes:
    """Return a table context (MS-PST 2.3.4); the first column of each row is its number."""
    heap = _Heap(0x7C)
    kinds = {0x67F2: 0x03, **{tag: encoded(value, charset)[0] for row in rows for tag, value in row.items()}}
    columns = sorted(kinds)
    ordered = [0x67F2, *(tag for tag in columns if tag != 0x67F2)]
    width = len(columns) * 4
    bitmap = -(-len(columns) // 8)
    matrix, index = b"", []
    for place, row in enumerate(rows):
        number = numbers[place] if numbers else place
        cells = {0x67F2: struct.pack("<I", number)}
        for tag, value in row.items():
            kind, raw = encoded(value, charset)
            cells[tag] = raw if kind == 0x03 else struct.pack("<I", heap.add(raw) if raw else 0)
        used = 0
        for bit, tag in enumerate(ordered):
            used |= (tag in cells) << (8 * (bit // 8) + 7 - bit % 8)
        matrix += b"".join(cells.get(tag, bytes(4)) for tag in ordered) + used.to_bytes(bitmap, "little")
        index.append(struct.pack("<II", number, place))  # numbers rise, as the index needs them
    described = b"".join(
        struct.pack("<HHHBB", kinds[tag], tag, 4 * ordered.index(tag), 4, ordered.index(tag))
        for tag in columns
    )
    row_index = _tree_on_heap(heap, 4, 4, index)
    ends = struct.pack("<4H", width, width, width, width + bitmap)
    info = struct.pack("<BB", 0x7C, len(columns)) + ends
    info += struct.pack("<III", row_index, heap.add(matrix) if matrix else 0, 0) + described
    return heap.packed(heap.add(info))


def _tree(out: bytearray, kind: int, records: list[tuple[int, bytes]], size: int) -> tuple[int, int]:
    """Append the pages of a B-tree of two levels; return the number and place of its root."""
    most = 488 // size
    chunks = [records[start : start + most] for start in range(0, len(records), most)]
    leaves = [(chunk[0][0], _page(out, kind, chunk, size, 0)) for chunk in chunks]
    if len(leaves) == 1:
        return leaves[0][1]
    return _page(out, kind, [(key, struct.pack("<QQQ", key, *place)) for key, place in leaves], 24, 1)


def _page(
    out: bytearray, kind: int, records: list[tuple[int, bytes]], size: int, level: int
) -> tuple[int, int]:
    place, number = len(out), len(out) // PAGE << 2
    content = b"".join(record for _, record in records).ljust(488, b"\0")
    content += struct.pack("<BBBB4x", len(records), 488 // size, size, level)
    out += content + struct.pack("<BBHIQ", kind, kind, _signature(place, number), _crc(content), number)
    return number, place


def _header(size: int, nodes: tuple[int, int], blocks: tuple[int, int]) -> bytes:
    body = struct.pack("<2sHHBB8x", b"SM", 23, 19, 1, 1) + bytes(8) + struct.pack("<QI", 0x10000, 1)
    body += struct.pack("<32I", *[0x400] * 32) + bytes(8)
    body += struct.pack("<4xQQQQ", size, 0, 0, 0) + struct.pack("<QQQQ", *nodes, *blocks)
    body += struct.pack("<B3x4x", 0) + b"\xff" * 256 + struct.pack("<BBHQ", 0x80, 0, 0, 0x10000)
    partial = _crc(body[:471])
    return b"!BDN" + struct.pack("<I", partial) + body + struct.pack("<I", _crc(body[:516])) + bytes(36)


def _crc(content: bytes) -> int:
    """MS-PST 5.3: CRC-32 without its inversions."""
    return zlib.crc32(content, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _signature(place: int, number: int) -> int:
    """MS-PST 5.5."""
    mixed = (place ^ number) & 0xFFFFFFFF
    return (mixed >> 16 ^ mixed) & 0xFFFF
