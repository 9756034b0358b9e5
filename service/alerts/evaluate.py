"""Which alerts should be open now. In: gaps, rules, now. Out: Alerts. Never: reads or writes anything."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from service.agreements.gap import Gap
from service.alerts.alert import Alert
from service.alerts.rule import Rule, Terms


def evaluate(gaps: Iterable[Gap], rules: Sequence[Rule], terms: Terms, now: datetime) -> list[Alert]:
    """Judge every gap by every rule; an alert that is open and not among these has lost its reason."""
    judged = (rule.judge(gap, terms, now) for gap in gaps for rule in rules)
    return [alert for alert in judged if alert is not None]
