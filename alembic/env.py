"""Run the migrations.

In: the connection of `service.db.migrate`, or SCRIPTA_DATABASE_URL where the alembic command is run by hand.
"""

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator
from sqlmodel.sql.sqltypes import AutoString

from service import tables
from service.config import load
from service.db.engine import open_database


def plain_type(kind: str, item: object, _context: object) -> str | bool:
    """Write the column types of the database into migrations, so that they never change with our classes."""
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return "sa.String()"
    return f"sa.{type(item.impl).__name__}()" if isinstance(item, TypeDecorator) else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=tables.METADATA,
        compare_server_default=True,
        transaction_per_migration=True,
        render_item=plain_type,
        # Tables of the search index and triggers are written by hand in the migrations.
        include_name=lambda name, kind, _parents: kind != "table" or tables.is_ours(name),
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = open_database(load().database_url).execution_options(writes=True)
    with engine.connect() as connection:
        run(connection)
        connection.commit()
