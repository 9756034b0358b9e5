"""The DDL that makes the log append-only inside the database. Out: SQL. Never: runs it (a migration does).

It stops mistakes and careless access, not somebody who may change the schema: checkpoints are for that.
"""

from collections.abc import Sequence

TABLES = ("ledger_entry", "ledger_node", "ledger_checkpoint")

_SQLITE_EVENTS = ("update", "delete", "replace")

# INSERT OR REPLACE deletes the old row without firing delete triggers (recursive_triggers is off by default).
_SQLITE_REPLACES = {
    "ledger_entry": "EXISTS (SELECT 1 FROM ledger_entry WHERE seq = NEW.seq)",
    "ledger_node": "EXISTS (SELECT 1 FROM ledger_node WHERE level = NEW.level AND position = NEW.position)",
    "ledger_checkpoint": "EXISTS (SELECT 1 FROM ledger_checkpoint WHERE size = NEW.size)",
}

_POSTGRES_FUNCTION = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only';
END
$$
"""


def create_triggers(dialect: str) -> Sequence[str]:
    """Return the statements that refuse UPDATE, DELETE, REPLACE and TRUNCATE on `sqlite` or `postgresql`."""
    if dialect == "sqlite":
        return [statement for table in TABLES for statement in _sqlite(table)]
    return [_POSTGRES_FUNCTION, *(statement for table in TABLES for statement in _postgres(table))]


def drop_triggers(dialect: str) -> Sequence[str]:
    """Return the statements that undo `create_triggers`."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {table}_refuse_{event}" for table in TABLES for event in _SQLITE_EVENTS]
    return [
        *(f"DROP TRIGGER {table}_refuse_change ON {table}" for table in TABLES),
        "DROP FUNCTION ledger_refuse_change()",
    ]


def _sqlite(table: str) -> Sequence[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    replaces = _SQLITE_REPLACES[table]
    return (
        f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_refuse_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_refuse_replace BEFORE INSERT ON {table} WHEN {replaces} {refuse}",
    )


def _postgres(table: str) -> Sequence[str]:
    events = "BEFORE UPDATE OR DELETE OR TRUNCATE"
    run = "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
    return (
        f"CREATE TRIGGER {table}_refuse_change {events} ON {table} {run}",
        # ALWAYS: also where session_replication_role would leave ordinary triggers out.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuse_change",
    )
