"""Look at the time: open and close alerts, tell people, sign the ledger."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service import clock
from service.agreements.store import all_gaps
from service.alerts import rules
from service.alerts.calendar import WorkingCalendar
from service.alerts.deliver import deliver
from service.alerts.evaluate import evaluate
from service.alerts.rule import Terms
from service.alerts.store import settle
from service.intake.store import sources
from service.pipeline.installation import Installation, recording
from service.plugins import discover


@dataclass(frozen=True, slots=True)
class Watched:
    """What changed."""

    opened: int
    closed: int
    told: int
    trouble: str = ""
    """Why not everybody could be told."""


def watch(house: Installation, now: datetime | None = None) -> Watched:
    """Bring alerts up to date with what is known now, and sign what the ledger has come to."""
    now = now or clock.now()
    terms = Terms(WorkingCalendar(ZoneInfo(house.settings.zone)), house.settings.confirm_within_days)
    with recording(house) as session:
        wanted = evaluate([*all_gaps(session), *sources(session)], discover(rules, "RULE"), terms, now)
        opened, closed = settle(session, wanted, now)
    delivered = deliver(house.engine, house.settings.notify_url, now)
    return Watched(opened, closed, delivered.told, delivered.trouble)
