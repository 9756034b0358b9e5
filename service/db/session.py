"""Transactions: the only place that commits. One request or job is one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlmodel import Session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Open a transaction that is committed at the end, or rolled back by any exception."""
    with Session(engine.execution_options(writes=True)) as session:
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a transaction that sees one state of the database and changes nothing."""
    with Session(engine) as session:
        yield session
        session.rollback()
