"""The index in PostgreSQL: tsvectors under GIN, made from our keys. In: Documents, Match. Out: selects.

GIN gives all matches in no order, so the newest of a common word cost as much as all of them; the primary key
gives the newest first, but walks most of the table for a word that is common but old (37 s with a million
messages). So a bounded number of the newest rows is looked through, and GIN asked for what is still missing.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    cast,
    column,
    exists,
    func,
    not_,
    select,
    table,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Mapped

from service.search.index import Document, Span
from service.search.match import Choice, Match, Needle

_ROWS = table("search_document", column("message_id", BigInteger), column("keys", TSVECTOR))

_WRITE = "INSERT INTO search_document (message_id, keys) VALUES (%s, %s::tsvector)"
_FORGET = "DELETE FROM search_document WHERE message_id = %s"
_CLEAR = "TRUNCATE search_document"

LOOKED_THROUGH = 300
"""Rows looked through, besides as many as are wanted, before GIN is asked."""
LAST_POSITION = 16_383
"""PostgreSQL counts no further; words beyond are found, but not as part of a phrase."""
MOST_BYTES = 1_000_000
"""Of the keys of one message with their places: a tsvector holds 1,048,575, and the rest is not found."""
POSITION_BYTES = 4
COLUMN_GAP = 8
"""Positions between subject, body and people: no phrase reaches from one into the next."""


class PostgresIndex:
    """One row for each document, with its keys and their places."""

    def write(self, connection: Connection, documents: Iterable[Document]) -> None:
        """Add documents of messages that are not in the index."""
        if rows := [(document.row, _vector(document)) for document in documents]:
            connection.exec_driver_sql(_WRITE, rows)

    def forget(self, connection: Connection, documents: Iterable[Document]) -> None:
        """Take documents out."""
        if rows := [(document.row,) for document in documents]:
            connection.exec_driver_sql(_FORGET, rows)

    def clear(self, connection: Connection) -> None:
        """Take everything out."""
        connection.exec_driver_sql(_CLEAR)

    def prepare(self, connection: Connection) -> None:
        """Keep this transaction from reading all rows: the planner does not see what unpacking keys costs."""
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL jit = off")

    def among(self, match: Match, key: Mapped[int]) -> ColumnElement[bool]:
        """Say whether the message with this id matches."""
        found = exists().where(_ROWS.c.message_id.in_([key, -1 - key]), _holds(match))
        return and_(found, *_without(match, key))

    def newest(self, match: Match, span: Span, most: int) -> Select[int]:
        """Select `id` of the newest messages of the span that match, newest first."""
        own = self._own(match, span, most).subquery("own")
        attached = (
            select((-1 - _ROWS.c.message_id).label("id"))
            .where(_ROWS.c.message_id.between(-span.end, -1 - span.first), _holds(match))
            .order_by(_ROWS.c.message_id + 0)
            .limit(most)
            .subquery("attached")
        )
        either = union(select(own.c.id), select(attached.c.id)).subquery("either")
        return select(either.c.id).order_by(either.c.id.desc()).limit(most)

    def _own(self, match: Match, span: Span, most: int) -> Select[int]:
        """Select the newest messages that match in their own words."""
        key = _ROWS.c.message_id
        in_span = and_(key.between(span.first, span.end - 1), *_without(match, key))
        looked = (
            select(_ROWS.c.message_id.label("id"), _holds(match).label("matches"))
            .where(in_span)
            .order_by(_ROWS.c.message_id.desc())
            .limit(LOOKED_THROUGH + most)
            .cte("looked")
        )
        near = (
            select(looked.c.id).where(looked.c.matches).order_by(looked.c.id.desc()).limit(most).cte("near")
        )
        edge = select(func.min(looked.c.id)).scalar_subquery()
        enough = select(func.count()).select_from(near).scalar_subquery() >= most
        far = (
            select(_ROWS.c.message_id.label("id"))
            .where(in_span, _holds(match), _ROWS.c.message_id < edge, not_(enough))
            .order_by((_ROWS.c.message_id + 0).desc())
            .limit(most)
        )
        both = union_all(select(near.c.id), far).subquery("both")
        return select(both.c.id).order_by(both.c.id.desc()).limit(most)

    def weighed(self, match: Match, span: Span, most: int) -> Select[int, float]:
        """Select `id` and `weight` of those messages."""
        newest = self.newest(match, span, most).cte("newest")
        weight = func.ts_rank(_ROWS.c["keys"], _written(match))
        either = _ROWS.c.message_id.in_([newest.c.id, -1 - newest.c.id])
        return select(newest.c.id, func.max(weight).label("weight")).join(_ROWS, either).group_by(newest.c.id)


def _without(match: Match, key: ColumnElement[int] | Mapped[int]) -> list[ColumnElement[bool]]:
    """Say of a message whose own words match that its attachments do not hold what must not occur."""
    attached = _ROWS.alias("attached")
    never = Match((match.never,))
    held = exists().where(
        attached.c.message_id == -1 - key, attached.c["keys"].bool_op("@@")(_written(never))
    )
    return [not_(held)] if match.never else []


def _holds(match: Match) -> ColumnElement[bool]:
    return _ROWS.c["keys"].bool_op("@@")(_written(match))


def _vector(document: Document) -> str:
    """Write a tsvector: each key with its positions and the weight of its column."""
    places: dict[str, list[str]] = {}
    size, start = 0, 1
    found = document.keys
    for text, weight in ((found.subject, "A"), (found.people, "B"), (found.body, "")):
        keys = text.split()
        for position, key in enumerate(keys, start):
            size += POSITION_BYTES if key in places else POSITION_BYTES + len(key.encode())
            if size > MOST_BYTES:
                break
            places.setdefault(key, []).append(f"{min(position, LAST_POSITION)}{weight}")
        start += len(keys) + COLUMN_GAP
    return " ".join(f"{_lexeme(key)}:{','.join(at)}" for key, at in places.items())


def _written(match: Match) -> ColumnElement[Any]:
    """Write a match as a tsquery, every key as a string, so that none is an operator."""
    every = " & ".join(f"({_choice(choice)})" for choice in match.every)
    written = f"{every} & !({_choice(match.never)})" if match.never else every
    return cast(written, TSQUERY)


def _choice(choice: Choice) -> str:
    return " | ".join(map(_needle, choice))


def _needle(needle: Needle) -> str:
    phrase = " <-> ".join(map(_lexeme, needle.keys))
    return f"({phrase}:*)" if needle.prefix else f"({phrase})"


def _lexeme(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
