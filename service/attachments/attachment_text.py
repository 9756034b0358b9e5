"""What was read out of an attachment. Out: TextState, Reading, AttachmentText. Never: database rows."""

from dataclasses import dataclass
from enum import StrEnum

MOST_TEXT = 2_000_000
"""Characters kept of one attachment: a book of 800 pages."""


class TextState(StrEnum):
    """How far the reading of an attachment has come."""

    WAITING = "waiting"
    READ = "read"
    EMPTY = "empty"
    """It was read and has no words."""
    REFUSED = "refused"
    """It is not read as it is: too large, encrypted, or something must be installed first."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one attempt to read an attachment came to."""

    state: TextState
    text: str = ""
    from_image: bool = False
    """True where all of its words are in an image: nobody wrote them as text."""
    why: str = ""
    """What of it cannot be searched, and what to do; empty where all of it was read."""
    reader: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentText:
    """The words of an attachment that has some."""

    position: int
    """Among the attachments of its message."""
    name: str
    text: str
    from_image: bool
