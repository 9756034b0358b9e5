"""Every question to statements, agreements and gaps. Out: records. Never: rows to other stages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, func, literal
from sqlmodel import Session, col, select

from service import clock
from service.accounts.scope import Scope
from service.agreements.agreement import SURE, Agreement, Role, Status, VerbalEvent, VerbalKind, VerbalState
from service.agreements.gap import Gap
from service.agreements.joining.likeness import fold
from service.agreements.rows import agreement_of, event_of, statement_of
from service.agreements.tables import AgreementRow, EvidenceRow, StatementRow, VerbalEventRow
from service.archive.message import Person, Side
from service.archive.one_person import holders
from service.archive.tables import ConversationRow, MessageRow, PersonRow, ProjectRow
from service.db.bulk import chunks
from service.extraction.statement import Statement, StatementKind


@dataclass(frozen=True, slots=True)
class Found:
    """A statement with its place in the archive."""

    id: int
    conversation_id: int
    statement: Statement


@dataclass(frozen=True, slots=True)
class Registered:
    """An agreement with what a reader wants to see beside it."""

    id: int
    agreement: Agreement
    conversation_id: int
    conversation: str
    channel: str
    project: str | None
    client: str | None
    opened_at: datetime
    changed_at: datetime
    proposer: Person | None
    answerer: Person | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which agreements are asked for; what is None is not asked."""

    status: Status | None = None
    project: str | None = None
    client: str | None = None
    conversation_id: int | None = None
    text: str | None = None
    """Words of the title or the quotes, in any case and with or without accents; all must be there."""
    messages: tuple[int, ...] | None = None
    """Messages of which at least one must be evidence of it."""
    sure: bool | None = None
    """True: only what is sure enough to count; False: only what is not."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many agreements of a project stand so."""

    project: str | None
    client: str | None
    status: Status
    number: int


Listed = tuple[AgreementRow, ConversationRow, ProjectRow | None]


def statements_of(session: Session, scope: Scope, conversation_id: int) -> list[Found]:
    """Return what was found in a conversation, in the order of its words."""
    return _found(session, scope, StatementRow.conversation_id == conversation_id)


def statements_in(session: Session, scope: Scope, message_ids: Sequence[int]) -> list[Found]:
    """Return what was found in these messages, in the order of message ids and words."""
    return [
        one
        for chunk in chunks(sorted(message_ids))
        for one in _found(session, scope, col(StatementRow.message_id).in_(chunk))
    ]


def statements(
    session: Session,
    scope: Scope,
    *,
    kind: StatementKind | None = None,
    limit: int = 50,
    before: int | None = None,
) -> list[Found]:
    """Return statements, the newest found first; `before` is the id of the last one seen."""
    query = _visible(select(StatementRow), StatementRow, scope).where(col(StatementRow.withdrawn).is_(False))
    if kind is not None:
        query = query.where(StatementRow.kind == kind.value)
    if before is not None:
        query = query.where(col(StatementRow.id) < before)
    query = query.order_by(col(StatementRow.id).desc()).limit(limit)
    return [_found_of(row) for row in session.exec(query)]


def agreements(
    session: Session,
    scope: Scope,
    wanted: Filter,
    *,
    limit: int = 50,
    before: tuple[datetime, int] | None = None,
) -> list[Registered]:
    """Return agreements, the latest changed first; `before` is (changed_at, id) of the last one seen."""
    query = _listing(scope).where(col(AgreementRow.withdrawn).is_(False), *_conditions(wanted))
    if before is not None:
        changed_at, key = before
        query = query.where(
            (col(AgreementRow.changed_at) < changed_at)
            | (
                (col(AgreementRow.changed_at) == changed_at)
                & (col(AgreementRow.id) < literal(key, BigInteger))
            )
        )
    query = query.order_by(col(AgreementRow.changed_at).desc(), col(AgreementRow.id).desc()).limit(limit)
    return _registered(session, session.exec(query).all())


