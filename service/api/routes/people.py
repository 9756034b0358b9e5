"""/people: who wrote and received, who may be one person, and who is. Changes are for administrators."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi import Path as PathParameter

from service.accounts.account import Account
from service.api.body import body_of, described
from service.api.cursors import PLAIN, Cursor, Limit, cut, unpack_number
from service.api.deps import House, Reader, Writer
from service.api.schemas.page import Page
from service.api.schemas.people import (
    DistinctIn,
    KnownPersonOut,
    MergeIn,
    MergeOut,
    PersonChange,
    PersonDetailOut,
    SuggestionOut,
)
from service.archive import people_known
from service.archive.message import Side
from service.archive.people_known import Wanted
from service.db.session import reading
from service.pipeline import people
from service.pipeline.import_queue import ImportQueue
from service.pipeline.installation import Installation

PersonId = Annotated[int, PathParameter(ge=0, lt=2**31)]

ROUTER = APIRouter(prefix="/people", tags=["people"])


@ROUTER.get("")
def list_people(
    house: House,
    account: Reader,
    side: Annotated[Side | None, Query(description="Only those on this side.")] = None,
    query: Annotated[
        str, Query(max_length=200, pattern=PLAIN, description="Part of a name or of an address.")
    ] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[KnownPersonOut]:
    """Return people who wrote or received in what the caller may see, each once, whatever their addresses."""
    wanted = Wanted(side, query.strip())
    with reading(house.engine) as session:
        after = unpack_number(cursor) or 0
        found = people_known.people(session, account.scope, wanted, limit=limit + 1, after=after)
    page, last = cut(found, limit)
    items = [KnownPersonOut.of(one) for one in page]
    return Page(items=items, next_cursor=str(last.id) if last else None)


@ROUTER.get("/suggestions")
def list_suggestions(house: House, account: Reader) -> Page[SuggestionOut]:
    """Return people who may be one, the strongest reasons first; at most 100."""
    with reading(house.engine) as session:
        found = people_known.suggestions(session, account.scope, house.blobs)
    return Page(items=[SuggestionOut.of(one) for one in found])


@ROUTER.post("/merges", status_code=201, openapi_extra=described(MergeIn))
def create_merge(
    request: Request, house: House, account: Writer, wanted: Annotated[MergeIn, Depends(body_of(MergeIn))]
) -> MergeOut:
    """Make two people one; what was agreed is found again where it may have changed."""
    done = people.merge(house, int(wanted.kept), int(wanted.merged), side=wanted.side, actor=account.name)
    _read_again(request)
    return MergeOut.of(done)


@ROUTER.delete("/merges/{merge_id}")
def undo_merge(merge_id: PersonId, request: Request, house: House, account: Writer) -> MergeOut:
    """Give back what a merge moved; a later merge of the same addresses must be undone first."""
    done = people.undo(house, merge_id, actor=account.name)
    _read_again(request)
    return MergeOut.of(done)


@ROUTER.post("/distinct", status_code=204, openapi_extra=described(DistinctIn))
def keep_apart(
    house: House, account: Writer, wanted: Annotated[DistinctIn, Depends(body_of(DistinctIn))]
) -> None:
    """Note that two people are not one: it is never suggested again."""
    people.keep_apart(house, int(wanted.one), int(wanted.other), actor=account.name)


@ROUTER.get("/{person_id}")
def read_person(person_id: PersonId, house: House, account: Reader) -> PersonDetailOut:
    """Return one person with their addresses, channels, projects and merges."""
    return _person(house, account, person_id)


@ROUTER.patch("/{person_id}", openapi_extra=described(PersonChange))
def change_person(
    person_id: PersonId,
    request: Request,
    house: House,
    account: Writer,
    wanted: Annotated[PersonChange, Depends(body_of(PersonChange))],
) -> PersonDetailOut:
    """Choose a person's name, or confirm the side that they are on whatever address they use."""
    _person(house, account, person_id)
    if wanted.name is not None:
        people.rename(house, person_id, wanted.name, actor=account.name)
    if wanted.side is not None and people.put_person(house, person_id, wanted.side, actor=account.name):
        _read_again(request)
    return _person(house, account, person_id)


@ROUTER.post("/{person_id}/addresses/{address_id}/part", status_code=201)
def part_address(
    person_id: PersonId, address_id: PersonId, request: Request, house: House, account: Writer
) -> PersonDetailOut:
    """Make a person of their own of one address, and return them."""
    addresses = {one.id for one in _person(house, account, person_id).addresses}
    if str(address_id) not in addresses:
        raise HTTPException(404, f"Person {person_id} has no address {address_id}.")
    alone = people.part(house, address_id, actor=account.name)
    _read_again(request)
    return _person(house, account, alone)


def _person(house: Installation, account: Account, person_id: int) -> PersonDetailOut:
    with reading(house.engine) as session:
        found = people_known.person(session, account.scope, person_id)
    if found is None:
        raise HTTPException(404, f"There is no person {person_id} that you may see.")
    return PersonDetailOut.in_full(found)


def _read_again(request: Request) -> None:
    queue = request.app.state.queue
    assert isinstance(queue, ImportQueue)
    queue.wake()
