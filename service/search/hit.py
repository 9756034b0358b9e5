"""What a search gives back. Out: Hit, Page, Marked, Tally. Never: markup, database rows."""

from dataclasses import dataclass
from datetime import datetime

Mark = tuple[int, int]
"""Where a found word begins and ends in its text, in characters."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A plain text and the places to highlight in it, in order; whoever shows it escapes it first."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One message that a query found."""

    message_id: int
    conversation_id: int
    channel: str
    title: str
    """Of the conversation."""
    project: str | None
    client: str | None
    author: str | None
    """The person's name; None for records that nobody wrote."""
    side: str | None
    sent_at: datetime
    offset_minutes: int | None
    """The sender's offset from UTC where it is known."""
    kind: str
    subject: Marked
    snippet: Marked


@dataclass(frozen=True, slots=True)
class Page:
    """Hits, newest first, and where the next page begins."""

    hits: tuple[Hit, ...]
    next_cursor: str | None = None
    """Opaque; None on the last page."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages a query finds, counted no further than people read."""

    number: int
    more: bool = False
    """True where counting stopped at `number`."""

    def __str__(self) -> str:
        """Write the number as people see it: `17`, `1000+`."""
        return f"{self.number}+" if self.more else str(self.number)
