"""Find messages. In: a query as typed, a Scope. Out: Page. Never: more than the reader may see.

Words are asked first, newest first, in a few steps: most pages are full after the first. Where the fields let
hardly any of the newest matches through, the rest is asked the other way round: rows that fit the fields come
first, and each is looked up among all matches. So a common word in a small project does not walk the archive.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any

from sqlalchemy import CTE, Connection, Select, and_, case, select
from sqlmodel import Session, col

from service.accounts.scope import Scope
from service.archive.tables import ConversationRow, MessageRow, ProjectRow
from service.errors import SearchError
from service.search.filters import Condition, conditions_of, span_of
from service.search.hit import Page, Tally
from service.search.index import LATEST, Index, Span
from service.search.load import load
from service.search.match import Match, match_of
from service.search.parse import parse
from service.search.write import index_of

MOST_ON_PAGE = 200
COUNTED = 1_000
"""Nobody reads further, and counting every match of a common word costs more than finding the newest."""
RANKED = 1_000
"""The newest matches among which the best are looked for."""
STEPS = (100, 1_000)
"""Matches looked at before the fields are asked first."""

_CURSOR = re.compile(r"[0-9]{1,18}")


def find(
    session: Session,
    query: str,
    *,
    scope: Scope,
    limit: int = 20,
    cursor: str | None = None,
    zone: tzinfo = UTC,
) -> Page:
    """Return one page of what the query finds, newest first; days of `before:` and `after:` begin in `zone`.

    Messages that arrive between two pages neither repeat a hit nor push one out. Raises SearchError.
    """
    search = _understood(session, query, scope, zone, cursor)
    size = max(1, min(limit, MOST_ON_PAGE))
    found = search.newest(size + 1) if search else []
    page = found[:size]
    following = str(page[-1]) if len(found) > size else None
    return Page(load(session, page, search.match.wanted if search else ()), following)


def find_best(session: Session, query: str, *, scope: Scope, limit: int = 20, zone: tzinfo = UTC) -> Page:
    """Return the best of the newest matches, the best first; a query of fields alone: the newest."""
    search = _understood(session, query, scope, zone)
    if search is None:
        return Page(())
    return Page(load(session, search.best(max(1, min(limit, MOST_ON_PAGE))), search.match.wanted))


def count(session: Session, query: str, *, scope: Scope, zone: tzinfo = UTC) -> Tally:
    """Count what the query finds, up to COUNTED."""
    search = _understood(session, query, scope, zone)
    number = len(search.newest(COUNTED + 1)) if search else 0
    return Tally(min(number, COUNTED), more=number > COUNTED)


@dataclass(frozen=True, slots=True)
class _Search:
    """A query understood for one reader of one archive."""

    connection: Connection
    index: Index
    match: Match
    span: Span
    conditions: tuple[Condition, ...]

    def newest(self, most: int) -> list[int]:
        """Return the ids of the newest messages that satisfy everything."""
        if not self.match.every:
            return self._by_fields(most, self.span)
        if not self.conditions:
            return list(self.connection.scalars(self.index.newest(self.match, self.span, most)))
        found: list[int] = []
        rest = self.span
        for step in STEPS:
            seen = self._judged(rest, step)
            found += [message_id for message_id, fits in seen if fits]
            if len(found) >= most or len(seen) < step:
                return found[:most]
            rest = replace(rest, end=seen[-1][0])
        return found + self._by_fields(most - len(found), rest)

    def best(self, most: int) -> list[int]:
        """Return the ids of the best among the newest matches, the best first."""
        if not self.match.every:
            return self._by_fields(most, self.span)
        window = self.index.weighed(self.match, self.span, RANKED).cte("match_in_time")
        ranked = _joined(select(window.c.id), window).where(*self.conditions)
        return list(
            self.connection.scalars(ranked.order_by(window.c.weight.desc(), window.c.id.desc()).limit(most))
        )

    def _judged(self, span: Span, most: int) -> list[tuple[int, bool]]:
        """Return the newest matches, and of each whether it fits the fields."""
        window = self.index.newest(self.match, span, most).cte("match_in_time")
        fits = case((and_(*self.conditions), 1), else_=0)
        judged = _joined(select(window.c.id, fits), window).order_by(window.c.id.desc())
        return [(message_id, bool(fit)) for message_id, fit in self.connection.execute(judged)]

    def _by_fields(self, most: int, span: Span) -> list[int]:
        """Return the newest messages that fit the fields and are among all matches."""
        key = col(MessageRow.id)
        fitting = (
            select(key)
            .join(ConversationRow, col(ConversationRow.id) == col(MessageRow.conversation_id))
            .outerjoin(ProjectRow, col(ProjectRow.id) == col(ConversationRow.project_id))
            .where(key >= span.first, key < span.end, *self.conditions)
        )
        # `+ 0` keeps both planners from walking the matches one by one.
        if self.match.every:
            fitting = fitting.where((key + 0).in_(self.index.hits(self.match)))
        elif self.match.never:
            fitting = fitting.where((key + 0).not_in(self.index.hits(Match((self.match.never,)))))
        return list(self.connection.scalars(fitting.order_by(key.desc()).limit(most)))


def _understood(
    session: Session, query: str, scope: Scope, zone: tzinfo, cursor: str | None = None
) -> _Search | None:
    """Understand a query for a reader; None for one who may see nothing."""
    parsed = parse(query)
    match = match_of(parsed)
    end = _end(cursor)
    if not scope.everything and not scope.projects:
        return None
    conditions = conditions_of(parsed, scope)
    return _Search(
        session.connection(), index_of(session), match, span_of(parsed, zone, end), tuple(conditions)
    )


def _end(cursor: str | None) -> int:
    """Return the id that the page comes before."""
    if cursor is None:
        return LATEST
    if not _CURSOR.fullmatch(cursor):
        raise SearchError(f"No search gave out the cursor {cursor[:40]!r}: leave it out to start anew.")
    return int(cursor)


def _joined(ids: Select[Any], window: CTE) -> Select[Any]:
    """Join matches to the rows that conditions speak of."""
    return (
        ids.select_from(window)
        .join(MessageRow, col(MessageRow.id) == window.c.id)
        .join(ConversationRow, col(ConversationRow.id) == col(MessageRow.conversation_id))
        .outerjoin(ProjectRow, col(ProjectRow.id) == col(ConversationRow.project_id))
    )
