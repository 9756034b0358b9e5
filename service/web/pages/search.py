"""`/search`: every message, by the search grammar, with the found words marked."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from service.db.session import reading
from service.errors import SearchError
from service.search.fields import FIELDS
from service.search.find import count, find
from service.search.hit import Page
from service.web.marks import highlighted
from service.web.visit import Visited

ROUTER = APIRouter()
PAGE = 25


@ROUTER.get("/search")
def search(
    visit: Visited,
    q: Annotated[str, Query(max_length=2000)] = "",
    cursor: Annotated[str | None, Query(max_length=30)] = None,
) -> Response:
    """Show what a query finds, or kindly why it cannot be understood."""
    scope, zone = visit.account.scope, visit.reader.zone
    page, tally, trouble = Page(()), None, ""
    if q.strip():
        try:
            with reading(visit.house.engine) as session:
                page = find(session, q, scope=scope, limit=PAGE, cursor=cursor, zone=zone)
                tally = count(session, q, scope=scope, zone=zone)
        except SearchError as error:
            trouble = str(error)
    return visit.page(
        "search.html",
        q=q.strip(),
        page=page,
        tally=tally,
        trouble=trouble,
        fields=FIELDS.values(),
        highlighted=highlighted,
    )
