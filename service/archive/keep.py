"""Store each message once. In: RawMessage. Out: Kept. Never: changes the original bytes."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from service.archive.blobs import Blobs
from service.archive.changes import NAME_LENGTH, Changes, Deleted, keep_revisions, note_changes
from service.archive.chats import Chats
from service.archive.files import Filled, fill_in, keep_files
from service.archive.identity import identity
from service.archive.incoming import Again, Incoming
from service.archive.local_times import LocalTimes
from service.archive.message_ids import free_ids
from service.archive.pairing import Copy, Pairing
from service.archive.people import Key, People
from service.archive.people import key_of as address_key
from service.archive.reactions import keep_answers, keep_reactions, renew_reactions, take_back
from service.archive.storable import storable
from service.archive.tables import CopyRow, MessageRow, RecipientRow, SightingRow
from service.archive.threads import Arrival, Threads
from service.archive.times import times_of
from service.db.bulk import chunks, insert_rows
from service.sources.raw_message import Kind, RawAddress, RawMessage

ID_LENGTH = 255
"""Characters of an external id that are kept in the table; a Message-ID can be kilobytes long."""
LONGEST = 2**31 - 1
"""Seconds of a talk: a longer one is a broken export, and more than PostgreSQL takes."""
REMEMBERED = 4096
"""Records of a chat among which equal ones are told apart by their order."""


@dataclass(frozen=True, slots=True)
class New:
    """A message that was not known before, or of which only a placeholder was."""

    id: int
    raw: RawMessage
    blob_sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What one batch came to: `len(new) + known + changed` records were read."""

    new: tuple[New, ...]
    ids: tuple[int, ...]
    """The message that each record is, in the order of the records."""
    opened: frozenset[int]
    """Ids of the conversations that began with this batch."""
    known: int
    changed: int
    """Known messages of which a record tells something else: another text, or that it was taken back."""
    deleted: tuple[Deleted, ...] = ()
    """Kept messages that somebody took back, also where the words came after that."""
    versions: tuple[str, ...] = ()
    """The SHA-256 of each record that tells other words of a kept message."""
    revealed: tuple[New, ...] = ()
    """Messages that were kept as placeholders and have their words now."""
    filled: tuple[Filled, ...] = ()
    """Files of known messages that were missing and are kept now."""


