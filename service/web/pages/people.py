"""`/people`: who is on which side, and which conversations belong to which project. For administrators."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from service.accounts.scope import EVERYTHING
from service.archive import people_known
from service.archive.message import Side
from service.archive.organise import (
    Known,
    add_project_rule,
    create_project,
    projects,
    put_on_side,
    who_wrote,
)
from service.archive.people_known import Wanted
from service.db.session import reading, writing
from service.errors import ConfigError
from service.sources.raw_message import AddressKind
from service.web.visit import Number, Visit, Visited

ROUTER = APIRouter()
SHORT = 320
PAGE = 50
Text = Annotated[str, Form(max_length=SHORT, pattern=r"^[^\x00]*$")]
"""Without NUL, which PostgreSQL cannot hold."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person with the addresses that they wrote from, the busiest first."""

    id: int
    name: str
    side: Side
    addresses: tuple[Known, ...]

    @property
    def messages(self) -> int:
        """Return how many messages they wrote."""
        return sum(one.messages for one in self.addresses)

    @property
    def domain(self) -> str:
        """Return the domain that they mail from most; empty where they never mail."""
        mails = (one.value for one in self.addresses if one.kind == AddressKind.MAIL)
        return next(mails, "").rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Group:
    """People who can be put on a side together: those of a mail domain, or one person without a mail."""

    kind: Literal["domain", "person"]
    value: str
    people: tuple[Somebody, ...]

    @property
    def messages(self) -> int:
        """Return how many messages they wrote."""
        return sum(one.messages for one in self.people)

    @property
    def sides(self) -> frozenset[Side]:
        """Return the sides that these people are on now."""
        return frozenset(one.side for one in self.people)


@ROUTER.get("/people")
def people(
    visit: Visited,
    q: Annotated[str, Query(max_length=200)] = "",
    side: Side | None = None,
    after: Number = 0,
) -> Response:
    """Show everybody who writes, by mail domain, and all projects; or whom one looks for."""
    visit.require_admin()
    if not (q.strip() or side):
        return _page(visit)
    wanted = Wanted(side, q.strip())
    with reading(visit.house.engine) as session:
        found = people_known.people(session, EVERYTHING, wanted, limit=PAGE + 1, after=after)
    return visit.page(
        "people_found.html",
        rows=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        wanted=wanted,
        sides=list(Side),
    )


@ROUTER.post("/people/side")
def put(visit: Visited, kind: Text, value: Text, side: Annotated[Side, Form()]) -> Response:
    """Put people on a side; their agreements are found again, as a yes counts only from the other side."""
    visit.require_admin()
    try:
        with writing(visit.house.engine) as session:
            moved = put_on_side(session, kind, value, side)
    except ConfigError as error:
        return _page(visit, str(error))
    if moved:
        visit.request.app.state.queue.wake()
    return RedirectResponse("/people", status_code=303)


@ROUTER.post("/people/project")
def file_under(visit: Visited, name: Text, kind: Text, value: Text, client: Text = "") -> Response:
    """Create a project where it is missing, and file conversations under it by a rule."""
    visit.require_admin()
    try:
        with writing(visit.house.engine) as session:
            add_project_rule(session, create_project(session, name, client), kind, value)
    except ConfigError as error:
        return _page(visit, str(error))
    return RedirectResponse("/people#projects", status_code=303)


def grouped(known: Iterable[Known]) -> list[Group]:
    """Return the people by mail domain, or alone where they have none; the busiest first."""
    addresses: dict[int, list[Known]] = {}
    for one in known:
        addresses.setdefault(one.person_id, []).append(one)
    groups: dict[tuple[Literal["domain", "person"], str], list[Somebody]] = {}
    for key, some in addresses.items():
        person = Somebody(key, some[0].name, some[0].side, tuple(some))
        place: tuple[Literal["domain", "person"], str] = ("person", str(key))
        groups.setdefault(("domain", person.domain) if person.domain else place, []).append(person)
    found = [Group(kind, value, tuple(people)) for (kind, value), people in groups.items()]
    return sorted(found, key=lambda group: -group.messages)


def _page(visit: Visit, trouble: str = "") -> Response:
    with reading(visit.house.engine) as session:
        groups, known = grouped(who_wrote(session)), projects(session)
    return visit.page(
        "people.html",
        422 if trouble else 200,
        groups=groups,
        projects=known,
        sides=list(Side),
        wanted=Wanted(),
        trouble=trouble,
    )
