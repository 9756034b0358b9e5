"""Which kept messages the records of another export are. In: Incoming. Out: Copies. Never: one for two.

Only within one conversation, and by the same person: first by minute and words, then long texts a minute
beside it, then what changes from copy to copy: words edited or taken back, files with and without their text.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, or_, select
from sqlmodel import Session, col

from service.archive.alike import alike_key, is_distinctive, is_media
from service.archive.identity import PLACE_BITS, key_of
from service.archive.incoming import Incoming
from service.archive.people import Key
from service.archive.people import key_of as address_key
from service.archive.tables import MessageRow
from service.db.bulk import chunks
from service.sources.raw_message import Kind

REMEMBERED = 20_000
"""Kept messages that are known to be taken: records of one minute lie near each other in a file."""
RANGES = 100
_MEDIA = frozenset({Kind.VOICE.value, Kind.IMAGE.value, Kind.FILE.value})
Copy = tuple[int, str]
"""A message's id and the SHA-256 of its original."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A kept message that a record may be."""

    id: int
    conversation_id: int
    author_id: int | None
    kind: str
    edited: bool
    alike: int | None
    external_id: str
    external_key: int | None
    blob_sha256: str

    @property
    def minute(self) -> int:
        return self.id >> PLACE_BITS


@dataclass(slots=True)
class Pairing:
    """Pairs the records of one file, batch by batch."""

    _taken: OrderedDict[int, None] = field(default_factory=OrderedDict)

    def take(self, message_ids: Iterable[int]) -> None:
        """Note that these messages have their record of this file."""
        for message_id in message_ids:
            self._taken[message_id] = None
        while len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)

    def find(self, session: Session, strays: Sequence[Incoming], people: dict[Key, int]) -> dict[str, Copy]:
        """Return the kept messages of those records that have one, by the records' identities."""
        found: dict[str, Copy] = {}
        for minutes_by, fits in ((0, _anybody), (-1, _distinctive), (1, _distinctive)):
            left = [one for one in strays if one.identity not in found and fits(one)]
            keys = {_key(one, minutes_by): one for one in left}
            rows: dict[int, list[_Row]] = {}
            for row in _rows_alike(session, list(keys)):
                rows.setdefault(row.alike or 0, []).append(row)
            for one in left:
                self._choose(one, rows.get(_key(one, minutes_by), ()), people, found)
        left = [one for one in strays if one.identity not in found and one.raw.author]
        by_minute: dict[int, list[_Row]] = {}
        for row in _rows_changed(session, left):
            by_minute.setdefault(row.minute, []).append(row)
        for one in left:
            rows_near = [row for row in by_minute.get(one.minute or 0, ()) if _may_be_changed(one, row)]
            # Words say nothing here: only the author does.
            self._choose(one, [row for row in rows_near if _is_by(one, row, people)], people, found)
        return found

    def _choose(
        self, one: Incoming, rows: Iterable[_Row], people: dict[Key, int], found: dict[str, Copy]
    ) -> None:
        row = next((row for row in rows if row.id not in self._taken and _fits(one, row, people)), None)
        if row is not None:
            found[one.identity] = (row.id, row.blob_sha256)
            self.take([row.id])


def _anybody(_one: Incoming) -> bool:
    return True


def _distinctive(one: Incoming) -> bool:
    return is_distinctive(one.said)


def _key(one: Incoming, minutes_by: int) -> int:
    return alike_key(one.raw.channel, (one.minute or 0) + minutes_by, one.said)


def _fits(one: Incoming, row: _Row, people: dict[Key, int]) -> bool:
    place = one.place
    assert place is not None
    if row.conversation_id != place.conversation_id:
        return False
    if row.external_id and one.raw.external_id and _is_of(row, one.raw.channel, place.name):
        # Its numbering is that of the file, in which the record has another number.
        return False
    if one.raw.author is None or row.author_id is None:
        return one.raw.author is None and row.author_id is None
    return _is_by(one, row, people) or not any(row.author_id in some for some in place.people.values())


def _is_by(one: Incoming, row: _Row, people: dict[Key, int]) -> bool:
    assert one.raw.author is not None
    assert one.place is not None
    key = address_key(one.raw.author)
    return row.author_id == people[key] or row.author_id in one.place.people.get(key, ())


def _is_of(row: _Row, channel: str, name: str) -> bool:
    return row.external_key == key_of(row.external_id, channel, name)


def _may_be_changed(one: Incoming, row: _Row) -> bool:
    """Say whether what differs may be one message: it was edited or taken back, or lost its caption."""
    deleted = (one.raw.kind is Kind.DELETED, row.kind == Kind.DELETED)
    if any(deleted):
        return not all(deleted)
    return one.raw.edited or row.edited or (is_media(one.raw) and row.kind in _MEDIA)


def _query() -> Select[*tuple[Any, ...]]:
    return select(
        col(MessageRow.id),
        col(MessageRow.conversation_id),
        col(MessageRow.author_id),
        col(MessageRow.kind),
        col(MessageRow.edited),
        col(MessageRow.alike_key),
        col(MessageRow.external_id),
        col(MessageRow.external_key),
        col(MessageRow.blob_sha256),
    ).order_by(col(MessageRow.id))


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[_Row]:
    for row in session.connection().execute(query):
        yield _Row(*row)


def _rows_alike(session: Session, keys: Sequence[int]) -> Iterator[_Row]:
    for chunk in chunks(keys):
        yield from _read(session, _query().where(col(MessageRow.alike_key).in_(chunk)))


def _rows_changed(session: Session, left: Sequence[Incoming]) -> list[_Row]:
    """Read the messages of the minutes of these records, as far as either of both may have been changed."""
    rows: dict[int, _Row] = {}
    for place, some in _by_conversation(left).items():
        minutes = [one.minute or 0 for one in some]
        here = _query().where(col(MessageRow.conversation_id) == place)
        span = col(MessageRow.id).between(min(minutes) << PLACE_BITS, ((max(minutes) + 1) << PLACE_BITS) - 1)
        marked = or_(col(MessageRow.edited), col(MessageRow.kind) == Kind.DELETED.value)
        rows.update({row.id: row for row in _read(session, here.where(span, marked))})
        unsure = sorted({one.minute or 0 for one in some if _is_unsure(one)})
        for start in range(0, len(unsure), RANGES):
            spans = [
                col(MessageRow.id).between(minute << PLACE_BITS, ((minute + 1) << PLACE_BITS) - 1)
                for minute in unsure[start : start + RANGES]
            ]
            rows.update({row.id: row for row in _read(session, here.where(or_(*spans)))})
    return sorted(rows.values(), key=lambda row: row.id)


def _is_unsure(one: Incoming) -> bool:
    return one.raw.kind is Kind.DELETED or one.raw.edited or is_media(one.raw)


def _by_conversation(left: Sequence[Incoming]) -> dict[int, list[Incoming]]:
    found: dict[int, list[Incoming]] = {}
    for one in left:
        if one.place is not None and one.place.conversation_id is not None and one.minute is not None:
            found.setdefault(one.place.conversation_id, []).append(one)
    return found
