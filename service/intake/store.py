"""Every question to the added sources, and their changes. Out: AddedSource. Never: a secret, rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, delete, func, select

from service import clock
from service.archive.storable import storable
from service.archive.tables import ImportRow
from service.errors import ConfigError
from service.intake.lease import LONGEST
from service.intake.live_chats import forget_chats
from service.intake.source import AddedSource, State
from service.intake.tables import FolderMessageRow, FolderRow, SourceRow

NAME_LENGTH = 100
DETAIL_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run found of its source, to be told to people."""

    state: State
    detail: str = ""
    next_at: datetime | None = None
    """Not before, where the run failed."""


def add_source(session: Session, name: str, kind: str, settings: Mapping[str, Any]) -> int:
    """Add a source and return its id. Raises ConfigError for a name that is taken or no name."""
    name = " ".join(storable(name).split())
    if not name or len(name) > NAME_LENGTH:
        raise ConfigError(f"A source needs a name of 1 to {NAME_LENGTH} characters.")
    if session.exec(select(SourceRow).where(SourceRow.name == name)).first() is not None:
        raise ConfigError(f"There is a source {name!r} already; choose another name.")
    row = SourceRow(name=name, kind=kind, settings=_json(settings), created_at=clock.now())
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def change_source(session: Session, source_id: int, settings: Mapping[str, Any]) -> None:
    """Replace the settings; the secret stays, and the next run begins at once."""
    row = _row(session, source_id)
    row.settings = _json(settings)
    _begin_anew(row)


def put_secret(
    session: Session, source_id: int, sealed: bytes | None, expires_at: datetime | None = None
) -> None:
    """Keep an encrypted secret; a source that waited for it is tried at once."""
    row = _row(session, source_id)
    row.secret, row.secret_expires_at = sealed, expires_at
    if row.state == State.SIGN_IN:
        _begin_anew(row)


def secret_of(session: Session, source_id: int) -> bytes | None:
    """Return the encrypted secret of a source."""
    return _row(session, source_id).secret


def pause(session: Session, source_id: int, *, paused: bool) -> None:
    """Stop reading a source until a person says otherwise, or begin again."""
    row = _row(session, source_id)
    if paused:
        row.state, row.detail = State.PAUSED, ""
    elif row.state == State.PAUSED:
        _begin_anew(row)


def remove_source(session: Session, source_id: int) -> None:
    """Forget a source, its secret and its place of reading; every message of it stays."""
    folders = select(FolderRow.id).where(FolderRow.source_id == source_id)
    row = _row(session, source_id)
    connection = session.connection()
    connection.execute(delete(FolderMessageRow).where(col(FolderMessageRow.folder_id).in_(folders)))
    connection.execute(delete(FolderRow).where(col(FolderRow.source_id) == source_id))
    forget_chats(session, source_id)
    # SQLite gives the number of a removed row again: another source must not inherit its runs.
    of_it = col(ImportRow.source_id) == source_id
    connection.execute(update(ImportRow).where(of_it).values(source_id=None))
    session.delete(row)


def note_run(session: Session, source_id: int, found: Outlook, now: datetime) -> None:
    """Write down how a run ended."""
    row = _row(session, source_id)
    if row.state == State.PAUSED:
        return  # said by a person while the run went on
    row.state, row.detail, row.next_at = found.state, storable(found.detail)[:DETAIL_LENGTH], found.next_at
    if found.state in {State.COMPLETE, State.INCOMPLETE}:
        row.failures, row.failing_since = 0, None
    else:
        row.failures += 1
        row.failing_since = row.failing_since or now
    if found.state == State.COMPLETE:
        row.pulled_at = now


def end_dead_runs(session: Session, source_id: int, now: datetime) -> None:
    """Say in the book of imports that runs have ended that were killed; for who holds the lease."""
    dead = select(ImportRow).where(ImportRow.source_id == source_id, ImportRow.state == "running")
    for row in session.exec(dead):
        row.state, row.finished_at = "failed", now
        row.detail = "The run was killed; what it committed stays, and the next run went on from there."


def sources(session: Session) -> list[AddedSource]:
    """Return all sources by name."""
    rows = session.exec(select(SourceRow).order_by(func.lower(SourceRow.name)))
    now = clock.now()
    return [_source(row, now) for row in rows]


def find_source(session: Session, source_id: int) -> AddedSource | None:
    """Return one source, or None."""
    row = session.get(SourceRow, source_id)
    return None if row is None else _source(row, clock.now())


def source_named(session: Session, name: str) -> AddedSource:
    """Return the source of that name, case ignored. Raises ConfigError with the names that there are."""
    every = sources(session)
    for one in every:
        if one.name.casefold() == name.strip().casefold():
            return one
    known = ", ".join(repr(one.name) for one in every) or "none yet"
    raise ConfigError(f"There is no source {name!r}; there is {known}.")


def _row(session: Session, source_id: int) -> SourceRow:
    row = session.get(SourceRow, source_id)
    if row is None:
        raise ConfigError(f"There is no source {source_id}: it was removed.")
    return row


def _begin_anew(row: SourceRow) -> None:
    row.state = State.NEW if row.pulled_at is None else State.INCOMPLETE
    row.detail, row.next_at, row.failures, row.failing_since = "", None, 0, None


def _json(settings: Mapping[str, Any]) -> str:
    return json.dumps(dict(settings), ensure_ascii=False, sort_keys=True)


def _source(row: SourceRow, now: datetime) -> AddedSource:
    assert row.id is not None
    leased = row.lease_until is not None
    alive = row.lease_until is not None and now <= row.lease_until <= now + LONGEST
    return AddedSource(
        id=row.id,
        name=row.name,
        kind=row.kind,
        settings=json.loads(row.settings),
        state=State(row.state),
        detail=row.detail,
        created_at=row.created_at,
        pulled_at=row.pulled_at,
        failing_since=row.failing_since,
        next_at=row.next_at,
        failures=row.failures,
        secret_expires_at=row.secret_expires_at,
        is_running=alive,
        was_interrupted=leased and not alive,
        interrupted_at=None if alive else row.lease_until,
    )
