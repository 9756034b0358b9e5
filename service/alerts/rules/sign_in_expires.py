"""A sign-in that will end. In: AddedSource. Out: Alert ten days before."""

from datetime import datetime, timedelta

from service.alerts.alert import Alert, about_source
from service.alerts.rule import Rule, Terms
from service.intake.source import AddedSource, State

NOTICE = timedelta(days=10)
"""Enough for whoever owns the mailbox to be back from a week's leave."""


def judge(source: AddedSource, _terms: Terms, now: datetime) -> Alert | None:
    """Alert when the sign-in ends soon; once it has failed, another rule says so."""
    ends_at = source.secret_expires_at
    if ends_at is None or source.state in {State.PAUSED, State.SIGN_IN} or now < ends_at - NOTICE:
        return None
    return about_source(RULE.name, source, ends_at - NOTICE)


RULE = Rule(
    "sign_in_expires",
    AddedSource,
    "The sign-in of a mailbox ends within ten days; sign in again before it does.",
    judge,
    "A sign-in ends soon",
    "It ends ten days after {due}; sign in again on the source's page.",
)
