"""`scripta verify`: check the whole ledger and name the first bad entry."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import Data, Json, house_at, print_json
from service.db.session import reading
from service.ledger.checkpoint import open_checkpoint
from service.ledger.store import verify_log

FAULT = 3


def verify_command(
    data: Data = None,
    as_json: Json = False,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that you kept elsewhere; finds a cut-off end.")
    ] = None,
) -> None:
    """Check every entry of the ledger against its hashes and signed checkpoints."""
    house = house_at(data)
    held = [open_checkpoint(path.read_text("utf-8"), house.key.verifier) for path in checkpoint or []]
    with reading(house.engine) as session:
        verdict = verify_log(session, house.key.verifier, held=held)
    if as_json:
        print_json({"entries": verdict.entries, "fault": str(verdict.fault) if verdict.fault else None})
    elif verdict.fault:
        typer.echo(f"The ledger is broken: {verdict.fault}")
    else:
        typer.echo(f"The ledger is intact: {verdict.entries} entries, key {house.key.verifier}")
    raise typer.Exit(FAULT if verdict.fault else 0)
