"""Alerts at rest: opened once for each reason, closed when it is gone, never deleted."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from service.db.base import Table, UtcDateTime


class AlertRow(Table, table=True):
    """One reason to act."""

    __tablename__ = "alert"
    __table_args__ = (
        # One open alert for each reason, whoever judges at the same time.
        Index(
            "uq_alert_open",
            "rule",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    rule: str
    subject: str
    title: str
    conversation_id: int | None = Field(
        default=None, sa_type=BigInteger, foreign_key="conversation.id", index=True
    )
    """None for an alert about a source."""
    message_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="message.id")
    due_at: datetime = Field(sa_type=UtcDateTime)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the channel took it; None while nobody was told outside the page."""
    attempts: int = 0
    trouble: str = ""
    """What the channel said when it last refused."""
