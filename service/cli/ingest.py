"""`scripta ingest PATH...`: read, archive, extract, join, alert."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import INCOMPLETE, Data, Format, Json, house_at, print_json

if TYPE_CHECKING:
    from service.pipeline.ingest import Ingested, Wish
    from service.pipeline.installation import Installation

SHOWN = 20


def ingest_command(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or zips.")],
    data: Data = None,
    as_json: Json = False,
    format_name: Format = None,
    zone: Annotated[str | None, typer.Option(help="Zone of times without one, like Europe/Warsaw.")] = None,
    date_order: Annotated[str | None, typer.Option(help="day-first or month-first, where asked for.")] = None,
    extract: Annotated[bool, typer.Option(help="Find statements and agreements as well.")] = True,
) -> None:
    """Archive what these files hold, find what was agreed in it, and say what could not be read."""
    from service.pipeline.ingest import Wish

    house = house_at(data)
    report = run(house, paths, Wish(format_name, zone, date_order), extract=extract)
    if as_json:
        print_json(summary(report))
    else:
        tell(report)
    raise typer.Exit(0 if report.complete else INCOMPLETE)


def run(house: "Installation", paths: list[Path], wish: "Wish", *, extract: bool = True) -> "Ingested":
    """Ingest with a progress bar on a terminal."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from service.pipeline.ingest import ingest
    from service.pipeline.prove_origin import prove_origins
    from service.pipeline.read_attachments import read_attachments

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Reading", total=None)

        def show(report: "Ingested") -> None:
            bar.update(task, description=f"Reading: {report.read} messages, {report.new} new")

        def count(done: int, total: int) -> None:
            bar.update(task, description=f"Extracting: {done} of {total} conversations")

        def search(done: int, total: int) -> None:
            bar.update(task, description=f"Reading attachments: {done} of {total}")

        def prove(done: int) -> None:
            bar.update(task, description=f"Checking signatures: {done} mails")

        report = ingest(house, paths, wish, show)
        prove_origins(house, progress=prove)
        if extract:
            join(house, count)
        read_attachments(house, search)
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
        "unreadable": [{"where": one.where, "why": one.why} for one in report.unreadable],
        "passed_over": [{"where": one.place, "why": one.why} for one in report.passed_over],
        "repaired": [
            {"why": why, "times": found.times, "first": found.where} for why, found in report.repairs.items()
        ],
    }


def tell(report: "Ingested") -> None:
    """Print the numbers of an import for people."""
    typer.echo(
        f"{report.read} read from {report.files} files: {report.new} new, {report.known} already kept, "
        f"{report.changed} changed, {len(report.unreadable)} unreadable"
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
