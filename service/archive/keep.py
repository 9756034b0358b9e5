"""Store each message once. In: RawMessage. Out: Kept. Never: changes the original bytes."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from service.archive.blobs import Blobs
from service.archive.identity import PLACE_BITS, identity, key_of
from service.archive.people import Key, People
from service.archive.people import key_of as address_key
from service.archive.storable import storable
from service.archive.tables import (
    AttachmentRow,
    MessageRow,
    RecipientRow,
    SightingRow,
    VersionRow,
)
from service.archive.threads import Arrival, Threads
from service.archive.times import Times, times_of
from service.db.bulk import chunks, insert_rows
from service.sources.raw_message import RawAddress, RawAttachment, RawMessage

Copy = tuple[int, str]
"""A message's id and the SHA-256 of its original."""

ID_LENGTH = 255
"""Characters of an external id that are kept in the table; a Message-ID can be kilobytes long."""
MAX_ATTACHMENT = 256 * 1024 * 1024
"""Bytes of one media file of a chat export; a larger one is named as missing."""
LONGEST = 2**31 - 1
"""Seconds of a talk: a longer one is a broken export, and more than PostgreSQL takes."""
REMEMBERED = 4096
"""Records of a chat among which equal ones are told apart by their order."""


@dataclass(frozen=True, slots=True)
class New:
    """A message that was not known before."""

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
    """Known messages whose text differs from the kept one: kept as another version."""


@dataclass(slots=True)
class Keeper:
    """Keeps the records of one file; remembers people between batches."""

    blobs: Blobs
    file_id: int
    zone: ZoneInfo
    seen_at: datetime
    people: People = field(default_factory=People)
    _equal: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def keep(self, session: Session, records: Sequence[RawMessage]) -> Kept:
        """Archive one batch inside the caller's transaction."""
        named = [(self._identity(raw), raw) for raw in records]
        known = _known(session, list(dict(named)))
        fresh: dict[str, RawMessage] = {}
        again: list[tuple[str, RawMessage]] = []
        for name, raw in named:
            if name in known or name in fresh:
                again.append((name, raw))
            else:
                fresh[name] = raw
        new, opened = self._add(session, fresh)
        known |= {name: (one.id, one.blob_sha256) for name, one in zip(fresh, new, strict=True)}
        changed = self._versions(session, [(known[name][0], raw) for name, raw in again])
        self._sight(session, [(*known[name], raw) for name, raw in again])
        ids = tuple(known[name][0] for name, _ in named)
        return Kept(new, ids, opened, len(records) - len(new) - changed, changed)

    def _identity(self, raw: RawMessage) -> str:
        name = identity(raw)
        if raw.conversation is None or raw.external_id:
            return name
        count = self._equal.pop(name, 0)
        self._equal[name] = count + 1
        if len(self._equal) > REMEMBERED:
            self._equal.popitem(last=False)
        return identity(raw, count)

    def _versions(self, session: Session, again: Sequence[tuple[int, RawMessage]]) -> int:
        chats = [(key, raw) for key, raw in again if raw.conversation and raw.external_id]
        texts: dict[int, str] = {}
        for chunk in chunks(sorted({key for key, _ in chats})):
            kept = select(MessageRow.id, MessageRow.text).where(col(MessageRow.id).in_(chunk))
            texts.update(session.exec(kept).all())
        differing = [(key, raw) for key, raw in chats if texts[key] != storable(raw.text)]
        names = self.blobs.keep(session, [raw.original for _, raw in differing])
        count = 0
        for (message_id, raw), name in zip(differing, names, strict=True):
            if session.get(VersionRow, (message_id, name)) is None:
                count += 1
                session.add(
                    VersionRow(
                        message_id=message_id, blob_sha256=name, text=storable(raw.text), seen_at=self.seen_at
                    )
                )
        return count

    def _sight(self, session: Session, found: Sequence[tuple[int, str, RawMessage]]) -> None:
        seen: set[tuple[int, int]] = set()
        for chunk in chunks(sorted({message_id for message_id, _, _ in found})):
            query = select(SightingRow.message_id, SightingRow.position).where(
                SightingRow.file_id == self.file_id, col(SightingRow.message_id).in_(chunk)
            )
            seen.update(session.exec(query).all())
        fresh = [one for one in found if (one[0], one[2].position) not in seen]
        copies = self.blobs.keep(session, [raw.original for _, _, raw in fresh])
        rows = [
            {
                "message_id": message_id,
                "file_id": self.file_id,
                "position": raw.position,
                "blob_sha256": None if copy == own else copy,
            }
            for (message_id, own, raw), copy in zip(fresh, copies, strict=True)
        ]
        insert_rows(session, SightingRow, rows)

    def _add(self, session: Session, fresh: dict[str, RawMessage]) -> tuple[tuple[New, ...], frozenset[int]]:
        raws = list(fresh.values())
        times = [times_of(raw, self.zone, self.seen_at) for raw in raws]
        ids = _ids(session, raws, times)
        people = self.people.resolve(session, _addresses(raws))
        authors = [people[address_key(raw.author)] if raw.author else None for raw in raws]
        arrivals = [
            Arrival(message_id, raw, time.sent_at, author)
            for message_id, raw, time, author in zip(ids, raws, times, authors, strict=True)
        ]
        places = Threads(session).assign(arrivals)
        blobs = self.blobs.keep(session, [raw.original for raw in raws])
        rows = [
            _row(arrival, time)
            | {"identity": name, "conversation_id": place, "blob_sha256": blob, "seen_at": self.seen_at}
            for arrival, name, time, place, blob in zip(arrivals, fresh, times, places, blobs, strict=True)
        ]
        insert_rows(session, MessageRow, rows)
        insert_rows(session, RecipientRow, _recipients(arrivals, people))
        sightings = [
            {"message_id": one.id, "file_id": self.file_id, "position": one.raw.position, "blob_sha256": None}
            for one in arrivals
        ]
        insert_rows(session, SightingRow, sightings)
        self._attach(session, arrivals)
        new = tuple(New(*one) for one in zip(ids, raws, blobs, strict=True))
        # A conversation's id is the id of the message that opened it.
        return new, frozenset(places) & frozenset(ids)

    def _attach(self, session: Session, arrivals: Sequence[Arrival]) -> None:
        rows = []
        for arrival in arrivals:
            for position, attachment in enumerate(arrival.raw.attachments):
                content, missing = _content(attachment)
                names = self.blobs.keep(session, [] if content is None else [content])
                rows.append(
                    {
                        "message_id": arrival.id,
                        "position": position,
                        "name": storable(attachment.name)[:500],
                        "media_type": storable(attachment.media_type)[:200],
                        "size": attachment.size if content is None else len(content),
                        "blob_sha256": names[0] if names else None,
                        "missing": missing,
                    }
                )
        insert_rows(session, AttachmentRow, rows)