def agreement(session: Session, scope: Scope, key: str) -> Registered | None:
    """Return the agreement with this key, or None where it is unknown, withdrawn or outside the scope."""
    query = _listing(scope).where(AgreementRow.key == key, col(AgreementRow.withdrawn).is_(False))
    return next(iter(_registered(session, session.exec(query).all())), None)


def count_by_project(session: Session, scope: Scope, *, sure: bool | None = None) -> list[Standing]:
    """Return how many agreements of each project stand where, in the order of project names."""
    group = (ProjectRow.name, ProjectRow.client, AgreementRow.status)
    query = _visible(select(*group, func.count()), AgreementRow, scope)
    query = query.outerjoin(ProjectRow, col(ProjectRow.id) == col(ConversationRow.project_id))
    query = query.where(col(AgreementRow.withdrawn).is_(False), *_conditions(Filter(sure=sure)))
    query = query.group_by(*group)
    counted = [Standing(name, client, Status(status), n) for name, client, status, n in session.exec(query)]
    return sorted(counted, key=lambda one: (one.project is None, one.project or "", one.status))


def verbal_events(session: Session, scope: Scope, conversation_id: int) -> list[VerbalEvent]:
    """Return the talks of a conversation, the earliest first."""
    query = _visible(select(VerbalEventRow), VerbalEventRow, scope).where(
        VerbalEventRow.conversation_id == conversation_id, col(VerbalEventRow.withdrawn).is_(False)
    )
    rows = session.exec(query.order_by(col(VerbalEventRow.at), col(VerbalEventRow.id))).all()
    keys = _outcomes(session, [row.id for row in rows if row.id is not None])
    return [event_of(row, keys.get(row.id or 0, ())) for row in rows]


def all_gaps(session: Session) -> list[Gap]:
    """Return every gap there is, the earliest first: what alerts are judged from."""
    return sorted(_gaps(session, Scope(everything=True)), key=lambda gap: (gap.at, gap.key))


def gaps(
    session: Session, scope: Scope, *, limit: int = 50, before: tuple[datetime, str] | None = None
) -> list[Gap]:
    """Return gaps, the newest first; `before` is (at, key) of the last one seen."""
    ordered = sorted(_gaps(session, scope), key=lambda gap: (gap.at, gap.key), reverse=True)
    return [gap for gap in ordered if before is None or (gap.at, gap.key) < before][:limit]


def conversations_naming(session: Session, person_ids: Sequence[int]) -> list[int]:
    """Return the conversations with an agreement that one of these people proposed or answered."""
    named = col(AgreementRow.proposed_by).in_(person_ids) | col(AgreementRow.answered_by).in_(person_ids)
    query = select(AgreementRow.conversation_id).where(named, col(AgreementRow.withdrawn).is_(False))
    return sorted(set(session.exec(query)))


def joined(session: Session, conversation_id: int) -> list[int]:
    """Return the conversation and every thread that was found to be part of it."""
    known, fresh = [conversation_id], [conversation_id]
    while fresh:
        query = select(ConversationRow.id).where(col(ConversationRow.merged_into).in_(fresh))
        fresh = list(session.exec(query))
        known += fresh
    return known


def statement_rows(session: Session, conversations: Sequence[int]) -> list[StatementRow]:
    """Return what is kept of these conversations' statements, for comparison."""
    query = select(StatementRow).where(col(StatementRow.conversation_id).in_(conversations))
    return list(session.exec(query))


def event_rows(session: Session, conversations: Sequence[int]) -> list[VerbalEventRow]:
    """Return what is kept of these conversations' talks, for comparison."""
    query = select(VerbalEventRow).where(col(VerbalEventRow.conversation_id).in_(conversations))
    return list(session.exec(query))


def agreement_rows(session: Session, conversations: Sequence[int]) -> list[AgreementRow]:
    """Return what is kept of these conversations' agreements, for comparison."""
    query = select(AgreementRow).where(col(AgreementRow.conversation_id).in_(conversations))
    return list(session.exec(query))


