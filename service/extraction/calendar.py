"""What deadline words mean, in any language. In: sent_at and numbers. Out: a day or an instant. Never: words.

A week is due on its Friday, a month on its last day; a weekday names the next such day after `sent_at`, and
"next Friday" is no other day than "Friday".
"""

import calendar
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

Numbers = Mapping[str, int]
Meaning = Callable[[datetime, Numbers], date | datetime | None]
"""Turns the numbers that a phrase names (day, month, weekday, count) into a due date; None: no deadline."""

FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
FORGOTTEN_FOR = timedelta(days=120)
"""A date without a year that was less than this ago is history; one that was longer ago is next year's."""


def today(sent_at: datetime, _numbers: Numbers) -> date:
    """Today, also EOD, also `this evening`."""
    return sent_at.date()


def days_on(sent_at: datetime, numbers: Numbers) -> date:
    """`count` days on."""
    return sent_at.date() + timedelta(days=numbers["count"])


def weeks_on(sent_at: datetime, numbers: Numbers) -> date:
    """`count` weeks on."""
    return sent_at.date() + timedelta(weeks=numbers["count"])


def months_on(sent_at: datetime, numbers: Numbers) -> date:
    """`count` months on, on the last day where the month is too short."""
    months = sent_at.month - 1 + numbers["count"]
    return _in_month(sent_at.year + months // 12, months % 12 + 1, sent_at.day)


def business_days_on(sent_at: datetime, numbers: Numbers) -> date:
    """`count` days on, Saturdays and Sundays not counted; public holidays are nobody's here."""
    day = sent_at.date()
    for _ in range(min(numbers["count"], 400)):
        day += timedelta(days=1)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
    return day


def hours_on(sent_at: datetime, numbers: Numbers) -> datetime:
    """`count` hours on."""
    return sent_at + timedelta(hours=numbers["count"])


def minutes_on(sent_at: datetime, numbers: Numbers) -> datetime:
    """`count` minutes on."""
    return sent_at + timedelta(minutes=numbers["count"])


def by_part_of_day(sent_at: datetime, numbers: Numbers) -> date:
    """`morning`, `evening`: today, or tomorrow where that part is over at `hour`."""
    return sent_at.date() + timedelta(days=sent_at.hour >= numbers["hour"])


def weekday(sent_at: datetime, numbers: Numbers) -> date:
    """The next such day after today."""
    return sent_at.date() + timedelta(days=(numbers["weekday"] - sent_at.weekday() - 1) % 7 + 1)


def weekday_a_week_on(sent_at: datetime, numbers: Numbers) -> date:
    """`Tuesday week`, `w sobotę za tydzień`: a week after the next such day, today included."""
    return sent_at.date() + timedelta(days=(numbers["weekday"] - sent_at.weekday()) % 7 + 7)


def weekday_of_next_week(sent_at: datetime, numbers: Numbers) -> date:
    """`Tuesday of next week`."""
    return _monday(sent_at) + timedelta(days=7 + numbers["weekday"])


def this_week(sent_at: datetime, _numbers: Numbers) -> date:
    """Friday of the same week; at the weekend, its Sunday."""
    ends = FRIDAY if sent_at.weekday() <= FRIDAY else SUNDAY
    return _monday(sent_at) + timedelta(days=ends)


def next_week(sent_at: datetime, _numbers: Numbers) -> date:
    """Friday of the week after."""
    return _monday(sent_at) + timedelta(days=7 + FRIDAY)


def weekend(sent_at: datetime, _numbers: Numbers) -> date:
    """The coming Sunday."""
    return _monday(sent_at) + timedelta(days=SUNDAY)


def day_of_month(sent_at: datetime, numbers: Numbers) -> date | None:
    """`the 15th`: the next such day, today included; with a `month`, that month's."""
    day = numbers["day"]
    if "month" in numbers:
        return _dated(sent_at, numbers.get("year"), numbers["month"], day)
    months = sent_at.month - 1 + (day < sent_at.day)
    year, month = sent_at.year + months // 12, months % 12 + 1
    return _date(year, month, day) or _date(year + month // 12, month % 12 + 1, day)


def numeric(sent_at: datetime, numbers: Numbers) -> date | None:
    """`first` and `second` of `03/12`: day first, or with `either` also month first, whichever is nearer."""
    year = numbers.get("year")
    readings = [_dated(sent_at, year, numbers["second"], numbers["first"])]
    if numbers.get("either"):
        readings.append(_dated(sent_at, year, numbers["first"], numbers["second"]))
    return min((day for day in readings if day), default=None)


def end_of_month(sent_at: datetime, numbers: Numbers) -> date:
    """The last day of this month, of `month`, or of the month `count` months on."""
    months = sent_at.month - 1 + numbers.get("count", 0)
    if "month" in numbers:
        months += (numbers["month"] - sent_at.month) % 12
    return _in_month(sent_at.year + months // 12, months % 12 + 1, 31)


def middle_of_month(sent_at: datetime, numbers: Numbers) -> date | None:
    """The 15th of this month or of `month`."""
    return day_of_month(sent_at, {**numbers, "day": 15})


def end_of_quarter(sent_at: datetime, _numbers: Numbers) -> date:
    """The last day of this quarter."""
    return _in_month(sent_at.year, (sent_at.month + 2) // 3 * 3, 31)


def end_of_year(sent_at: datetime, _numbers: Numbers) -> date:
    """The last day of this year."""
    return date(sent_at.year, 12, 31)


def calendar_week(sent_at: datetime, numbers: Numbers) -> date | None:
    """`CW 12`: the Friday of that ISO week."""
    week = numbers["count"]
    if not 1 <= week <= 53:
        return None
    ahead = (week - sent_at.isocalendar().week) % 52
    return _monday(sent_at) + timedelta(weeks=ahead, days=FRIDAY)


def at_clock(sent_at: datetime, day: date | None, hour: int, minute: int) -> datetime | None:
    """Put a clock time on `day`, in the sender's zone; without a day, take the next such time."""
    if hour > 24 or minute > 59:
        return None
    start = datetime.combine(day or sent_at.date(), time(), sent_at.tzinfo)
    instant = start + timedelta(hours=hour, minutes=minute)
    return instant + timedelta(days=1) if day is None and instant <= sent_at else instant


def _monday(sent_at: datetime) -> date:
    return sent_at.date() - timedelta(days=sent_at.weekday())


def _date(year: int, month: int, day: int) -> date | None:
    valid = 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
    return date(year, month, day) if valid else None


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _dated(sent_at: datetime, year: int | None, month: int, day: int) -> date | None:
    """A full date; without a year the next such day, None where the last one is history."""
    if year is not None:
        year += 2000 if year < 100 else 0
        stated = _date(year, month, day) if abs(year - sent_at.year) <= 20 else None
        return stated if stated and stated >= sent_at.date() else None
    this = _date(sent_at.year, month, day)
    if this is None or this >= sent_at.date():
        return this
    return _date(sent_at.year + 1, month, day) if sent_at.date() - this > FORGOTTEN_FOR else None
