"""Say an alert to people. In: its rule, title and time. Out: Notice. Never: more than the page shows."""

from datetime import datetime
from typing import Any

from service.alerts import rules
from service.alerts.channel import Notice
from service.alerts.rule import Rule
from service.plugins import discover


def notice_of(rule: str, title: str, due_at: datetime) -> Notice:
    """Return the words for a channel; a rule that is no longer there is named, and its alert still told."""
    title, due = " ".join(title.split()), f"{due_at:%Y-%m-%d %H:%M} UTC"
    known: dict[str, Rule[Any]] = {one.name: one for one in discover(rules, "RULE")}
    found = known.get(rule)
    if found is None:
        return Notice(f"{rule}: {title}", f"{title}\nSince {due}.")
    return Notice(f"{found.headline}: {title}", f"{title}\n{found.told.format(due=due)}")
