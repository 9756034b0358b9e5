"""How fast an import goes. In: what the book of imports says. Out: Pace to show. Never: promises the end."""

from dataclasses import dataclass
from datetime import datetime

from service.archive.imports import Import

ALMOST = 0.99
"""What is read is not measured exactly: only its state says that an import is over."""
SOON_S = 2.0
"""Before that nothing can be said."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a progress bar shows."""

    share: float | None = None
    """Of what there is to read, 0 to 1; None while nobody knows."""
    per_second: int | None = None
    """Messages."""
    left_s: int | None = None


def pace_of(one: Import, now: datetime) -> Pace:
    """Return how far a running import is, and how fast it went until now."""
    done, total = one.done_bytes or 0, one.total_bytes or 0
    share = min(done / total, ALMOST) if total and done else None
    took = (now - one.started_at).total_seconds()
    if took < SOON_S or not one.counts.read:
        return Pace(share)
    left = took * (1 - share) / share if share else None
    return Pace(share, round(one.counts.read / took), None if left is None else round(left))
