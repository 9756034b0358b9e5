"""The book of imports: what was read when and where, and what could not be. Never: forgets one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlmodel import Session, col, select

from service import clock
from service.archive.blobs import Blobs
from service.archive.storable import storable
from service.archive.tables import (
    ConversationRow,
    ImportRow,
    MessageRow,
    SightingRow,
    SourceFileRow,
    UnreadableRow,
)
from service.errors import ArchiveError
from service.sources.raw_message import Unreadable

WHY_LENGTH = 2000
PLACE_BYTES = 1000
"""Bytes of a place that are kept: a path may have 4096 of them, an index of PostgreSQL 2704."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import came to: `read == new + known + changed`."""

    read: int = 0
    new: int = 0
    known: int = 0
    changed: int = 0
    unreadable: int = 0
    passed_over: int = 0


class State(StrEnum):
    """How far an import is."""

    STAGED = "staged"
    """Uploaded; a person is still to choose its zone, project and people."""
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    INCOMPLETE = "incomplete"
    """Something was unreadable."""
    FAILED = "failed"
    DISCARDED = "discarded"
    """Nobody wanted it; nothing of it was kept."""


WAITING = (State.STAGED, State.QUEUED)
ACTIVE = (*WAITING, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Import:
    """One run of ingest."""

    id: int
    place: str
    actor: str
    state: str
    """One of `State`."""
    detail: str
    started_at: datetime
    finished_at: datetime | None
    counts: Counts
    total_bytes: int | None
    """What there is to read; None where nobody knows."""
    done_bytes: int | None
    folder: str | None
    """Of an upload: its folder below `uploads`, until it is imported or discarded."""
    choice: str | None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something that could not be read, with its reason."""

    id: int
    place: str
    why: str
    blob_sha256: str | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation of which an import read something."""

    id: int
    channel: str
    title: str


def begin(session: Session, place: str, actor: str, *, source_id: int | None = None) -> int:
    """Open the book for a run and return its id."""
    row = ImportRow(
        place=_place(place), actor=actor, source_id=source_id, state=State.RUNNING, started_at=clock.now()
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def stage(
    session: Session, place: str, actor: str, folder: str, *, total_bytes: int, key: str | None = None
) -> int:
    """Enter an upload that waits for a person's choice, and return its id.

    `key` is the idempotency key, a colon and the hash of the content.
    """
    row = ImportRow(
        place=_place(place),
        actor=actor,
        state=State.STAGED,
        started_at=clock.now(),
        folder=folder,
        total_bytes=total_bytes,
        key=key,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def by_key(session: Session, key: str) -> tuple[Import, str] | None:
    """Return the import that was sent with this idempotency key, and the hash of its content."""
    known = col(ImportRow.key).startswith(f"{key}:", autoescape=True)
    row = session.exec(select(ImportRow).where(known)).first()
    return None if row is None else (_import(row), (row.key or "").rpartition(":")[2])


def active(session: Session) -> list[Import]:
    """Return uploads that are not at their end, the oldest first."""
    here = col(ImportRow.state).in_(ACTIVE), col(ImportRow.folder).is_not(None)
    return [_import(row) for row in session.exec(select(ImportRow).where(*here).order_by(col(ImportRow.id)))]


def move_on(
    session: Session, import_id: int, state: State, *, choice: str | None = None, detail: str | None = None
) -> None:
    """Bring an upload into its next state; its folder is forgotten where that is an end."""
    row = _row(session, import_id)
    row.state, row.choice = state, choice or row.choice
    row.detail = row.detail if detail is None else storable(detail)[:WHY_LENGTH]
    if state == State.RUNNING:
        row.started_at, row.finished_at = clock.now(), None
    if state not in ACTIVE:
        row.folder, row.finished_at = None, row.finished_at or clock.now()


def note_progress(session: Session, import_id: int, counts: Counts, done_bytes: int) -> None:
    """Write how far a run is."""
    row = _row(session, import_id)
    _count(row, counts)
    row.done_bytes = done_bytes


def note(session: Session, import_id: int, counts: Counts, state: str, detail: str = "") -> None:
    """Write what a run has come to so far; any state but `running` ends it."""
    row = _row(session, import_id)
    _count(row, counts)
    row.state, row.detail = state, storable(detail)[:WHY_LENGTH]
    if state != State.RUNNING:
        row.finished_at = clock.now()


def _row(session: Session, import_id: int) -> ImportRow:
    row = session.get(ImportRow, import_id)
    if row is None:
        raise ArchiveError(f"There is no import {import_id}.")
    return row


def _count(row: ImportRow, counts: Counts) -> None:
    row.read, row.new, row.known, row.changed = counts.read, counts.new, counts.known, counts.changed
    row.unreadable, row.passed_over = counts.unreadable, counts.passed_over


def source_file(session: Session, import_id: int, place: str, format_name: str, zone: str | None) -> int:
    """Return the id of a file's row, the same however often it is imported."""
    place = _place(place)
    known = select(SourceFileRow).where(SourceFileRow.place == place, SourceFileRow.format == format_name)
    row = session.exec(known).first()
    if row is None:
        row = SourceFileRow(import_id=import_id, place=place, format=format_name)
        session.add(row)
    row.import_id, row.zone, row.read, row.new = import_id, zone, 0, 0
    session.flush()
    assert row.id is not None
    return row.id


def note_file(session: Session, file_id: int, read: int, new: int, blob_sha256: str | None = None) -> None:
    """Add to a file's counts, and say where its own bytes are kept."""
    row = session.get(SourceFileRow, file_id)
    if row is None:
        raise ArchiveError(f"There is no source file {file_id}.")
    row.read += read
    row.new += new
    row.blob_sha256 = blob_sha256 or row.blob_sha256


def quarantine(session: Session, blobs: Blobs, import_id: int, found: Unreadable) -> None:
    """Keep something unreadable with its reason; the same bytes at the same place are listed once."""
    name = blobs.keep(session, [found.original])[0] if found.original else None
    place, why = _place(found.where), storable(found.why)[:WHY_LENGTH]
    known = session.exec(
        select(UnreadableRow).where(UnreadableRow.place == place, UnreadableRow.blob_sha256 == name)
    ).first()
    if known is not None:
        known.import_id, known.why = import_id, why
        return
    session.add(
        UnreadableRow(
            import_id=import_id,
            place=place,
            why=why,
            blob_sha256=name,
            seen_at=clock.now(),
        )
    )


def imports(
    session: Session, *, limit: int = 50, before: int | None = None, source_id: int | None = None
) -> list[Import]:
    """Return runs, all or those of one added source, the newest first; `before` is the last one seen."""
    query = select(ImportRow).order_by(col(ImportRow.id).desc()).limit(limit)
    if source_id is not None:
        query = query.where(ImportRow.source_id == source_id)
    if before is not None:
        query = query.where(col(ImportRow.id) < before)
    return [_import(row) for row in session.exec(query)]


def find(session: Session, import_id: int) -> Import | None:
    """Return one run, or None."""
    row = session.get(ImportRow, import_id)
    return None if row is None else _import(row)


def quarantined(session: Session, import_id: int | None = None, *, limit: int = 200) -> list[Quarantined]:
    """Return what could not be read, in all imports or in one, the newest first."""
    query = select(UnreadableRow).order_by(col(UnreadableRow.id).desc()).limit(limit)
    if import_id is not None:
        query = query.where(UnreadableRow.import_id == import_id)
    return [
        Quarantined(row.id or 0, row.place, row.why, row.blob_sha256, row.seen_at)
        for row in session.exec(query)
    ]


def quarantined_one(session: Session, import_id: int, unreadable_id: int) -> Quarantined | None:
    """Return one thing of an import that could not be read, or None."""
    row = session.get(UnreadableRow, unreadable_id)
    if row is None or row.import_id != import_id:
        return None
    return Quarantined(unreadable_id, row.place, row.why, row.blob_sha256, row.seen_at)


def talks_of(session: Session, import_id: int, limit: int = 200) -> list[Talk]:
    """Return conversations of which an import read something, the latest active first."""
    came = (
        select(MessageRow.conversation_id)
        .join(SightingRow, col(SightingRow.message_id) == col(MessageRow.id))
        .join(SourceFileRow, col(SourceFileRow.id) == col(SightingRow.file_id))
        .where(SourceFileRow.import_id == import_id)
    )
    query = (
        select(ConversationRow)
        .where(col(ConversationRow.id).in_(came))
        .order_by(col(ConversationRow.last_at).desc(), col(ConversationRow.id).desc())
        .limit(limit)
    )
    return [Talk(row.id, row.channel, row.title) for row in session.exec(query)]


def _place(text: str) -> str:
    """Return a place that both engines can hold and compare: names of files may be any bytes."""
    clean = storable(text)
    if len(clean.encode()) <= PLACE_BYTES:
        return clean
    # The hash keeps two long places apart that begin alike.
    digest = sha256(clean.encode()).hexdigest()[:16]
    return f"{clean.encode()[: PLACE_BYTES - 20].decode('utf-8', 'ignore')}… {digest}"


def _import(row: ImportRow) -> Import:
    assert row.id is not None
    return Import(
        id=row.id,
        place=row.place,
        actor=row.actor,
        state=row.state,
        detail=row.detail,
        started_at=row.started_at,
        finished_at=row.finished_at,
        counts=Counts(row.read, row.new, row.known, row.changed, row.unreadable, row.passed_over),
        total_bytes=row.total_bytes,
        done_bytes=row.done_bytes,
        folder=row.folder,
        choice=row.choice,
    )
