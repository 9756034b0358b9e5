"""Imports on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from service.archive.imports import Import, Quarantined


class UnreadableOut(BaseModel):
    """Something that could not be read."""

    place: str
    why: str
    original_sha256: str | None

    @classmethod
    def of(cls, found: Quarantined) -> Self:
        """Return what goes over the wire."""
        return cls(place=found.place, why=found.why, original_sha256=found.blob_sha256)


class ImportOut(BaseModel):
    """One run of ingest: `read == new + known + changed`."""

    id: str
    place: str
    actor: str
    state: str = Field(description="running, done, incomplete (something was unreadable) or failed")
    detail: str
    started_at: datetime
    finished_at: datetime | None
    read: int
    new: int
    known: int
    changed: int
    unreadable: int
    passed_over: int
    reasons: list[UnreadableOut] = []

    @classmethod
    def of(cls, run: Import, reasons: list[Quarantined] | None = None) -> Self:
        """Return what goes over the wire."""
        counts = run.counts
        return cls(
            id=str(run.id),
            place=run.place,
            actor=run.actor,
            state=run.state,
            detail=run.detail,
            started_at=run.started_at,
            finished_at=run.finished_at,
            read=counts.read,
            new=counts.new,
            known=counts.known,
            changed=counts.changed,
            unreadable=counts.unreadable,
            passed_over=counts.passed_over,
            reasons=[UnreadableOut.of(one) for one in reasons or ()],
        )
