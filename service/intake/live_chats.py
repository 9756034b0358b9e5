"""How far the chats of live platforms were read. Out: LiveChat. Never: a cursor raised before the commit.

As with folders, all of it happens in the transaction that archives the batch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from service.archive.identity import PLACE_BITS, key_of
from service.archive.imports import source_file
from service.archive.storable import storable
from service.archive.tables import AddressRow, DeletionRow, MessageRow, SightingRow
from service.db.bulk import chunks
from service.intake.tables import LiveChatRow
from service.sources.live.chat import Chat

TITLE_LENGTH = 500
TROUBLE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class LiveChat:
    """A chat that a live source follows, or the stream of all its chats (an empty key)."""

    key: str
    title: str
    cursor: str
    checked_at: datetime | None
    trouble: str


def live_chats(session: Session, source_id: int) -> list[LiveChat]:
    """Return what a source follows, by title; without the stream."""
    every = _chats(session, source_id)
    return sorted((one for one in every if one.key), key=lambda one: (one.title.casefold(), one.key))


def places(session: Session, source_id: int) -> dict[str, LiveChat]:
    """Return every place of reading by its key, with the stream."""
    return {one.key: one for one in _chats(session, source_id)}


def open_chat(session: Session, source_id: int, chat: Chat, format_name: str, import_id: int) -> int:
    """Begin or take up a chat, and return the id of its place in provenance."""
    row = _row(session, source_id, chat.key)
    row.file_id = source_file(session, import_id, chat.place, format_name, None)
    row.title = storable(chat.title)[:TITLE_LENGTH]
    return row.file_id


def raise_cursor(session: Session, source_id: int, key: str, cursor: str, now: datetime) -> None:
    """Say that everything before the cursor is archived."""
    row = _row(session, source_id, key)
    row.cursor, row.checked_at = cursor, now


def note_chats(session: Session, source_id: int, chats: Iterable[Chat], now: datetime) -> None:
    """Write down which chats there are, and what is wrong with them."""
    for chat in chats:
        row = _row(session, source_id, chat.key)
        row.title = storable(chat.title)[:TITLE_LENGTH] or row.title
        row.trouble, row.checked_at = storable(chat.trouble)[:TROUBLE_LENGTH], now


def forget_chats(session: Session, source_id: int) -> None:
    """Forget the places of reading of a source that is removed."""
    session.connection().execute(delete(LiveChatRow).where(col(LiveChatRow.source_id) == source_id))


def archived_ids(session: Session, channel: str, key: str, external_ids: Sequence[str]) -> set[str]:
    """Return which messages of a chat are archived, from whatever source."""
    wanted = {key_of(one, channel, key): one for one in external_ids if one}
    found: set[str] = set()
    for chunk in chunks(sorted(wanted)):
        query = select(MessageRow.external_key).where(col(MessageRow.external_key).in_(chunk))
        found.update(wanted[one] for one in session.exec(query) if one is not None)
    return found


def author_of(session: Session, channel: str, key: str, external_id: str) -> str | None:
    """Return the address of who wrote a message: empty for nobody, None where it is not archived."""
    query = (
        select(AddressRow.value)
        .select_from(MessageRow)
        .join(AddressRow, col(AddressRow.id) == col(MessageRow.author_id), isouter=True)
        .where(MessageRow.external_key == key_of(external_id, channel, key))
    )
    found = session.exec(query).all()
    return (found[0] or "") if found else None


def standing_since(session: Session, source_id: int, key: str, since: datetime) -> set[str]:
    """Return what came from a chat since then and nobody is known to have deleted, by external id."""
    row = session.get(LiveChatRow, (source_id, key))
    if row is None or row.file_id is None:
        return set()
    deleted = select(DeletionRow.message_id)
    query = (
        select(MessageRow.external_id)
        .join(SightingRow, col(SightingRow.message_id) == col(MessageRow.id))
        .where(
            # The first bits of an id are its minute: this reads one stretch of the table.
            col(MessageRow.id) >= int(since.timestamp()) // 60 << PLACE_BITS,
            col(MessageRow.sent_at) >= since,
            SightingRow.file_id == row.file_id,
            MessageRow.kind != "deleted",
            col(MessageRow.id).not_in(deleted),
        )
    )
    return set(session.exec(query)) - {""}


def _chats(session: Session, source_id: int) -> list[LiveChat]:
    rows = session.exec(select(LiveChatRow).where(LiveChatRow.source_id == source_id))
    return [LiveChat(row.key, row.title, row.cursor, row.checked_at, row.trouble) for row in rows]


def _row(session: Session, source_id: int, key: str) -> LiveChatRow:
    row = session.get(LiveChatRow, (source_id, key))
    if row is None:
        row = LiveChatRow(source_id=source_id, key=key)
        session.add(row)
    return row
