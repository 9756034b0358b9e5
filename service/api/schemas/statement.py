"""Statements, agreements and gaps on the wire."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from service.agreements.agreement import Evidence
from service.agreements.gap import Gap
from service.agreements.store import Found, Registered


class StatementOut(BaseModel):
    """One speech act: `text[start:end] == quote` in the message that carries it."""

    id: str
    message_id: str
    conversation_id: str
    start: int
    end: int
    quote: str = Field(examples=["Согласовано"])
    kind: str = Field(examples=["approval"])
    confidence: float
    found_by: str
    language: str
    due: date | datetime | None
    due_text: str | None
    conditional: bool
    verbal: bool
    change: bool

    @classmethod
    def of(cls, found: Found) -> Self:
        """Return what goes over the wire."""
        statement = found.statement
        return cls(
            id=str(found.id),
            message_id=statement.message,
            conversation_id=str(found.conversation_id),
            start=statement.start,
            end=statement.end,
            quote=statement.quote,
            kind=statement.kind,
            confidence=statement.confidence,
            found_by=statement.found_by,
            language=statement.language,
            due=statement.due,
            due_text=statement.due_text,
            conditional=statement.conditional,
            verbal=statement.verbal,
            change=statement.change,
        )


class EvidenceOut(BaseModel):
    """The words that did something for a matter."""

    message_id: str
    start: int
    end: int
    quote: str
    role: str = Field(
        examples=["answer"], description="proposal, recap, decision, answer, condition or change"
    )

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """Return what goes over the wire."""
        return cls(
            message_id=evidence.message,
            start=evidence.start,
            end=evidence.end,
            quote=evidence.quote,
            role=evidence.role,
        )


class AgreementOut(BaseModel):
    """One matter: what was put forward, what the other side answered, and where it stands."""

    key: str
    title: str
    status: str = Field(examples=["agreed"])
    conversation_id: str
    channel: str
    project: str | None
    client: str | None
    proposed_by: str | None
    answered_by: str | None
    opened_at: datetime
    changed_at: datetime
    due: date | datetime | None
    language: str
    confidence: float
    superseded_by: str | None
    contradiction: list[EvidenceOut] | None
    evidence: list[EvidenceOut]

    @classmethod
    def of(cls, found: Registered) -> Self:
        """Return what goes over the wire."""
        agreement = found.agreement
        against = agreement.contradiction
        return cls(
            key=agreement.key,
            title=agreement.title,
            status=agreement.status,
            conversation_id=str(found.conversation_id),
            channel=found.channel,
            project=found.project,
            client=found.client,
            proposed_by=found.proposer.name if found.proposer else None,
            answered_by=found.answerer.name if found.answerer else None,
            opened_at=found.opened_at,
            changed_at=found.changed_at,
            due=agreement.due,
            language=agreement.language,
            confidence=agreement.confidence,
            superseded_by=agreement.superseded_by,
            contradiction=None
            if against is None
            else [EvidenceOut.of(against.first), EvidenceOut.of(against.second)],
            evidence=[EvidenceOut.of(one) for one in agreement.evidence],
        )


class GapOut(BaseModel):
    """Something said and not yet confirmed in writing."""

    key: str
    kind: str = Field(examples=["call"])
    title: str
    conversation_id: str
    message_id: str
    at: datetime
    project: str | None
    client: str | None
    quote: str | None
    confidence: float

    @classmethod
    def of(cls, gap: Gap) -> Self:
        """Return what goes over the wire."""
        return cls(
            key=gap.key,
            kind=gap.kind,
            title=gap.title,
            conversation_id=str(gap.conversation),
            message_id=str(gap.message),
            at=gap.at,
            project=gap.project,
            client=gap.client,
            quote=gap.quote,
            confidence=gap.confidence,
        )
