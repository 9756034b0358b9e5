"""A source that a person added, as pages and commands know it. Never: its secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a source does; PAUSED is a person's wish, the others are what the last run found."""

    NEW = "new"
    COMPLETE = "complete"
    """Everything that the server had is here."""
    INCOMPLETE = "incomplete"
    """Something on the server is not here yet: it is named, and tried again."""
    FAILING = "failing"
    """The server could not be read; it is tried again by itself."""
    SIGN_IN = "sign_in"
    """A person must sign in again."""
    PAUSED = "paused"


class Outcome(StrEnum):
    """What became of one message of a folder."""

    ARCHIVED = "archived"
    KNOWN = "known"
    """A copy of a message that was already here: another folder's, or a file's."""
    REFUSED = "refused"
    """Not taken: no mail that could be read, whose bytes are in quarantine, or a draft."""
    FAILED = "failed"
    """Not here: the server does not give it, or it is too large."""


@dataclass(frozen=True, slots=True)
class AddedSource:
    """A mailbox, watched folder or intake, and how it does."""

    id: int
    name: str
    kind: str
    settings: Mapping[str, Any]
    state: State
    detail: str
    """What is wrong and what to do; empty while all is well."""
    created_at: datetime
    pulled_at: datetime | None
    """When everything on the server was last known to be here."""
    failing_since: datetime | None
    next_at: datetime | None
    failures: int
    secret_expires_at: datetime | None
    is_running: bool
    was_interrupted: bool
    """A run died without a word: its lease ran out and nobody has taken over yet."""
    interrupted_at: datetime | None = None
    """When that lease ran out."""


@dataclass(frozen=True, slots=True)
class FolderState:
    """One folder: what the server has, and what became of it."""

    id: int
    file_id: int
    name: str
    special: str
    uid_validity: int
    on_server: int
    archived: int
    known: int
    refused: int
    failed: int
    gone: int
    """Deleted or moved away on the server; kept here."""
    checked_at: datetime | None
    reconciled_at: datetime | None
    ended_at: datetime | None
    trouble: str

    @property
    def accounted(self) -> int:
        """Return how many messages that the server still has have an outcome here."""
        return self.archived + self.known + self.refused + self.failed

    @property
    def missing(self) -> int:
        """Return how many messages the server has that nobody has asked for yet."""
        return max(0, self.on_server - self.accounted)

    @property
    def is_complete(self) -> bool:
        """Say whether all that the server has is here."""
        return not (self.missing or self.failed)
