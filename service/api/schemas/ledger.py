"""Ledger entries on the wire."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from service.ledger.entry import Entry


class EntryOut(BaseModel):
    """One recorded fact."""

    seq: int
    kind: str = Field(examples=["agreement.opened"])
    subject: str
    body: dict[str, Any]
    at: datetime
    actor: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Return what goes over the wire."""
        return cls(
            seq=entry.seq,
            kind=entry.kind,
            subject=entry.subject,
            body=dict(entry.body),
            at=entry.at,
            actor=entry.actor,
        )
