"""`/conversations`: chats and threads, the latest active first."""

from fastapi import APIRouter
from starlette.responses import Response

from service.archive import store
from service.db.session import reading
from service.web.cursor import read_numbered_cursor, write_cursor
from service.web.visit import Visited

ROUTER = APIRouter()
PAGE = 50


@ROUTER.get("/conversations")
def conversations(visit: Visited, before: str | None = None) -> Response:
    """List conversations that the reader may see."""
    with reading(visit.house.engine) as session:
        found = store.conversations(
            session, visit.account.scope, limit=PAGE + 1, before=read_numbered_cursor(before)
        )
    shown = found[:PAGE]
    more = write_cursor(shown[-1].last_at, shown[-1].id) if len(found) > PAGE else None
    return visit.page("conversations.html", rows=shown, more=more)
