"""Every question to the alerts, and their opening and closing. Out: records. Never: rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from service.accounts.scope import Scope
from service.alerts.alert import Alert
from service.alerts.tables import AlertRow
from service.archive.tables import ConversationRow, ProjectRow
from service.ledger.append import append
from service.ledger.entry import Fact

ACTOR = "alerts"


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert in a list."""

    id: int
    rule: str
    subject: str
    title: str
    conversation_id: int
    message_id: int
    project: str | None
    client: str | None
    due_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    told_at: datetime | None
    trouble: str


def settle(session: Session, should_be_open: Sequence[Alert], now: datetime) -> tuple[int, int]:
    """Open what is missing, close what has lost its reason; return how many of each. Each is an entry."""
    wanted = {(alert.rule, alert.subject): alert for alert in should_be_open}
    standing = session.exec(select(AlertRow).where(col(AlertRow.closed_at).is_(None))).all()
    facts = []
    for row in standing:
        if (row.rule, row.subject) not in wanted:
            row.closed_at = now
            facts.append(_fact("alert.closed", row))
    fresh = [_row(wanted[key], now) for key in wanted.keys() - {(row.rule, row.subject) for row in standing}]
    fresh.sort(key=lambda row: row.due_at)
    session.add_all(fresh)
    append(session, facts + [_fact("alert.opened", row) for row in fresh])
    return len(fresh), len(facts)


def alerts(
    session: Session, scope: Scope, *, closed: bool = False, limit: int = 50, before: int | None = None
) -> list[Listed]:
    """Return open or closed alerts, the newest first; `before` is the id of the last one seen."""
    state = col(AlertRow.closed_at).is_not(None) if closed else col(AlertRow.closed_at).is_(None)
    query = (
        select(AlertRow, ConversationRow, ProjectRow)
        .join(ConversationRow, col(ConversationRow.id) == col(AlertRow.conversation_id))
        .outerjoin(ProjectRow, col(ProjectRow.id) == col(ConversationRow.project_id))
        .where(state)
        .order_by(col(AlertRow.id).desc())
        .limit(limit)
    )
    if not scope.everything:
        query = query.where(col(ConversationRow.project_id).in_(scope.projects))
    if before is not None:
        query = query.where(col(AlertRow.id) < before)
    return [_listed(row, project) for row, _, project in session.exec(query)]


def untold(session: Session, limit: int = 20) -> list[AlertRow]:
    """Return open alerts that no channel has taken yet, the oldest first."""
    waiting = select(AlertRow).where(col(AlertRow.told_at).is_(None), col(AlertRow.closed_at).is_(None))
    return list(session.exec(waiting.order_by(col(AlertRow.id)).limit(limit)))


def _row(alert: Alert, now: datetime) -> AlertRow:
    return AlertRow(
        rule=alert.rule,
        subject=alert.subject,
        title=alert.title,
        conversation_id=alert.conversation,
        message_id=alert.message,
        due_at=alert.due_at,
        opened_at=now,
    )


def _fact(kind: str, row: AlertRow) -> Fact:
    body = {"rule": row.rule, "title": row.title, "message": str(row.message_id)}
    return Fact(kind, row.subject, body, ACTOR)


def _listed(row: AlertRow, project: ProjectRow | None) -> Listed:
    assert row.id is not None
    return Listed(
        id=row.id,
        rule=row.rule,
        subject=row.subject,
        title=row.title,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        project=project.name if project else None,
        client=project.client if project else None,
        due_at=row.due_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        told_at=row.told_at,
        trouble=row.trouble,
    )
