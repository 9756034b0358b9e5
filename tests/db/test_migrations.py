"""The schema that migrations build is the schema that the tables describe, on both engines."""

import subprocess
import sys
import uuid

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from service import tables
from service.db.engine import open_database
from service.db.migrate import ROOT, migrate, newest_revision, revision_of

START = """\
import sys
from service.db.engine import open_database
from service.db.migrate import migrate
migrate(open_database(sys.argv[1]))
"""


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
    assert revision_of(engine) == newest_revision()


def test_the_newest_revision_is_the_one_that_alembic_calls_head():
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("script_location", str(ROOT / "alembic"))
    assert newest_revision() == ScriptDirectory.from_config(config).get_current_head()


def test_two_processes_may_start_on_an_empty_database_at_once(postgres_server):
    server = open_database(postgres_server)
    name = f"test_{uuid.uuid4().hex}"
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = server.url.set(database=name).render_as_string(hide_password=False)
    both = [subprocess.Popen([sys.executable, "-c", START, url], cwd=ROOT) for _ in range(2)]
    codes = [process.wait() for process in both]
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()
    assert codes == [0, 0]


def test_the_migrations_folder_does_not_shadow_the_library():
    assert not (ROOT / "alembic" / "__init__.py").exists()
