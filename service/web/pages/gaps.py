"""`/gaps`: what was said and exists nowhere in writing, with a recap ready to send."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from service.agreements.gap import Gap
from service.agreements.store import gaps
from service.alerts.calendar import WorkingCalendar
from service.archive import store as archive
from service.archive.history import Correspondent
from service.db.session import reading
from service.web.cursor import read_cursor, write_cursor
from service.web.recaps import recap_about
from service.web.visit import Visited, not_found

ROUTER = APIRouter()
PAGE = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A gap with who said it, and its age in working days of the team."""

    gap: Gap
    author: Correspondent | None
    age: int
    is_late: bool


@ROUTER.get("/gaps")
def list_gaps(visit: Visited, before: str | None = None) -> Response:
    """List gaps, the newest first."""
    scope, settings = visit.account.scope, visit.house.settings
    calendar = WorkingCalendar(ZoneInfo(settings.zone))
    with reading(visit.house.engine) as session:
        found = gaps(session, scope, limit=PAGE + 1, before=read_cursor(before))
        stored = archive.messages(session, scope, [one.message for one in found])
    authors = {one.id: one.author for one in stored}
    ages = {one.key: calendar.days_between(one.at, visit.reader.now) for one in found}
    rows = [
        Row(one, authors.get(one.message), ages[one.key], ages[one.key] >= settings.confirm_within_days)
        for one in found[:PAGE]
    ]
    more = write_cursor(rows[-1].gap.at, rows[-1].gap.key) if len(found) > PAGE else None
    return visit.page("gaps.html", rows=rows, more=more, limit=settings.confirm_within_days)


@ROUTER.get("/gaps/recap")
def recap(visit: Visited, about: str) -> Response:
    """Show the draft of a recap for one gap."""
    with reading(visit.house.engine) as session:
        found = recap_about(session, visit, about)
    if found is None:
        raise not_found()
    conversation_id, draft = found
    return visit.page("recap.html", recap=draft, conversation_id=conversation_id, about=about)
