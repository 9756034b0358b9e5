"""The index that migrations make is the one that the code describes."""

import pytest
from sqlalchemy import text

from service.search.ddl import create_index, drop_index

SHAPES = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'search_index'",
    "postgresql": "SELECT string_agg(indexdef, ';' ORDER BY indexdef) FROM pg_indexes"
    " WHERE tablename = 'search_document'",
}


@pytest.fixture
def connection(session):
    return session.connection()


def shape(connection):
    described = connection.execute(text(SHAPES[connection.dialect.name])).scalar()
    return "".join(described.split()) if described else None


def test_the_migrated_index_is_the_described_one(connection):
    migrated = shape(connection)
    drop_index(connection)
    assert shape(connection) is None
    create_index(connection)
    assert shape(connection) == migrated
