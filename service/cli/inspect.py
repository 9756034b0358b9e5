"""`scripta inspect PATH...`: read files without storing anything."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import Json, print_json
from service.sources.inspect import inspect, record_line, records
from service.sources.raw_message import RawMessage


def inspect_command(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or zips.")],
    as_json: Json = False,
    as_records: Annotated[bool, typer.Option("--records", help="One line a record, not counts.")] = False,
    format_name: Annotated[str | None, typer.Option("--format", help="Read as this format.")] = None,
) -> None:
    """Say what files hold: counts, people, first and last time, what is odd."""
    for path in paths:
        if as_records:
            _print_records(path, format_name)
            continue
        for report in inspect(path, format_name):
            if as_json:
                print_json(asdict(report))
            else:
                typer.echo(
                    f"{report.path}: {report.format or 'unknown format'}, {report.messages} messages, "
                    f"{report.service} service records, {report.unreadable} unreadable"
                )


def _print_records(path: Path, format_name: str | None) -> None:
    for record in records(path, format_name):
        if isinstance(record, RawMessage):
            print_json(record_line(record))
