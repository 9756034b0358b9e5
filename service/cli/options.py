"""Options that many commands share, and what every command opens. Out: Installation.

Commands import what they need when they run: `--help` should not wait for spaCy and a database.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from service.pipeline.installation import Installation

INCOMPLETE = 3
"""Exit code: done, but something was unreadable or verification found a fault."""

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder.", envvar="SCRIPTA_DATA", show_default="./data"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
Format = Annotated[str | None, typer.Option("--format", help="Read as this format.")]


def house_at(data: Path | None) -> "Installation":
    """Open the installation in this folder; it is begun where there is none."""
    from service.config import load

    settings = load(data)
    from service.pipeline.installation import open_installation

    return open_installation(settings)


def existing_house_at(data: Path | None) -> "Installation":
    """Open the installation in this folder; a mistyped one is refused."""
    from service.config import load

    settings = load(data)
    from service.pipeline.installation import open_existing

    return open_existing(settings)


def print_json(value: Any) -> None:
    """Print one JSON document on a line; times as ISO 8601."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def answer(plain: str, value: dict[str, Any], *, as_json: bool) -> None:
    """Print what was done, for people or for other programs."""
    if as_json:
        print_json(value)
    else:
        typer.echo(plain)


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
