"""Added sources at rest, and what of each folder of a server is here. Never: a secret in clear."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from service.db.base import Table, UtcDateTime


class SourceRow(Table, table=True):
    """A mailbox, watched folder or intake that is read again and again."""

    __tablename__ = "source"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    kind: str
    """imap, folder or smtp."""
    settings: str
    """JSON of what the kind needs, without secrets."""
    secret: bytes | None = Field(default=None, sa_type=LargeBinary)
    """Password or tokens, encrypted with the installation's key."""
    secret_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When a person must sign in again at the latest, where the provider says so."""
    state: str = "new"
    """new, complete, incomplete, failing, sign_in or paused."""
    detail: str = ""
    """What is wrong and what to do, for people."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    pulled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When everything that the server had was last known to be here."""
    failing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Not to be tried again before: back-off, or what a provider asked for."""
    failures: int = 0
    """Runs in a row that failed."""
    lease_by: str | None = None
    """The run that holds it: no other may begin."""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Moved on by the heartbeat of the run; a lease that is over belongs to a dead one."""


class FolderRow(Table, table=True):
    """A folder of a mailbox in one numbering (RFC 3501, UIDVALIDITY): a new numbering is a new row."""

    __tablename__ = "folder"
    __table_args__ = (UniqueConstraint("source_id", "name", "uid_validity"),)

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id", index=True)
    file_id: int = Field(foreign_key="source_file.id")
    """Its place in provenance: an IMAP URL with its UIDVALIDITY (RFC 5092)."""
    name: str
    """Decoded from modified UTF-7."""
    special: str = ""
    """Its special use (RFC 6154) without backslash, in lower case: sent, all, archive; empty for none."""
    uid_validity: int = Field(sa_type=BigInteger)
    """0 where the server gives none: such a folder is compared in full each time."""
    uid_next: int = Field(default=1, sa_type=BigInteger)
    """Every UID below is accounted for in `folder_message`; raised with the batch that is committed."""
    modseq: int | None = Field(default=None, sa_type=BigInteger)
    """HIGHESTMODSEQ (RFC 7162) up to which changes on the server are recorded."""
    on_server: int = 0
    """Messages that the server had when it was last asked."""
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reconciled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the server's whole list was last compared with ours."""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the server dropped the folder or numbered it anew; what came from it stays."""
    trouble: str = ""


class FolderMessageRow(Table, table=True):
    """One UID of a folder: what became of it here, and whether the server still has it."""

    __tablename__ = "folder_message"
    __table_args__ = (
        Index(None, "message_id"),
        {"sqlite_with_rowid": False},
    )

    folder_id: int = Field(primary_key=True, foreign_key="folder.id")
    uid: int = Field(primary_key=True, sa_type=BigInteger)
    message_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="message.id")
    outcome: str
    """archived, known (a copy of what was here), refused (in quarantine, or too large) or failed."""
    attempts: int = 0
    """Runs in which it could not be fetched."""
    why: str | None = None
    labels: str | None = None
    """JSON list of Gmail's labels (X-GM-LABELS)."""
    thread: int | None = Field(default=None, sa_type=BigInteger)
    """Gmail's X-GM-THRID."""
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was found deleted or moved away on the server; never deleted here."""


class LiveChatRow(Table, table=True):
    """A chat that a live source follows, and how far it has been read."""

    __tablename__ = "live_chat"

    source_id: int = Field(primary_key=True, foreign_key="source.id")
    key: str = Field(primary_key=True)
    """The platform's id of the chat; empty for what is one stream for all chats (Telegram, Matrix)."""
    file_id: int | None = Field(default=None, foreign_key="source_file.id")
    """Its place in provenance."""
    title: str = ""
    cursor: str = ""
    """Where to go on: an update id, a time stamp, a sync token; raised with the batch before it."""
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trouble: str = ""
    """Why it could not be read whole; empty while all is well."""
