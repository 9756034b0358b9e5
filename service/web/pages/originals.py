"""`/messages/{id}/original` and attachments: exact bytes, always a download, never shown by the browser."""

from fastapi import APIRouter
from starlette.responses import Response

from service.archive import store
from service.archive.store import Attachment, Stored
from service.db.session import reading
from service.sources.mime import read_mail
from service.sources.raw_message import RawMessage
from service.web.download import download
from service.web.visit import Id, Visit, Visited, not_found

ROUTER = APIRouter()


@ROUTER.get("/messages/{message_id}/original")
def original(visit: Visited, message_id: Id) -> Response:
    """Send the bytes that the message was read from; the header repeats their hash."""
    message = _message(visit, message_id)
    with reading(visit.house.engine) as session:
        content = visit.house.blobs.read(session, message.blob_sha256)
    ending = "msg" if message.format == "msg" else {"email": "eml"}.get(message.channel, "txt")
    return download(content, f"{message.id}.{ending}")


@ROUTER.get("/messages/{message_id}/attachments/{position}")
def attachment(visit: Visited, message_id: Id, position: Id) -> Response:
    """Send a file that came with a message."""
    message = _message(visit, message_id)
    wanted = next((one for one in message.attachments if one.position == position), None)
    if wanted is None or wanted.missing is not None:
        raise not_found()
    content = _bytes_of(visit, message, wanted)
    if content is None:
        raise not_found()
    return download(content, wanted.name or f"{message.id}-{position}")


def _message(visit: Visit, message_id: int) -> Stored:
    with reading(visit.house.engine) as session:
        found = store.messages(session, visit.account.scope, [message_id])
    if not found:
        raise not_found()
    return found[0]


def _bytes_of(visit: Visit, message: Stored, wanted: Attachment) -> bytes | None:
    with reading(visit.house.engine) as session:
        if wanted.blob_sha256 is not None:
            return visit.house.blobs.read(session, wanted.blob_sha256)
        whole = visit.house.blobs.read(session, message.blob_sha256)
    mail = read_mail(whole, format_name=message.format, position=0, where=str(message.id))
    if not isinstance(mail, RawMessage) or wanted.position >= len(mail.attachments):
        return None
    load = mail.attachments[wanted.position].load
    return load() if load else None