def _known(session: Session, identities: Sequence[str]) -> dict[str, Copy]:
    known: dict[str, Copy] = {}
    for chunk in chunks(identities):
        query = select(MessageRow.identity, MessageRow.id, MessageRow.blob_sha256)
        rows = session.exec(query.where(col(MessageRow.identity).in_(chunk)))
        known.update({name: (message_id, blob) for name, message_id, blob in rows})
    return known


def _ids(session: Session, raws: Sequence[RawMessage], times: Sequence[Times]) -> list[int]:
    places = 1 << PLACE_BITS
    wanted = [
        max(0, int(time.sent_at.timestamp()) // 60) * places + raw.position % places
        for raw, time in zip(raws, times, strict=True)
    ]
    following: dict[int, int] = {}
    for chunk in chunks(wanted):
        taken = session.exec(select(MessageRow.id).where(col(MessageRow.id).in_(chunk)))
        following.update({one: one + 1 for one in taken})
    looked: set[int] = set()
    return [_free(session, candidate, following, looked) for candidate in wanted]


def _free(session: Session, candidate: int, following: dict[int, int], looked: set[int]) -> int:
    """Take the first free id from `candidate` on; `following` leads from a taken one on to the next to try.

    Thousands of mails without a date share one minute: nobody may walk all their ids once more for each.
    """
    passed = []
    free = candidate
    while free in following or (free != candidate and _look(session, free, following, looked)):
        passed.append(free)
        free = following[free]
    following.update(dict.fromkeys([*passed, free], free + 1))
    return free


def _look(session: Session, wanted: int, following: dict[int, int], looked: set[int]) -> bool:
    """Read which ids around this one are kept, a block at a time, and say whether it is."""
    block = wanted >> PLACE_BITS
    if block not in looked:
        looked.add(block)
        start = block << PLACE_BITS
        here = select(MessageRow.id).where(
            col(MessageRow.id) >= start, col(MessageRow.id) < start + (1 << PLACE_BITS)
        )
        for one in session.exec(here):
            following.setdefault(one, one + 1)
    return wanted in following


def _row(arrival: Arrival, time: Times) -> dict[str, object]:
    raw = arrival.raw
    scope = (raw.channel, raw.conversation.key if raw.conversation else "")
    duration = raw.duration_for
    return {
        "id": arrival.id,
        "author_id": arrival.author_id,
        "format": raw.format,
        "kind": raw.kind.value,
        "external_id": storable(raw.external_id)[:ID_LENGTH],
        "external_key": key_of(raw.external_id, *scope) if raw.external_id else None,
        "reply_key": key_of(raw.reply_to, *scope) if raw.reply_to else None,
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
        for address in ((raw.author,) if raw.author else ()) + raw.to + raw.cc + raw.bcc
    ]


def _content(attachment: RawAttachment) -> tuple[bytes | None, str | None]:
    if attachment.in_original or attachment.load is None:
        return None, attachment.missing
    if (attachment.size or 0) > MAX_ATTACHMENT:
        return None, f"larger than {MAX_ATTACHMENT // 1024**2} MiB: it stays in the export"
    try:
        return attachment.load(), None
    except OSError as error:
        return None, f"could not be read from the export: {error.strerror or error}"
