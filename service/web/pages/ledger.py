"""`/`: what was agreed, one row for each matter. The search box takes the search grammar."""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from service.agreements import store
from service.agreements.agreement import SURE, Agreement, Evidence, Role, Status
from service.alerts.store import alerts
from service.db.session import Session, reading
from service.errors import SearchError
from service.search.find import find
from service.search.parse import parse
from service.web.cursor import read_numbered_cursor, write_cursor
from service.web.gauge import gauges
from service.web.visit import Visit, Visited

ROUTER = APIRouter()
PAGE = 40
MATCHES = 200
"""Messages that a search looks at: whoever finds more should search for more words."""
COUNTED = 100
ANSWERS = frozenset({Role.ANSWER, Role.CONDITION})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for."""

    q: str = ""
    status: str = ""
    project: str = ""
    check: str = ""
    """`1`: what Scripta is not sure of, for somebody to look at."""

    def link(self, **changes: str) -> str:
        """Return the address of this list with some of it changed."""
        asked = replace(self, **changes)
        parts = {"q": asked.q, "status": asked.status, "project": asked.project, "check": asked.check}
        query = urlencode({name: value for name, value in parts.items() if value})
        return f"/?{query}" if query else "/"


@ROUTER.get("/")
def ledger(
    visit: Visited,
    *,
    q: Annotated[str, Query(max_length=2000)] = "",
    status: str = "",
    project: str = "",
    check: str = "",
    before: str | None = None,
) -> Response:
    """List agreements, the latest changed first."""
    known = status if status in set(Status) else ""
    wanted = Wanted(q.strip(), known, project, "1" if check else "")
    trouble = ""
    rows: list[store.Registered] = []
    with reading(visit.house.engine) as session:
        standing = store.count_by_project(session, visit.account.scope, sure=True)
        unsure = store.count_by_project(session, visit.account.scope, sure=False)
        try:
            rows = _rows(session, visit, wanted, before)
        except SearchError as error:
            trouble = str(error)
        around = _around(session, visit)
    shown = rows[:PAGE]
    more = write_cursor(shown[-1].changed_at, shown[-1].id) if len(rows) > PAGE else None
    return visit.page(
        "ledger.html",
        rows=shown,
        more=more,
        wanted=wanted,
        trouble=trouble,
        gauges=gauges(standing),
        counts={one: _count(standing, project, one) for one in Status},
        unsure=_count(unsure, project),
        words_of=holding_words,
        **around,
    )


def holding_words(agreement: Agreement) -> Evidence:
    """Return the words that matter most: the answer that holds, else what waits for one."""
    answers = [one for one in agreement.evidence if one.role in ANSWERS]
    if answers and agreement.answered_by is not None:
        return answers[-1]
    said = [one for one in agreement.evidence if one.role is Role.RECAP]
    return said[-1] if said else agreement.evidence[0]


def _count(standing: list[store.Standing], project: str, status: Status | None = None) -> int:
    return sum(
        one.number
        for one in standing
        if project in {"", one.project} and (status is None or one.status is status)
    )


def _rows(session: Session, visit: Visit, wanted: Wanted, before: str | None) -> list[store.Registered]:
    messages = None
    if wanted.q:
        scope, zone = visit.account.scope, visit.reader.zone
        parse(wanted.q)  # so that the complaint is about what was typed, not about what is added here
        page = find(session, f"{wanted.q} has:agreement", scope=scope, limit=MATCHES, zone=zone)
        messages = tuple(hit.message_id for hit in page.hits)
    asked = store.Filter(
        status=Status(wanted.status) if wanted.status else None,
        project=wanted.project or None,
        messages=messages,
        # Whoever searches wants to see all that was found; the list itself shows what counts.
        sure=False if wanted.check else None if wanted.q else True,
    )
    after = read_numbered_cursor(before)
    return store.agreements(session, visit.account.scope, asked, limit=PAGE + 1, before=after)


def _around(session: Session, visit: Visit) -> dict[str, Any]:
    """Return what the strip above the list says."""
    scope = visit.account.scope
    return {
        "gap_count": sum(gap.confidence >= SURE for gap in store.gaps(session, scope, limit=COUNTED)),
        "alert_count": len(alerts(session, scope, limit=COUNTED)),
        "counted": COUNTED,
    }
