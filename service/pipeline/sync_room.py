"""Read the events of Matrix rooms as records. In: what a server tells. Out: records. Never: believes forgers.

An edit names the message that it replaces. It counts only from whoever wrote that, so the message must be
known: from this batch, from the archive, or asked for.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from service import clock
from service.db.session import reading
from service.intake.live_chats import Archived, archived
from service.pipeline.installation import Installation
from service.sources.json_values import members, unix_time, word
from service.sources.live.chat import Chat, position
from service.sources.live.matrix_api import LARGEST_FILE, Matrix, RoomNews
from service.sources.matrix_event import Origin, read_event, replaces
from service.sources.matrix_room import MatrixRoom
from service.sources.raw_message import Kind, RawAttachment, RawMessage

FORMAT = "matrix-live"
CHANNEL = "matrix"
ENCRYPTED = (
    "This room is encrypted, and no other program can read it: export the chat in Element, import the file."
)
LEFT = "The account is no longer in this room: nothing new comes from it."
FOREIGN = "an edit by another sender was not applied"


@dataclass(slots=True)
class Room:
    """What is known of a room while it is followed."""

    id: str
    known: MatrixRoom
    heroes: tuple[str, ...] = ()
    trouble: str = ""

    def learn(self, news: RoomNews) -> None:
        """Take names, and whether it can be read, out of what a sync tells."""
        self.heroes = news.heroes or self.heroes
        for event in (*news.state, *news.events):
            if "state_key" in event:
                self.known.learn(event)
            if event.get("type") == "m.room.encryption":
                self.trouble = ENCRYPTED
        if news.is_left:
            self.trouble = LEFT
        elif self.trouble == LEFT:
            self.trouble = ""
        self.known.title = self.known.title or ", ".join(
            self.known.names.get(one, one) for one in self.heroes
        )

    def chat(self, base: str) -> Chat:
        """Return the room as people know it."""
        return Chat(self.id, self.known.title or self.id, f"{base}/{self.id}", self.trouble)


@dataclass(slots=True)
class Reader:
    """Reads events of one server."""

    house: Installation
    matrix: Matrix
    rooms: dict[str, Room] = field(default_factory=dict)

    def room(self, id_: str, title: str = "", trouble: str = "") -> Room:
        """Return a room, as it was left or new."""
        if id_ not in self.rooms:
            self.rooms[id_] = Room(id_, MatrixRoom(id_, title, attach=self._attach), trouble=trouble)
        return self.rooms[id_]

    def read(self, room: Room, events: Sequence[Mapping[str, Any]]) -> list[RawMessage]:
        """Return the records of events, in the order of the events."""
        met: dict[str, Archived] = {}
        found: list[RawMessage] = []
        for event in events:
            found += self._read(room, dict(event), met)
        return found

    def _read(self, room: Room, event: dict[str, Any], met: dict[str, Archived]) -> Iterator[RawMessage]:
        record = _record(event, room)
        target = replaces(event)
        if target is None:
            met[record.external_id] = _as_archived(record)
            yield record
            yield from self._taken_back(room, event, met)
            return
        if target not in met:
            yield from self._target(room, target, met)
        original = met.get(target)
        if original is not None and original.author == word(event.get("sender")):
            # Its time is that of the message; the time of the edit is told beside it.
            yield replace(record, sent_at=original.sent_at)
        else:
            id_ = word(event.get("event_id"))
            yield replace(record, kind=Kind.UNKNOWN, external_id=id_, edited=False, detail=FOREIGN)

    def _target(self, room: Room, target: str, met: dict[str, Archived]) -> Iterator[RawMessage]:
        """Find out who wrote an edited message, and yield it where it is not archived yet."""
        original = self._archived(room, target)
        if original is not None:
            met[target] = original
        elif event := self.matrix.event(room.id, target):
            record = _record(event, room)
            met[target] = _as_archived(record)
            yield record

    def _taken_back(
        self, room: Room, event: dict[str, Any], met: Mapping[str, Archived]
    ) -> Iterator[RawMessage]:
        """Yield that a message is deleted; one that is not here yet comes without its words anyway."""
        if event.get("type") != "m.room.redaction":
            return
        content = members(event.get("content"))
        target = word(event.get("redacts")) or word(content.get("redacts"))
        original = met.get(target) or self._archived(room, target)
        if original is not None:
            record = _record(event, room)
            yield replace(
                record,
                kind=Kind.DELETED,
                external_id=target,
                author=None,
                sent_at=original.sent_at,
                edited_at=record.sent_at,
                text="",
                reply_to=None,
                detail=word(content.get("reason")),
            )

    def _archived(self, room: Room, event_id: str) -> Archived | None:
        with reading(self.house.engine) as session:
            return archived(session, CHANNEL, room.id, event_id)

    def _attach(self, event: dict[str, Any], named: RawAttachment) -> RawAttachment:
        content = members(event.get("content"))
        content = members(content.get("m.new_content")) or content
        if "file" in content:
            return replace(named, missing="the file is encrypted")
        if (named.size or 0) > LARGEST_FILE:
            mib = LARGEST_FILE // 1024**2
            return replace(named, missing=f"larger than {mib} MiB: it stays on the Matrix server")
        return replace(named, missing=None, load=partial(self.matrix.file, word(content.get("url"))))


def _as_archived(record: RawMessage) -> Archived:
    return Archived(record.author.value if record.author else "", record.sent_at or clock.now())


def _record(event: dict[str, Any], room: Room) -> RawMessage:
    # As the server gave it, key by key; only the spaces between are ours.
    original = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    at = unix_time(event.get("origin_server_ts"), per_second=1000) or clock.now()
    return read_event(event, Origin(FORMAT, position(at), original), room.known)


def learn(room: Room, state: Iterable[dict[str, Any]]) -> None:
    """Take display names out of state that comes with older events; the newest name is kept."""
    for event in state:
        if word(event.get("state_key")) not in room.known.names:
            room.known.learn(event)