def evidence_rows(session: Session, agreement_ids: Sequence[int]) -> dict[int, list[EvidenceRow]]:
    """Return the evidence of each agreement in its order."""
    found: dict[int, list[EvidenceRow]] = {}
    for chunk in chunks(agreement_ids):
        query = select(EvidenceRow).where(col(EvidenceRow.agreement_id).in_(chunk))
        for row in session.exec(query.order_by(col(EvidenceRow.position))):
            found.setdefault(row.agreement_id, []).append(row)
    return found


def originals(session: Session, message_ids: Iterable[int]) -> dict[int, str]:
    """Return the hash of each message's original."""
    found: dict[int, str] = {}
    for chunk in chunks(sorted(set(message_ids))):
        query = select(MessageRow.id, MessageRow.blob_sha256).where(col(MessageRow.id).in_(chunk))
        found.update(session.exec(query).all())
    return found


def _visible(query: Any, table: type[Any], scope: Scope) -> Any:
    """Join the conversation and keep to the projects of the scope."""
    query = query.join(ConversationRow, col(ConversationRow.id) == table.conversation_id)
    return query if scope.everything else query.where(col(ConversationRow.project_id).in_(scope.projects))


def _found(session: Session, scope: Scope, condition: Any) -> list[Found]:
    query = _visible(select(StatementRow), StatementRow, scope)
    query = query.where(condition, col(StatementRow.withdrawn).is_(False))
    rows = session.exec(query.order_by(col(StatementRow.message_id), col(StatementRow.start)))
    return [_found_of(row) for row in rows]


def _found_of(row: StatementRow) -> Found:
    assert row.id is not None
    return Found(row.id, row.conversation_id, statement_of(row))


def _listing(scope: Scope) -> Any:
    query = _visible(select(AgreementRow, ConversationRow, ProjectRow), AgreementRow, scope)
    return query.outerjoin(ProjectRow, col(ProjectRow.id) == col(ConversationRow.project_id))


def _conditions(wanted: Filter) -> list[Any]:
    exact = (
        (AgreementRow.status, wanted.status.value if wanted.status else None),
        (ProjectRow.name, wanted.project),
        (ProjectRow.client, wanted.client),
        (AgreementRow.conversation_id, wanted.conversation_id),
    )
    conditions: list[Any] = [column == value for column, value in exact if value is not None]
    if wanted.sure is not None:
        certainty = col(AgreementRow.confidence)
        conditions.append(certainty >= SURE if wanted.sure else certainty < SURE)
    if wanted.messages is not None:
        used = select(EvidenceRow.agreement_id).where(col(EvidenceRow.message_id).in_(wanted.messages))
        conditions.append(col(AgreementRow.id).in_(used))
    words = fold(wanted.text or "").split()
    return conditions + [col(AgreementRow.words).contains(word, autoescape=True) for word in words]


def _registered(session: Session, rows: Sequence[Listed]) -> list[Registered]:
    evidence = evidence_rows(session, [row.id or 0 for row, _, _ in rows])
    people = _people(
        session, {one for row, _, _ in rows for one in (row.proposed_by, row.answered_by) if one}
    )
    return [
        Registered(
            id=row.id or 0,
            agreement=agreement_of(row, evidence.get(row.id or 0, [])),
            conversation_id=row.conversation_id,
            conversation=talk.title,
            channel=talk.channel,
            project=project.name if project else None,
            client=project.client if project else None,
            opened_at=row.opened_at,
            changed_at=row.changed_at,
            proposer=people.get(row.proposed_by),
            answerer=people.get(row.answered_by),
        )
        for row, talk, project in rows
    ]


def _people(session: Session, ids: set[int]) -> dict[int | None, Person]:
    # Until their conversations are read again, agreements name whoever was merged since.
    now = holders(session, ids)
    people: dict[int | None, Person] = {}
    for chunk in chunks(sorted(set(now.values()))):
        for row in session.exec(select(PersonRow).where(col(PersonRow.id).in_(chunk))):
            people[row.id] = Person(str(row.id), row.name, Side(row.side))
    return {key: people[place] for key, place in now.items()}


