"""A statement: the smallest clause that carries a speech act, with its exact place in the message.

Kinds follow the work on commitments and requests in business mail (Cohen et al. 2004; Lampert et al. 2008;
Kalia et al. 2013), with approvals and decisions added.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class StatementKind(StrEnum):
    """What the speaker does with the words."""

    COMMITMENT = "commitment"
    REQUEST = "request"
    PROPOSAL = "proposal"
    APPROVAL = "approval"
    REJECTION = "rejection"
    DECISION = "decision"
    FULFILMENT = "fulfilment"


@dataclass(frozen=True, slots=True)
class Statement:
    """One speech act: `text[start:end] == quote` in the message that carries it."""

    message: str
    """`Message.id`."""
    start: int
    end: int
    """Character offsets in the message's text."""
    quote: str
    kind: StatementKind
    confidence: float
    """0 to 1; low ones go to review."""
    found_by: str
    """The rule or model that said so, with its version: `rules-1:ru.commitment.future`."""
    language: str
    due: date | datetime | None = None
    """When it is due, in the sender's zone: a day, or an instant where a clock time is given."""
    due_text: str | None = None
    conditional: bool = False
    verbal: bool = False
    change: bool = False
