"""What the archive keeps, at rest. Message ids sort by time, so that the newest come first without a sort."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from service.archive.message import Side
from service.db.base import BIG_ID, CompressedText, Hash, Table, UtcDateTime


class PackRow(Table, table=True):
    """An object in the store of originals: zstd frames one after the other."""

    __tablename__ = "pack"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True, sa_type=Hash)


class BlobRow(Table, table=True):
    """Where the bytes with this SHA-256 are: a slice of a frame of a pack."""

    __tablename__ = "blob"
    __table_args__ = ({"sqlite_with_rowid": False},)

    sha256: str = Field(primary_key=True, sa_type=Hash)
    pack_id: int = Field(foreign_key="pack.id")
    start: int
    length: int
    """Bytes of the compressed frame, from `start` of the pack."""
    offset: int
    size: int
    """Bytes of the content, from `offset` of the uncompressed frame."""


class ProjectRow(Table, table=True):
    """A piece of work for a client; conversations belong to it."""

    __tablename__ = "project"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    client: str = Field(default="", index=True)
    zone: str | None = None
    """In which its people read clocks; None: the installation's."""


class ProjectRuleRow(Table, table=True):
    """Files conversations under a project as they appear: by a mail domain, or words of the title."""

    __tablename__ = "project_rule"

    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    project_id: int = Field(foreign_key="project.id")


class PersonRow(Table, table=True):
    """Somebody with one or more addresses."""

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    side: str = Field(default=Side.OTHER)


