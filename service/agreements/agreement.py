"""What was agreed, and what was only said. Out: Agreement, VerbalEvent, Derived. Never: decides anything.

An agreement is one matter with its status at the end of the conversation and the words that made it so;
a gap is whatever still lacks the other side's written yes.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

SURE = 0.7
"""Confidence from which on a finding counts; what is below waits for somebody to look at it."""


class Status(StrEnum):
    """Where a matter stands after the last message."""

    OPEN = "open"
    """Proposed or recapped in writing, not answered; silence is not consent."""
    AGREED = "agreed"
    """Put forward by one side and accepted by the other, both in writing."""
    CONDITIONAL = "conditional"
    """Accepted in writing with a condition that is not met yet."""
    REJECTED = "rejected"
    VERBAL_ONLY = "verbal_only"
    """Said in writing to have been agreed by voice; the other side has not confirmed it in writing."""
    SUPERSEDED = "superseded"
    """Was agreed, then replaced by later terms, which are an agreement of their own."""


class Role(StrEnum):
    """What a piece of evidence does for its matter."""

    PROPOSAL = "proposal"
    RECAP = "recap"
    """What was settled by voice, put in writing."""
    DECISION = "decision"
    ANSWER = "answer"
    CONDITION = "condition"
    CHANGE = "change"


class VerbalState(StrEnum):
    """Whether a talk is covered by writing."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"


class VerbalKind(StrEnum):
    """How something was said."""

    CALL = "call"
    VOICE = "voice"
    MEETING = "meeting"
    MENTION = "mention"
    """A talk that left no record of its own: somebody wrote about it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that did something for a matter: `text[start:end] == quote` in the message."""

    message: str
    """`Message.id`."""
    start: int
    end: int
    quote: str
    role: Role


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements on one matter that cannot both hold: two people of a side, or a yes and a later no."""

    first: Evidence
    second: Evidence


@dataclass(frozen=True, slots=True)
class Agreement:
    """One matter: what was put forward, what the other side answered, and what holds now."""

    key: str
    """The same on every derivation, and when threads are joined: the place where the opening words begin."""
    title: str
    status: Status
    evidence: tuple[Evidence, ...]
    """The opening proposal, recap or decision first, then what was answered, in order of time."""
    proposed_by: str
    """`Person.id`."""
    answered_by: str | None
    """`Person.id` of whoever gave the answer that holds; None while there is none."""
    language: str
    due: date | datetime | None
    confidence: float
    """0 to 1; low ones go to review."""
    superseded_by: str | None = None
    """`Agreement.key` of the later terms."""
    contradiction: Contradiction | None = None

    @property
    def is_gap(self) -> bool:
        """Say whether the matter exists only by voice."""
        return self.status is Status.VERBAL_ONLY


@dataclass(frozen=True, slots=True)
class VerbalEvent:
    """A talk in which something was, or was likely to have been, decided."""

    message: str
    """`Message.id` of the talk itself where it left a record, else of its first mention."""
    about: str | None
    """A short title; None where nobody wrote what it was about."""
    state: VerbalState
    confirmed_by: str | None
    """`Message.id` of the other side's written yes to a recap of the talk."""
    kind: VerbalKind
    agreements: tuple[str, ...]
    """`Agreement.key` of each matter that came out of it, in the order of the agreements."""

    @property
    def is_gap(self) -> bool:
        """Say whether nobody confirmed the talk in writing yet."""
        return self.state is VerbalState.UNCONFIRMED


@dataclass(frozen=True, slots=True)
class Derived:
    """Everything that follows from one conversation's statements."""

    agreements: tuple[Agreement, ...]
    """In the order in which the matters came up."""
    verbal: tuple[VerbalEvent, ...]
    """In the order in which the talks took place or were mentioned."""
