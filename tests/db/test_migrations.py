"""The schema that migrations build is the schema that the tables describe, on both engines."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from service import tables
from service.db.migrate import ROOT, migrate


def test_migrations_build_the_schema_that_the_tables_describe(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_server_default": True,
                "include_name": lambda name, kind, _parents: kind != "table" or tables.is_ours(name),
            },
        )
        assert compare_metadata(context, tables.METADATA) == []


def test_migrating_again_changes_nothing(engine):
    migrate(engine)


def test_the_migrations_folder_does_not_shadow_the_library():
    assert not (ROOT / "alembic" / "__init__.py").exists()
