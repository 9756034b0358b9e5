"""`scripta inspect PATH...`: read files without storing anything."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import INCOMPLETE, Format, Json, print_json


def inspect_command(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or zips.")],
    as_json: Json = False,
    as_records: Annotated[bool, typer.Option("--records", help="One line a record, not counts.")] = False,
    format_name: Format = None,
    date_order: Annotated[str | None, typer.Option(help="day-first or month-first, where asked for.")] = None,
) -> None:
    """Say what files hold: counts, people, first and last time, what is odd."""
    unreadable = sum(
        _print_records(path, format_name, date_order)
        if as_records
        else sum(_print_reports(path, format_name, date_order, as_json=as_json))
        for path in paths
    )
    raise typer.Exit(INCOMPLETE if unreadable else 0)


def _print_reports(
    path: Path, format_name: str | None, date_order: str | None, *, as_json: bool
) -> Iterator[int]:
    """Yield how much of each file was unreadable."""
    from service.sources.inspect import inspect

    for report in inspect(path, format_name, date_order):
        yield report.unreadable
        if as_json:
            print_json(asdict(report))
            continue
        typer.echo(
            f"{report.path}: {report.format or 'unknown format'}, {report.messages} messages, "
            f"{report.service} service records, {report.unreadable} unreadable"
        )
        for warning in report.warnings:
            typer.echo(f"  {warning}")


def _print_records(path: Path, format_name: str | None, date_order: str | None) -> int:
    """Return how much was unreadable; it is named on standard error, apart from the records."""
    from service.sources.inspect import record_line, records
    from service.sources.raw_message import RawMessage

    unreadable = 0
    for record in records(path, format_name, date_order):
        if isinstance(record, RawMessage):
            print_json(record_line(record))
        else:
            unreadable += 1
            typer.echo(f"unreadable  {record.where}: {record.why}", err=True)
    return unreadable
