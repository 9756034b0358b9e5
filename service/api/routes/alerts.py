"""GET /alerts: reasons to act."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.alerts import store
from service.api.cursors import Cursor, Limit, cut, unpack_number
from service.api.deps import House, Reader
from service.api.schemas.alert import AlertOut
from service.api.schemas.page import Page
from service.db.session import reading

ROUTER = APIRouter(prefix="/alerts", tags=["alerts"])


@ROUTER.get("")
def list_alerts(
    house: House,
    account: Reader,
    closed: Annotated[bool, Query(description="Those whose reason is gone.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AlertOut]:
    """Return open alerts, or closed ones, the newest first."""
    with reading(house.engine) as session:
        before = unpack_number(cursor)
        found = store.alerts(session, account.scope, closed=closed, limit=limit + 1, before=before)
    page, last = cut(found, limit)
    return Page(items=[AlertOut.of(one) for one in page], next_cursor=str(last.id) if last else None)
