"""What copies of messages say of their people. Out: pairs of addresses. Never: makes two people one."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.accounts.scope import EVERYTHING, Scope
from service.archive.tables import ConversationRow, CopyRow, MessageRow


def alike_people(
    session: Session, at_least: int = 1, scope: Scope = EVERYTHING
) -> list[tuple[int, int, int]]:
    """Return pairs of addresses that wrote the same messages in two exports, and how many, the surest first.

    The first of a pair is how the archive knows the author, the second how another export calls them.
    """
    times = func.count()
    known, other = col(MessageRow.author_id), col(CopyRow.author_id)
    query = (
        select(known, other, times)
        .join(CopyRow, col(CopyRow.message_id) == col(MessageRow.id))
        .where(known.is_not(None), other.is_not(None), known != other)
        .group_by(known, other)
        .having(times >= at_least)
        .order_by(times.desc(), known, other)
    )
    if not scope.everything:
        place = col(ConversationRow.id) == col(MessageRow.conversation_id)
        query = query.join(ConversationRow, place)
        query = query.where(col(ConversationRow.project_id).in_(sorted(scope.projects)))
    return [(one, two, number) for one, two, number in session.exec(query) if one and two]
