"""Transactions: the only place that commits. One request or job is one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DatabaseError as DatabaseFailure
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from service.errors import DatabaseError

__all__ = ["WRITER_LOCK", "Session", "failures_told", "reading", "writing"]

WRITER_LOCK = 0x5343524950544132
"""Number of the PostgreSQL advisory lock of the one writer; SQLite has BEGIN IMMEDIATE for it."""


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Open a transaction that is committed at the end, or rolled back by any exception.

    One writer at a time, on both engines: what it finds missing is still missing when it adds it.
    """
    with failures_told(engine), Session(engine.execution_options(writes=True)) as session:
        if engine.dialect.name == "postgresql":
            session.connection().execute(select(func.pg_advisory_xact_lock(WRITER_LOCK)))
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a transaction that sees one state of the database and changes nothing."""
    with failures_told(engine), Session(engine) as session:
        yield session
        session.rollback()


@contextmanager
def failures_told(engine: Engine) -> Iterator[None]:
    """Say what a failing database means for people. Raises DatabaseError."""
    try:
        yield
    except DatabaseFailure as error:
        # Below it, only this one is the world's doing; others (a broken constraint) are ours.
        if not isinstance(error, OperationalError) and type(error) is not DatabaseFailure:
            raise
        place = engine.url.render_as_string(hide_password=True)
        raise DatabaseError(
            f"The database {place} failed: {str(error.orig).strip()}. Check that it runs, that its disk has "
            "space, and that this account may write to it; then do it again: what was kept stays kept."
        ) from error
