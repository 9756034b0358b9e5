"""`scripta export`: the whole ledger, for anybody to verify offline."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import Data, Json, answer, existing_house_at


def export_command(
    data: Data = None,
    as_json: Json = False,
    to: Annotated[
        Path | None, typer.Option(help="File to write; standard output where none is given.")
    ] = None,
) -> None:
    """Write the ledger with its checkpoints as JSON lines; `python -m service.ledger.verify` reads it."""
    from service.db.session import reading
    from service.ledger.store import export_log

    house = existing_house_at(data)
    with reading(house.engine) as session:
        lines = (f"{line}\n" for line in export_log(session, house.key.verifier.name))
        if to is None:
            sys.stdout.writelines(lines)
            return
        with to.open("w", encoding="utf-8") as file:
            file.writelines(lines)
    key = str(house.key.verifier)
    answer(f"Written to {to}. Verify it with the key {key}", {"file": str(to), "key": key}, as_json=as_json)
