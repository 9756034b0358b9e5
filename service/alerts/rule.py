"""The contract of a rule; one file in `rules/` with `RULE = Rule(...)` is a complete rule.

def judge(gap: Gap, terms: Terms, now: datetime) -> Alert | None:
    return Alert(...) if ... else None

RULE = Rule("my_rule", "What it tells, in one sentence.", judge)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from service.agreements.gap import Gap
from service.alerts.alert import Alert
from service.alerts.calendar import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Terms:
    """What a team set for itself."""

    calendar: WorkingCalendar
    confirm_within_days: int
    """Working days in which a verbal decision should be confirmed in writing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason to tell somebody: pure, and judged again at any time with the same result."""

    name: str
    explain: str
    judge: Callable[[Gap, Terms, datetime], Alert | None]
