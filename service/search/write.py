"""Keep the index in step with the archive. In: Documents. Never: commits; the caller's transaction does.

The index holds nothing that the archive does not: it may be cleared and written anew at any time.
"""

from collections.abc import Iterable

from sqlmodel import Session

from service.search.index import Document, Index
from service.search.postgres import PostgresIndex
from service.search.sqlite import SqliteIndex

_INDEXES: dict[str, Index] = {"sqlite": SqliteIndex(), "postgresql": PostgresIndex()}


def index_of(session: Session) -> Index:
    """Return the index of the engine that this session works on."""
    return _INDEXES[session.get_bind().dialect.name]


def write(session: Session, documents: Iterable[Document]) -> None:
    """Add documents of new messages, inside the caller's transaction; a batch of 1,000 is quick."""
    index_of(session).write(session.connection(), documents)


def forget(session: Session, documents: Iterable[Document]) -> None:
    """Take out documents, exactly as they were written; then a changed one may be written again."""
    index_of(session).forget(session.connection(), documents)


def clear(session: Session) -> None:
    """Take out everything, to be written anew: keys of another version never mix with these."""
    index_of(session).clear(session.connection())
