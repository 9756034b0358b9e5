"""${message}.

Policy: never edit a migration that has landed. Never use batch_alter_table on ledger tables: SQLite
rebuilds the table and drops its append-only triggers without a word. A data migration gets its own file,
and a test that starts from the old state.

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
