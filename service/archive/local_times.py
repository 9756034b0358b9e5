"""Local times that come twice when clocks go back. In: a file's records, in order. Out: the same, told apart.

Never: changes a time that exists once, or that has an offset. A file without zones prints 02:30 twice in such
a night; only the order of its records tells the two apart, so it must see all of them, known ones too. Where
the order shows nothing, it takes the one nearer to the record before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.sources.raw_message import RawMessage

_DISORDER = timedelta(minutes=5)
"""So far neighbours stand out of order in exports that are in order."""
_NEAR = timedelta(hours=2) + _DISORDER
"""From the start of the first pass to the end of the second."""
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(slots=True)
class LocalTimes:
    """Follows the naive times of one file and marks those of the second pass (`fold`, PEP 495)."""

    zone: ZoneInfo
    _before: datetime | None = None
    """The instant of the record before."""
    _forward: int = 0
    """By how much more often time ran forward than back: some exports begin with their newest record."""
    _changes: dict[date, bool] = field(default_factory=dict)

    def in_order(self, records: Sequence[RawMessage]) -> list[RawMessage]:
        """Return the next records of the file with `fold` set where their local time came the second time."""
        return [self._placed(raw) for raw in records]

    def _placed(self, raw: RawMessage) -> RawMessage:
        local = raw.sent_at
        if local is None:
            return raw
        at = self._instant(local)
        if local.tzinfo is None and self._comes_twice(local):
            local = (
                local.replace(fold=1) if self._is_second(at, self._instant(local.replace(fold=1))) else local
            )
            at = self._instant(local)
        if self._before is not None and at != self._before:
            self._forward += 1 if at > self._before else -1
        self._before = at
        return raw if local is raw.sent_at else replace(raw, sent_at=local)

    def _is_second(self, first: datetime, second: datetime) -> bool:
        if self._before is None:
            return False
        if self._forward >= 0:
            return _DISORDER < self._before - first <= _NEAR
        return second <= self._before + _DISORDER

    def _comes_twice(self, local: datetime) -> bool:
        day = local.date()
        if day not in self._changes:
            self._changes = {day: self._changes_on(day)}
        if not self._changes[day]:
            return False
        return self._offset(local) > self._offset(local.replace(fold=1))

    def _changes_on(self, day: date) -> bool:
        try:
            start, end = datetime.combine(day, time()), datetime.combine(day + _DAY, time())
        except OverflowError:  # the last day of the calendar
            return False
        # An hour to each side: a change at midnight repeats the end of the day before.
        return self._offset(start - _HOUR) != self._offset(end + _HOUR) if day > date.min else False

    def _offset(self, local: datetime) -> timedelta:
        return local.replace(tzinfo=self.zone).utcoffset() or timedelta(0)

    def _instant(self, local: datetime) -> datetime:
        aware = local if local.tzinfo else local.replace(tzinfo=self.zone)
        try:
            return aware.astimezone(UTC)
        except OverflowError:  # year 1 or 9999 beyond an offset
            return aware.replace(tzinfo=UTC)
