"""Bring a database to the newest schema. In: an Engine. Out: nothing. Never: creates tables any other way."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, func, select

from service.db.session import WRITER_LOCK

ROOT = Path(__file__).parents[2]


def migrate(engine: Engine, revision: str = "head") -> None:
    """Run every migration up to `revision` in one connection; safe to call on each start."""
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("script_location", str(ROOT / "alembic"))
    with engine.execution_options(writes=True).connect() as connection:
        if engine.dialect.name == "postgresql":
            # Two processes that start at once must not both create the first table.
            connection.execute(select(func.pg_advisory_xact_lock(WRITER_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