@dataclass(slots=True)
class Keeper:
    """Keeps the records of one file; remembers people between batches."""

    blobs: Blobs
    file_id: int
    zone: ZoneInfo
    seen_at: datetime
    people: People = field(default_factory=People)
    chats: Chats = field(default_factory=Chats)
    """Where the file's chats are kept, as far as somebody looked at it before."""
    _equal: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _pairing: Pairing = field(default_factory=Pairing)
    _clock: LocalTimes = field(init=False)

    def __post_init__(self) -> None:
        self._clock = LocalTimes(self.zone)

    def keep(self, session: Session, records: Sequence[RawMessage]) -> Kept:
        """Archive one batch inside the caller's transaction."""
        incoming = self._incoming(session, records)
        known = _known(session, incoming)
        known |= self._copies(session, [one for one in incoming if one.identity not in known], known)
        fresh: dict[str, Incoming] = {}
        repeated: list[Incoming] = []
        for one in incoming:
            if one.identity in known or one.identity in fresh:
                repeated.append(one)
            else:
                fresh[one.identity] = one
        new, opened = self._add(session, list(fresh.values()))
        known |= {name: (one.id, one.blob_sha256) for name, one in zip(fresh, new, strict=True)}
        again = [Again(known[one.identity][0], one) for one in repeated]
        changes, filled = self._note(session, again)
        known |= {one.one.one.identity: (one.message_id, one.blob_sha256) for one in changes.revealed}
        self._sight(session, [(*known[one.identity], one.raw) for one in repeated])
        changed = len(changes.versions) + len(changes.deleted) + len(changes.revealed)
        return Kept(
            new=new,
            ids=tuple(known[one.identity][0] for one in incoming),
            opened=opened,
            known=len(records) - len(new) - changed,
            changed=changed,
            deleted=(
                *changes.deleted,
                *(Deleted(one.message_id, None, one.placeholder) for one in changes.revealed),
            ),
            versions=tuple(changes.versions),
            revealed=tuple(New(one.message_id, one.one.one.raw, one.blob_sha256) for one in changes.revealed),
            filled=tuple(filled),
        )

    def _incoming(self, session: Session, records: Sequence[RawMessage]) -> list[Incoming]:
        # The records themselves stay the very ones that were given.
        placed = self._clock.in_order(records)
        timed = [
            (raw, times_of(told, self.zone, self.seen_at)) for raw, told in zip(records, placed, strict=True)
        ]
        places = self.chats.places(session, timed)
        found = []
        for raw, times in timed:
            place = places[raw.channel, raw.conversation.key] if raw.conversation else None
            name = self._identity(raw, place.name if place else None)
            found.append(Incoming(raw, times, place, name, self.zone))
        return found

    def _identity(self, raw: RawMessage, chat: str | None) -> str:
        name = identity(raw, chat=chat)
        if raw.conversation is None or raw.external_id:
            return name
        count = self._equal.pop(name, 0)
        self._equal[name] = count + 1
        if len(self._equal) > REMEMBERED:
            self._equal.popitem(last=False)
        return identity(raw, count, chat) if count else name

    def _copies(
        self, session: Session, unknown: Sequence[Incoming], known: dict[str, Copy]
    ) -> dict[str, Copy]:
        """Find the messages that are kept under other ids or names, and remember that."""
        open_to = {one.identity: one for one in unknown if one.place is not None and one.place.may_hold}
        if not open_to:
            return {}
        self._pairing.take(message_id for message_id, _ in known.values())
        strays = [one for one in open_to.values() if one.minute is not None]
        people = self.people.resolve(session, [one.raw.author for one in strays if one.raw.author])
        found = self._pairing.find(session, strays, people)
        rows = [
            {
                "identity": name,
                "message_id": message_id,
                "external_key": open_to[name].key(open_to[name].raw.external_id),
                "author_id": people[address_key(author)] if (author := open_to[name].raw.author) else None,
            }
            for name, (message_id, _) in found.items()
        ]
        insert_rows(session, CopyRow, rows)
        pairs = [(message_id, open_to[name]) for name, (message_id, _) in found.items()]
        own = [(message_id, one.key(one.raw.external_id), None) for message_id, one in pairs]
        keep_answers(session, own, self.seen_at)
        return found

    def _note(self, session: Session, again: Sequence[Again]) -> tuple[Changes, list[Filled]]:
        """Keep what other copies of known messages tell of them."""
        changes = note_changes(session, self.blobs, again, self.seen_at)
        take_back(session, [one.message_id for one in changes.deleted], self.seen_at)
        people = self.people.resolve(session, _actors(one.one.raw for one in again))
        renew_reactions(session, again, people, self.seen_at)
        return changes, fill_in(session, self.blobs, again)

    def _sight(self, session: Session, found: Sequence[tuple[int, str, RawMessage]]) -> None:
        seen: set[tuple[int, int]] = set()
        for chunk in chunks(sorted({message_id for message_id, _, _ in found})):
            query = select(SightingRow.message_id, SightingRow.position).where(
                SightingRow.file_id == self.file_id, col(SightingRow.message_id).in_(chunk)
            )
            seen.update(session.exec(query).all())
        fresh = [one for one in found if (one[0], one[2].position) not in seen]
        copies = self.blobs.keep(session, [raw.original for _, _, raw in fresh])
        rows = {
            (message_id, raw.position): {
                "message_id": message_id,
                "file_id": self.file_id,
                "position": raw.position,
                "blob_sha256": None if copy == own else copy,
            }
            for (message_id, own, raw), copy in zip(fresh, copies, strict=True)
        }
        insert_rows(session, SightingRow, list(rows.values()))

    def _add(self, session: Session, fresh: Sequence[Incoming]) -> tuple[tuple[New, ...], frozenset[int]]:
        ids = free_ids(session, fresh)
        people = self.people.resolve(session, _addresses(one.raw for one in fresh))
        authors = [people[address_key(one.raw.author)] if one.raw.author else None for one in fresh]
        arrivals = [
            Arrival(message_id, one.raw, one.times.sent_at, author, one.place)
            for message_id, one, author in zip(ids, fresh, authors, strict=True)
        ]
        places = Threads(session).assign(arrivals)
        blobs = self.blobs.keep(session, [one.raw.original for one in fresh])
        rows = [
            _row(one, arrival) | {"conversation_id": place, "blob_sha256": blob, "seen_at": self.seen_at}
            for one, arrival, place, blob in zip(fresh, arrivals, places, blobs, strict=True)
        ]
        insert_rows(session, MessageRow, rows)
        insert_rows(session, RecipientRow, _recipients(arrivals, people))
        sightings = [
            {"message_id": one.id, "file_id": self.file_id, "position": one.raw.position, "blob_sha256": None}
            for one in arrivals
        ]
        insert_rows(session, SightingRow, sightings)
        keep_files(session, self.blobs, [(one.id, one.raw) for one in arrivals])
        new = tuple(New(*one) for one in zip(ids, [one.raw for one in fresh], blobs, strict=True))
        self._add_to_chats(session, list(zip(ids, fresh, strict=True)), people)
        # A conversation's id is the id of the message that opened it.
        return new, frozenset(places) & frozenset(ids)

    def _add_to_chats(
        self, session: Session, found: Sequence[tuple[int, Incoming]], people: dict[Key, int]
    ) -> None:
        chats = [(key, one) for key, one in found if one.place is not None]
        keep_revisions(session, chats)
        keep_reactions(session, chats, people, self.seen_at)
        answers = [
            (key, one.key(one.raw.external_id), _target(one)) for key, one in chats if one.raw.external_id
        ]
        keep_answers(session, answers, self.seen_at)


