"""How far the chats of live platforms were read. Out: LiveChat. Never: a cursor raised before the commit.

As with folders, all of it happens in the transaction that archives the batch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from service.archive.chats import Chat as ChatName
from service.archive.chats import Chats, Place
from service.archive.identity import PLACE_BITS, key_of
from service.archive.imports import source_file
from service.archive.storable import storable
from service.archive.tables import (
    AddressRow,
    AttachmentRow,
    ChatKeyRow,
    ConversationRow,
    DeletionRow,
    MessageRow,
    SightingRow,
)
from service.archive.times import Times
from service.db.bulk import chunks
from service.intake.tables import LiveChatRow
from service.sources.live.chat import Chat
from service.sources.raw_message import Kind, RawMessage

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


class FollowedChats(Chats):
    """Where the chats of a live platform are kept: its keys are its own, and say which chat it is.

    An export's key may be a title, so there words are compared; a live batch has too few of them.
    """

    def places(self, session: Session, found: Sequence[tuple[RawMessage, Times]]) -> dict[ChatName, Place]:
        """Return where the chats of a batch are kept."""
        for chat in {(raw.channel, raw.conversation.key) for raw, _ in found if raw.conversation}:
            if place := _kept_place(session, *chat):
                known = self._places.setdefault(chat, place)
                # An import may have brought what this run has under other ids since its last batch.
                known.may_hold = known.may_hold or place.may_hold
        return super().places(session, found)


@dataclass(frozen=True, slots=True)
class Archived:
    """A message that is archived, as far as later news of it must know."""

    author: str
    """The address of who wrote it; empty for nobody."""
    sent_at: datetime


def archived(session: Session, channel: str, key: str, external_id: str) -> Archived | None:
    """Return what is known of a message of a chat, from whatever source."""
    query = (
        select(AddressRow.value, MessageRow.sent_at)
        .select_from(MessageRow)
        .join(AddressRow, col(AddressRow.id) == col(MessageRow.author_id), isouter=True)
        .where(MessageRow.external_key == key_of(external_id, channel, key))
    )
    found = session.exec(query).first()
    return None if found is None else Archived(found[0] or "", found[1])


def whole_ids(session: Session, channel: str, key: str, external_ids: Sequence[str]) -> set[str]:
    """Return which messages of a chat are archived with all their files."""
    wanted = {key_of(one, channel, key): one for one in external_ids if one}
    lacking = select(AttachmentRow.message_id).where(
        AttachmentRow.message_id == MessageRow.id, col(AttachmentRow.blob_sha256).is_(None)
    )
    found: set[str] = set()
    for chunk in chunks(sorted(wanted)):
        query = select(MessageRow.external_key).where(
            col(MessageRow.external_key).in_(chunk), ~lacking.exists()
        )
        found.update(wanted[one] for one in session.exec(query) if one is not None)
    return found


def standing_reaction(
    session: Session, chat: ChatName, answered: str, who: str, emoji: str
) -> tuple[str, datetime] | None:
    """Return the id and time of the latest reaction of somebody to a message that was not taken back."""
    query = (
        select(MessageRow.external_id, MessageRow.sent_at, MessageRow.text)
        .join(AddressRow, col(AddressRow.id) == col(MessageRow.author_id))
        .where(
            MessageRow.reply_key == key_of(answered, *chat),
            MessageRow.kind == Kind.REACTION.value,
            AddressRow.value == who,
            col(MessageRow.id).not_in(select(DeletionRow.message_id)),
        )
        .order_by(col(MessageRow.id).desc())
    )
    return next(((id_, at) for id_, at, text in session.exec(query) if text == emoji), None)


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


def _kept_place(session: Session, channel: str, key: str) -> Place | None:
    name = storable(key)
    own = select(ConversationRow.id).where(ConversationRow.channel == channel, ConversationRow.key == name)
    other = select(ChatKeyRow.conversation_id).where(ChatKeyRow.channel == channel, ChatKeyRow.key == name)
    place = session.exec(own).first() or session.exec(other).first()
    if place is None:
        return None
    row = session.get_one(ConversationRow, place)
    while row.merged_into is not None:
        row = session.get_one(ConversationRow, row.merged_into)
    others = select(ChatKeyRow.key).where(ChatKeyRow.conversation_id == row.id)
    merged = select(ConversationRow.key).where(ConversationRow.merged_into == row.id)
    may_hold = any(session.exec(query.limit(1)).first() is not None for query in (others, merged))
    return Place(name, row.id, may_hold=may_hold)
