"""`/conversations/{id}/trust`: where the exports of a chat do not agree."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from service.archive import store as archive
from service.archive.trust import trust
from service.db.session import reading
from service.web.visit import Id, Visited, not_found

ROUTER = APIRouter()


@ROUTER.get("/conversations/{conversation_id}/trust")
def show_trust(visit: Visited, conversation_id: Id) -> Response:
    """Show the exports of a chat, what each lacks, and where words differ."""
    scope = visit.account.scope
    with reading(visit.house.engine) as session:
        summary = archive.summary(session, scope, conversation_id)
        found = trust(session, scope, conversation_id)
        if summary is None or found is None:
            raise not_found()
        if summary.id != conversation_id:
            return RedirectResponse(f"/conversations/{summary.id}/trust", 308)
        named = [key for one in found.missing for key in one.message_ids]
        named += [one.message_id for one in found.differing] + [one.message_id for one in found.taken_back]
        times = {one.id: one.sent_at for one in archive.messages(session, scope, sorted(set(named)))}
    names = {one.file_id: one.place for one in found.exports}
    return visit.page("trust.html", summary=summary, trust=found, names=names, times=times)
