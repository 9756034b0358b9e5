"""A source that is not read. In: AddedSource. Out: Alert after half an hour, or at once to sign in."""

from datetime import datetime, timedelta

from service.alerts.alert import Alert, about_source
from service.alerts.rule import Rule, Terms
from service.intake.source import AddedSource, State

PATIENCE = timedelta(minutes=30)
"""Servers restart and lines break; most of it mends itself within minutes."""


def judge(source: AddedSource, _terms: Terms, now: datetime) -> Alert | None:
    """Alert when a source fails or its run died without a word for too long, or nobody is signed in."""
    if source.state == State.PAUSED:
        return None
    if source.state == State.SIGN_IN:
        return about_source(RULE.name, source, source.failing_since or source.created_at)
    failing_since = source.failing_since if source.state == State.FAILING else None
    began = [at for at in (failing_since, source.interrupted_at) if at is not None]
    if not began or now < min(began) + PATIENCE:
        return None
    return about_source(RULE.name, source, min(began) + PATIENCE)


RULE = Rule(
    "source_failing",
    AddedSource,
    "A source could not be read for half an hour, or somebody must sign in to it again.",
    judge,
    "A source is not read",
    "What arrives there has not been archived since {due} or before.",
)
