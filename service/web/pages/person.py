"""`/people/<id>` and `/people/suggestions`: somebody in full, and who may be one person. For administrators.

Every form works without a script; with one, a suggestion is answered and taken back where it stands.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from service.accounts.scope import EVERYTHING
from service.archive import people_known
from service.archive.message import Side
from service.archive.one_person import Merged, holders
from service.archive.people_known import MaybeOne, Wanted
from service.db.session import reading
from service.errors import PeopleError
from service.pipeline import people as who
from service.web.pages.people import Text
from service.web.visit import Number, Visit, Visited, not_found

ROUTER = APIRouter()
SHOWN = 20
"""Suggestions on a page: whoever has answered these gets the next."""
FEW = 3
"""Of them on the page of all people."""
FOUND = 8
Id = Annotated[int, Form(ge=0, lt=2**31)]


@ROUTER.get("/people/suggestions")
def suggestions(visit: Visited, *, few: bool = False) -> Response:
    """Ask who is one person."""
    visit.require_admin()
    found, shown = _suggested(visit), FEW if few else SHOWN
    return visit.page("suggestions.html", found=found[:shown], left=len(found[shown:]))


@ROUTER.post("/people/merge")
def merge(visit: Visited, kept: Id, merged: Id, side: Annotated[Side | None, Form()] = None) -> Response:
    """Make two people one."""
    visit.require_admin()

    def do() -> Response:
        # Suggestions that were shown together may be of one who was made one with somebody meanwhile.
        with reading(visit.house.engine) as session:
            now = holders(session, [kept, merged])
        done = who.merge(visit.house, now[kept], now[merged], side=side, actor=visit.account.name)
        visit.request.app.state.queue.wake()
        return _card(visit, done.kept, done=done, name=_name(visit, done.kept))

    return _answered(visit, do)


@ROUTER.post("/people/merges/{merge_id}/undo")
def undo(visit: Visited, merge_id: Number) -> Response:
    """Take back that two people are one."""
    visit.require_admin()

    def do() -> Response:
        done = who.undo(visit.house, merge_id, actor=visit.account.name)
        visit.request.app.state.queue.wake()
        pair = {done.kept, done.merged}
        asked = next((one for one in _suggested(visit) if {one.kept.id, one.merged.id} == pair), None)
        return _card(visit, done.kept, asked=asked)

    return _answered(visit, do)


@ROUTER.post("/people/distinct")
def keep_apart(visit: Visited, kept: Id, merged: Id) -> Response:
    """Note that two people are two: they are not suggested again."""
    visit.require_admin()

    def do() -> Response:
        who.keep_apart(visit.house, kept, merged, actor=visit.account.name)
        return _card(visit, kept, name=_name(visit, kept), other=_name(visit, merged))

    return _answered(visit, do)


@ROUTER.get("/people/{person_id}")
def person(visit: Visited, person_id: Number, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show somebody with every address, and whom they may be made one with."""
    visit.require_admin()
    return _person(visit, person_id, q.strip())


@ROUTER.post("/people/{person_id}/name")
def rename(visit: Visited, person_id: Number, name: Text) -> Response:
    """Call somebody by another name."""
    visit.require_admin()
    return _changed(
        visit, person_id, lambda: who.rename(visit.house, person_id, name, actor=visit.account.name)
    )


@ROUTER.post("/people/{person_id}/side")
def put(visit: Visited, person_id: Number, side: Annotated[Side, Form()], back: Text = "") -> Response:
    """Confirm which side somebody is on, whatever address they use."""
    visit.require_admin()

    def do() -> None:
        if who.put_person(visit.house, person_id, side, actor=visit.account.name):
            visit.request.app.state.queue.wake()

    return _changed(visit, person_id, do, "/people" if back == "people" else "")


@ROUTER.post("/people/{person_id}/part")
def part(visit: Visited, person_id: Number, address: Id) -> Response:
    """Make a person of their own of one address."""
    visit.require_admin()

    def do() -> None:
        who.part(visit.house, address, actor=visit.account.name)
        visit.request.app.state.queue.wake()

    return _changed(visit, person_id, do)


def _suggested(visit: Visit) -> list[MaybeOne]:
    with reading(visit.house.engine) as session:
        return people_known.suggestions(session, EVERYTHING, visit.house.blobs)


def _name(visit: Visit, person_id: int) -> str:
    with reading(visit.house.engine) as session:
        return next((one.name for one in people_known.people_of(session, EVERYTHING, [person_id])), "")


def _answered(visit: Visit, do: Callable[[], Response]) -> Response:
    try:
        return do()
    except PeopleError as error:
        if _is_scripted(visit):
            return visit.page("parts/maybe_one.html", trouble=str(error))
        return visit.page("error.html", 422, said=str(error))


def _card(
    visit: Visit,
    kept: int,
    *,
    done: Merged | None = None,
    asked: MaybeOne | None = None,
    name: str = "",
    other: str = "",
) -> Response:
    """Answer in place, or lead to the person."""
    if not _is_scripted(visit):
        return RedirectResponse(f"/people/{kept}", status_code=303)
    return visit.page(
        "parts/maybe_one.html", done=done, asked=asked, name=name, other=other, trouble="", focus=True
    )


def _is_scripted(visit: Visit) -> bool:
    return visit.request.headers.get("hx-request") == "true"


def _changed(visit: Visit, person_id: int, do: Callable[[], None], back: str = "") -> Response:
    try:
        do()
    except PeopleError as error:
        return _person(visit, person_id, "", str(error))
    return RedirectResponse(back or f"/people/{person_id}", status_code=303)


def _person(visit: Visit, person_id: int, q: str, trouble: str = "") -> Response:
    with reading(visit.house.engine) as session:
        found = people_known.person(session, EVERYTHING, person_id)
        others = people_known.people(session, EVERYTHING, Wanted(text=q), limit=FOUND + 1) if q else []
    if found is None:
        raise not_found()
    return visit.page(
        "person.html",
        422 if trouble else 200,
        one=found.person,
        detail=found,
        others=[other for other in others if other.id != person_id][:FOUND],
        q=q,
        sides=list(Side),
        trouble=trouble,
    )
