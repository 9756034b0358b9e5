"""A chat of a live platform, and places in it. Never: a token, what only one platform knows."""

from dataclasses import dataclass
from datetime import datetime

_PLACES_A_MINUTE = 4096
"""The archive orders messages by minute, and within one by 12 bits of their position."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat that is followed."""

    key: str
    """The platform's id of it; that of its conversation."""
    title: str
    place: str
    """Its address, which names it in provenance."""
    trouble: str = ""
    """Why it cannot be read whole, for people."""


def position(at: datetime, order: int = 0) -> int:
    """Return where a message stands in its chat: by its time, and by `order` within one second.

    Neighbours within a minute keep their order also in the low 12 bits, which exports fill by counting.

    >>> from datetime import UTC
    >>> moments = [position(datetime(2026, 3, 2, 10, 0, 59, part, UTC)) % 4096 for part in (0, 500_000)]
    >>> moments == sorted(moments)
    True
    """
    micros = int(at.timestamp() * 1_000_000)
    return micros * _PLACES_A_MINUTE // 60_000_000 + order % (_PLACES_A_MINUTE // 60)
