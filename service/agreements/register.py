"""Keep what follows from a conversation, and record every change. In: Derived. Out: Changes. Never: commits.

The same input again writes nothing. What newer statements no longer amount to is withdrawn, not deleted.
Human decisions are to be laid over `derived` before it comes here: this module compares and records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.agreements import entries, store
from service.agreements.agreement import Agreement, Derived, VerbalEvent
from service.agreements.entries import Step
from service.agreements.joining.meetings import took_place_at
from service.agreements.rows import (
    agreement_columns,
    agreement_of,
    event_columns,
    event_of,
    evidence_columns,
    evidence_of,
    statement_columns,
)
from service.agreements.tables import AgreementRow, EvidenceRow, StatementRow, VerbalEventRow
from service.archive.message import Conversation
from service.db.base import Table
from service.db.bulk import insert_rows
from service.extraction.statement import Statement
from service.ledger.append import append

GONE: Mapping[str, Any] = {"withdrawn": True}


@dataclass(frozen=True, slots=True)
class Changes:
    """What the ledger was told: `agreement:<key>` and `verbal:<message>`, in the order of the entries."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


def register(
    session: Session,
    conversation: Conversation,
    statements: Sequence[Statement],
    derived: Derived,
    extractor_version: str,
) -> Changes:
    """Bring what is kept of an archived conversation up to date, in the caller's transaction.

    Each agreement or talk that appears, changes or is withdrawn becomes a ledger entry in the same
    transaction, with the quotes, their places and the hashes of the originals.
    """
    desk = _Desk(session, conversation, extractor_version)
    desk.keep_statements(statements)
    event_steps = desk.keep_events(derived.verbal)
    steps = desk.keep_agreements(derived) + event_steps
    if steps:
        hashes = store.originals(session, entries.messages_of(steps))
        append(session, [entries.fact(step, hashes, extractor_version) for step in steps])
    return Changes(
        created=tuple(step.subject for step in steps if step.verb == "created"),
        changed=tuple(step.subject for step in steps if step.verb not in {"created", "withdrawn"}),
        withdrawn=tuple(step.subject for step in steps if step.verb == "withdrawn"),
    )


@dataclass(slots=True)
class _Desk:
    """Compares one conversation's rows with what they should be."""

    session: Session
    conversation: Conversation
    version: str
    home: int = field(init=False)
    places: list[int] = field(init=False)
    """The conversation and the threads that were joined with it: their rows move here."""
    sent_at: Mapping[str, datetime] = field(init=False)
    took_place_at: Mapping[str, datetime] = field(init=False)

    def __post_init__(self) -> None:
        self.home = int(self.conversation.id)
        self.places = store.joined(self.session, self.home)
        self.sent_at = {message.id: message.sent_at for message in self.conversation.messages}
        self.took_place_at = {message.id: took_place_at(message) for message in self.conversation.messages}

    def keep_statements(self, statements: Sequence[Statement]) -> None:
        """Insert new statements, correct kept ones, withdraw those that are not found any more."""
        kept = {
            (row.message_id, row.start, row.end, row.kind): row
            for row in store.statement_rows(self.session, self.places)
        }
        wanted = {
            (int(one.message), one.start, one.end, one.kind.value): statement_columns(self.home, one)
            for one in statements
        }
        for key, row in kept.items():
            self._update(row, wanted.get(key, GONE))
        fresh = [columns for key, columns in wanted.items() if key not in kept]
        insert_rows(self.session, StatementRow, fresh)

    def keep_events(self, events: Sequence[VerbalEvent]) -> list[Step]:
        """Do the same for talks, and return what changed."""
        kept = {str(row.message_id): row for row in store.event_rows(self.session, self.places)}
        steps = []
        for event in events:
            columns = event_columns(self.home, event, self.took_place_at)
            row = kept.pop(event.message, None)
            if row is None:
                self.session.add(VerbalEventRow(**columns))
                steps.append(Step("created", self.home, event))
                continue
            was, changed = row.state, self._update(row, columns)
            if verb := _event_verb(event, changed):
                steps.append(Step(verb, self.home, event, was if "state" in changed else None))
        gone = [row for row in kept.values() if self._update(row, GONE)]
        self.session.flush()
        return steps + [Step("withdrawn", self.home, event_of(row, ())) for row in gone]

    def keep_agreements(self, derived: Derived) -> list[Step]:
        """Do the same for agreements, after their talks."""
        kept = {row.key: row for row in store.agreement_rows(self.session, self.places)}
        said = store.evidence_rows(self.session, [row.id for row in kept.values() if row.id is not None])
        talks = self._talks(derived.verbal)
        steps: list[Step] = []
        written: list[tuple[AgreementRow, Agreement]] = []
        for one in derived.agreements:
            columns = agreement_columns(self.home, one, self.sent_at)
            columns |= {"verbal_event_id": talks.get(one.key), "derived_by": self.version}
            row = kept.pop(one.key, None)
            if row is None:
                row = AgreementRow(**columns)
                self.session.add(row)
                written.append((row, one))
                steps.append(Step("created", self.home, one))
                continue
            was, changed = row.status, self._update(row, columns)
            if evidence_of(said.get(row.id or 0, ())) != one.evidence:
                changed.add("evidence")
                written.append((row, one))
            if verb := _agreement_verb(changed):
                steps.append(Step(verb, self.home, one, was if "status" in changed else None))
        gone = [row for row in kept.values() if self._update(row, GONE)]
        self._write_evidence(written, said)
        return steps + [
            Step("withdrawn", self.home, agreement_of(row, said.get(row.id or 0, ()))) for row in gone
        ]

    def _write_evidence(
        self,
        written: Sequence[tuple[AgreementRow, Agreement]],
        said: Mapping[int, Sequence[EvidenceRow]],
    ) -> None:
        for row, _ in written:
            for old in said.get(row.id or 0, ()):
                self.session.delete(old)
        self.session.flush()
        fresh = [columns for row, one in written for columns in evidence_columns(row.id or 0, one.evidence)]
        insert_rows(self.session, EvidenceRow, fresh)

    def _talks(self, events: Sequence[VerbalEvent]) -> dict[str, int]:
        """Return the row of the talk that each agreement came out of."""
        rows = {str(row.message_id): row.id for row in store.event_rows(self.session, self.places)}
        return {key: rows[event.message] or 0 for event in events for key in event.agreements}

    def _update(self, row: Table, columns: Mapping[str, Any]) -> set[str]:
        """Set what differs and return its names; an equal row stays untouched."""
        changed = {name for name, value in columns.items() if getattr(row, name) != value}
        for name in changed:
            setattr(row, name, columns[name])
        if changed:
            self.session.add(row)
        return changed


def _event_verb(event: VerbalEvent, changed: set[str]) -> str | None:
    if "withdrawn" in changed:
        return "restored"
    if "state" in changed:
        return "reopened" if event.is_gap else "confirmed"
    return "changed" if "confirmed_by" in changed else None


def _agreement_verb(changed: set[str]) -> str | None:
    """Name the change; a better title or confidence alone is none."""
    if "withdrawn" in changed:
        return "restored"
    if "status" in changed:
        return "status_changed"
    material = {"evidence", "answered_by", "due", "superseded_by", "contradicts_first", "contradicts_second"}
    return "changed" if material & changed else None
