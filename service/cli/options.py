"""Options that many commands share, and what every command opens. Out: Installation."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from service.config import load
from service.pipeline.installation import Installation, open_installation

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder.", envvar="SCRIPTA_DATA", show_default="./data"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]


def house_at(data: Path | None) -> Installation:
    """Open the installation in this folder."""
    return open_installation(load(data))


def print_json(value: Any) -> None:
    """Print one JSON document on a line; times as ISO 8601."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
