"""`/messages/{id}/as-sent`: a mail as its writer's program meant it to look, for a sandboxed frame.

Never: HTML that was not sanitised, an answer without its own policy.
"""

from fastapi import APIRouter
from starlette.responses import Response

from service.archive import store
from service.db.session import reading
from service.sources.mail_html import read_as_sent
from service.web.sanitise import POLICY, sanitise
from service.web.visit import Id, Visited, not_found

ROUTER = APIRouter()
HEADERS = {
    "Content-Security-Policy": POLICY,
    # A link in a mail must not tell where it was clicked.
    "Referrer-Policy": "no-referrer",
}


@ROUTER.get("/messages/{message_id}/as-sent")
def as_sent(visit: Visited, message_id: Id) -> Response:
    """Show a mail's HTML, read from its original; a mail without any as preformatted text."""
    with reading(visit.house.engine) as session:
        found = store.messages(session, visit.account.scope, [message_id])
        if not found or found[0].channel != "email":
            raise not_found()
        original = visit.house.blobs.read(session, found[0].blob_sha256)
    mail = read_as_sent(original)
    shown = sanitise(mail)
    answer = visit.page("as_sent.html", shown=shown, is_cut=mail.is_cut, one=found[0])
    answer.headers.update(HEADERS)
    return answer
