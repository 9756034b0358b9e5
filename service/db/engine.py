"""Open the database. In: a SQLAlchemy URL. Out: an Engine with one behaviour on both engines."""

from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from service.errors import ConfigError

PRAGMAS = (
    # Readers never wait for the writer, and a power cut never loses a commit.
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "busy_timeout = 30000",
    # Larger pages keep a message's row on one page; set before the first table exists.
    "cache_size = -16384",
    "temp_store = MEMORY",
)
PAGE_SIZE = "page_size = 8192"


def open_database(url: str) -> Engine:
    """Return an engine for `url`: `sqlite:///path` or `postgresql://...`.

    Raises ConfigError for any other database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not repeated, not even as its cause: it may hold a password.
        raise ConfigError(
            "SCRIPTA_DATABASE_URL is no address of a database; write sqlite:///PATH or "
            "postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    match parsed.get_backend_name():
        case "sqlite":
            if parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(parsed, hide_parameters=True)
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        case "postgresql":
            return create_engine(
                parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True
            )
        case other:
            raise ConfigError(f"Scripta keeps its data in SQLite or PostgreSQL, not in {other}")


def _prepare_sqlite(connection: SqliteConnection, _record: Any) -> None:
    # The driver's own transaction handling begins late and commits before DDL; ours is explicit.
    connection.isolation_level = None
    connection.execute(f"PRAGMA {PAGE_SIZE}")
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the write lock at once: upgrading a read transaction later fails under WAL
    # with SQLITE_BUSY_SNAPSHOT, whatever the timeout.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
