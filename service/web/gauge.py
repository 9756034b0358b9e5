"""How much of a project is in writing, like a fuel gauge. In: counts. Out: Gauge. Never: judges.

Rejected and superseded matters are settled history and are left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from service.agreements.agreement import Status
from service.agreements.store import Standing

WIDTH = 100
"""Of the bar, in its own units."""
SHARES = {
    "agreed": frozenset({Status.AGREED}),
    "open": frozenset({Status.OPEN, Status.CONDITIONAL}),
    "voice": frozenset({Status.VERBAL_ONLY}),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the bar."""

    share: str
    number: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Gauge:
    """One project's bar."""

    project: str | None
    client: str | None
    segments: tuple[Segment, ...]

    @property
    def total(self) -> int:
        """Return how many matters the bar shows."""
        return sum(segment.number for segment in self.segments)

    def number(self, share: str) -> int:
        """Return how many matters are agreed, open, or exist only by voice."""
        return sum(segment.number for segment in self.segments if segment.share == share)


def gauges(standing: Iterable[Standing]) -> list[Gauge]:
    """Return a gauge for each project, in the order in which the projects come."""
    by_project: dict[tuple[str | None, str | None], dict[Status, int]] = {}
    for one in standing:
        by_project.setdefault((one.project, one.client), {})[one.status] = one.number
    return [Gauge(*project, _segments(numbers)) for project, numbers in by_project.items()]


def _segments(numbers: dict[Status, int]) -> tuple[Segment, ...]:
    counted = {share: sum(numbers.get(one, 0) for one in statuses) for share, statuses in SHARES.items()}
    total = sum(counted.values())
    segments: list[Segment] = []
    start = 0.0
    for share, number in counted.items():
        if number:
            width = WIDTH * number / total
            segments.append(Segment(share, number, round(start, 2), round(width, 2)))
            start += width
    return tuple(segments)
