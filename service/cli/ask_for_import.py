"""Ask on a terminal what an export does not say. In: paths. Out: a Wish. Never: asks where nobody is."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from service.pipeline.ingest import Wish
    from service.pipeline.installation import Installation
    from service.pipeline.preview import Preview

RECORDS, SECONDS = 200, 5.0
"""So much of each file, and so long in all, is looked at: somebody waits."""


def ask(house: "Installation", paths: Sequence[Path], wish: "Wish") -> "Wish":
    """Return the wish with the zone and the order of dates that somebody at the terminal gave."""
    if (wish.zone and wish.date_order) or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return wish
    from service.cli.progress import bar
    from service.pipeline.preview import Depth, look_into

    with bar() as shown:
        shown.show("Looking into it")
        seen = look_into(house, paths, wish, Depth(RECORDS, SECONDS))
    if seen.is_undecided and not wish.date_order:
        wish = replace(wish, date_order=_order(seen))
    if (seen.has_no_zone or seen.is_undecided) and not wish.zone:
        wish = replace(wish, zone=_zone(house.settings.zone))
    return wish


def _order(seen: "Preview") -> str:
    from service.pipeline.ingest import DATE_ORDERS

    example = next((one.example for one in seen.files if one.example), None)
    if example is not None:
        typer.echo(f"Nothing shows how the date {example.printed} is meant:", err=True)
        typer.echo(f"  day-first:   {example.day_first:%d %B %Y}", err=True)
        typer.echo(f"  month-first: {example.month_first:%d %B %Y}", err=True)

    def known(text: str) -> str:
        found = [order for order in DATE_ORDERS if text and order.startswith(text.strip().lower())]
        if len(found) != 1:
            raise typer.BadParameter(f"write {' or '.join(DATE_ORDERS)}")
        return found[0]

    return _prompt("Which comes first, the day or the month? (day/month)", known)


def _zone(default: str) -> str:
    from service.config import zone_named
    from service.errors import ConfigError

    def known(text: str) -> str:
        try:
            return zone_named(text.strip())
        except ConfigError as error:
            raise typer.BadParameter(str(error)) from error

    return _prompt("Its times are printed without a zone. They are those of", known, default)


def _prompt(question: str, known: Callable[[str], str], default: str | None = None) -> str:
    answer: str = typer.prompt(question, default=default, value_proc=known, err=True)
    return answer
