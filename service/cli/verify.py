"""`scripta verify`: check the whole ledger and name the first bad entry."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import INCOMPLETE, Data, Json, answer, existing_house_at


def verify_command(
    data: Data = None,
    as_json: Json = False,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that you kept elsewhere; finds a cut-off end.")
    ] = None,
) -> None:
    """Check every entry of the ledger against its hashes and signed checkpoints."""
    from service.db.session import reading
    from service.ledger.checkpoint import open_checkpoint
    from service.ledger.store import verify_log

    house = existing_house_at(data)
    key = house.key.verifier
    held = [open_checkpoint(path.read_text("utf-8", "replace"), key) for path in checkpoint or []]
    with reading(house.engine) as session:
        verdict = verify_log(session, key, held=held)
    fault = str(verdict.fault) if verdict.fault else None
    told = f"broken: {fault}" if fault else f"intact: {verdict.entries} entries, key {key}"
    answer(
        f"The ledger is {told}",
        {"entries": verdict.entries, "fault": fault, "key": str(key)},
        as_json=as_json,
    )
    raise typer.Exit(INCOMPLETE if fault else 0)
