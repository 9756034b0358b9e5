"""What became of messages: reactions, other texts, deletions, answers. Out: records by message id."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from service.archive.tables import (
    AddressRow,
    CopyRow,
    DeletionRow,
    MessageRow,
    PersonRow,
    ReactionRow,
    RevisionRow,
    VersionRow,
)
from service.db.bulk import chunks


@dataclass(frozen=True, slots=True)
class Correspondent:
    """An address with the person behind it."""

    name: str
    address: str
    side: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that somebody put on a message."""

    emoji: str
    actor: Correspondent | None
    """None where the export only counts."""
    count: int
    at: datetime | None
    seen_at: datetime
    gone_at: datetime | None
    """When a later copy of the message no longer had it."""


@dataclass(frozen=True, slots=True)
class OtherText:
    """A text that a message had at another time, or has in another export."""

    text: str
    at: datetime | None
    """When it was written, where the export says."""
    seen_at: datetime | None
    """When the export came that has it; None where the message's own export tells it."""
    blob_sha256: str | None
    """The record that has it, where it is one of its own."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """Somebody took a message back; it is kept all the same."""

    at: datetime | None
    seen_at: datetime
    blob_sha256: str


@dataclass(slots=True)
class History:
    """All of that for one message."""

    reactions: list[Reaction] = field(default_factory=list)
    other_texts: list[OtherText] = field(default_factory=list)
    deletion: Deletion | None = None


NOTHING_MORE = History()


def history_of(session: Session, message_ids: Sequence[int]) -> dict[int, History]:
    """Return what became of these messages; those of which nothing is known are left out."""
    found: dict[int, History] = {}
    for chunk in chunks(message_ids):
        for message_id, reaction in _reactions(session, chunk):
            found.setdefault(message_id, History()).reactions.append(reaction)
        for message_id, text in _other_texts(session, chunk):
            found.setdefault(message_id, History()).other_texts.append(text)
        gone = select(DeletionRow).where(col(DeletionRow.message_id).in_(chunk))
        for row in session.execute(gone).scalars():
            deletion = Deletion(row.at, row.seen_at, row.blob_sha256)
            found.setdefault(row.message_id, History()).deletion = deletion
    return found


def by_external_key(session: Session, keys: Sequence[int]) -> dict[tuple[int, int], int]:
    """Return messages by conversation and key, also by the keys that they have in other exports."""
    found: dict[tuple[int, int], int] = {}
    place, message_id = col(MessageRow.conversation_id), col(MessageRow.id)
    for chunk in chunks(keys):
        key = col(CopyRow.external_key)
        copies = select(place, key, message_id).join(CopyRow, col(CopyRow.message_id) == message_id)
        found.update({(row[0], row[1]): row[2] for row in session.execute(copies.where(key.in_(chunk)))})
        key = col(MessageRow.external_key)
        own = select(place, key, message_id).where(key.in_(chunk))
        found.update({(row[0], row[1]): row[2] for row in session.execute(own)})
    return found


def correspondents(session: Session, address_ids: set[int]) -> dict[int, Correspondent]:
    """Return the people behind addresses."""
    found: dict[int, Correspondent] = {}
    for chunk in chunks(sorted(address_ids)):
        query = (
            select(AddressRow, PersonRow)
            .join(PersonRow, col(PersonRow.id) == col(AddressRow.person_id))
            .where(col(AddressRow.id).in_(chunk))
        )
        for address, person in session.execute(query):
            found[address.id or 0] = Correspondent(person.name, address.value, person.side)
    return found


def _reactions(session: Session, message_ids: Sequence[int]) -> Iterator[tuple[int, Reaction]]:
    query = select(ReactionRow).where(col(ReactionRow.message_id).in_(message_ids))
    rows = session.execute(query.order_by(col(ReactionRow.id))).scalars().all()
    actors = correspondents(session, {row.actor_id for row in rows if row.actor_id})
    for row in rows:
        actor = actors.get(row.actor_id) if row.actor_id else None
        yield row.message_id, Reaction(row.emoji, actor, row.count, row.at, row.seen_at, row.gone_at)


def _other_texts(session: Session, message_ids: Sequence[int]) -> Iterator[tuple[int, OtherText]]:
    told = select(RevisionRow).where(col(RevisionRow.message_id).in_(message_ids))
    for row in session.execute(
        told.order_by(col(RevisionRow.message_id), col(RevisionRow.position))
    ).scalars():
        yield row.message_id, OtherText(row.text, row.at, None, None)
    seen = select(VersionRow).where(col(VersionRow.message_id).in_(message_ids))
    for version in session.execute(seen.order_by(col(VersionRow.seen_at))).scalars():
        yield version.message_id, OtherText(version.text, None, version.seen_at, version.blob_sha256)
