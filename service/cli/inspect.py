"""`scripta inspect PATH...`: read files without storing anything."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import Json, print_json
from service.sources.inspect import inspect, record_lines


def inspect_command(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or zips.")],
    as_json: Json = False,
    records: Annotated[bool, typer.Option(help="One line per record instead of counts.")] = False,
    format_name: Annotated[str | None, typer.Option("--format", help="Read as this format.")] = None,
) -> None:
    """Say what files hold: counts, people, first and last time, what is odd."""
    for path in paths:
        if records:
            for line in record_lines(path, format_name):
                print_json(line)
            continue
        for report in inspect(path, format_name):
            if as_json:
                print_json(report)
            else:
                typer.echo(
                    f"{report['path']}: {report['format']}, {report['messages']} messages, "
                    f"{report['service']} service records, {report['unreadable']} unreadable"
                )
