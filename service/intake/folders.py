"""How far each folder was read: every UID has an outcome. Out: FolderState. Never: raised before the commit.

All of it happens inside the transaction that archives the batch, so the place of reading and the archive
cannot part. What the server deletes is marked as gone and stays here.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, delete, func, select
from sqlmodel.sql.expression import SelectOfScalar

from service.archive.imports import source_file
from service.archive.storable import storable
from service.db.bulk import chunks, insert_rows
from service.intake.source import FolderState, Outcome
from service.intake.tables import FolderMessageRow, FolderRow

WHY_LENGTH = 500
NAME_BYTES = 1000
"""Bytes of a folder's name that are kept: servers allow thousands, an index of PostgreSQL 2704."""
MAX_ATTEMPTS = 5
"""Runs in which a message that cannot be fetched is tried; after that only when the folder is reconciled."""


@dataclass(frozen=True, slots=True)
class Place:
    """One folder in one numbering."""

    source_id: int
    name: str
    special: str
    uid_validity: int
    address: str
    """Its IMAP URL (RFC 5092), which names it in provenance."""
    format: str = "imap"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a folder was read."""

    folder_id: int
    file_id: int
    uid_next: int
    modseq: int | None
    reconciled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A folder as it was left by the last run."""

    progress: Progress
    present: int
    """Messages that the server is known to have."""
    to_try: int
    """Those of them that are not here and are to be asked for again."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the server said of a folder at the end of a run."""

    on_server: int
    modseq: int | None = None
    is_reconciled: bool = False
    trouble: str = ""
    lowered_to: int | None = None
    """The mark anew, where the server has set back its own numbering."""


@dataclass(frozen=True, slots=True)
class Accounted:
    """What became of one message of a folder."""

    uid: int
    outcome: Outcome
    message_id: int | None = None
    why: str | None = None
    labels: tuple[str, ...] | None = None
    thread: int | None = None


def kept_name(name: str) -> str:
    """Return a folder's name as it is kept: cut where it is too long for an index.

    >>> kept_name("INBOX"), len(kept_name("projekty/" * 500).encode()) <= NAME_BYTES
    ('INBOX', True)
    """
    if len(name.encode()) <= NAME_BYTES:
        return name
    # The hash keeps two long names apart that begin alike.
    digest = sha256(name.encode()).hexdigest()[:16]
    return f"{name.encode()[: NAME_BYTES - 20].decode('utf-8', 'ignore')}… {digest}"


def known_folder(session: Session, place: Place) -> Progress | None:
    """Return how far this folder was read in this numbering, or None where it is new."""
    row = _find(session, place)
    return None if row is None else _progress(row)


def open_folder(session: Session, place: Place, import_id: int, now: datetime) -> Progress:
    """Begin or take up a folder in this numbering; other numberings of it have ended."""
    row = _find(session, place)
    if row is None:
        row = FolderRow(
            source_id=place.source_id,
            name=kept_name(place.name),
            uid_validity=place.uid_validity,
            file_id=source_file(session, import_id, place.address, place.format, None),
        )
        session.add(row)
    row.special, row.ended_at = place.special, None
    session.flush()
    others = (col(FolderRow.source_id) == place.source_id) & (col(FolderRow.name) == row.name)
    _end(session, others & (col(FolderRow.id) != row.id), now)
    return _progress(row)


def end_missing(session: Session, source_id: int, names: Iterable[str], now: datetime) -> None:
    """Mark folders as ended that the server no longer has, or that are no longer wanted."""
    standing = select(FolderRow.id, FolderRow.name).where(
        FolderRow.source_id == source_id, col(FolderRow.ended_at).is_(None)
    )
    wanted = {kept_name(name) for name in names}
    over = [folder_id for folder_id, name in session.exec(standing) if name not in wanted]
    for chunk in chunks(over):
        _end(session, col(FolderRow.id).in_(chunk), now)


def forget_numbering(session: Session, folder_id: int) -> None:
    """Begin a folder again whose server gives no UIDVALIDITY: its UIDs of yesterday mean nothing."""
    connection = session.connection()
    connection.execute(delete(FolderMessageRow).where(col(FolderMessageRow.folder_id) == folder_id))
    connection.execute(
        update(FolderRow).where(col(FolderRow.id) == folder_id).values(uid_next=1, modseq=None)
    )


