"""The index at rest. Out: its tables, made and dropped by migrations. Never: holds anything but keys.

SQLite: FTS5 without content, because the text itself lies compressed in `message`. Keys come ready from
`service.extraction.lemmas`, so the tokenizer has nothing to fold: `ascii` only splits at spaces.
PostgreSQL: one `tsvector` a message under GIN, made from the same keys without a dictionary of the server.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

_CREATE = {
    "sqlite": [
        """CREATE VIRTUAL TABLE search_index
           USING fts5 (subject, body, people, content='', detail=full, tokenize='ascii')"""
    ],
    "postgresql": [
        "CREATE TABLE search_document (message_id bigint PRIMARY KEY, keys tsvector NOT NULL)",
        "CREATE INDEX ix_search_document_keys ON search_document USING gin (keys)",
    ],
}
_DROP = {"sqlite": ["DROP TABLE search_index"], "postgresql": ["DROP TABLE search_document"]}


def create_index(connection: Connection) -> None:
    """Make the empty index of this engine."""
    _run(connection, _CREATE)


def drop_index(connection: Connection) -> None:
    """Drop the index; it can be made again from the archive."""
    _run(connection, _DROP)


def _run(connection: Connection, statements: Mapping[str, Sequence[str]]) -> None:
    for statement in statements[connection.dialect.name]:
        connection.exec_driver_sql(statement)
