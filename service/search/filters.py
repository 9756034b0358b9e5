"""The fields of a query as conditions on rows. In: Query, Scope. Out: conditions. Never: runs them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, not_, or_, select
from sqlmodel import col

from service import clock
from service.accounts.scope import Scope
from service.agreements.agreement import Status, VerbalKind, VerbalState
from service.agreements.tables import AgreementRow, EvidenceRow, StatementRow, VerbalEventRow
from service.archive.identity import PLACE_BITS
from service.archive.spellings import holds
from service.archive.tables import (
    AddressRow,
    AttachmentRow,
    ConversationRow,
    MessageRow,
    PersonRow,
    ProjectRow,
    RecipientRow,
)
from service.search.fields import FieldName, Has
from service.search.index import Span
from service.search.query import Bound, Filter, Query
from service.sources.raw_message import Kind

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Fields:
    """What must hold of a message besides its words and its time."""

    of_message: tuple[Condition, ...]
    """On MessageRow."""
    of_talk: tuple[Condition, ...]
    """On ConversationRow joined to ProjectRow, as `talks` joins them."""

    def __bool__(self) -> bool:
        """Say whether anything is asked at all."""
        return bool(self.of_message or self.of_talk)


def fields_of(query: Query, scope: Scope) -> Fields:
    """Return the conditions of a query for a reader."""
    of_message: list[Condition] = []
    of_talk: list[Condition] = []
    if not scope.everything:
        of_talk.append(col(ConversationRow.project_id).in_(sorted(scope.projects)))
    for clause in query.clauses:
        if isinstance(clause, Filter):
            known = of_talk if clause.field in _OF_TALK else of_message
            condition = or_(*map((_OF_TALK | _OF_MESSAGE)[clause.field], clause.values))
            # A message without an author is not from Anna, whatever SQL thinks of NULL.
            known.append(not_(func.coalesce(condition, false())) if clause.negated else condition)
    return Fields(tuple(of_message), tuple(of_talk))


def talks(fields: Fields) -> Select[Any]:
    """Select the ids of the conversations that fit."""
    project = col(ProjectRow.id) == col(ConversationRow.project_id)
    return select(col(ConversationRow.id)).outerjoin(ProjectRow, project).where(*fields.of_talk)


def span_of(query: Query, zone: tzinfo, end: int) -> Span:
    """Return the ids of messages that are in time for the query and come before the id `end`."""
    first = 0
    for clause in query.clauses:
        if isinstance(clause, Bound):
            edge = _first_id(clause.day, zone)
            if clause.field is FieldName.AFTER:
                first = max(first, edge)
            else:
                end = min(end, edge)
    return Span(first, end)


def _first_id(day: date, zone: tzinfo) -> int:
    """Return the smallest id of a message sent on this day where the reader is."""
    if day.year <= 1970:
        return 0
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    return int(begins.timestamp()) // 60 << PLACE_BITS


def _from(value: str) -> Condition:
    return col(MessageRow.author_id).in_(_addresses(value))


def _to(value: str) -> Condition:
    addressed = col(RecipientRow.address_id).in_(_addresses(value))
    return _is_one_of(select(col(RecipientRow.message_id)).where(addressed))


def _client(value: str) -> Condition:
    return holds(value, col(ProjectRow.client))


def _project(value: str) -> Condition:
    return holds(value, col(ProjectRow.name))


def _in(value: str) -> Condition:
    channel: Condition = col(ConversationRow.channel) == value.lower()
    return or_(channel, holds(value, col(ConversationRow.title)))


def _has(value: str) -> Condition:
    match Has(value):
        case Has.ATTACHMENT:
            return _is_one_of(select(col(AttachmentRow.message_id)))
        case Has.CALL:
            return col(MessageRow.kind) == Kind.CALL
        case Has.VOICE:
            return col(MessageRow.kind) == Kind.VOICE
        case Has.STATEMENT:
            return _is_one_of(_statements())
        case Has.AGREEMENT:
            return _is_one_of(_evidence())
        case Has.GAP:
            return or_(_is_one_of(_gaps()), _status(Status.VERBAL_ONLY))


def _kind(value: str) -> Condition:
    return _is_one_of(_statements().where(col(StatementRow.kind) == value))


def _status(value: str) -> Condition:
    return _is_one_of(_evidence().where(col(AgreementRow.status) == value))


_OF_TALK: dict[FieldName, Callable[[str], Condition]] = {
    FieldName.CLIENT: _client,
    FieldName.PROJECT: _project,
    FieldName.IN: _in,
}
_OF_MESSAGE: dict[FieldName, Callable[[str], Condition]] = {
    FieldName.FROM: _from,
    FieldName.TO: _to,
    FieldName.KIND: _kind,
    FieldName.STATUS: _status,
    FieldName.HAS: _has,
}


def _is_one_of(messages: Select[Any]) -> Condition:
    return col(MessageRow.id).in_(messages)


def _statements() -> Select[Any]:
    return select(col(StatementRow.message_id)).where(col(StatementRow.withdrawn).is_(False))


def _evidence() -> Select[Any]:
    matter = col(AgreementRow.id) == col(EvidenceRow.agreement_id)
    return (
        select(col(EvidenceRow.message_id))
        .join(AgreementRow, matter)
        .where(col(AgreementRow.withdrawn).is_(False))
    )


def _gaps() -> Select[Any]:
    return select(col(VerbalEventRow.message_id)).where(
        col(VerbalEventRow.withdrawn).is_(False),
        col(VerbalEventRow.state) == VerbalState.UNCONFIRMED,
        # Nothing was said yet at a meeting that is still to come.
        or_(col(VerbalEventRow.kind) != VerbalKind.MEETING, col(VerbalEventRow.at) <= clock.now()),
    )


def _addresses(value: str) -> Select[Any]:
    """Select all addresses of the people one of whose addresses or names holds the text."""
    person = col(PersonRow.id) == col(AddressRow.person_id)
    found = holds(value, col(AddressRow.value), col(AddressRow.name), col(PersonRow.name))
    people = select(col(AddressRow.person_id)).join(PersonRow, person).where(found)
    return select(col(AddressRow.id)).where(col(AddressRow.person_id).in_(people))
