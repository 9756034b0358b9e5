"""The contract of a rule; one file in `rules/` with `RULE = Rule(...)` is a complete rule.

def judge(gap: Gap, terms: Terms, now: datetime) -> Alert | None:
    return about_gap(RULE.name, gap, now) if ... else None

RULE = Rule("my_rule", Gap, "What it tells, in one sentence.", judge, "In short", "It is so since {due}.")
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from service.agreements.gap import Gap
from service.alerts.alert import Alert
from service.alerts.calendar import WorkingCalendar
from service.intake.source import AddedSource

Judged = TypeVar("Judged", Gap, AddedSource)
"""What a rule can be about."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a team set for itself."""

    calendar: WorkingCalendar
    confirm_within_days: int
    """Working days in which a verbal decision should be confirmed in writing."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[Judged]):
    """A reason to tell somebody: pure, and judged again at any time with the same result."""

    name: str
    about: type[Judged]
    """What it judges: gaps, or added sources."""
    explain: str
    judge: Callable[[Judged, Terms, datetime], Alert | None]
    headline: str
    """Begins the line that a channel sends; the alert's title follows."""
    told: str
    """The sentence below it, with `{due}` where the time goes."""