class AddressRow(Table, table=True):
    """A mail address, phone number or handle of a person."""

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("kind", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    value: str
    name: str = ""
    person_id: int = Field(foreign_key="person.id", index=True)


class SideRuleRow(Table, table=True):
    """Puts people on a side as they appear: by mail domain, by address, or by name."""

    __tablename__ = "side_rule"
    __table_args__ = (UniqueConstraint("kind", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    value: str
    side: str


class ConversationRow(Table, table=True):
    """A chat, or a thread of mails."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "key"),)

    id: int = Field(primary_key=True, sa_type=BIG_ID, sa_column_kwargs={"autoincrement": False})
    """The id of the message that opened it."""
    channel: str
    key: str
    title: str
    subject_key: int = Field(default=0, sa_type=BigInteger, index=True)
    """64 bits of the hash of the subject without reply prefixes, for mails that lost their References."""
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    zone: str | None = None
    merged_into: int | None = Field(default=None, sa_type=BigInteger, foreign_key="conversation.id")
    """Set when a late mail shows that two threads are one: this row then holds no messages."""
    first_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime, index=True)
    extracted_by: str | None = Field(default=None, index=True)
    """Version of the extraction that has read all of it; None while messages wait."""


class ChatKeyRow(Table, table=True):
    """Another key of a conversation: the same chat came from the other side, or in another format."""

    __tablename__ = "chat_key"

    channel: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id", index=True)


class ThreadLinkRow(Table, table=True):
    """Every Message-ID seen or referred to, and its conversation: joins threads in any order of arrival."""

    __tablename__ = "thread_link"

    key: int = Field(primary_key=True, sa_type=BIG_ID, sa_column_kwargs={"autoincrement": False})
    """64 bits of the hash of a Message-ID."""
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id", index=True)


class MessageRow(Table, table=True):
    """One message or service record."""

    __tablename__ = "message"
    __table_args__ = (
        Index(None, "conversation_id", "id"),
        Index(None, "kind", "id"),
        Index(
            "ix_message_alike_key",
            "alike_key",
            sqlite_where=text("alike_key IS NOT NULL"),
            postgresql_where=text("alike_key IS NOT NULL"),
        ),
        Index(
            "ix_message_reacts_to",
            "reply_key",
            sqlite_where=text("kind = 'reaction'"),
            postgresql_where=text("kind = 'reaction'"),
        ),
    )

    id: int = Field(primary_key=True, sa_type=BIG_ID, sa_column_kwargs={"autoincrement": False})
    """Minutes of `sent_at` since 1970, then 12 bits of the place in its file: exports that print no seconds
    keep their order within a minute."""
    identity: str = Field(unique=True, sa_type=Hash)
    """128 bits that are the same for every copy of this message."""
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id")
    author_id: int | None = Field(default=None, foreign_key="address.id", index=True)
    format: str
    kind: str
    external_id: str = ""
    """Message-ID or the platform's id, cut at 255 characters; the original has all of it."""
    external_key: int | None = Field(default=None, sa_type=BigInteger, index=True)
    """64 bits of the hash of the whole external id."""
    reply_key: int | None = Field(default=None, sa_type=BigInteger)
    """`external_key` of the message that this one answers."""
    thread_key: int | None = Field(default=None, sa_type=BigInteger)
    """`external_key` of the message that opened its thread in a chat."""
    alike_key: int | None = Field(default=None, sa_type=BigInteger)
    """Of chats: 64 bits of the hash of minute and words, the same in the other side's export of the chat."""
    sent_at: datetime = Field(sa_type=UtcDateTime)
    """The time that counts: the claimed one where it is plausible, else the stamped, else the seen one."""
    offset_minutes: int | None = None
    """The sender's offset from UTC where the source gave one."""
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stamped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    internal_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    time_rule: str | None = None
    """Which of the times `sent_at` is: claimed, stamped, internal or seen."""
    seen_at: datetime = Field(sa_type=UtcDateTime)
    subject: str | None = None
    text: str = Field(sa_type=CompressedText)
    duration_s: int | None = None
    edited: bool = False
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    forwarded_from: str | None = None
    """Whose words they are where the author only passed them on."""
    detail: str = ""
    blob_sha256: str = Field(sa_type=Hash)
    extracted_by: str | None = None


class RecipientRow(Table, table=True):
    """Somebody a mail was addressed to."""

    __tablename__ = "recipient"

    message_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="message.id")
    address_id: int = Field(primary_key=True, foreign_key="address.id", index=True)
    field: str
    """to, cc or bcc."""


class AttachmentRow(Table, table=True):
    """A file that came with a message."""

    __tablename__ = "attachment"

    message_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="message.id")
    position: int = Field(primary_key=True)
    name: str
    media_type: str
    size: int | None = Field(default=None, sa_type=BigInteger)
    blob_sha256: str | None = Field(default=None, sa_type=Hash)
    """None where the bytes are inside the message's original, or missing."""
    missing: str | None = None


class VersionRow(Table, table=True):
    """Another text of a message already kept: it was edited between two exports."""

    __tablename__ = "message_version"

    message_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="message.id")
    blob_sha256: str = Field(primary_key=True, sa_type=Hash)
    text: str = Field(sa_type=CompressedText)
    seen_at: datetime = Field(sa_type=UtcDateTime)


class CopyRow(Table, table=True):
    """A kept message as another export has it: under another id, or its author under another name."""

    __tablename__ = "message_copy"

    identity: str = Field(primary_key=True, sa_type=Hash)
    """As `message.identity`, of that copy."""
    message_id: int = Field(sa_type=BigInteger, foreign_key="message.id", index=True)
    external_key: int | None = Field(default=None, sa_type=BigInteger, index=True)
    author_id: int | None = Field(default=None, foreign_key="address.id", index=True)


class RevisionRow(Table, table=True):
    """A text that a message had before it was edited, where its export tells."""

    __tablename__ = "revision"

    message_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="message.id")
    position: int = Field(primary_key=True)
    """0 is the oldest."""
    text: str = Field(sa_type=CompressedText)
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReactionRow(Table, table=True):
    """An emoji on a message: 👍 on a proposal is an answer."""

    __tablename__ = "reaction"

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(sa_type=BigInteger, foreign_key="message.id", index=True)
    actor_id: int | None = Field(default=None, foreign_key="address.id", index=True)
    """None where the export only counts."""
    emoji: str
    count: int = 1
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When a later copy of the message no longer had it."""


class DeletionRow(Table, table=True):
    """A message that somebody took back, and that is kept here all the same."""

    __tablename__ = "deletion"

    message_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="message.id")
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When, where the platform says."""
    seen_at: datetime = Field(sa_type=UtcDateTime)
    blob_sha256: str = Field(sa_type=Hash)
    """The record that shows it."""


