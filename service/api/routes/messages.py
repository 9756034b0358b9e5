"""GET /messages: archived messages, their provenance and their exact bytes."""

from fastapi import APIRouter, HTTPException, Response

from service.accounts.account import Account
from service.api.deps import House, Id, Reader
from service.api.schemas.message import MessageOut
from service.archive import store
from service.archive.store import Stored
from service.attachments import store as attachments
from service.db.session import reading
from service.origin.store import origin_of
from service.pipeline.installation import Installation

ROUTER = APIRouter(prefix="/messages", tags=["messages"])


@ROUTER.get("/{message_id}")
def read_message(message_id: Id, house: House, account: Reader) -> MessageOut:
    """Return one message with its times, its origin and every place where it was found."""
    message = _message(house, account, message_id)
    with reading(house.engine) as session:
        origin = origin_of(session, [message.id]).get(message.id)
        texts = attachments.known_of(session, [message.id])
        return MessageOut.of(message, origin, texts, store.sightings(session, message.id))


@ROUTER.get("/{message_id}/original", response_class=Response)
def read_original(message_id: Id, house: House, account: Reader) -> Response:
    """Return the exact bytes that the message was read from; `X-Scripta-Sha256` repeats their hash."""
    message = _message(house, account, message_id)
    with reading(house.engine) as session:
        content = house.blobs.read(session, message.blob_sha256)
    return Response(
        content,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{message.id}.original"',
            "X-Content-Type-Options": "nosniff",
            "X-Scripta-Sha256": message.blob_sha256,
        },
    )


def _message(house: Installation, account: Account, message_id: int) -> Stored:
    with reading(house.engine) as session:
        found = store.messages(session, account.scope, [message_id])
    if not found:
        raise HTTPException(404, f"There is no message {message_id} that you may see.")
    return found[0]
