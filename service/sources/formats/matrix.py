"""Matrix: Element's export of a room (JSON), and events as servers and tools write them down.

In: `export.json`, an array of events, a page of `/messages`, or one event a line (`synapse export-data`).
Out: one record per event; an edit joins the message that it replaces.
Never: fetches a file, or a name that the export does not hold.

Element's writer is matrix-react-sdk's JSONExport.ts; it leaves out what its timeline does not show.
"""

import json
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from service.sources.json_lines import read_lines
from service.sources.json_records import Layout, Piece, read_pieces
from service.sources.json_values import members, unix_time, word
from service.sources.matrix_event import Origin, apply_edits, read_event, replaces
from service.sources.matrix_room import MatrixRoom
from service.sources.media import attach, fold_name
from service.sources.raw_message import SERVICE_KINDS, RawAttachment, RawMessage, Record, Unreadable
from service.sources.source import SAMPLE_BYTES, Export, Sample

_EVENT = re.compile(rb'"origin_server_ts"\s*:\s*\d')
_SENDER = re.compile(rb'"sender"\s*:\s*"@[^"]*:')
_ELEMENT = re.compile(rb'"room_name"\s*:.{0,4000}?"exported_by"\s*:.{0,4000}?"messages"\s*:', re.DOTALL)
_LATER = re.compile(rb'"m\.replace"|"m\.room\.(?:member|name)"')
_LAYOUT = Layout(
    arrays=frozenset({(), ("messages",), ("chunk",), ("events",), ("timeline", "events"), ("state",)}),
    element=re.compile(
        rb'\{\s*"(?:type"\s*:\s*"\w+\.|event_id"\s*:|sender"\s*:|room_id"\s*:|auth_events"\s*:)'
    ),
    array=re.compile(rb'"(?:messages|chunk|events|state)"\s*:\s*\['),
)
_FOLDERS = {
    "m.image": "images",
    "m.video": "videos",
    "m.audio": "audio",
    "m.file": "files",
    "m.sticker": "stickers",
}
_MOST_EDIT_BYTES = 16 * 1024 * 1024
"""Of edits that are kept until their message comes; those beyond are records of their own."""


class Matrix:
    """Times are aware. Names are those of the export's membership events; others are shown by their id."""

    name = "matrix"
    label = "Matrix (Element JSON, events)"
    channel = "matrix"

    def score(self, sample: Sample) -> float:
        """Look for events: a time of the server and a sender with one."""
        head = sample.head.lstrip(b"\xef\xbb\xbf \t\r\n")
        if not head.startswith((b"{", b"[")):
            return 0.0
        if _ELEMENT.search(head):
            return 0.95
        return 0.85 if _EVENT.search(head) and _SENDER.search(head) else 0.0

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the folders that Element makes for files."""
        return beside.is_dir() and beside.name in _FOLDERS.values() and export.parent == beside.parent

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every event in file order.

        An edit is part of the message that it replaces; where the file does not have that, it comes last.
        """
        known = _survey(export.path)
        room = MatrixRoom(names=known.names, attach=_Media(export.root).attach)
        positions, told = count(), False
        for piece in _pieces(export.path):
            where = f"{export.place}, byte {piece.start}"
            event, told = _event(piece.value), True
            if piece.error is not None:
                yield Unreadable(where, piece.error, piece.original)
            elif event is None:
                yield Unreadable(where, "a record that is no JSON object", piece.original)
            elif piece.start not in known.kept:
                room.title = word(piece.owner.get("room_name")) or known.title_of(event)
                origin = Origin(self.name, next(positions), piece.original or b"", piece.repairs)
                yield _with_edits(read_event(event, origin, room), known, room)
        for edits in known.edits.values():
            for event, original in edits:
                room.title = known.title_of(event)
                yield _orphan(read_event(event, Origin(self.name, next(positions), original), room))
        if not told:
            yield Unreadable(export.place, "holds no events where a Matrix export has them; export it again")


SOURCE = Matrix()


