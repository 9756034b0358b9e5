"""Which alerts should be open now. In: things, rules, now. Out: Alerts. Never: reads or writes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from service.agreements.gap import Gap
from service.alerts.alert import Alert
from service.alerts.rule import Rule, Terms
from service.intake.source import AddedSource


def evaluate(
    things: Iterable[Gap | AddedSource], rules: Sequence[Rule[Any]], terms: Terms, now: datetime
) -> list[Alert]:
    """Judge everything by the rules about it; an open alert that is not among these has lost its reason."""
    judged = (
        rule.judge(thing, terms, now) for thing in things for rule in rules if isinstance(thing, rule.about)
    )
    return [alert for alert in judged if alert is not None]
