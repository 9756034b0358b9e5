"""GET /search: messages by words and fields."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.api.cursors import Cursor, Limit
from service.api.deps import House, Reader
from service.api.schemas.search import SearchOut
from service.db.session import reading
from service.search.find import find

ROUTER = APIRouter(prefix="/search", tags=["search"])


@ROUTER.get("", response_model=SearchOut)
def search(
    q: Annotated[str, Query(max_length=2000, examples=['согласовано from:ewa after:2026-10 "do piątku"'])],
    house: House,
    account: Reader,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Find messages, the newest first: words in any form, "phrases", prefix*, -not, and fields.

    Fields: `from: to: client: project: kind: status: before: after: has: in:`.
    """
    with reading(house.engine) as session:
        page = find(session, q, scope=account.scope, limit=limit, cursor=cursor)
    # Written once: going through the response model again would cost more than the search.
    return Response(SearchOut.of(page).model_dump_json(), media_type="application/json")
