"""Every question to what was read of attachments. Out: records. Never: the bytes; commits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, tuple_, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from service import clock
from service.archive.files import Filled
from service.archive.storable import storable
from service.archive.tables import AttachmentRow, MessageRow
from service.attachments.attachment_text import AttachmentText, Reading, TextState
from service.attachments.kinds import takes
from service.attachments.ocr import NEEDS_TESSERACT
from service.attachments.tables import AttachmentTextRow
from service.db.bulk import chunks, insert_rows
from service.sources.raw_message import RawMessage

Place = tuple[int, int]
"""Id of a message, and the position of an attachment in it."""

_MESSAGE, _POSITION = col(AttachmentTextRow.message_id), col(AttachmentTextRow.position)
_ITS_TEXT = (col(AttachmentRow.message_id) == _MESSAGE) & (col(AttachmentRow.position) == _POSITION)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An attachment that is to be read, and where its bytes are."""

    message_id: int
    position: int
    name: str
    media_type: str
    size: int | None
    blob_sha256: str | None
    """None where the bytes are inside the original of the message."""
    original_sha256: str
    format: str

    @property
    def place(self) -> Place:
        """Say which attachment it is."""
        return self.message_id, self.position


@dataclass(frozen=True, slots=True)
class Known:
    """What people are told of the text of an attachment."""

    state: TextState
    from_image: bool
    why: str


def expect(session: Session, arrivals: Sequence[tuple[int, RawMessage]]) -> None:
    """Note the attachments of new messages that may have words; called where the messages are archived."""
    rows = [
        {"message_id": message_id, "position": position, "state": TextState.WAITING.value}
        for message_id, raw in arrivals
        for position, attachment in enumerate(raw.attachments)
        if attachment.missing is None and takes(attachment.media_type, attachment.name)
    ]
    insert_rows(session, AttachmentTextRow, rows)


def expect_late(session: Session, files: Sequence[Filled]) -> None:
    """Note files that may have words and came later than their messages."""
    rows = [
        {"message_id": one.message_id, "position": one.position, "state": TextState.WAITING.value}
        for one in files
        if takes(one.media_type, one.name)
    ]
    insert_rows(session, AttachmentTextRow, rows)


def waiting(session: Session, limit: int, before: Place | None = None) -> list[Waiting]:
    """Return attachments that wait, the newest messages first; `before` is the last one seen."""
    query = (
        select(AttachmentRow, MessageRow.blob_sha256, MessageRow.format)
        .join(
            AttachmentTextRow,
            _ITS_TEXT,
        )
        .join(MessageRow, col(MessageRow.id) == col(AttachmentRow.message_id))
        .where(col(AttachmentTextRow.state) == TextState.WAITING.value)
        .order_by(_MESSAGE.desc(), _POSITION.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(_MESSAGE, _POSITION) < before)
    return [
        Waiting(
            row.message_id,
            row.position,
            row.name,
            row.media_type,
            row.size,
            row.blob_sha256,
            original,
            format_,
        )
        for row, original, format_ in session.exec(query)
    ]


def count_waiting(session: Session) -> int:
    """Return how many attachments wait."""
    query = select(func.count()).select_from(AttachmentTextRow)
    return session.exec(query.where(col(AttachmentTextRow.state) == TextState.WAITING.value)).one()


def put(session: Session, message_id: int, readings: Mapping[int, Reading]) -> None:
    """Keep what was read of attachments of one message, by their positions."""
    for position, reading in readings.items():
        row = session.get(AttachmentTextRow, (message_id, position))
        if row is None:
            row = AttachmentTextRow(message_id=message_id, position=position, state=TextState.WAITING.value)
            session.add(row)
        row.state = reading.state.value
        row.text = storable(reading.text) or None
        row.from_image = reading.from_image
        row.why = storable(reading.why)
        row.reader = reading.reader
        row.read_at = clock.now()
    session.flush()


def wait_for_tesseract(session: Session) -> int:
    """Let attachments wait again that only lacked what is installed now; return how many there are."""
    lacking = col(AttachmentTextRow.why) == NEEDS_TESSERACT
    done = col(AttachmentTextRow.state).in_([TextState.REFUSED.value, TextState.READ.value])
    # What was read of them until then stays until they are read again.
    changed = session.exec(
        update(AttachmentTextRow).where(lacking, done).values(state=TextState.WAITING.value)
    )
    return int(changed.rowcount)


def texts_of(session: Session, message_ids: Sequence[int]) -> dict[int, list[AttachmentText]]:
    """Return the words of the attachments of these messages, in order, as far as they have some."""
    found: dict[int, list[AttachmentText]] = {}
    for row, name in _rows(session, message_ids):
        if row.text:
            text = AttachmentText(row.position, name, row.text, row.from_image)
            found.setdefault(row.message_id, []).append(text)
    return found


def known_of(session: Session, message_ids: Sequence[int]) -> dict[Place, Known]:
    """Return what is known of the texts of these messages' attachments, without the texts."""
    row = AttachmentTextRow
    found: dict[Place, Known] = {}
    for chunk in chunks(message_ids):
        columns = sql_select(_MESSAGE, _POSITION, col(row.state), col(row.from_image), col(row.why))
        for one in session.connection().execute(columns.where(_MESSAGE.in_(chunk))):
            found[one.message_id, one.position] = Known(TextState(one.state), one.from_image, one.why)
    return found


def _rows(session: Session, message_ids: Sequence[int]) -> Iterator[tuple[AttachmentTextRow, str]]:
    for chunk in chunks(message_ids):
        query = (
            select(AttachmentTextRow, AttachmentRow.name)
            .join(
                AttachmentRow,
                _ITS_TEXT,
            )
            .where(_MESSAGE.in_(chunk), col(AttachmentTextRow.text).is_not(None))
            .order_by(_MESSAGE, _POSITION)
        )
        yield from session.exec(query)
