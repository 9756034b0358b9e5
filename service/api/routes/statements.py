"""GET /statements: every speech act that was found."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.agreements.store import statements
from service.api.cursors import Cursor, Limit, cut, unpack_number
from service.api.deps import House, Reader
from service.api.schemas.page import Page
from service.api.schemas.statement import StatementOut
from service.db.session import reading
from service.extraction.statement import StatementKind

ROUTER = APIRouter(prefix="/statements", tags=["statements"])


@ROUTER.get("")
def list_statements(
    house: House,
    account: Reader,
    kind: Annotated[StatementKind | None, Query(description="Only these.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[StatementOut]:
    """Return statements, the newest found first."""
    with reading(house.engine) as session:
        before = unpack_number(cursor)
        found = statements(session, account.scope, kind=kind, limit=limit + 1, before=before)
    page, last = cut(found, limit)
    return Page(items=[StatementOut.of(one) for one in page], next_cursor=str(last.id) if last else None)
