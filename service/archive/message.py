"""The archived message and its conversation, as later stages read them. Never: bytes, database rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Side(StrEnum):
    """Which side of the work a person is on; `OTHER` also where nobody has said yet."""

    AGENCY = "agency"
    CLIENT = "client"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes part in a conversation."""

    id: str
    name: str
    side: Side


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    id: str
    author: str
    """`Person.id`; empty for system records without an author."""
    sent_at: datetime
    """Aware, in the sender's own zone where it is known."""
    type: str
    """text, call, voice, meeting, image, file, system, deleted or unknown."""
    text: str
    subject: str | None = None
    reply_to: str | None = None
    """`Message.id` of the message that this one answers."""
    duration_for: timedelta | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages in the order in which they were sent."""

    id: str
    channel: str
    title: str
    zone: str
    """IANA zone in which people of this conversation read clocks."""
    people: tuple[Person, ...]
    messages: tuple[Message, ...]
    language: str | None = None
    """ru, pl or en where somebody said so; None: found clause by clause."""