@dataclass(slots=True)
class _Known:
    """What later events say about earlier ones."""

    names: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    """By the id of the room."""
    edits: dict[str, list[tuple[dict[str, Any], bytes]]] = field(default_factory=dict)
    """Events and their bytes, by the id of the message that they replace."""
    kept: set[int] = field(default_factory=set)
    """Where in the file those edits are."""

    def title_of(self, event: dict[str, Any]) -> str:
        return self.titles.get(word(event.get("room_id")), "")


def _survey(path: Path) -> _Known:
    """Go through the file for names and edits, which may come after what they are about."""
    known, edit_bytes = _Known(), 0
    for piece in _pieces(path) if _says_more_later(path) else ():
        event = _event(piece.value)
        if event is None:
            continue
        room = MatrixRoom()
        room.learn(event)
        for user, name in room.names.items():
            known.names.setdefault(user, name)
        if room.title:
            known.titles[word(event.get("room_id"))] = room.title
        size = piece.end - piece.start
        if (target := replaces(event)) and edit_bytes + size <= _MOST_EDIT_BYTES:
            edit_bytes += size
            known.edits.setdefault(target, []).append((event, piece.original or b""))
            known.kept.add(piece.start)
    return known


def _says_more_later(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _LATER.search(data) is not None


def _with_edits(message: RawMessage, known: _Known, room: MatrixRoom) -> RawMessage:
    edits = known.edits.pop(message.external_id, None) if message.kind not in SERVICE_KINDS else None
    if not edits:
        return message
    origins = (Origin(message.format, message.position, original) for _event, original in edits)
    versions = [read_event(event, origin, room) for (event, _), origin in zip(edits, origins, strict=True)]
    return apply_edits(message, versions)


def _orphan(edit: RawMessage) -> RawMessage:
    return replace(
        edit, warnings=(*edit.warnings, "the message that this edit replaces is not in the export")
    )


# The file.


def _pieces(path: Path) -> Iterator[Piece]:
    return read_lines(path) if _is_lines(path) else read_pieces(path, _LAYOUT)


def _is_lines(path: Path) -> bool:
    """Say whether the file has one event a line: its first line is one."""
    with path.open("rb") as file:
        first = file.readline(SAMPLE_BYTES)
    try:
        event = _event(json.loads(first)) or {}
    except (ValueError, RecursionError):
        return False
    return "type" in event and "sender" in event


def _event(value: Any) -> dict[str, Any] | None:
    """Return the event as it reads; some tools write it beside the encrypted one."""
    if isinstance(value, dict) and isinstance(value.get("decrypted"), dict):
        return {**value, **value["decrypted"]}
    return value if isinstance(value, dict) else None


class _Media:
    """Files beside the export, named `folder/name-date at time.ext` in the exporter's own locale."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.listed: dict[str, list[str]] = {}

    def attach(self, event: dict[str, Any], named: RawAttachment) -> RawAttachment:
        """Return the attachment with its bytes where exactly one file can be meant."""
        content = members(event.get("content"))
        type_ = "m.sticker" if event.get("type") == "m.sticker" else word(content.get("msgtype"))
        folder = _FOLDERS.get(type_, "files")
        written = PurePosixPath(fold_name(word(content.get("body"))))
        begin = f"{written.stem}-"
        found = [name for name in self._names(folder) if fold_name(name).startswith(begin)]
        if len(found) > 1:
            at = unix_time(event.get("origin_server_ts"), per_second=1000)
            clock = re.compile(rf"\D0?{at.minute}\D0?{at.second}(?!\d)" if at else r"(?!)")
            found = [name for name in found if clock.search(name, len(begin))]
        if len(found) != 1:
            return named
        return attach(self.root, f"{folder}/{found[0]}", shown=named.name, type_=named.media_type)

    def _names(self, folder: str) -> list[str]:
        if folder not in self.listed:
            try:
                self.listed[folder] = sorted(entry.name for entry in (self.root / folder).iterdir())
            except OSError:
                self.listed[folder] = []
        return self.listed[folder]
