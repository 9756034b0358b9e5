"""The files of messages. In: messages and their records. Never: reads bytes that are kept already."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, update
from sqlmodel import Session, col, select

from service.archive.blobs import Blobs
from service.archive.incoming import Again
from service.archive.storable import storable
from service.archive.tables import AttachmentRow, ConversationRow, MessageRow
from service.db.bulk import chunks, insert_rows
from service.sources.raw_message import Kind, RawAttachment, RawMessage

_SAYS_MORE = frozenset({Kind.VOICE, Kind.IMAGE})
"""What a file turns out to be whose export left it out."""
MAX_ATTACHMENT = 256 * 1024 * 1024
"""Bytes of one media file of a chat export; a larger one is named as missing."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A file of a message that is kept since later than the message."""

    message_id: int
    position: int
    name: str
    media_type: str


def keep_files(session: Session, blobs: Blobs, found: Iterable[tuple[int, RawMessage]]) -> None:
    """Keep the files of new messages."""
    insert_rows(
        session,
        AttachmentRow,
        [
            {"message_id": message_id, "position": position} | _row(session, blobs, attachment)
            for message_id, raw in found
            for position, attachment in enumerate(raw.attachments)
        ],
    )


def fill_in(session: Session, blobs: Blobs, again: Sequence[Again]) -> list[Filled]:
    """Keep files of known messages that were missing, or of which nothing was known, and return them."""
    bringing = [one for one in again if one.one.place and one.one.raw.attachments]
    kept = _kept(session, {one.message_id for one in bringing})
    filled: list[Filled] = []
    found: list[Again] = []
    for one in bringing:
        if one.message_id not in kept:
            late = _add(session, blobs, one)
            kept[one.message_id] = late
        else:
            late = _fill(session, blobs, kept[one.message_id], one)
        filled += [Filled(one.message_id, row.position, row.name, row.media_type) for row in late]
        found += [one] if late else []
    session.flush()
    _say_what_they_are(session, found)
    return filled


def _add(session: Session, blobs: Blobs, one: Again) -> list[AttachmentRow]:
    rows = [
        AttachmentRow(message_id=one.message_id, position=position, **_row(session, blobs, file))
        for position, file in enumerate(one.one.raw.attachments)
    ]
    session.add_all(rows)
    return [row for row in rows if row.missing is None]


def _fill(session: Session, blobs: Blobs, rows: Sequence[AttachmentRow], one: Again) -> list[AttachmentRow]:
    files = one.one.raw.attachments
    pairs = _paired(rows, files)
    late = []
    for place, row in pairs.items():
        if row.missing is not None and files[place].load is not None:
            values = _row(session, blobs, files[place])
            if values["missing"] is None:
                row.sqlmodel_update(values)
                late.append(row)
    more = [file for place, file in enumerate(files) if place not in pairs and file.load is not None]
    for position, file in enumerate(more, rows[-1].position + 1):
        row = AttachmentRow(message_id=one.message_id, position=position, **_row(session, blobs, file))
        session.add(row)
        late += [row] if row.missing is None else []
    return late


def _paired(rows: Sequence[AttachmentRow], files: Sequence[RawAttachment]) -> dict[int, AttachmentRow]:
    """Return the rows of files by their places: by place and name, else by name, by place, or what is left.

    Many files of one message may bear one name, and one file bears two in two exports.
    """
    pairs: dict[int, AttachmentRow] = {}
    left = dict(enumerate(rows))
    names = [storable(file.name)[:500] for file in files]
    fits: tuple[Callable[[int, int], bool], ...] = (
        lambda place, at: place == at and rows[at].name == names[place],
        lambda place, at: rows[at].name == names[place],
        lambda place, at: place == at,
        lambda _place, at: rows[at].missing is not None,
    )
    for fit in fits:
        for place in range(len(files)):
            if place not in pairs and (at := next((at for at in left if fit(place, at)), None)) is not None:
                pairs[place] = left.pop(at)
    return pairs


def _say_what_they_are(session: Session, filled: Sequence[Again]) -> None:
    """Correct the kind of messages of which it was only known that they bring a file."""
    for one in filled:
        raw = one.one.raw
        if raw.kind not in _SAYS_MORE:
            continue
        which = (col(MessageRow.id) == one.message_id) & (col(MessageRow.kind) == Kind.FILE.value)
        seconds = None if raw.duration_for is None else int(raw.duration_for.total_seconds())
        duration = case((col(MessageRow.duration_s).is_(None), seconds), else_=col(MessageRow.duration_s))
        values = {"kind": raw.kind.value, "duration_s": duration, "extracted_by": None}
        if session.connection().execute(update(MessageRow).where(which).values(values)).rowcount:
            assert one.one.place is not None
            talk = col(ConversationRow.id) == one.one.place.conversation_id
            session.connection().execute(update(ConversationRow).where(talk).values(extracted_by=None))


def _kept(session: Session, message_ids: set[int]) -> dict[int, list[AttachmentRow]]:
    kept: dict[int, list[AttachmentRow]] = {}
    for chunk in chunks(sorted(message_ids)):
        query = select(AttachmentRow).where(col(AttachmentRow.message_id).in_(chunk))
        for row in session.exec(query.order_by(col(AttachmentRow.position))):
            kept.setdefault(row.message_id, []).append(row)
    return kept


def _row(session: Session, blobs: Blobs, attachment: RawAttachment) -> dict[str, Any]:
    content, missing = _content(attachment)
    names = blobs.keep(session, [] if content is None else [content])
    return {
        "name": storable(attachment.name)[:500],
        "media_type": storable(attachment.media_type)[:200],
        "size": attachment.size if content is None else len(content),
        "blob_sha256": names[0] if names else None,
        "missing": missing,
    }


def _content(attachment: RawAttachment) -> tuple[bytes | None, str | None]:
    if attachment.in_original or attachment.load is None:
        return None, attachment.missing
    if (attachment.size or 0) > MAX_ATTACHMENT:
        return None, f"larger than {MAX_ATTACHMENT // 1024**2} MiB: it stays in the export"
    try:
        return attachment.load(), None
    except OSError as error:
        return None, f"could not be read from the export: {error.strerror or error}"
