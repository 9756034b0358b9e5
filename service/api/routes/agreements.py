"""GET /agreements and /gaps: what was agreed in writing, and what exists only by voice."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from service.agreements import store
from service.agreements.agreement import Status
from service.agreements.store import Filter
from service.api.cursors import Cursor, Limit, pack, unpack_moment, unpack_number
from service.api.deps import House, Reader
from service.api.schemas.page import Page
from service.api.schemas.statement import AgreementOut, GapOut
from service.db.session import reading

ROUTER = APIRouter(tags=["agreements"])


@ROUTER.get("/agreements")
def list_agreements(
    house: House,
    account: Reader,
    status: Annotated[Status | None, Query(description="Only those that stand so.")] = None,
    project: str | None = None,
    client: str | None = None,
    text: Annotated[
        str | None, Query(max_length=200, description="Words of the title or the quotes.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AgreementOut]:
    """Return agreements, the latest changed first."""
    wanted = Filter(status=status, project=project, client=client, text=text)
    position = unpack_moment(cursor)
    before = None if position is None else (position[0], unpack_number(position[1]) or 0)
    with reading(house.engine) as session:
        found = store.agreements(session, account.scope, wanted, limit=limit, before=before)
    following = pack(found[-1].changed_at, str(found[-1].id)) if len(found) == limit else None
    return Page(items=[AgreementOut.of(one) for one in found], next_cursor=following)


@ROUTER.get("/agreements/{key}")
def read_agreement(key: str, house: House, account: Reader) -> AgreementOut:
    """Return one agreement with the exact words that made it."""
    with reading(house.engine) as session:
        found = store.agreement(session, account.scope, key)
    if found is None:
        raise HTTPException(404, f"There is no agreement {key[:80]} that you may see.")
    return AgreementOut.of(found)


@ROUTER.get("/gaps")
def list_gaps(house: House, account: Reader, limit: Limit = 50, cursor: Cursor = None) -> Page[GapOut]:
    """Return what was said and not confirmed in writing, the newest first."""
    with reading(house.engine) as session:
        found = store.gaps(session, account.scope, limit=limit, before=unpack_moment(cursor))
    following = pack(found[-1].at, found[-1].key) if len(found) == limit else None
    return Page(items=[GapOut.of(one) for one in found], next_cursor=following)
