"""The neutral record that every format yields. Out: RawMessage, Unreadable. Never: loses the bytes.

General enough for mail and every messenger, with no field that only one platform knows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a record is; those in SERVICE_KINDS are not written by anybody."""

    TEXT = "text"
    VOICE = "voice"
    """A voice or round video message: words that exist only as sound."""
    IMAGE = "image"
    FILE = "file"
    DELETED = "deleted"
    """A placeholder: somebody wrote here and took it back."""
    CALL = "call"
    MEETING = "meeting"
    REACTION = "reaction"
    """A record of its own that reacts to another one: `text` is the emoji, `reply_to` what it answers."""
    SYSTEM = "system"
    UNKNOWN = "unknown"
    """A record type that we do not know: kept and counted, never dropped."""


SERVICE_KINDS = frozenset({Kind.CALL, Kind.MEETING, Kind.REACTION, Kind.SYSTEM, Kind.UNKNOWN})


class AddressKind(StrEnum):
    """The namespace in which an address identifies a person."""

    MAIL = "mail"
    PHONE = "phone"
    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"
    """A display name: WhatsApp exports carry nothing better."""
    SLACK = "slack"
    DISCORD = "discord"
    FACEBOOK = "facebook"
    """A display name, as for Instagram."""
    INSTAGRAM = "instagram"
    SIGNAL = "signal"
    VIBER = "viber"
    """A display name, where the export has no phone number."""
    VK = "vk"
    TEAMS = "teams"
    GOOGLE_CHAT = "google-chat"
    """A display name; most people of Google Chat have a mail address instead."""
    MATRIX = "matrix"
    SKYPE = "skype"
    MATTERMOST = "mattermost"
    ROCKETCHAT = "rocketchat"
    OTHER = "other"
    """Whatever a generic import calls its people."""


@dataclass(frozen=True, slots=True)
class RawAddress:
    """One way to reach a person; `value` is lower-cased where the namespace ignores case."""

    kind: AddressKind
    value: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class RawAttachment:
    """A file that came with a message; `load` gives its bytes, or `missing` says why there are none."""

    name: str
    media_type: str
    size: int | None = None
    """Bytes; None where the export does not say and the bytes are missing."""
    load: Callable[[], bytes] | None = field(default=None, compare=False)
    missing: str | None = None
    in_original: bool = False
    """True where the bytes are inside the message's own original (a MIME part): they are not kept twice."""


@dataclass(frozen=True, slots=True)
class RawConversation:
    """The chat that a record belongs to; mail has none: its threads are found from reply links."""

    key: str
    """Stable id of the chat within its platform; the title where the export has nothing better."""
    title: str


@dataclass(frozen=True, slots=True)
class RawReaction:
    """An emoji that somebody put on a record."""

    emoji: str
    """The emoji itself where the export allows it, else its name (`thumbsup`, a custom one's id)."""
    actor: RawAddress | None = None
    """None where the export only counts."""
    at: datetime | None = None
    count: int = 1
    """More than 1 only where `actor` is None: so many whom the export does not name."""


@dataclass(frozen=True, slots=True)
class RawRevision:
    """A text that a message had before it was edited."""

    text: str
    at: datetime | None
    """When it was written; None where the export does not say."""


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One record of a source, with the exact bytes that it was read from."""

    format: str
    channel: str
    """`email`, `telegram`, `whatsapp`, ...: what people call it."""
    kind: Kind
    original: bytes
    """The exact bytes of this record in its file: a whole mail, a JSON fragment, the lines of a chat."""
    position: int
    """Zero-based place among the records of its file."""
    external_id: str
    """Message-ID without angle brackets, or the platform's id; empty where the export has none."""
    author: RawAddress | None
    sent_at: datetime | None
    """The time that the sender claims: aware where the source gives an offset, else naive local time."""
    text: str
    subject: str | None = None
    conversation: RawConversation | None = None
    to: tuple[RawAddress, ...] = ()
    cc: tuple[RawAddress, ...] = ()
    bcc: tuple[RawAddress, ...] = ()
    stamped_at: datetime | None = None
    """The time that a server wrote (first Received header, export): aware, or None."""
    internal_at: datetime | None = None
    """The time at which a mailbox took it in (INTERNALDATE, RFC 3501): aware, or None."""
    reply_to: str | None = None
    """`external_id` of the record that this one answers."""
    thread: str | None = None
    """`external_id` of the record that opened its thread in a chat (Slack `thread_ts`); None outside one."""
    references: tuple[str, ...] = ()
    """Message-IDs of the thread so far, oldest first (RFC 5322 References)."""
    attachments: tuple[RawAttachment, ...] = ()
    duration_for: timedelta | None = None
    """How long a call or voice message lasted."""
    edited: bool = False
    edited_at: datetime | None = None
    revisions: tuple[RawRevision, ...] = ()
    """Earlier texts, the oldest first; `text` is the newest."""
    reactions: tuple[RawReaction, ...] = ()
    forwarded_from: str | None = None
    """Whose words they are where its author only passed them on; "unknown" where the export hides it."""
    html: str | None = None
    """The HTML body where that is all the message has; `text` then holds its text."""
    detail: str = ""
    """What a service record says, a call's outcome (`missed`), or an unknown record's type."""
    warnings: tuple[str, ...] = ()
    """What had to be repaired or assumed to read this record."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of a source that could not be read: kept with its reason, counted and shown."""

    where: str
    why: str
    original: bytes | None = None
    """Its bytes where they fit in memory; None where they could not be read at all."""


Record = RawMessage | Unreadable
