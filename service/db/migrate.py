"""Bring a database to the newest schema. In: an Engine. Out: nothing. Never: creates tables any other way."""

import re
from pathlib import Path

from sqlalchemy import Engine, func, inspect, select, text

from service.db.session import WRITER_LOCK

ROOT = Path(__file__).parents[2]
VERSIONS = ROOT / "alembic" / "versions"
_REVISION = re.compile(r'^revision = "(.+)"$', re.MULTILINE)
_DOWN_REVISION = re.compile(r'^down_revision = "(.+)"$', re.MULTILINE)


def migrate(engine: Engine, revision: str = "head") -> None:
    """Run every migration up to `revision` in one connection; safe to call on each start."""
    if revision == "head" and revision_of(engine) == newest_revision():
        return
    # Loading Alembic takes as long as archiving three hundred mails, and most starts have nothing to migrate.
    from alembic import command
    from alembic.config import Config

    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("script_location", str(ROOT / "alembic"))
    with engine.execution_options(writes=True).connect() as connection:
        if engine.dialect.name == "postgresql":
            # Two processes that start at once must not both create the first table.
            connection.execute(select(func.pg_advisory_xact_lock(WRITER_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def revision_of(engine: Engine) -> str | None:
    """Return the revision that a database is at; None where it is new."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def newest_revision() -> str:
    """Return the revision that no other one builds on."""
    scripts = [path.read_text() for path in VERSIONS.glob("*.py")]
    below = {found[1] for script in scripts if (found := _DOWN_REVISION.search(script))}
    [newest] = {found[1] for script in scripts if (found := _REVISION.search(script))} - below
    return newest