def _target(one: Incoming) -> int | None:
    return one.key(one.raw.reply_to) if one.raw.kind is Kind.REACTION else None


def _known(session: Session, incoming: Sequence[Incoming]) -> dict[str, Copy]:
    known: dict[str, Copy] = {}
    names = list(dict.fromkeys(one.identity for one in incoming))
    for chunk in chunks(names):
        query = select(MessageRow.identity, MessageRow.id, MessageRow.blob_sha256)
        rows = session.exec(query.where(col(MessageRow.identity).in_(chunk)))
        known.update({name: (message_id, blob) for name, message_id, blob in rows})
    held = {one.identity for one in incoming if one.place is not None and one.place.may_hold}
    for chunk in chunks([name for name in names if name in held and name not in known]):
        copies = select(CopyRow.identity, MessageRow.id, MessageRow.blob_sha256).join(
            MessageRow, col(MessageRow.id) == col(CopyRow.message_id)
        )
        rows = session.exec(copies.where(col(CopyRow.identity).in_(chunk)))
        known.update({name: (message_id, blob) for name, message_id, blob in rows})
    return known


def _row(one: Incoming, arrival: Arrival) -> dict[str, object]:
    raw, time = one.raw, one.times
    duration = raw.duration_for
    return {
        "id": arrival.id,
        "identity": one.identity,
        "author_id": arrival.author_id,
        "format": raw.format,
        "kind": raw.kind.value,
        "external_id": storable(raw.external_id)[:ID_LENGTH],
        "external_key": one.key(raw.external_id),
        "reply_key": one.key(raw.reply_to),
        "thread_key": one.key(raw.thread),
        "alike_key": one.alike,
        "sent_at": time.sent_at,
        "offset_minutes": time.offset_minutes,
        "claimed_at": time.claimed_at,
        "stamped_at": time.stamped_at,
        "internal_at": time.internal_at,
        "time_rule": time.rule,
        "subject": None if raw.subject is None else storable(raw.subject),
        "text": storable(raw.text),
        "duration_s": None if duration is None else min(int(duration.total_seconds()), LONGEST),
        "edited": raw.edited,
        "edited_at": one.utc(raw.edited_at),
        "forwarded_from": storable(raw.forwarded_from)[:NAME_LENGTH] if raw.forwarded_from else None,
        "detail": storable(raw.detail)[:500],
        "extracted_by": None,
    }


def _recipients(arrivals: Iterable[Arrival], people: dict[Key, int]) -> list[dict[str, object]]:
    rows: dict[tuple[int, int], str] = {}
    for arrival in arrivals:
        raw = arrival.raw
        for name, addresses in (("to", raw.to), ("cc", raw.cc), ("bcc", raw.bcc)):
            for address in addresses:
                rows.setdefault((arrival.id, people[address_key(address)]), name)
    return [
        {"message_id": message_id, "address_id": address_id, "field": name}
        for (message_id, address_id), name in rows.items()
    ]


def _addresses(raws: Iterable[RawMessage]) -> list[RawAddress]:
    return [
        address
        for raw in raws
        for address in (
            *((raw.author,) if raw.author else ()),
            *raw.to,
            *raw.cc,
            *raw.bcc,
            *_actors([raw]),
        )
    ]


def _actors(raws: Iterable[RawMessage]) -> list[RawAddress]:
    return [one.actor for raw in raws for one in raw.reactions if one.actor]