def account(session: Session, folder_id: int, found: Sequence[Accounted]) -> None:
    """Write down what became of messages; one that was accounted for before gets its new outcome."""
    known: dict[int, FolderMessageRow] = {}
    for chunk in chunks([one.uid for one in found]):
        rows = session.exec(_rows_of(folder_id).where(col(FolderMessageRow.uid).in_(chunk)))
        known.update({row.uid: row for row in rows})
    for one in found:
        if row := known.get(one.uid):
            is_again = (one.outcome, one.message_id) == (Outcome.KNOWN, row.message_id)
            if not (is_again and row.outcome == Outcome.ARCHIVED):
                row.outcome, row.message_id, row.why = one.outcome, one.message_id, _why(one)
            row.labels, row.thread = _labels(one.labels), one.thread
            row.attempts += one.outcome == Outcome.FAILED
            row.gone_at = None
    fresh = {one.uid: one for one in found if one.uid not in known}
    insert_rows(
        session,
        FolderMessageRow,
        [
            {
                "folder_id": folder_id,
                "uid": one.uid,
                "message_id": one.message_id,
                "outcome": one.outcome.value,
                "attempts": int(one.outcome == Outcome.FAILED),
                "why": _why(one),
                "labels": _labels(one.labels),
                "thread": one.thread,
                "gone_at": None,
            }
            for one in fresh.values()
        ],
    )


def raise_mark(session: Session, folder_id: int, uid_next: int) -> None:
    """Say that every UID below `uid_next` is accounted for; never lowers it."""
    higher = (col(FolderRow.id) == folder_id) & (col(FolderRow.uid_next) < uid_next)
    session.connection().execute(update(FolderRow).where(higher).values(uid_next=uid_next))


def mark_gone(session: Session, folder_id: int, uids: Iterable[int], now: datetime) -> dict[int, int | None]:
    """Mark messages that the server no longer has; return those that it had, with our message ids."""
    gone: dict[int, int | None] = {}
    for chunk in chunks(sorted(uids)):
        here = _rows_of(folder_id).where(
            col(FolderMessageRow.uid).in_(chunk), col(FolderMessageRow.gone_at).is_(None)
        )
        for row in session.exec(here):
            row.gone_at = now
            gone[row.uid] = row.message_id
    return gone


def relabel(session: Session, folder_id: int, labels: Mapping[int, tuple[str, ...]]) -> None:
    """Write down labels that were changed on the server."""
    for chunk in chunks(sorted(labels)):
        for row in session.exec(_rows_of(folder_id).where(col(FolderMessageRow.uid).in_(chunk))):
            row.labels = _labels(labels[row.uid])


def note_checked(session: Session, folder_id: int, checked: Checked, now: datetime) -> None:
    """Write down what the server said of a folder, and whether its whole list was compared."""
    row = session.get(FolderRow, folder_id)
    if row is None:
        return
    row.on_server, row.checked_at, row.trouble = checked.on_server, now, checked.trouble[:WHY_LENGTH]
    row.modseq = checked.modseq
    row.uid_next = row.uid_next if checked.lowered_to is None else checked.lowered_to
    if checked.is_reconciled:
        row.reconciled_at = now


def standings(session: Session, source_id: int) -> dict[tuple[str, int], Standing]:
    """Return how each folder stands, by kept name and UIDVALIDITY, those that ended left out."""
    counts = _counts(session, source_id)
    query = select(FolderRow).where(FolderRow.source_id == source_id, col(FolderRow.ended_at).is_(None))
    standing: dict[tuple[str, int], Standing] = {}
    for row in session.exec(query).all():
        progress, count = _progress(row), counts.get(row.id or 0, Counter())
        to_try = len(to_try_again(session, progress.folder_id)) if count[Outcome.FAILED] else 0
        present = count.total() - count["gone"]
        standing[row.name, row.uid_validity] = Standing(progress, present, to_try)
    return standing


def note_unchanged(session: Session, folder_ids: Sequence[int], now: datetime) -> None:
    """Write down that the server was asked about folders, and nothing in them had changed."""
    for chunk in chunks(folder_ids):
        which = col(FolderRow.id).in_(chunk)
        session.connection().execute(update(FolderRow).where(which).values(checked_at=now))


def present_uids(session: Session, folder_id: int) -> Iterator[int]:
    """Yield the UIDs that the server is known to have."""
    query = select(FolderMessageRow.uid).where(_is_present(folder_id))
    yield from session.exec(query.execution_options(yield_per=10_000))


def message_ids(session: Session, folder_id: int, uids: Sequence[int]) -> dict[int, int | None]:
    """Return which of our messages each of these UIDs is."""
    found: dict[int, int | None] = {}
    for chunk in chunks(uids):
        which = (col(FolderMessageRow.folder_id) == folder_id) & col(FolderMessageRow.uid).in_(chunk)
        found.update(
            session.exec(select(FolderMessageRow.uid, FolderMessageRow.message_id).where(which)).all()
        )
    return found


