"""GET /statements: every speech act that was found."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.agreements.store import statements
from service.api.cursors import Cursor, Limit, unpack_number
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
        found = statements(session, account.scope, kind=kind, limit=limit, before=unpack_number(cursor))
    following = str(found[-1].id) if len(found) == limit else None
    return Page(items=[StatementOut.of(one) for one in found], next_cursor=following)
