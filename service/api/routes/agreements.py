"""GET /agreements and /gaps: what was agreed in writing, and what exists only by voice."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query

from service.agreements import store
from service.agreements.agreement import Status
from service.agreements.store import Filter
from service.api.cursors import PLAIN, Cursor, Limit, Words, cut, pack, unpack_moment, unpack_number
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
    project: Words = None,
    client: Words = None,
    text: Annotated[
        str | None, Query(max_length=200, pattern=PLAIN, description="Words of the title or the quotes.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AgreementOut]:
    """Return agreements, the latest changed first."""
    wanted = Filter(status=status, project=project, client=client, text=text)
    position = unpack_moment(cursor)
    before = None if position is None else (position[0], unpack_number(position[1]) or 0)
    with reading(house.engine) as session:
        found = store.agreements(session, account.scope, wanted, limit=limit + 1, before=before)
    page, last = cut(found, limit)
    following = pack(last.changed_at, str(last.id)) if last else None
    return Page(items=[AgreementOut.of(one) for one in page], next_cursor=following)


@ROUTER.get("/agreements/{key}")
def read_agreement(
    key: Annotated[str, Path(max_length=255, pattern=PLAIN)], house: House, account: Reader
) -> AgreementOut:
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
        found = store.gaps(session, account.scope, limit=limit + 1, before=unpack_moment(cursor))
    page, last = cut(found, limit)
    return Page(items=[GapOut.of(one) for one in page], next_cursor=pack(last.at, last.key) if last else None)