def count_present(session: Session, folder_id: int) -> int:
    """Count the messages that the server is known to have."""
    return session.exec(select(func.count()).where(_is_present(folder_id))).one()


def to_try_again(session: Session, folder_id: int, *, every: bool = False) -> list[int]:
    """Return UIDs that could not be fetched: `every` one, or those that were not tried too often."""
    failed = _is_present(folder_id) & (col(FolderMessageRow.outcome) == Outcome.FAILED)
    if not every:
        failed &= col(FolderMessageRow.attempts) < MAX_ATTEMPTS
    return list(session.exec(select(FolderMessageRow.uid).where(failed)))


def folder_states(session: Session, source_id: int) -> list[FolderState]:
    """Return what became of every folder, those that ended last."""
    counts = _counts(session, source_id)
    rows = session.exec(select(FolderRow).where(FolderRow.source_id == source_id)).all()
    states = [_state(row, counts.get(row.id or 0, Counter())) for row in rows]
    return sorted(states, key=lambda one: (one.ended_at is not None, one.name.casefold(), one.id))


def troubles(session: Session, folder_id: int, limit: int = 100) -> list[Accounted]:
    """Return messages of a folder that are not here, with the reason, the newest first."""
    query = (
        _rows_of(folder_id)
        .where(
            col(FolderMessageRow.outcome).in_([Outcome.FAILED, Outcome.REFUSED]),
            col(FolderMessageRow.gone_at).is_(None),
        )
        .order_by(col(FolderMessageRow.uid).desc())
        .limit(limit)
    )
    return [Accounted(row.uid, Outcome(row.outcome), row.message_id, row.why) for row in session.exec(query)]


def _find(session: Session, place: Place) -> FolderRow | None:
    return session.exec(
        select(FolderRow).where(
            FolderRow.source_id == place.source_id,
            FolderRow.name == kept_name(place.name),
            FolderRow.uid_validity == place.uid_validity,
        )
    ).first()


def _progress(row: FolderRow) -> Progress:
    assert row.id is not None
    return Progress(row.id, row.file_id, row.uid_next, row.modseq, row.reconciled_at)


def _end(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    standing = which & col(FolderRow.ended_at).is_(None)
    session.connection().execute(update(FolderRow).where(standing).values(ended_at=now))


def _is_present(folder_id: int) -> ColumnElement[bool]:
    return (col(FolderMessageRow.folder_id) == folder_id) & col(FolderMessageRow.gone_at).is_(None)


def _rows_of(folder_id: int) -> SelectOfScalar[FolderMessageRow]:
    return select(FolderMessageRow).where(FolderMessageRow.folder_id == folder_id)


def _counts(session: Session, source_id: int) -> dict[int, Counter[str]]:
    """Count each folder's messages by outcome, those that the server no longer has as `gone`."""
    is_gone = col(FolderMessageRow.gone_at).is_not(None)
    query = (
        select(FolderMessageRow.folder_id, FolderMessageRow.outcome, is_gone, func.count())
        .join(FolderRow, col(FolderRow.id) == col(FolderMessageRow.folder_id))
        .where(FolderRow.source_id == source_id)
        .group_by(col(FolderMessageRow.folder_id), col(FolderMessageRow.outcome), is_gone)
    )
    counts: dict[int, Counter[str]] = {}
    for folder_id, outcome, gone, count in session.exec(query):
        counts.setdefault(folder_id, Counter())["gone" if gone else outcome] += count
    return counts


def _state(row: FolderRow, counts: Counter[str]) -> FolderState:
    assert row.id is not None
    return FolderState(
        id=row.id,
        file_id=row.file_id,
        name=row.name,
        special=row.special,
        uid_validity=row.uid_validity,
        on_server=row.on_server,
        archived=counts[Outcome.ARCHIVED],
        known=counts[Outcome.KNOWN],
        refused=counts[Outcome.REFUSED],
        failed=counts[Outcome.FAILED],
        gone=counts["gone"],
        checked_at=row.checked_at,
        reconciled_at=row.reconciled_at,
        ended_at=row.ended_at,
        trouble=row.trouble,
    )


def _why(one: Accounted) -> str | None:
    return None if one.why is None else storable(one.why)[:WHY_LENGTH]


def _labels(labels: tuple[str, ...] | None) -> str | None:
    return None if labels is None else storable(json.dumps(labels, ensure_ascii=False))