def _outcomes(session: Session, event_ids: Sequence[int]) -> dict[int, list[str]]:
    keys: dict[int, list[str]] = {}
    for chunk in chunks(event_ids):
        query = (
            select(AgreementRow.verbal_event_id, AgreementRow.key)
            .where(col(AgreementRow.verbal_event_id).in_(chunk), col(AgreementRow.withdrawn).is_(False))
            .order_by(col(AgreementRow.opened_at), col(AgreementRow.id))
        )
        for event_id, key in session.exec(query):
            keys.setdefault(event_id or 0, []).append(key)
    return keys


def _gaps(session: Session, scope: Scope) -> list[Gap]:
    """Return talks without confirmation, and matters of confirmed or forgotten talks that still lack it."""
    talks = _visible(select(VerbalEventRow, ConversationRow, ProjectRow), VerbalEventRow, scope)
    talks = talks.outerjoin(ProjectRow, col(ProjectRow.id) == col(ConversationRow.project_id)).where(
        VerbalEventRow.state == VerbalState.UNCONFIRMED.value,
        col(VerbalEventRow.withdrawn).is_(False),
        # Nothing was said yet at a meeting that is still to come.
        (col(VerbalEventRow.kind) != VerbalKind.MEETING.value) | (col(VerbalEventRow.at) <= clock.now()),
    )
    rows: Sequence[tuple[VerbalEventRow, ConversationRow, ProjectRow | None]] = session.exec(talks).all()
    covered = {row.id for row, _, _ in rows}
    matters = _listing(scope).where(
        AgreementRow.status == Status.VERBAL_ONLY.value, col(AgreementRow.withdrawn).is_(False)
    )
    spoken: Sequence[Listed] = session.exec(matters.order_by(col(AgreementRow.id))).all()
    quotes = evidence_rows(session, [row.id or 0 for row, _, _ in spoken])
    said = {row.verbal_event_id: quotes[row.id or 0] for row, _, _ in reversed(spoken)}
    heard = _certainty(
        session, [row.message_id for row, _, _ in rows if row.kind == VerbalKind.MENTION.value]
    )
    return [
        replace(
            _talk_gap(row, talk, project, said.get(row.id, ())), confidence=heard.get(row.message_id, 1.0)
        )
        for row, talk, project in rows
    ] + [
        _matter_gap(row, talk, project, quotes[row.id or 0])
        for row, talk, project in spoken
        if row.verbal_event_id not in covered
    ]


def _talk_gap(
    row: VerbalEventRow, talk: ConversationRow, project: ProjectRow | None, said: Sequence[EvidenceRow]
) -> Gap:
    return Gap(
        key=f"verbal:{row.message_id}",
        kind=row.kind,
        title=row.about or talk.title,
        conversation=row.conversation_id,
        message=row.message_id,
        at=row.at,
        project=project.name if project else None,
        client=project.client if project else None,
        quote=_recapped(said).quote if said else None,
    )


def _matter_gap(
    row: AgreementRow, talk: ConversationRow, project: ProjectRow | None, said: Sequence[EvidenceRow]
) -> Gap:
    words = _recapped(said)
    return Gap(
        key=f"agreement:{row.key}",
        kind=VerbalKind.MENTION.value,
        title=row.title,
        conversation=talk.id,
        message=words.message_id,
        at=row.opened_at,
        project=project.name if project else None,
        client=project.client if project else None,
        quote=words.quote,
        confidence=row.confidence,
    )


def _certainty(session: Session, message_ids: Sequence[int]) -> dict[int, float]:
    """Return how sure it is that these messages speak of a talk; a call or a voice message needs no words."""
    found: dict[int, float] = {}
    for chunk in chunks(message_ids):
        query = select(StatementRow.message_id, func.max(StatementRow.confidence)).where(
            col(StatementRow.message_id).in_(chunk),
            col(StatementRow.verbal).is_(True),
            col(StatementRow.withdrawn).is_(False),
        )
        found.update(session.exec(query.group_by(col(StatementRow.message_id))).all())
    return found


def _recapped(said: Sequence[EvidenceRow]) -> EvidenceRow:
    """Return the words that say it was agreed by voice."""
    return next((one for one in said if one.role == Role.RECAP.value), said[0])
