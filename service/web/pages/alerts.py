"""`/alerts`: what needs somebody now, and what has settled itself."""

from fastapi import APIRouter
from starlette.responses import Response

from service.alerts.store import alerts
from service.db.session import reading
from service.web.visit import Number, Visited

ROUTER = APIRouter()
PAGE = 50


@ROUTER.get("/alerts")
def list_alerts(visit: Visited, *, closed: bool = False, before: Number | None = None) -> Response:
    """List open or closed alerts, the newest first."""
    with reading(visit.house.engine) as session:
        found = alerts(session, visit.account.scope, closed=closed, limit=PAGE + 1, before=before)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return visit.page("alerts.html", rows=found[:PAGE], more=more, closed=closed)
