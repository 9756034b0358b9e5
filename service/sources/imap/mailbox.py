"""What one mailbox is and holds, in the words of RFC 3501. Never: a secret in a repr."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Security(StrEnum):
    """How the connection is protected."""

    TLS = "tls"
    """From the first byte (RFC 8314), usually port 993."""
    STARTTLS = "starttls"
    """After STARTTLS, which must succeed; usually port 143."""
    NONE = "none"
    """In clear: for a server on this machine alone."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mailbox is."""

    host: str
    port: int = 993
    security: Security = Security.TLS
    ca_file: str = ""
    """A file of certificates to trust beside the system's; certificates are always checked."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to sign in: a password, or an access token of OAuth 2 (XOAUTH2, OAUTHBEARER of RFC 7628)."""

    user: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which folders are wanted: names with `*` and `?`, case ignored; INBOX is always `INBOX`."""

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    drafts: bool = False
    junk: bool = False
    """Junk and Trash as well."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that can be opened."""

    name: str
    """Decoded from modified UTF-7 (RFC 3501, 5.1.3), or the server's own UTF-8 (RFC 6855)."""
    special: str = ""
    """Special use (RFC 6154), lower case, no backslash: all, archive, drafts, flagged, junk, sent, trash."""


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """What a server says of a folder without opening it."""

    messages: int
    uid_next: int | None
    uid_validity: int
    """0 where the server gives none."""
    modseq: int | None = None
    """HIGHESTMODSEQ (RFC 7162); None where the server has none."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One message of the opened folder."""

    uid: int
    size: int
    """RFC822.SIZE: what the server says, which need not be true."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message with its exact bytes."""

    uid: int
    body: bytes = field(repr=False)
    internal_at: datetime | None = None
    """INTERNALDATE, aware."""
    labels: tuple[str, ...] | None = None
    """Gmail's X-GM-LABELS, decoded; None on other servers."""
    thread: int | None = None
    """Gmail's X-GM-THRID."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened in the opened folder since a MODSEQ, beside new messages."""

    vanished: frozenset[int]
    """UIDs that are no longer there (QRESYNC); those that were never seen by us may be among them."""
    labels: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Gmail's labels of the messages whose flags or labels changed."""
