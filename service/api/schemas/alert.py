"""Alerts on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from service.alerts.store import Listed


class AlertOut(BaseModel):
    """One reason to act."""

    id: str
    rule: str = Field(examples=["unconfirmed_decision"])
    subject: str = Field(description="Key of the gap that it is about, or source:<id>.")
    title: str
    conversation_id: str | None = Field(description="null for an alert about a source")
    message_id: str | None
    project: str | None
    client: str | None
    due_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    told_at: datetime | None = Field(description="When a channel took it; null while nobody was told.")
    trouble: str = Field(description="What the channel said when it last refused; empty otherwise.")

    @classmethod
    def of(cls, alert: Listed) -> Self:
        """Return what goes over the wire."""
        return cls(
            id=str(alert.id),
            rule=alert.rule,
            subject=alert.subject,
            title=alert.title,
            conversation_id=None if alert.conversation_id is None else str(alert.conversation_id),
            message_id=None if alert.message_id is None else str(alert.message_id),
            project=alert.project,
            client=alert.client,
            due_at=alert.due_at,
            opened_at=alert.opened_at,
            closed_at=alert.closed_at,
            told_at=alert.told_at,
            trouble=alert.trouble,
        )
