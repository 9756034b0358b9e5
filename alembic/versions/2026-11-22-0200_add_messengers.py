"""Add what messengers bring: revisions, reactions, deletions, copies, keys of chats, live chats; merges.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "distinct_people",
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["one_id"], ["person.id"], name=op.f("fk_distinct_people_one_id_person")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_distinct_people_other_id_person")),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_distinct_people")),
    )
    op.create_table(
        "person_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("addresses", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("merged_at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["kept_id"], ["person.id"], name=op.f("fk_person_merge_kept_id_person")),
        sa.ForeignKeyConstraint(["merged_id"], ["person.id"], name=op.f("fk_person_merge_merged_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    op.create_index(op.f("ix_person_merge_kept_id"), "person_merge", ["kept_id"], unique=False)
    op.create_index(op.f("ix_person_merge_merged_id"), "person_merge", ["merged_id"], unique=False)
    op.create_table(
        "chat_key",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_chat_key_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("channel", "key", name=op.f("pk_chat_key")),
    )
    op.create_index(op.f("ix_chat_key_conversation_id"), "chat_key", ["conversation_id"], unique=False)
    op.create_table(
        "live_chat",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["source_file.id"], name=op.f("fk_live_chat_file_id_source_file")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_live_chat_source_id_source")),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_live_chat")),
    )
    op.create_table(
        "deletion",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("blob_sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_deletion_message_id_message")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_deletion")),
    )
    op.create_table(
        "message_copy",
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("external_key", sa.BigInteger(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["address.id"], name=op.f("fk_message_copy_author_id_address")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_copy_message_id_message")
        ),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_message_copy")),
    )
    op.create_index(op.f("ix_message_copy_author_id"), "message_copy", ["author_id"], unique=False)
    op.create_index(op.f("ix_message_copy_external_key"), "message_copy", ["external_key"], unique=False)
    op.create_index(op.f("ix_message_copy_message_id"), "message_copy", ["message_id"], unique=False)
    op.create_table(
        "reaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("emoji", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["address.id"], name=op.f("fk_reaction_actor_id_address")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_reaction_message_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reaction")),
    )
    op.create_index(op.f("ix_reaction_actor_id"), "reaction", ["actor_id"], unique=False)
    op.create_index(op.f("ix_reaction_message_id"), "reaction", ["message_id"], unique=False)
    op.create_table(
        "revision",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_revision_message_id_message")),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("pk_revision")),
    )
    op.add_column("project", sa.Column("zone", sa.String(), nullable=True))
    op.add_column("import_run", sa.Column("key", sa.String(), nullable=True))
    op.add_column("import_run", sa.Column("total_bytes", sa.BigInteger(), nullable=True))
    op.add_column("import_run", sa.Column("done_bytes", sa.BigInteger(), nullable=True))
    op.add_column("import_run", sa.Column("folder", sa.String(), nullable=True))
    op.add_column("import_run", sa.Column("choice", sa.String(), nullable=True))
    op.create_index(op.f("ix_import_run_key"), "import_run", ["key"], unique=True)
    op.add_column("message", sa.Column("thread_key", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("alike_key", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("edited_at", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("forwarded_from", sa.String(), nullable=True))
    op.create_index(
        "ix_message_alike_key",
        "message",
        ["alike_key"],
        unique=False,
        sqlite_where=sa.text("alike_key IS NOT NULL"),
        postgresql_where=sa.text("alike_key IS NOT NULL"),
    )
    op.create_index(
        "ix_message_reacts_to",
        "message",
        ["reply_key"],
        unique=False,
        sqlite_where=sa.text("kind = 'reaction'"),
        postgresql_where=sa.text("kind = 'reaction'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_message_reacts_to",
        table_name="message",
        sqlite_where=sa.text("kind = 'reaction'"),
        postgresql_where=sa.text("kind = 'reaction'"),
    )
    op.drop_index(
        "ix_message_alike_key",
        table_name="message",
        sqlite_where=sa.text("alike_key IS NOT NULL"),
        postgresql_where=sa.text("alike_key IS NOT NULL"),
    )
    op.drop_column("message", "forwarded_from")
    op.drop_column("message", "edited_at")
    op.drop_column("message", "alike_key")
    op.drop_column("message", "thread_key")
    op.drop_index(op.f("ix_import_run_key"), table_name="import_run")
    op.drop_column("import_run", "choice")
    op.drop_column("import_run", "folder")
    op.drop_column("import_run", "done_bytes")
    op.drop_column("import_run", "total_bytes")
    op.drop_column("import_run", "key")
    op.drop_column("project", "zone")
    op.drop_table("revision")
    op.drop_index(op.f("ix_reaction_message_id"), table_name="reaction")
    op.drop_index(op.f("ix_reaction_actor_id"), table_name="reaction")
    op.drop_table("reaction")
    op.drop_table("deletion")
    op.drop_index(op.f("ix_message_copy_message_id"), table_name="message_copy")
    op.drop_index(op.f("ix_message_copy_external_key"), table_name="message_copy")
    op.drop_index(op.f("ix_message_copy_author_id"), table_name="message_copy")
    op.drop_table("message_copy")
    op.drop_table("live_chat")
    op.drop_index(op.f("ix_chat_key_conversation_id"), table_name="chat_key")
    op.drop_table("chat_key")
    op.drop_index(op.f("ix_person_merge_merged_id"), table_name="person_merge")
    op.drop_index(op.f("ix_person_merge_kept_id"), table_name="person_merge")
    op.drop_table("person_merge")
    op.drop_table("distinct_people")
