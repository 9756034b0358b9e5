"""`scripta ingest PATH...`: read, archive, extract, join, alert."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from service.cli.options import Data, Json, house_at, print_json
from service.pipeline.ingest import Ingested, Wish, ingest
from service.pipeline.installation import Installation
from service.pipeline.read import read_waiting
from service.pipeline.watch import watch

INCOMPLETE = 3
SHOWN = 20


def ingest_command(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or zips.")],
    data: Data = None,
    as_json: Json = False,
    format_name: Annotated[str | None, typer.Option("--format", help="Read as this format.")] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of times without one, like Europe/Warsaw.")] = None,
    date_order: Annotated[str | None, typer.Option(help="day-first or month-first, where asked for.")] = None,
    extract: Annotated[bool, typer.Option(help="Find statements and agreements as well.")] = True,
) -> None:
    """Archive what these files hold, find what was agreed in it, and say what could not be read."""
    house = house_at(data)
    report = run(house, paths, Wish(format_name, zone, date_order), extract=extract)
    if as_json:
        print_json(summary(report))
    else:
        tell(report)
    raise typer.Exit(0 if report.complete else INCOMPLETE)


def run(house: Installation, paths: list[Path], wish: Wish, *, extract: bool = True) -> Ingested:
    """Ingest with a progress bar on a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Reading", total=None)

        def show(report: Ingested) -> None:
            bar.update(task, description=f"Reading: {report.read} messages, {report.new} new")

        report = ingest(house, paths, wish, show)
        if extract:
            read_waiting(
                house,
                lambda done, total: bar.update(
                    task, description=f"Extracting: {done} of {total} conversations"
                ),
            )
            watch(house)
    return report


def summary(report: Ingested) -> dict[str, object]:
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
    }


def tell(report: Ingested) -> None:
    """Print the numbers of an import for people."""
    typer.echo(
        f"{report.read} read from {report.files} files: {report.new} new, {report.known} already kept, "
        f"{report.changed} changed, {len(report.unreadable)} unreadable"
    )
    for one in report.unreadable[:SHOWN]:
        typer.echo(f"  unreadable  {one.where}: {one.why}")
    for passed in report.passed_over[:SHOWN]:
        typer.echo(f"  passed over {passed.place}: {passed.why}")
    hidden = max(0, len(report.unreadable) - SHOWN) + max(0, len(report.passed_over) - SHOWN)
    if hidden:
        typer.echo(f"  and {hidden} more: see the imports page, or --json")
