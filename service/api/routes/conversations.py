"""GET /conversations: chats and threads, and their messages."""

from fastapi import APIRouter, HTTPException

from service.accounts.account import Account
from service.agreements.store import statements_of
from service.api.cursors import LARGE, Cursor, Limit, cut, pack, unpack_moment, unpack_number
from service.api.deps import House, Id, Reader
from service.api.schemas.message import ConversationOut, MessageOut
from service.api.schemas.page import Page
from service.api.schemas.statement import StatementOut
from service.api.schemas.trust import TrustOut
from service.archive import store
from service.archive.store import Summary
from service.archive.trust import trust
from service.attachments import store as attachments
from service.db.session import reading
from service.origin.store import origin_of
from service.pipeline.installation import Installation

ROUTER = APIRouter(prefix="/conversations", tags=["conversations"])


@ROUTER.get("")
def list_conversations(
    house: House, account: Reader, limit: Limit = 50, cursor: Cursor = None
) -> Page[ConversationOut]:
    """Return conversations, the latest active first."""
    position = unpack_moment(cursor)
    before = None if position is None else (position[0], unpack_number(position[1], LARGE) or 0)
    with reading(house.engine) as session:
        found = store.conversations(session, account.scope, limit=limit + 1, before=before)
    page, last = cut(found, limit)
    following = pack(last.last_at, str(last.id)) if last else None
    return Page(items=[ConversationOut.of(one) for one in page], next_cursor=following)


@ROUTER.get("/{conversation_id}")
def read_conversation(conversation_id: Id, house: House, account: Reader) -> ConversationOut:
    """Return one conversation."""
    return ConversationOut.of(_summary(house, account, conversation_id))


@ROUTER.get("/{conversation_id}/messages")
def list_messages(
    conversation_id: Id, house: House, account: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Page[MessageOut]:
    """Return the messages of a conversation in order of time."""
    talk = _summary(house, account, conversation_id)
    with reading(house.engine) as session:
        found = store.messages_of(
            session, account.scope, talk.id, after=unpack_number(cursor, LARGE) or 0, limit=limit + 1
        )
        ids = [one.id for one in found]
        origins, texts = origin_of(session, ids), attachments.known_of(session, ids)
    page, last = cut(found, limit)
    items = [MessageOut.of(one, origins.get(one.id), texts) for one in page]
    return Page(items=items, next_cursor=str(last.id) if last else None)


@ROUTER.get("/{conversation_id}/statements")
def list_statements(conversation_id: Id, house: House, account: Reader) -> Page[StatementOut]:
    """Return what was found in a conversation, in the order of its words."""
    talk = _summary(house, account, conversation_id)
    with reading(house.engine) as session:
        found = statements_of(session, account.scope, talk.id)
    return Page(items=[StatementOut.of(one) for one in found])


@ROUTER.get("/{conversation_id}/trust")
def read_trust(conversation_id: Id, house: House, account: Reader) -> TrustOut:
    """Return where the exports of a chat do not agree: messages missing in one, and other words."""
    with reading(house.engine) as session:
        found = trust(session, account.scope, conversation_id)
    if found is None:
        raise _unknown(conversation_id)
    return TrustOut.of(found)


def _summary(house: Installation, account: Account, conversation_id: int) -> Summary:
    with reading(house.engine) as session:
        found = store.summary(session, account.scope, conversation_id)
    if found is None:
        raise _unknown(conversation_id)
    return found


def _unknown(conversation_id: int) -> HTTPException:
    return HTTPException(404, f"There is no conversation {conversation_id} that you may see.")
