"""What people are told. Out: Alert. Never: sent twice for one reason."""

from dataclasses import dataclass
from datetime import datetime

from service.agreements.gap import Gap
from service.intake.source import AddedSource

TITLE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Alert:
    """One reason to act, about one thing."""

    rule: str
    subject: str
    """Key of the gap or agreement, or `source:<id>`; with `rule` it makes the alert unique."""
    title: str
    conversation: int | None
    """None for an alert about a source."""
    message: int | None
    """The message that shows the reason."""
    due_at: datetime
    """When it became an alert."""


def about_gap(rule: str, gap: Gap, due_at: datetime) -> Alert:
    """Return an alert about something said and not written."""
    return Alert(rule, gap.key, gap.title, gap.conversation, gap.message, due_at)


def about_source(rule: str, source: AddedSource, due_at: datetime) -> Alert:
    """Return an alert about a source: its name, and what is wrong in its own words."""
    title = f"{source.name}: {source.detail}" if source.detail else source.name
    return Alert(rule, f"source:{source.id}", title[:TITLE_LENGTH], None, None, due_at)
