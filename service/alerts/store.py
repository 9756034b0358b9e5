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
    conversation_id: int | None
    message_id: int | None
    project: str | None
    client: str | None
    due_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    told_at: datetime | None
    trouble: str


@dataclass(frozen=True, slots=True)
class Untold:
    """An open alert that people are still to be told of."""

    id: int
    rule: str
    title: str
    due_at: datetime
    attempts: int


def settle(session: Session, should_be_open: Sequence[Alert], now: datetime) -> tuple[int, int]:
    """Open what is missing, close what has lost its reason; return how many of each. Each is an entry.

    What stays open follows its reason: threads are joined, titles become better.
    """
    wanted = {(alert.rule, alert.subject): alert for alert in should_be_open}
    standing = session.exec(select(AlertRow).where(col(AlertRow.closed_at).is_(None))).all()
    facts = []
    for row in standing:
        alert = wanted.get((row.rule, row.subject))
        if alert is None:
            row.closed_at = now
            facts.append(_fact("alert.closed", row))
        else:
            row.title, row.due_at = alert.title, alert.due_at
            row.conversation_id, row.message_id = alert.conversation, alert.message
    fresh = [_row(wanted[key], now) for key in wanted.keys() - {(row.rule, row.subject) for row in standing}]
    fresh.sort(key=lambda row: (row.due_at, row.rule, row.subject))
    session.add_all(fresh)
    append(session, facts + [_fact("alert.opened", row) for row in fresh])
    return len(fresh), len(facts)


def alerts(
    session: Session, scope: Scope, *, closed: bool = False, limit: int = 50, before: int | None = None
) -> list[Listed]:
    """Return open or closed alerts, the newest first; `before` is the id of the last one seen.

    Those about a source belong to no project: they are for whoever sees everything.
    """
    state = col(AlertRow.closed_at).is_not(None) if closed else col(AlertRow.closed_at).is_(None)
    query = (
        select(AlertRow, ConversationRow, ProjectRow)
        .outerjoin(ConversationRow, col(ConversationRow.id) == col(AlertRow.conversation_id))
        .outerjoin(ProjectRow, col(ProjectRow.id) == col(ConversationRow.project_id))
        .where(state)
        .order_by(col(AlertRow.id).desc())
        .limit(limit)
    )
    if not scope.everything:
        # A source's alert has no conversation: NULL is in no list.
        query = query.where(col(ConversationRow.project_id).in_(scope.projects))
    if before is not None:
        query = query.where(col(AlertRow.id) < before)
    return [_listed(row, project) for row, _, project in session.exec(query)]


def untold(session: Session, limit: int = 20) -> list[Untold]:
    """Return open alerts that no channel has taken yet: the least often refused first, then the oldest."""
    query = (
        select(AlertRow)
        .where(col(AlertRow.told_at).is_(None), col(AlertRow.closed_at).is_(None))
        .order_by(col(AlertRow.attempts), col(AlertRow.id))
        .limit(limit)
    )
    return [Untold(row.id or 0, row.rule, row.title, row.due_at, row.attempts) for row in session.exec(query)]


def claim(session: Session, alert: Untold) -> bool:
    """Count an attempt to tell an alert; False where somebody else tries it already, or it was closed."""
    row = session.get(AlertRow, alert.id)
    if row is None or row.told_at or row.closed_at or row.attempts != alert.attempts:
        return False
    row.attempts += 1
    return True


def note_told(session: Session, alert_id: int, now: datetime) -> None:
    """Note that a channel took an alert."""
    row = session.get_one(AlertRow, alert_id)
    row.told_at, row.trouble = now, ""


def note_refused(session: Session, alert_id: int, trouble: str) -> None:
    """Note why a channel did not take an alert."""
    session.get_one(AlertRow, alert_id).trouble = trouble


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
    body = {"rule": row.rule, "title": row.title}
    if row.message_id is not None:
        body["message"] = str(row.message_id)
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
