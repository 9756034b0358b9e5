"""A gap: a talk or a matter that exists only by voice. Out: Gap. Never: one that was confirmed in writing."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Something said and not yet confirmed by the other side in writing."""

    key: str
    """`agreement:<key>` or `verbal:<message id>`: the same as long as the gap exists."""
    kind: str
    """call, voice, meeting or mention."""
    title: str
    conversation: int
    message: int
    at: datetime
    """When it was said, or first mentioned."""
    project: str | None
    client: str | None
    quote: str | None
    """The words that mention it, where there are any."""
    confidence: float = 1.0
    """0 to 1; a recorded call or voice message is certain, a mention as sure as its words."""
