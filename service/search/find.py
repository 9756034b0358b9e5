"""Find messages. In: a query as typed, a Scope. Out: Page. Never: more than the reader may see.

Words are asked first, newest first, in a few steps: most pages are full after the first. Where the fields let
hardly any of the newest matches through, the rest is asked the other way round: rows that fit the fields come
first, and each is looked up among all matches. So a common word in a small project does not walk the archive.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any

from sqlalchemy import CTE, Connection, Select, and_, case, not_, select
from sqlmodel import Session, col

from service.accounts.scope import Scope
from service.archive.tables import ConversationRow, MessageRow, ProjectRow
from service.errors import SearchError
from service.search.filters import Fields, fields_of, span_of, talks
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

_KEY = col(MessageRow.id)
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
    fields: Fields

    def newest(self, most: int) -> list[int]:
        """Return the ids of the newest messages that satisfy everything."""
        if not self.fields:
            return self._ids(self._matches(self.span, most))
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
            return self.newest(most)
        window = self.index.weighed(self.match, self.span, RANKED).cte("match")
        ranked = _joined(select(window.c.id), window).where(*self.fields.of_message, *self.fields.of_talk)
        best_first = ranked.order_by(window.c.weight.desc(), window.c.id.desc())
        return self._ids(best_first.limit(most))

    def _matches(self, span: Span, most: int) -> Select[int]:
        """Select the newest messages with the words, or all of them where no word is wanted."""
        if self.match.every:
            return self.index.newest(self.match, span, most)
        return self._narrowed(select(_KEY.label("id")), span).order_by(_KEY.desc()).limit(most)

    def _narrowed(self, messages: Select[int], span: Span) -> Select[int]:
        """Leave only messages of the span with the wanted words and without the others."""
        within = messages.where(_KEY.between(span.first, span.end - 1))
        if self.match.every:
            return within.where(self.index.among(self.match, _KEY))
        if self.match.never:
            return within.where(not_(self.index.among(Match((self.match.never,)), _KEY)))
        return within

    def _judged(self, span: Span, most: int) -> list[tuple[int, bool]]:
        """Return the newest matches, and of each whether it fits the fields."""
        window = self._matches(span, most).cte("match")
        fits = case((and_(*self.fields.of_message, *self.fields.of_talk), 1), else_=0)
        judged = _joined(select(window.c.id, fits), window).order_by(window.c.id.desc())
        return [(message_id, bool(fit)) for message_id, fit in self.connection.execute(judged).all()]

    def _by_fields(self, most: int, span: Span) -> list[int]:
        """Return the newest messages that fit the fields, each looked up among all matches."""
        fitting = select(_KEY).where(*self.fields.of_message)
        if self.fields.of_talk:
            fitting = fitting.where(col(MessageRow.conversation_id).in_(talks(self.fields)))
        # `+ 0` keeps both planners from walking through all messages by id.
        newest = self._narrowed(fitting, span).order_by((_KEY + 0).desc())
        return self._ids(newest.limit(most))

    def _ids(self, messages: Select[int]) -> list[int]:
        return list(self.connection.scalars(messages).all())


def _understood(
    session: Session, query: str, scope: Scope, zone: tzinfo, cursor: str | None = None
) -> _Search | None:
    """Understand a query for a reader; None for one who may see nothing."""
    parsed = parse(query)
    match = match_of(parsed)
    end = _end(cursor)
    if not scope.everything and not scope.projects:
        return None
    span, fields = span_of(parsed, zone, end), fields_of(parsed, scope)
    connection, index = session.connection(), index_of(session)
    index.prepare(connection)
    return _Search(connection, index, match, span, fields)


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
