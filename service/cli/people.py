"""`scripta people ...`: who writes, who may be one person, and who is."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.archive.message import Side
from service.cli.options import Data, Json, answer, existing_house_at, print_json

if TYPE_CHECKING:
    from service.archive.one_person import Merged
    from service.archive.people_known import PersonKnown
    from service.pipeline.installation import Installation

ACTOR = "cli"
MOST = 1000

app = typer.Typer(help="People, and which of them are one.", no_args_is_help=True)
Person = Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="Number of a person, from the list.")]


@app.command("list")
def list_people(
    text: Annotated[str, typer.Argument(help="Part of a name or of an address.")] = "",
    data: Data = None,
    as_json: Json = False,
    side: Annotated[Side | None, typer.Option(help="Only those on this side.")] = None,
    after: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Only those with a higher number.")] = 0,
) -> None:
    """List people with their numbers and addresses, at most 1,000 at once."""
    from service.accounts.scope import EVERYTHING
    from service.archive.people_known import Wanted, people
    from service.db.session import reading

    house = existing_house_at(data)
    with reading(house.engine) as session:
        found = people(session, EVERYTHING, Wanted(side, text.strip()), limit=MOST, after=after)
    if as_json:
        print_json({"people": [_object(one) for one in found]})
        return
    for one in found:
        typer.echo(f"{one.id:>6}  {one.name} ({one.side}): {_addresses(one)}; {one.messages} messages")
    if len(found) == MOST:
        typer.echo(f"More with: scripta people list --after {found[-1].id}")


@app.command("suggestions")
def suggestions(data: Data = None, as_json: Json = False) -> None:
    """List who may be one person, and why; nobody is merged by itself."""
    from service.accounts.scope import EVERYTHING
    from service.archive.people_known import suggestions as suggested
    from service.db.session import reading

    house = existing_house_at(data)
    with reading(house.engine) as session:
        found = suggested(session, EVERYTHING, house.blobs)
    if as_json:
        items = [
            {
                "kept": _object(one.kept),
                "merged": _object(one.merged),
                "strength": one.suggestion.strength,
                "reasons": [str(reason) for reason in one.suggestion.reasons],
            }
            for one in found
        ]
        print_json({"suggestions": items})
        return
    for one in found:
        reasons = "; ".join(map(str, one.suggestion.reasons))
        typer.echo(
            f"{one.kept.name} ({_addresses(one.kept)}) and {one.merged.name} ({_addresses(one.merged)})"
        )
        typer.echo(f"    may be one person: {reasons}")
        typer.echo(f"    scripta people merge {one.kept.id} {one.merged.id}")
    if not found:
        typer.echo("Nobody here looks like two people who are one.")


@app.command("merge")
def merge(
    kept: Person,
    merged: Person,
    data: Data = None,
    as_json: Json = False,
    side: Annotated[Side | None, typer.Option(help="Which side holds, where they are on two.")] = None,
) -> None:
    """Make two people one, who keeps the first one's name; agreements are joined again with it."""
    from service.pipeline import people

    house = existing_house_at(data)
    done = people.merge(house, kept, merged, side=side, actor=ACTOR)
    _read(house)
    _told(f"{done.name} is person {kept} now. Taken back with: scripta people undo {done.id}", done, as_json)


@app.command("undo")
def undo(
    merge_id: Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="Number of the merge.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take back a merge: each gets their own addresses again."""
    from service.pipeline import people

    house = existing_house_at(data)
    done = people.undo(house, merge_id, actor=ACTOR)
    _read(house)
    _told(f"{done.name} is person {done.merged} again.", done, as_json)


@app.command("distinct")
def distinct(one: Person, other: Person, data: Data = None, as_json: Json = False) -> None:
    """Say that two people are not one: it is not suggested again."""
    from service.pipeline import people

    people.keep_apart(existing_house_at(data), one, other, actor=ACTOR)
    answer(f"{one} and {other} are two people.", {"one": one, "other": other}, as_json=as_json)


@app.command("name")
def name(
    person: Person,
    words: Annotated[str, typer.Argument(metavar="NAME", help="What to call them.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Choose what somebody is called."""
    from service.pipeline import people

    people.rename(existing_house_at(data), person, words, actor=ACTOR)
    answer(f"Person {person} is called {words}.", {"person": person, "name": words}, as_json=as_json)


@app.command("part")
def part(
    address: Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="Number of an address, from --json.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a person of their own of one address of somebody who has several."""
    from service.pipeline import people

    house = existing_house_at(data)
    alone = people.part(house, address, actor=ACTOR)
    _read(house)
    answer(f"They are person {alone} now.", {"person": alone, "address": address}, as_json=as_json)


def _read(house: "Installation") -> None:
    from service.pipeline.read import read_waiting
    from service.pipeline.watch import watch

    read_waiting(house)
    watch(house)


def _told(plain: str, done: "Merged", as_json: bool) -> None:
    value = {"merge": done.id, "kept": done.kept, "merged": done.merged, "addresses": list(done.addresses)}
    answer(plain, value, as_json=as_json)


def _addresses(one: "PersonKnown") -> str:
    return ", ".join(f"{address.kind} {address.value}" for address in one.addresses)


def _object(one: "PersonKnown") -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "side": one.side,
        "messages": one.messages,
        "first_at": one.first_at,
        "last_at": one.last_at,
        "addresses": [
            {"id": address.id, "kind": address.kind, "value": address.value, "name": address.name}
            for address in one.addresses
        ],
    }
