"""`scripta side` and `scripta project`: who is who, and what belongs to which work."""

from typing import Annotated

import typer

from service.archive.message import Side
from service.cli.options import Data, Json, answer, house_at


def side(
    which: Annotated[Side, typer.Argument(help="agency, client or other")],
    people: Annotated[
        list[str], typer.Argument(help="@domain, address, or the name that a messenger shows.")
    ],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say who is on which side; agreements are joined again with it."""
    from service.archive.organise import put_on_side
    from service.db.session import writing
    from service.pipeline.read import read_waiting
    from service.pipeline.watch import watch

    house = house_at(data)
    with writing(house.engine) as session:
        moved = sum(put_on_side(session, _kind(value), value, which) for value in people)
    read_waiting(house)
    watch(house)
    answer(
        f"{moved} people changed to the {which} side; it holds for whoever comes later too.",
        {"side": which.value, "moved": moved},
        as_json=as_json,
    )


def project(
    name: Annotated[str, typer.Argument(help="The project's name.")],
    data: Data = None,
    as_json: Json = False,
    client: Annotated[str, typer.Option(help="The client's name.")] = "",
    domain: Annotated[list[str] | None, typer.Option(help="Mail domain of the client.")] = None,
    title: Annotated[list[str] | None, typer.Option(help="Words of a conversation's title.")] = None,
    zone: Annotated[str, typer.Option(help="Zone of exports without one, like Europe/Warsaw.")] = "",
) -> None:
    """Create a project and say which conversations belong to it."""
    from service.archive.organise import add_project_rule, create_project
    from service.db.session import writing

    house = house_at(data)
    with writing(house.engine) as session:
        key = create_project(session, name, client, zone)
        filed = sum(add_project_rule(session, key, "domain", value) for value in domain or [])
        filed += sum(add_project_rule(session, key, "title", value) for value in title or [])
    answer(f"{name}: {filed} conversations filed.", {"project": name, "filed": filed}, as_json=as_json)


def _kind(value: str) -> str:
    if value.startswith("@"):
        return "domain"
    return "address" if "@" in value or value.startswith("+") else "name"
