"""What another copy of a kept message tells of it. In: Again. Out: Changes. Never: replaces words.

Other words are kept as a version, a deletion as a row beside the message. Only a placeholder gets the words
of an older copy: it has none of its own, and its bytes stay with the place where it was found.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlmodel import Session, col

from service.archive.alike import folded
from service.archive.blobs import Blobs
from service.archive.incoming import Again, Incoming
from service.archive.storable import storable
from service.archive.tables import (
    ConversationRow,
    DeletionRow,
    MessageRow,
    RevisionRow,
    SightingRow,
    VersionRow,
)
from service.db.bulk import chunks, insert_rows
from service.sources.raw_message import SERVICE_KINDS, Kind

NAME_LENGTH = 320


@dataclass(frozen=True, slots=True)
class Deleted:
    """A kept message that somebody took back."""

    message_id: int
    at: datetime | None
    blob_sha256: str
    """The record that shows it."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """A placeholder whose words came with another copy."""

    message_id: int
    one: Again
    blob_sha256: str
    placeholder: str
    """The SHA-256 of the record that shows the deletion."""


@dataclass(slots=True)
class Changes:
    """What the copies of a batch told."""

    versions: list[str] = field(default_factory=list)
    """The SHA-256 of each record that has other words."""
    deleted: list[Deleted] = field(default_factory=list)
    revealed: list[Revealed] = field(default_factory=list)


def note_changes(session: Session, blobs: Blobs, again: Sequence[Again], seen_at: datetime) -> Changes:
    """Keep what copies of chat messages tell; mails have no other copy than a differing one."""
    chats = [one for one in again if one.one.place is not None]
    kept = _kept(session, [one.message_id for one in chats])
    changes = Changes()
    deleted: dict[int, Again] = {}
    revealed: dict[int, Again] = {}
    versions: list[Again] = []
    for one in chats:
        row = kept[one.message_id]
        gone = one.one.raw.kind is Kind.DELETED
        if gone and row.kind != Kind.DELETED:
            deleted.setdefault(one.message_id, one)
        elif not gone and row.kind == Kind.DELETED and one.message_id not in revealed:
            revealed[one.message_id] = one
        elif not gone and (one.one.alike is None or one.one.alike != row.alike_key):
            versions.append(one)
    changes.deleted = _delete(session, blobs, deleted, seen_at)
    changes.revealed = _reveal(session, blobs, revealed, kept)
    differing = _differing(session, versions, kept)
    changes.versions = _add_versions(session, blobs, differing, seen_at)
    _raise_edits(session, chats, {id(one) for one in differing}, kept)
    _add_revisions(session, [one for one in chats if one.one.raw.revisions])
    return changes


def keep_revisions(session: Session, found: Sequence[tuple[int, Incoming]]) -> None:
    """Keep the earlier texts of new messages."""
    insert_rows(
        session,
        RevisionRow,
        [
            _revision(message_id, position, one.utc(revision.at), revision.text)
            for message_id, one in found
            for position, revision in enumerate(one.raw.revisions)
        ],
    )


def _kept(session: Session, message_ids: Sequence[int]) -> dict[int, Row[Any]]:
    row = MessageRow
    names = ("id", "kind", "alike_key", "format", "edited", "edited_at", "blob_sha256", "seen_at")
    columns = [col(getattr(row, name)) for name in names]
    found: dict[int, Row[Any]] = {}
    for chunk in chunks(sorted(set(message_ids))):
        query = select(*columns).where(col(row.id).in_(chunk))
        found.update({one.id: one for one in session.connection().execute(query)})
    return found


def _delete(session: Session, blobs: Blobs, deleted: dict[int, Again], seen_at: datetime) -> list[Deleted]:
    known: set[int] = set()
    for chunk in chunks(list(deleted)):
        query = select(col(DeletionRow.message_id)).where(col(DeletionRow.message_id).in_(chunk))
        known.update(session.connection().execute(query).scalars())
    fresh = {key: one.one for key, one in deleted.items() if key not in known}
    names = blobs.keep(session, [one.raw.original for one in fresh.values()])
    found = [
        Deleted(key, one.utc(one.raw.edited_at), name)
        for (key, one), name in zip(fresh.items(), names, strict=True)
    ]
    rows = [
        {"message_id": one.message_id, "at": one.at, "seen_at": seen_at, "blob_sha256": one.blob_sha256}
        for one in found
    ]
    insert_rows(session, DeletionRow, rows)
    return found


def _reveal(
    session: Session, blobs: Blobs, revealed: dict[int, Again], kept: dict[int, Row[Any]]
) -> list[Revealed]:
    names = blobs.keep(session, [one.one.raw.original for one in revealed.values()])
    found = [
        Revealed(key, one, name, kept[key].blob_sha256)
        for (key, one), name in zip(revealed.items(), names, strict=True)
    ]
    for one in found:
        _give_words(session, one)
    rows = [
        {
            "message_id": one.message_id,
            "seen_at": kept[one.message_id].seen_at,
            "blob_sha256": one.placeholder,
        }
        for one in found
    ]
    insert_rows(session, DeletionRow, rows)
    return found


def _give_words(session: Session, revealed: Revealed) -> None:
    incoming = revealed.one.one
    raw, place = incoming.raw, incoming.place
    assert place is not None
    values = {
        "format": raw.format,
        "kind": raw.kind.value,
        "text": storable(raw.text),
        "detail": storable(raw.detail)[:500],
        "alike_key": incoming.alike,
        "reply_key": incoming.key(raw.reply_to),
        "thread_key": incoming.key(raw.thread),
        "forwarded_from": storable(raw.forwarded_from)[:NAME_LENGTH] if raw.forwarded_from else None,
        "blob_sha256": revealed.blob_sha256,
        "extracted_by": None,
    }
    connection = session.connection()
    connection.execute(update(MessageRow).where(col(MessageRow.id) == revealed.message_id).values(values))
    # What shows the deletion stays where it was found.
    here = (col(SightingRow.message_id) == revealed.message_id) & col(SightingRow.blob_sha256).is_(None)
    connection.execute(update(SightingRow).where(here).values(blob_sha256=revealed.placeholder))
    talk = col(ConversationRow.id) == place.conversation_id
    connection.execute(update(ConversationRow).where(talk).values(extracted_by=None))


def _differing(session: Session, found: Sequence[Again], kept: dict[int, Row[Any]]) -> list[Again]:
    """Return those whose words differ; another format may only blank and mark them differently."""
    texts: dict[int, str] = {}
    for chunk in chunks(sorted({one.message_id for one in found})):
        query = select(col(MessageRow.id), col(MessageRow.text)).where(col(MessageRow.id).in_(chunk))
        texts.update((key, text) for key, text in session.execute(query))
    return [
        one
        for one in found
        if not (one.one.raw.kind in SERVICE_KINDS and kept[one.message_id].format != one.one.raw.format)
        and _differs(texts[one.message_id], one.one.raw.text)
    ]


def _differs(one: str, other: str) -> bool:
    return storable(other) != one and folded(other) != folded(one)


def _add_versions(session: Session, blobs: Blobs, differing: Sequence[Again], seen_at: datetime) -> list[str]:
    known: set[tuple[int, str]] = set()
    for chunk in chunks(sorted({one.message_id for one in differing})):
        query = select(VersionRow).where(col(VersionRow.message_id).in_(chunk))
        for row in session.execute(query).scalars():
            known |= {(row.message_id, row.blob_sha256), (row.message_id, folded(row.text))}
    names = blobs.keep(session, [one.one.raw.original for one in differing])
    rows: list[dict[str, Any]] = []
    for one, name in zip(differing, names, strict=True):
        marks = {(one.message_id, name), (one.message_id, folded(storable(one.one.raw.text)))}
        if marks & known:
            continue
        known |= marks
        text = storable(one.one.raw.text)
        rows.append({"message_id": one.message_id, "blob_sha256": name, "text": text, "seen_at": seen_at})
    insert_rows(session, VersionRow, rows)
    return [row["blob_sha256"] for row in rows]


def _raise_edits(
    session: Session, chats: Sequence[Again], differing: set[int], kept: dict[int, Row[Any]]
) -> None:
    for one in chats:
        row, raw = kept[one.message_id], one.one.raw
        if raw.kind is Kind.DELETED:
            continue
        edited = row.edited or raw.edited or (id(one) in differing and row.format == raw.format)
        times = [at for at in (row.edited_at, one.one.utc(raw.edited_at)) if at is not None]
        edited_at = max(times, default=None)
        if (edited, edited_at) != (row.edited, row.edited_at):
            which = col(MessageRow.id) == one.message_id
            values = {"edited": edited, "edited_at": edited_at}
            session.connection().execute(update(MessageRow).where(which).values(values))


def _add_revisions(session: Session, again: Sequence[Again]) -> None:
    """Keep the texts that are not kept yet, each as often as one copy tells it: some tell only a few."""
    kept: dict[int, Counter[str]] = defaultdict(Counter)
    for chunk in chunks(sorted({one.message_id for one in again})):
        query = select(col(RevisionRow.message_id), col(RevisionRow.text))
        for key, text in session.connection().execute(query.where(col(RevisionRow.message_id).in_(chunk))):
            kept[key][text] += 1
    for one in again:
        known, told = kept[one.message_id], Counter[str]()
        rows = []
        for revision in one.one.raw.revisions:
            text = storable(revision.text)
            told[text] += 1
            if told[text] > known[text]:
                at = one.one.utc(revision.at)
                rows.append(_revision(one.message_id, known.total(), at, text))
                known[text] += 1
        insert_rows(session, RevisionRow, rows)


def _revision(message_id: int, position: int, at: datetime | None, text: str) -> dict[str, Any]:
    return {"message_id": message_id, "position": position, "text": storable(text), "at": at}
