"""Working time. In: instants. Out: instants. Never: counts a Saturday, a Sunday or a night.

Public holidays are not known yet: an alert may come on one.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When a team works: Monday to Friday, from `opens` to `closes` on its own clock."""

    zone: ZoneInfo
    opens: time = time(9)
    closes: time = time(18)

    def after(self, moment: datetime, days: int) -> datetime:
        """Return the same time of day `days` working days later, moved into working hours first.

        >>> calendar = WorkingCalendar(ZoneInfo("Europe/Warsaw"))
        >>> friday = datetime(2026, 11, 20, 17, tzinfo=calendar.zone)
        >>> calendar.after(friday, 1).isoformat()
        '2026-11-23T17:00:00+01:00'
        """
        local = self._into_hours(moment.astimezone(self.zone))
        for _ in range(days):
            local = self._next_day(local)
        return local

    def days_between(self, moment: datetime, now: datetime) -> int:
        """Return how many whole working days have passed: `after(moment, days) <= now` holds for that many.

        >>> calendar = WorkingCalendar(ZoneInfo("Europe/Warsaw"))
        >>> friday = datetime(2026, 11, 20, 17, tzinfo=calendar.zone)
        >>> calendar.days_between(friday, friday + timedelta(days=4))
        2
        """
        days = 0
        local = self._next_day(self._into_hours(moment.astimezone(self.zone)))
        while local <= now:
            days, local = days + 1, self._next_day(local)
        return days

    def _into_hours(self, local: datetime) -> datetime:
        if local.weekday() >= SATURDAY or local.timetz().replace(tzinfo=None) >= self.closes:
            return self._at_opening(self._next_day(local))
        if local.timetz().replace(tzinfo=None) < self.opens:
            return self._at_opening(local)
        return local

    def _at_opening(self, local: datetime) -> datetime:
        return datetime.combine(local.date(), self.opens, self.zone)

    @staticmethod
    def _next_day(local: datetime) -> datetime:
        local += timedelta(days=1)
        while local.weekday() >= SATURDAY:
            local += timedelta(days=1)
        return local
