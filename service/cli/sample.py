"""The bundled sample: archived, organised and told. In: Installation. Never: anything of the user's own."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import typer

from service.accounts.scope import EVERYTHING
from service.accounts.store import create_account
from service.agreements.agreement import SURE
from service.agreements.store import Filter, agreements, all_gaps
from service.alerts.store import alerts
from service.archive.message import Side
from service.archive.organise import add_project_rule, create_project, put_on_side
from service.cli.ingest import run, tell
from service.db.migrate import ROOT
from service.db.session import reading, writing
from service.errors import ConfigError
from service.pipeline.ingest import Wish
from service.pipeline.installation import Installation
from service.pipeline.read import read_waiting
from service.pipeline.watch import watch

SAMPLE = ROOT / "deploy" / "sample"
SHOWN = 12


def prepare(house: Installation) -> int:
    """Create the demo's account, sides and projects; return the account's id."""
    try:
        plan = json.loads((SAMPLE / "sample.json").read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"The demo needs the source checkout: {SAMPLE} cannot be read.") from error
    with writing(house.engine) as session:
        account_id = create_account(session, "demo", secrets.token_urlsafe(24), is_admin=True)
        for side, kind, value in _sides(plan):
            put_on_side(session, kind, value, side)
        for project in plan["projects"]:
            key = create_project(session, project["name"], project["client"])
            for words in project["conversations"]:
                add_project_rule(session, key, "domain" if words.endswith(".example") else "title", words)
    return account_id


def ingest_sample(house: Installation) -> None:
    """Read each export of the sample in the zone that it was written in."""
    zones = json.loads((SAMPLE / "sample.json").read_text("utf-8"))["zones"]
    for folder in ("mail", "telegram"):
        tell(run(house, [SAMPLE / folder], Wish(actor="demo"), extract=False))
    for name, zone in zones.items():
        tell(run(house, [SAMPLE / "whatsapp" / name], Wish(zone=zone, actor="demo"), extract=False))
    read_waiting(house)
    watch(house)


def report(house: Installation) -> None:
    """Print what was agreed, what exists only by voice, and what needs somebody's attention."""
    with reading(house.engine) as session:
        found = agreements(session, EVERYTHING, Filter(sure=True), limit=500)
        unsure = agreements(session, EVERYTHING, Filter(sure=False), limit=500)
        gaps = [gap for gap in all_gaps(session) if gap.confidence >= SURE]
        open_alerts = alerts(session, EVERYTHING)
    typer.echo(f"\n{len(found)} agreements, and {len(unsure)} that somebody should check:")
    for one in found[:SHOWN]:
        typer.echo(f"  {one.agreement.status:<12} {one.agreement.title}")
    typer.echo(f"{len(gaps)} decisions that exist only by voice:")
    for gap in gaps[-SHOWN:]:
        typer.echo(f"  {gap.at:%d.%m.%Y}  {gap.kind:<8} {gap.title}")
    typer.echo(f"{len(open_alerts)} alerts: nobody confirmed these in writing in time.")


def _sides(plan: dict[str, Any]) -> Iterator[tuple[Side, str, str]]:
    for side in (Side.AGENCY, Side.CLIENT):
        people = plan.get(side.value, {})
        yield from ((side, "domain", value) for value in people.get("domains", ()))
        yield from ((side, "name", value) for value in people.get("names", ()))
