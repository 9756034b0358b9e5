"""The index at rest. Out: its tables, made and dropped by migrations. Never: holds anything but keys.

SQLite: FTS5 without content, 1.5 KB a message, because the text itself lies compressed in `message`. Keys come
ready from `service.search.keys`, so the tokenizer has nothing to fold: `ascii` splits at spaces and keeps the rest.
PostgreSQL: one `tsvector` a message under GIN, made from the same keys without a dictionary of the server.
"""

from sqlalchemy import Connection

INDEX = "search_index"
DOCUMENTS = "search_document"

_CREATE = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5"
        "(subject, body, people, content='', detail=full, tokenize='ascii')",
    ),
    "postgresql": (
        f"CREATE TABLE {DOCUMENTS} (message_id bigint PRIMARY KEY, keys tsvector NOT NULL)",
        f"CREATE INDEX ix_{DOCUMENTS}_keys ON {DOCUMENTS} USING gin (keys)",
    ),
}
_DROP = {"sqlite": (f"DROP TABLE {INDEX}",), "postgresql": (f"DROP TABLE {DOCUMENTS}",)}


def create_index(connection: Connection) -> None:
    """Make the empty index of this engine."""
    _run(connection, _CREATE)


def drop_index(connection: Connection) -> None:
    """Drop the index; it can be made again from the archive."""
    _run(connection, _DROP)


def _run(connection: Connection, statements: dict[str, tuple[str, ...]]) -> None:
    for statement in statements[connection.dialect.name]:
        connection.exec_driver_sql(statement)
