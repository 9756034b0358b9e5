"""`scripta ingest PATH...`: read, archive, extract, join, alert."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import INCOMPLETE, Data, Format, Json, house_at, print_json

if TYPE_CHECKING:
    from service.archive.message import Side
    from service.pipeline.ingest import Ingested, Wish
    from service.pipeline.installation import Installation

SHOWN = 20
ACTOR = "cli"


def ingest_command(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or zips.")],
    data: Data = None,
    as_json: Json = False,
    format_name: Format = None,
    zone: Annotated[str | None, typer.Option(help="Zone of times without one, like Europe/Warsaw.")] = None,
    date_order: Annotated[str | None, typer.Option(help="day-first or month-first, where asked for.")] = None,
    project: Annotated[
        str, typer.Option(help="Project of its conversations that have none; made where it is missing.")
    ] = "",
    side: Annotated[
        list[str] | None,
        typer.Option(help="Who is on which side: 'NAME=client', with a name, an address or a @domain."),
    ] = None,
    extract: Annotated[bool, typer.Option(help="Find statements and agreements as well.")] = True,
) -> None:
    """Archive what these files hold, find what was agreed in it, and say what could not be read."""
    from service.cli.ask_for_import import ask
    from service.pipeline.staged import Choice, wish_of

    choice = Choice(zone, date_order, format_name, project, tuple(map(_side, side or ())))
    choice.check()
    house = house_at(data)
    wish = ask(house, paths, replace(wish_of(house, choice), actor=ACTOR))
    report = run(house, paths, wish, extract=extract)
    if as_json:
        print_json(summary(report))
    else:
        tell(report, assumed="" if wish.zone else house.settings.zone)
    raise typer.Exit(0 if report.complete else INCOMPLETE)


def _side(said: str) -> tuple[str, str, "Side"]:
    from service.archive.message import Side
    from service.errors import ConfigError

    who, _, name = said.rpartition("=")
    if name not in set(Side) or not who.strip():
        raise ConfigError(f"--side {said!r}: write NAME=SIDE, where SIDE is {', '.join(Side)}.")
    if who.startswith("@"):
        return "domain", who[1:], Side(name)
    return ("address" if "@" in who else "name"), who, Side(name)


def run(house: "Installation", paths: list[Path], wish: "Wish", *, extract: bool = True) -> "Ingested":
    """Ingest with a progress bar on a terminal."""
    from service.cli.progress import bar
    from service.pipeline.ingest import ingest
    from service.pipeline.prove_origin import prove_origins
    from service.pipeline.read_attachments import read_attachments

    with bar() as shown:
        shown.show("Reading")
        report = ingest(house, paths, wish, shown.reading)
        prove_origins(house, progress=shown.signatures)
        if extract:
            join(house, shown.agreements)
        read_attachments(house, shown.attachments)
    return report


def join(house: "Installation", progress: Callable[[int, int], None]) -> None:
    """Extract, join and alert; an alert that could not be delivered spoils no import."""
    from service.pipeline.read import read_waiting
    from service.pipeline.watch import watch

    read_waiting(house, progress)
    watched = watch(house)
    if watched.trouble:
        typer.echo(f"Alerts were not delivered, and are tried again: {watched.trouble}", err=True)


def summary(report: "Ingested") -> dict[str, object]:
    """Return the numbers of an import for other programs."""
    return {
        "import": report.import_id,
        "files": report.files,
        "read": report.read,
        "new": report.new,
        "known": report.known,
        "changed": report.changed,
        "bytes": report.done_bytes,
        "without_zone": report.without_zone,
        "unreadable": [{"where": one.where, "why": one.why} for one in report.unreadable],
        "passed_over": [{"where": one.place, "why": one.why} for one in report.passed_over],
        "repaired": [
            {"why": why, "times": found.times, "first": found.where} for why, found in report.repairs.items()
        ],
    }


def tell(report: "Ingested", *, assumed: str = "") -> None:
    """Print the numbers of an import for people; `assumed` is the zone that nobody has chosen for it."""
    typer.echo(
        f"{report.read} read from {report.files} files: {report.new} new, {report.known} already kept, "
        f"{report.changed} changed, {len(report.unreadable)} unreadable"
    )
    if assumed and report.without_zone:
        typer.echo(
            f"  assumed     {report.without_zone} times are printed without a zone, and read as those of "
            f"{assumed}; --zone says another"
        )
    troubles = (
        [f"  unreadable  {one.where}: {one.why}" for one in report.unreadable],
        [f"  passed over {one.place}: {one.why}" for one in report.passed_over],
        [f"  repaired    {found.where}: {why} ({found.times} ×)" for why, found in report.repairs.items()],
    )
    for lines in troubles:
        for line in lines[:SHOWN]:
            typer.echo(line)
    hidden = sum(max(0, len(lines) - SHOWN) for lines in troubles)
    if hidden:
        typer.echo(f"  and {hidden} more: see the imports page, or --json")
