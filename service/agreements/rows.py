"""Rows and records: each way between them. In: a record or its row. Out: the other. Never: queries."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from service.agreements.agreement import (
    Agreement,
    Contradiction,
    Evidence,
    Role,
    Status,
    VerbalEvent,
    VerbalKind,
    VerbalState,
)
from service.agreements.joining.likeness import fold
from service.agreements.tables import AgreementRow, EvidenceRow, StatementRow, VerbalEventRow
from service.extraction.statement import Statement, StatementKind


def statement_columns(home: int, statement: Statement) -> dict[str, Any]:
    """Return the columns of a statement's row."""
    return {
        "conversation_id": home,
        "message_id": int(statement.message),
        "start": statement.start,
        "end": statement.end,
        "quote": statement.quote,
        "kind": statement.kind.value,
        "confidence": statement.confidence,
        "found_by": statement.found_by,
        "language": statement.language,
        "due": statement.due.isoformat() if statement.due else None,
        "due_text": statement.due_text,
        "conditional": statement.conditional,
        "verbal": statement.verbal,
        "change": statement.change,
        "withdrawn": False,
    }


def statement_of(row: StatementRow) -> Statement:
    """Return the record of a row."""
    return Statement(
        message=str(row.message_id),
        start=row.start,
        end=row.end,
        quote=row.quote,
        kind=StatementKind(row.kind),
        confidence=row.confidence,
        found_by=row.found_by,
        language=row.language,
        due=moment_of(row.due),
        due_text=row.due_text,
        conditional=row.conditional,
        verbal=row.verbal,
        change=row.change,
    )


def moment_of(text: str | None) -> date | datetime | None:
    """Read a due day or instant as it is kept.

    >>> moment_of("2026-03-06")
    datetime.date(2026, 3, 6)
    """
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def event_columns(home: int, event: VerbalEvent, took_place_at: Mapping[str, datetime]) -> dict[str, Any]:
    """Return the columns of a talk's row."""
    return {
        "conversation_id": home,
        "message_id": int(event.message),
        "at": took_place_at[event.message],
        "kind": event.kind.value,
        "about": event.about,
        "state": event.state.value,
        "confirmed_by": int(event.confirmed_by) if event.confirmed_by else None,
        "withdrawn": False,
    }


def event_of(row: VerbalEventRow, keys: Sequence[str]) -> VerbalEvent:
    """Return the record of a talk's row."""
    return VerbalEvent(
        message=str(row.message_id),
        about=row.about,
        state=VerbalState(row.state),
        confirmed_by=str(row.confirmed_by) if row.confirmed_by else None,
        kind=VerbalKind(row.kind),
        agreements=tuple(keys),
    )


def agreement_columns(home: int, one: Agreement, sent_at: Mapping[str, datetime]) -> dict[str, Any]:
    """Return the columns of an agreement's row that the agreement itself says."""
    times = [sent_at[kept.message] for kept in one.evidence]
    first, second = _positions(one.evidence, one.contradiction)
    return {
        "key": one.key,
        "conversation_id": home,
        "title": one.title,
        "status": one.status.value,
        "proposed_by": int(one.proposed_by) if one.proposed_by else None,
        "answered_by": int(one.answered_by) if one.answered_by else None,
        "language": one.language,
        "due": one.due.isoformat() if one.due else None,
        "confidence": one.confidence,
        "superseded_by": one.superseded_by,
        "contradicts_first": first,
        "contradicts_second": second,
        "opened_at": times[0],
        "changed_at": max(times),
        "words": fold(" ".join([one.title, *(kept.quote for kept in one.evidence)])),
        "withdrawn": False,
    }


def evidence_columns(agreement_id: int, evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Return the columns of an agreement's evidence rows."""
    return [
        {
            "agreement_id": agreement_id,
            "position": position,
            "message_id": int(one.message),
            "start": one.start,
            "end": one.end,
            "quote": one.quote,
            "role": one.role.value,
        }
        for position, one in enumerate(evidence)
    ]


def _positions(
    evidence: Sequence[Evidence], contradiction: Contradiction | None
) -> tuple[int | None, int | None]:
    """Return where in the evidence the two statements are that contradict each other."""
    if contradiction is None:
        return None, None
    places = {(one.message, one.start): position for position, one in enumerate(evidence)}
    first, second = contradiction.first, contradiction.second
    return places[first.message, first.start], places[second.message, second.start]


def agreement_of(row: AgreementRow, rows: Sequence[EvidenceRow]) -> Agreement:
    """Return the record of an agreement's row and its evidence."""
    evidence = evidence_of(rows)
    first, second = row.contradicts_first, row.contradicts_second
    return Agreement(
        key=row.key,
        title=row.title,
        status=Status(row.status),
        evidence=evidence,
        proposed_by=str(row.proposed_by or ""),
        answered_by=str(row.answered_by) if row.answered_by else None,
        language=row.language,
        due=moment_of(row.due),
        confidence=row.confidence,
        superseded_by=row.superseded_by,
        contradiction=None
        if first is None or second is None
        else Contradiction(evidence[first], evidence[second]),
    )


def evidence_of(rows: Sequence[EvidenceRow]) -> tuple[Evidence, ...]:
    """Return the records of an agreement's evidence."""
    return tuple(Evidence(str(one.message_id), one.start, one.end, one.quote, Role(one.role)) for one in rows)
