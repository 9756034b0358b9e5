"""What people are told. Out: Alert. Never: sent twice for one reason."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """One reason to act, about one thing."""

    rule: str
    subject: str
    """Key of the gap or agreement that it is about; with `rule` it makes the alert unique."""
    title: str
    conversation: int
    message: int
    """The message that shows the reason."""
    due_at: datetime
    """When it became an alert."""
