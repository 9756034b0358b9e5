"""A mailbox of which something is missing here. In: AddedSource. Out: Alert after a day."""

from datetime import datetime, timedelta

from service.alerts.alert import Alert, about_source
from service.alerts.rule import Rule, Terms
from service.intake.source import AddedSource, State

PATIENCE = timedelta(days=1)
"""What could not be fetched is tried again with each run, and everything is compared once a day."""


def judge(source: AddedSource, _terms: Terms, now: datetime) -> Alert | None:
    """Alert when runs have fallen short for a day; a source that was just resumed says nothing yet."""
    due_at = (source.pulled_at or source.created_at) + PATIENCE
    if source.state != State.INCOMPLETE or not source.detail or now < due_at:
        return None
    return about_source(RULE.name, source, due_at)


RULE = Rule(
    "source_incomplete",
    AddedSource,
    "Something in a mailbox has not been archived for more than a day.",
    judge,
    "A mailbox is incomplete",
    "Not everything in it had been archived by {due}.",
)
