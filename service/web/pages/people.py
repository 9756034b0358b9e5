"""`/people`: who is on which side, and which conversations belong to which project. For administrators."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from service.archive.message import Side
from service.archive.organise import (
    Known,
    add_project_rule,
    create_project,
    projects,
    put_on_side,
    who_wrote,
)
from service.db.session import reading, writing
from service.errors import ConfigError
from service.sources.raw_message import AddressKind
from service.web.visit import Visit, Visited

ROUTER = APIRouter()
SHORT = 320
Text = Annotated[str, Form(max_length=SHORT, pattern=r"^[^\x00]*$")]
"""Without NUL, which PostgreSQL cannot hold."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who can be put on a side together: those of a mail domain, or one person of a messenger."""

    kind: Literal["domain", "name"]
    value: str
    people: tuple[Known, ...]

    @property
    def messages(self) -> int:
        """Return how many messages they wrote."""
        return sum(one.messages for one in self.people)

    @property
    def sides(self) -> frozenset[Side]:
        """Return the sides that these people are on now."""
        return frozenset(one.side for one in self.people)


@ROUTER.get("/people")
def people(visit: Visited) -> Response:
    """Show everybody who writes, by mail domain, and all projects."""
    visit.require_admin()
    return _page(visit)


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
    groups: dict[tuple[Literal["domain", "name"], str], list[Known]] = {}
    for one in known:
        if one.kind == AddressKind.MAIL:
            groups.setdefault(("domain", one.value.rpartition("@")[2]), []).append(one)
        else:
            groups.setdefault(("name", one.name or one.value), []).append(one)
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
        trouble=trouble,
    )