class PersonMergeRow(Table, table=True):
    """Two people who turned out to be one: a person said so, and it can be undone."""

    __tablename__ = "person_merge"

    id: int | None = Field(default=None, primary_key=True)
    kept_id: int = Field(foreign_key="person.id", index=True)
    merged_id: int = Field(foreign_key="person.id", index=True)
    """This row stays, without addresses."""
    addresses: str
    """JSON: the ids of the addresses that moved."""
    actor: str
    merged_at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DistinctPeopleRow(Table, table=True):
    """Two people who are not one, though they look it: a person said so."""

    __tablename__ = "distinct_people"

    one_id: int = Field(primary_key=True, foreign_key="person.id")
    """The lower id of the two."""
    other_id: int = Field(primary_key=True, foreign_key="person.id")
    actor: str
    said_at: datetime = Field(sa_type=UtcDateTime)


class ImportRow(Table, table=True):
    """One run of ingest over what a user named."""

    __tablename__ = "import_run"

    id: int | None = Field(default=None, primary_key=True)
    place: str
    actor: str
    source_id: int | None = Field(default=None, index=True)
    """The added source that was pulled; None for files that somebody named."""
    state: str
    """staged, queued, running, done, incomplete (something was unreadable), failed or discarded."""
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    read: int = 0
    new: int = 0
    known: int = 0
    changed: int = 0
    unreadable: int = 0
    passed_over: int = 0
    detail: str = ""
    key: str | None = Field(default=None, unique=True, index=True)
    """Idempotency key of the account that sent it: the same upload twice is one import."""
    total_bytes: int | None = Field(default=None, sa_type=BigInteger)
    """What there is to read; None where nobody knows yet."""
    done_bytes: int | None = Field(default=None, sa_type=BigInteger)
    folder: str | None = None
    """Of an upload: its folder below `uploads`, until it is imported or discarded."""
    choice: str | None = None
    """JSON: what a person chose for it, as `service.pipeline.staged` writes it."""


class SourceFileRow(Table, table=True):
    """A file or folder that messages were read from, the same row however often it is imported."""

    __tablename__ = "source_file"
    __table_args__ = (UniqueConstraint("place", "format"),)

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="import_run.id", index=True)
    """The newest import that read it; the counts are that import's."""
    place: str
    format: str
    zone: str | None = None
    """The zone assumed for times without one; None where the source gives offsets."""
    blob_sha256: str | None = Field(default=None, sa_type=Hash)
    """The whole file, for formats whose records are pieces of it."""
    read: int = 0
    new: int = 0


class SightingRow(Table, table=True):
    """Where a message was found: every copy counts as provenance."""

    __tablename__ = "sighting"

    message_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="message.id")
    file_id: int = Field(primary_key=True, foreign_key="source_file.id")
    position: int = Field(primary_key=True, sa_type=BIG_ID)
    """Its place among the records of a file; its UID in a folder of a mailbox."""
    blob_sha256: str | None = Field(default=None, sa_type=Hash)
    """The bytes of this copy where they differ from the message's own: other Received headers, for one."""


class UnreadableRow(Table, table=True):
    """Quarantine: something that could not be read, with its reason and, where there are any, its bytes."""

    __tablename__ = "unreadable"

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="import_run.id", index=True)
    place: str
    why: str
    blob_sha256: str | None = Field(default=None, sa_type=Hash)
    seen_at: datetime = Field(sa_type=UtcDateTime)
