"""Rocket.Chat: a room's "Export messages" (JSON), and the collection `rocketchat_message` of its database.

In: JSON Lines or an array (mongoexport), BSON (mongodump); beside it `assets/`, or the names of rooms in
`rocketchat_room`.
Out: one record for each message. Never: drops a type it does not know, follows a path out of the export.

A room's export has no ids: its messages are told apart by author, time and text, and its file bears the
name of the room.
"""

import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from service.sources.bson import is_bson, read_documents
from service.sources.json_lines import read_lines
from service.sources.json_records import Layout, Piece, read_pieces, with_utf8
from service.sources.json_values import members, word
from service.sources.media import attach, find
from service.sources.raw_message import RawAttachment, RawConversation, Record, Unreadable
from service.sources.rocketchat_message import FORMAT, File, RocketChatRoom, plain, read_message
from service.sources.source import Export, Sample

_ROOM_EXPORT = frozenset({"msg", "ts", "username", "attachments", "type"})
_ROOMS = ("rocketchat_room.bson", "rocketchat_room.json", "rooms.json")
_OF_DUMPS = (".bson", ".metadata.json")
_ROOM_ID = b"\x02rid\0"
_BSON_SIGNS = (_ROOM_ID, b"\x03u\0", b"\x09ts\0")
_SIGNS = (re.compile(rb'"rid"\s*:\s*"'), re.compile(rb'"u"\s*:\s*\{\s*"_id"'), re.compile(rb'"ts"\s*:'))
_ARRAY = Layout(
    arrays=frozenset({(), ("messages",)}),
    element=re.compile(rb'\{\s*"_id"\s*:\s*(?:"|\{\s*"\$oid")[^{}]*"rid"'),
    array=re.compile(rb'"messages"\s*:\s*\['),
    repair=with_utf8,
)


class RocketChat:
    """All three shapes; times are instants."""

    name = FORMAT
    label = "Rocket.Chat (room export, database)"
    channel = FORMAT

    def score(self, sample: Sample) -> float:
        """Look for a message in the first line, or for one's room and author."""
        if is_bson(sample.head):
            return 0.95 if all(sign in sample.head for sign in _BSON_SIGNS) else 0.0
        head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if head[:1] not in (b"{", b"["):
            return 0.0
        if all(sign.search(head) for sign in _SIGNS):
            return 0.9
        try:
            line = members(json.loads(head.partition(b"\n")[0]))
        except (ValueError, RecursionError):
            return 0.0
        return 0.8 if {"msg", "ts"} <= line.keys() <= _ROOM_EXPORT and word(line["ts"]) else 0.0

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the folder of files, the list of rooms, and the other collections of the same dump."""
        if export.suffix == ".bson" and beside.parent == export.parent and beside.name.endswith(_OF_DUMPS):
            return beside.is_file() and beside.name != export.name
        return beside.name == "assets" if beside.is_dir() else beside.name in _ROOMS

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every message in file order."""
        rooms, own = _rooms(export.root), RawConversation(export.path.stem, export.path.stem)
        positions = count()

        def attached(file: File) -> RawAttachment | None:
            path = f"assets/{file.id}-{file.name}"
            if not file.id or not find(export.root, path):
                return None
            return attach(export.root, path, shown=file.name, type_=file.media_type)

        for piece in _pieces(export.path):
            if piece.error is not None or not isinstance(piece.value, dict):
                where = f"{export.place}, byte {piece.start}"
                yield Unreadable(where, piece.error or "a record that is no JSON object", piece.original)
                continue
            id_ = word(plain(piece.value.get("rid")))
            room = RocketChatRoom(RawConversation(id_, rooms.get(id_) or id_) if id_ else own, attached)
            yield read_message(piece.value, piece.original or b"", next(positions), room, piece.repairs)


SOURCE = RocketChat()


def _pieces(path: Path) -> Iterator[Piece]:
    """Read a dump, lines, an array (`mongoexport --jsonArray`), or the answer of the REST API."""
    with path.open("rb") as file:
        head = file.read(4096)
    if is_bson(head):
        return read_documents(path, _ROOM_ID)
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"[") or re.match(rb'\{\s*"messages"\s*:\s*\[', head):
        return read_pieces(path, _ARRAY)
    return read_lines(path)


def _rooms(folder: Path) -> dict[str, str]:
    """Return the names of rooms by id, from the list beside the messages."""
    found: dict[str, str] = {}
    for name in _ROOMS:
        path = folder / name
        if not path.is_file() or path.is_symlink():
            continue
        for piece in _pieces(path):
            room = members(piece.value)
            if id_ := word(plain(room.get("_id"))):
                found[id_] = _title(room)
    return found


def _title(room: dict[str, Any]) -> str:
    people = room.get("usernames")
    within = ", ".join(filter(None, map(word, people))) if isinstance(people, list) else ""
    return word(room.get("fname")) or word(room.get("name")) or within
