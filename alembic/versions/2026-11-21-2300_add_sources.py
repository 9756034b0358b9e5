"""Add sources with their folders, origins of mails, texts of attachments; alerts without a message.

Policy: never edit a migration that has landed. Never use batch_alter_table on ledger tables: SQLite
rebuilds the table and drops its append-only triggers without a word. A data migration gets its own file,
and a test that starts from the old state.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "origin_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("authenticated", sa.Boolean(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_origin_key")),
    )
    op.create_index(op.f("ix_origin_key_name"), "origin_key", ["name"], unique=False)
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("settings", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("secret_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("pulled_at", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lease_by", sa.String(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
    )
    op.create_table(
        "folder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("special", sa.String(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("uid_next", sa.BigInteger(), nullable=False),
        sa.Column("modseq", sa.BigInteger(), nullable=True),
        sa.Column("on_server", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("reconciled_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["source_file.id"], name=op.f("fk_folder_file_id_source_file")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_folder_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder")),
        sa.UniqueConstraint(
            "source_id", "name", "uid_validity", name=op.f("uq_folder_source_id_name_uid_validity")
        ),
    )
    op.create_index(op.f("ix_folder_source_id"), "folder", ["source_id"], unique=False)
    op.create_table(
        "folder_message",
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("labels", sa.String(), nullable=True),
        sa.Column("thread", sa.BigInteger(), nullable=True),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["folder_id"], ["folder.id"], name=op.f("fk_folder_message_folder_id_folder")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_folder_message_message_id_message")
        ),
        sa.PrimaryKeyConstraint("folder_id", "uid", name=op.f("pk_folder_message")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_folder_message_message_id"), "folder_message", ["message_id"], unique=False)
    op.create_table(
        "origin",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("signatures", sa.String(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_origin_message_id_message")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_origin")),
    )
    op.create_index(op.f("ix_origin_verdict"), "origin", ["verdict"], unique=False)
    op.create_table(
        "attachment_text",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("from_image", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id", "position"],
            ["attachment.message_id", "attachment.position"],
            name=op.f("fk_attachment_text_message_id_position_attachment"),
        ),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("pk_attachment_text")),
    )
    op.create_index(op.f("ix_attachment_text_state"), "attachment_text", ["state"], unique=False)
    op.add_column("import_run", sa.Column("source_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_import_run_source_id"), "import_run", ["source_id"], unique=False)
    op.add_column("message", sa.Column("internal_at", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("time_rule", sa.String(), nullable=True))
    _let_alerts_have_no_message(nullable=True)
    if op.get_bind().dialect.name == "postgresql":  # an INTEGER of SQLite has 64 bits; a UID has 32 unsigned
        op.alter_column("sighting", "position", type_=sa.BigInteger())


def downgrade() -> None:
    op.execute("DELETE FROM alert WHERE message_id IS NULL")
    _let_alerts_have_no_message(nullable=False)
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("sighting", "position", type_=sa.Integer())
    op.drop_column("message", "time_rule")
    op.drop_column("message", "internal_at")
    op.drop_index(op.f("ix_import_run_source_id"), table_name="import_run")
    op.drop_column("import_run", "source_id")
    op.drop_index(op.f("ix_attachment_text_state"), table_name="attachment_text")
    op.drop_table("attachment_text")
    op.drop_index(op.f("ix_origin_verdict"), table_name="origin")
    op.drop_table("origin")
    op.drop_index(op.f("ix_folder_message_message_id"), table_name="folder_message")
    op.drop_table("folder_message")
    op.drop_index(op.f("ix_folder_source_id"), table_name="folder")
    op.drop_table("folder")
    op.drop_table("source")
    op.drop_index(op.f("ix_origin_key_name"), table_name="origin_key")
    op.drop_table("origin_key")


def _let_alerts_have_no_message(*, nullable: bool) -> None:
    # The batch copies the table on SQLite; its partial index is made anew rather than guessed from the copy.
    op.drop_index("uq_alert_open", table_name="alert")
    with op.batch_alter_table("alert") as batch:
        batch.alter_column("conversation_id", existing_type=sa.BigInteger(), nullable=nullable)
        batch.alter_column("message_id", existing_type=sa.BigInteger(), nullable=nullable)
    op.create_index(
        "uq_alert_open",
        "alert",
        ["rule", "subject"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
