"""The contract that an engine's index fulfils; `sqlite.py` and `postgres.py` are complete examples.

In: Document, Match. Out: message ids. Never: the text itself, which lies in the archive; never commits.
The index is written in the transaction that archives the messages, so it is never behind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, Select
from sqlalchemy.orm import Mapped

from service.search.keys import Keys
from service.search.match import Match

LATEST = 2**63 - 1
"""Above every message id."""


@dataclass(frozen=True, slots=True)
class Document:
    """What of a message can be found by words."""

    message_id: int
    keys: Keys
    with_attachments: bool = False
    """True for the second document of a message, which `service.search.attached` makes."""

    @property
    def row(self) -> int:
        """Return the number of its row; those of second documents lie below zero, in reverse order."""
        return -1 - self.message_id if self.with_attachments else self.message_id


@dataclass(frozen=True, slots=True)
class Span:
    """Message ids, and so times: from `first` on, and before `end`."""

    first: int = 0
    end: int = LATEST


class Index(Protocol):
    """The words of all messages. Message ids sort by time, so the newest come first by id alone."""

    def write(self, connection: Connection, documents: Iterable[Document]) -> None:
        """Add documents of messages that are not in the index."""

    def forget(self, connection: Connection, documents: Iterable[Document]) -> None:
        """Take documents out; they must be exactly as they were written."""

    def clear(self, connection: Connection) -> None:
        """Take everything out, to be written anew: after a change of the keys, for one."""

    def prepare(self, connection: Connection) -> None:
        """Tell the engine, for this transaction, what its planner cannot know."""

    def among(self, match: Match, key: Mapped[int]) -> ColumnElement[bool]:
        """Say whether the message with the id `key` matches; every Match here has something in `every`."""

    def newest(self, match: Match, span: Span, most: int) -> Select[int]:
        """Select `id` of the newest messages of the span that match in either document, newest first.

        What must not occur may occur in neither: a message is not found for lack of what its attachment says.
        """

    def weighed(self, match: Match, span: Span, most: int) -> Select[int, float]:
        """Select `id` and `weight` of those messages: the heavier, the better the match."""
