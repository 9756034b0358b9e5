"""What the exports of one chat say against each other. Out: Trust. Never: says who deleted or changed what.

A message that one export has and another lacks, within the time of both, was deleted by somebody or left out.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from service.accounts.scope import Scope
from service.archive import store
from service.archive.tables import (
    DeletionRow,
    ImportRow,
    MessageRow,
    SightingRow,
    SourceFileRow,
    VersionRow,
)

MOST_EXPORTS = 12
"""The newest are compared: each with each."""
MOST_SHOWN = 100
"""Messages of each kind of finding that are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class ExportSeen:
    """A file in which messages of the chat were found."""

    file_id: int
    place: str
    format: str
    zone: str | None
    imported_at: datetime
    first_at: datetime
    last_at: datetime
    messages: int
    new: int
    """Messages that it was the first to bring."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Messages that one export has and another lacks, within the time that both cover."""

    seen_in: int
    """`file_id` of the one that has them."""
    missing_in: int
    count: int
    message_ids: tuple[int, ...]
    """The first of them, in order of time."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A message whose copies have other words."""

    message_id: int
    first_in: int | None
    """`file_id` of the export that brought the kept text."""
    text: str
    other_in: int | None
    """None where its export was imported again since, with other words."""
    other_text: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A kept message that an export shows as deleted."""

    message_id: int
    shown_in: int | None
    at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Trust:
    """The exports of a chat, and where they do not agree; empty for mail, which has no exports."""

    conversation_id: int
    exports: tuple[ExportSeen, ...] = ()
    """In the order in which they were first imported."""
    missing: tuple[Missing, ...] = ()
    differing: tuple[Differing, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()

    @property
    def is_doubtful(self) -> bool:
        """Say whether the exports disagree."""
        return bool(self.missing or self.differing or self.taken_back)


def trust(session: Session, scope: Scope, conversation_id: int) -> Trust | None:
    """Return the report of a conversation, or None where it is unknown or outside the scope."""
    summary = store.summary(session, scope, conversation_id)
    if summary is None:
        return None
    if summary.channel == "email":
        return Trust(summary.id)
    exports = _exports(session, summary.id)[-MOST_EXPORTS:]
    pairs = permutations(exports, 2)
    missing = [one for has, lacks in pairs if (one := _missing(session, summary.id, has, lacks))]
    return Trust(
        conversation_id=summary.id,
        exports=tuple(exports),
        missing=tuple(missing),
        differing=tuple(_differing(session, summary.id)),
        taken_back=tuple(_taken_back(session, summary.id)),
    )


def _exports(session: Session, conversation_id: int) -> list[ExportSeen]:
    here = (
        select(
            col(SightingRow.file_id).label("file_id"),
            func.min(col(MessageRow.sent_at)).label("first_at"),
            func.max(col(MessageRow.sent_at)).label("last_at"),
            func.count(col(MessageRow.id).distinct()).label("messages"),
        )
        .join(MessageRow, col(MessageRow.id) == col(SightingRow.message_id))
        .where(col(MessageRow.conversation_id) == conversation_id)
        .group_by(col(SightingRow.file_id))
        .subquery()
    )
    query = (
        select(SourceFileRow, ImportRow, here)
        .join(here, here.c.file_id == col(SourceFileRow.id))
        .join(ImportRow, col(ImportRow.id) == col(SourceFileRow.import_id))
        .order_by(col(SourceFileRow.id))
    )
    firsts = _firsts(session, conversation_id)
    return [
        ExportSeen(
            file_id=file.id or 0,
            place=file.place,
            format=file.format,
            zone=file.zone,
            imported_at=run.started_at,
            first_at=first_at,
            last_at=last_at,
            messages=messages,
            new=firsts.get(file.id or 0, 0),
        )
        for file, run, _, first_at, last_at, messages in session.execute(query)
    ]


def _firsts(session: Session, conversation_id: int) -> dict[int, int]:
    """Return how many messages each file was the first to bring."""
    first = (
        select(func.min(col(SightingRow.file_id)).label("file_id"))
        .join(MessageRow, col(MessageRow.id) == col(SightingRow.message_id))
        .where(col(MessageRow.conversation_id) == conversation_id)
        .group_by(col(SightingRow.message_id))
        .subquery()
    )
    counted = select(first.c.file_id, func.count()).group_by(first.c.file_id)
    return {row[0]: row[1] for row in session.execute(counted)}


def _missing(session: Session, conversation_id: int, has: ExportSeen, lacks: ExportSeen) -> Missing | None:
    begin, end = max(has.first_at, lacks.first_at), min(has.last_at, lacks.last_at)
    own, other = aliased(SightingRow), aliased(SightingRow)
    here = (
        col(MessageRow.conversation_id) == conversation_id,
        col(MessageRow.sent_at).between(begin, end),
        exists().where(col(own.message_id) == col(MessageRow.id), col(own.file_id) == has.file_id),
        ~exists().where(col(other.message_id) == col(MessageRow.id), col(other.file_id) == lacks.file_id),
    )
    number = session.execute(select(func.count()).select_from(MessageRow).where(*here)).scalar_one()
    if not number:
        return None
    listed = select(col(MessageRow.id)).where(*here).order_by(col(MessageRow.id)).limit(MOST_SHOWN)
    return Missing(has.file_id, lacks.file_id, number, tuple(session.execute(listed).scalars()))


def _differing(session: Session, conversation_id: int) -> Iterator[Differing]:
    query = (
        select(VersionRow, MessageRow)
        .join(MessageRow, col(MessageRow.id) == col(VersionRow.message_id))
        .where(col(MessageRow.conversation_id) == conversation_id)
        .order_by(col(VersionRow.message_id), col(VersionRow.seen_at))
        .limit(MOST_SHOWN)
    )
    found = [(version, message) for version, message in session.execute(query)]
    places = _places(session, [message.id for _, message in found])
    for version, message in found:
        here = places[message.id]
        yield Differing(
            message_id=message.id,
            first_in=here.get(message.blob_sha256),
            text=message.text,
            other_in=here.get(version.blob_sha256),
            other_text=version.text,
            seen_at=version.seen_at,
        )


def _taken_back(session: Session, conversation_id: int) -> Iterator[TakenBack]:
    query: Select[*tuple[Any, ...]] = (
        select(DeletionRow)
        .join(MessageRow, col(MessageRow.id) == col(DeletionRow.message_id))
        .where(col(MessageRow.conversation_id) == conversation_id)
        .order_by(col(DeletionRow.message_id))
        .limit(MOST_SHOWN)
    )
    rows: Sequence[DeletionRow] = session.execute(query).scalars().all()
    places = _places(session, [row.message_id for row in rows])
    for row in rows:
        shown_in = places[row.message_id].get(row.blob_sha256)
        yield TakenBack(row.message_id, shown_in, row.at, row.seen_at)


def _places(session: Session, message_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return in which file each copy of these messages is, by the SHA-256 of its bytes; at most a page."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    query = (
        select(SightingRow, col(MessageRow.blob_sha256))
        .join(MessageRow, col(MessageRow.id) == col(SightingRow.message_id))
        .where(col(SightingRow.message_id).in_(sorted(set(message_ids))))
        .order_by(col(SightingRow.file_id).desc())
    )
    for sighting, own in session.execute(query):
        found[sighting.message_id][sighting.blob_sha256 or own] = sighting.file_id
    return found
