"""`scripta search QUERY`: find messages."""

from dataclasses import asdict
from typing import Annotated

import typer

from service.cli.options import Data, Json, existing_house_at, print_json


def search_command(
    query: Annotated[
        str, typer.Argument(help='Words, "phrases", prefix*, -not, from: kind: status: before: ...')
    ],
    data: Data = None,
    as_json: Json = False,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
) -> None:
    """Find messages, the newest first."""
    from service.accounts.scope import EVERYTHING
    from service.db.session import reading
    from service.search.find import find

    house = existing_house_at(data)
    with reading(house.engine) as session:
        page = find(session, query, limit=limit, scope=EVERYTHING)
    for hit in page.hits:
        if as_json:
            print_json(asdict(hit))
        else:
            typer.echo(f"{hit.sent_at:%Y-%m-%d %H:%M}  {hit.author or hit.title}: {hit.snippet.text}")
