"""Dates and times as phones print them. In: `14.03.22, 21:05`. Out: Stamp. Never: swaps day and month.

Any order, any separator, 12 or 24 hours, digits and words of other scripts, no zone. `half_days.json` has the
words for parts of the day with their hours, from Unicode CLDR (Unicode License), in WhatsApp's languages.
"""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files


class DateOrder(StrEnum):
    """Which number of a date is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    YEAR_FIRST = "year-first"


@dataclass(frozen=True, slots=True, eq=False)
class PrintedDay:
    """The date of a stamp; which of its numbers is the day is another question."""

    days: dict[DateOrder, date]
    """The orders in which it exists at all; year first only where the first number can be nothing else."""
    turned: date | None
    """The day if the first of three small numbers were the year."""
    shape: str
    """What two dates of one phone setting share: separator and place of the year."""
    is_same_either_way: bool
    padded: bool
    """A number below 10 is printed with a zero."""
    unpadded: bool

    def on(self, order: DateOrder) -> date | None:
        """Return the day, or None where it does not exist in this order."""
        return self.days.get(order) or (self.turned if order == DateOrder.YEAR_FIRST else None)


@dataclass(frozen=True, slots=True, eq=False)
class PrintedClock:
    """The time of day of a stamp."""

    at: time
    half: str
    """The word for the part of the day, as printed."""
    half_leads: bool
    """It stands before the hour, as in East Asia."""
    warning: str | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """The printed time of one record."""

    day: PrintedDay
    clock: PrintedClock

    def at(self, order: DateOrder) -> datetime | None:
        """Return the local time, or None where the date does not exist in this order."""
        day = self.day.on(order)
        return datetime.combine(day, self.clock.at) if day else None


_TIDY = {
    **dict.fromkeys([0x00A0, 0x2007, 0x2009, 0x202F], " "),
    **dict.fromkeys([0x200C, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], None),
    # The digits of Arabic, Persian and of ten scripts of Asia.
    **{
        zero + digit: str(digit)
        for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xBE6, 0xC66, 0xCE6, 0xE50, 0x1040, 0x17E0)
        for digit in range(10)
    },
    0x060C: ",",
}
_ERA = {"R": 2018, "令和": 2018, "H": 1988, "平成": 1988}
_BUDDHIST = 543
_EARLIEST = 1990
_DATE = (
    r"(?P<era1>[RH]|令和|平成)?(?P<first>\d{1,4})(?P<sep>\s?[./-]\s?|[年년]\s?)(?P<second>\d{1,2})(?:\s?[./-]\s?|[月월]\s?)"
    r"(?P<era3>[RH]|令和|平成)?(?P<third>\d{1,4})[日일]?\.?(?:\s?г\.|\s?(?:BE|B\.E\.|พ\.ศ\.|AD|CE))?"
)
_HALF = r"[^\W\d_][^\d,:/\[\]]{0,23}?"
_TIME = (
    rf"(?:(?P<before>{_HALF})\s?)?(?P<hour>\d{{1,2}})(?:[:.]|\s?h\s?)(?P<minute>\d\d)(?:[:.](?P<seconds>\d\d))?"
    rf"(?:\s?(?P<after>{_HALF}))?"
)
_JOIN = r"(?:\s?,\s*|\s+)"
_DAY = re.compile(_DATE)
_CLOCK = re.compile(_TIME)
_JOINED = re.compile(rf"(?P<day>{_DATE}){_JOIN}(?P<time>{_TIME})")
_TIME_FIRST = re.compile(rf"(?P<time>{_TIME}){_JOIN}(?P<day>{_DATE})")
_NO_HALF = frozenset({"", "ч", "uhr", "h", "hod", "น"}) | frozenset(
    {"à", "às", "alas", "alle", "kl", "klo", "klockan", "klokken", "lúc", "um", "at", "в", "o", "u"}
)
"""Words for the hour behind a time of 24 hours, and for "at" before one."""
_ORDERS = (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST)
_FOLD = re.compile(r"[.\s]+")


def read_stamp(printed: str) -> Stamp | None:
    """Return the stamp that a whole text is, or None.

    >>> read_stamp("14.03.22, 9:05 PM").at(DateOrder.DAY_FIRST).isoformat()
    '2022-03-14T21:05:00'
    """
    # The two parts repeat from record to record: most are looked up, not parsed.
    for between in (", ", " "):
        first, found, second = printed.partition(between)
        if found and (day := _day(first)) is not None and (clock := _clock(second)) is not None:
            return Stamp(day, clock)
    return _unusual(printed)


@lru_cache(maxsize=1024)
def _unusual(printed: str) -> Stamp | None:
    tidy = printed.translate(_TIDY).strip()
    found = _JOINED.fullmatch(tidy) or _TIME_FIRST.fullmatch(tidy)
    if found is None:
        return None
    day, clock = _day(found["day"]), _clock(found["time"])
    return Stamp(day, clock) if day and clock else None


@lru_cache(maxsize=1024)
def _day(printed: str) -> PrintedDay | None:
    found = _DAY.fullmatch(printed.translate(_TIDY).strip())
    if found is None:
        return None
    first, third = found["first"], found["third"]
    numbers = (_year(found["era1"], first), int(found["second"]), _year(found["era3"], third))
    turned = None
    if len(first) == 2 and len(third) <= 2 and not found["era1"] and not found["era3"]:
        turned = _date(numbers, DateOrder.YEAR_FIRST)
    year_first = numbers[0] > 31
    # Nobody prints a year of one digit.
    orders = (DateOrder.YEAR_FIRST,) if year_first or (len(third) == 1 and turned) else _ORDERS
    days = {order: day for order in orders if (day := _date(numbers, order)) is not None}
    if not days:
        return None
    small = [first, found["second"], *(() if len(third) > 2 else (third,))]
    return PrintedDay(
        days,
        turned=turned,
        shape=f"{found['sep'].strip()}{year_first}{max(2, len(third))}",
        is_same_either_way=numbers[0] == numbers[1],
        padded=any(number.startswith("0") for number in small[:2]),
        unpadded=any(len(number) == 1 for number in small[:2]),
    )


def _year(era: str | None, printed: str) -> int:
    return _ERA[era] + int(printed) if era else int(printed)


def _date(numbers: tuple[int, int, int], order: DateOrder) -> date | None:
    first, second, third = numbers
    year, month, day = {
        DateOrder.DAY_FIRST: (third, second, first),
        DateOrder.MONTH_FIRST: (third, first, second),
        DateOrder.YEAR_FIRST: (first, second, third),
    }[order]
    try:
        found = date(_full_year(year), month, day)
    except ValueError:
        return None
    return found if found.year >= _EARLIEST else None


def _full_year(year: int) -> int:
    """Return the Gregorian year of two digits, or of the Thai calendar, which is 543 years ahead.

    Messengers began in 2009, Thai year 2552: a short year from 52 on can only be Thai.
    """
    if year >= 100:
        return year - _BUDDHIST if year > 2400 else year
    return 2500 - _BUDDHIST + year if year >= 52 else 2000 + year


@lru_cache(maxsize=4096)
def _clock(printed: str) -> PrintedClock | None:
    """Return the time of day on a 24-hour clock; phones do print `00:04 AM`."""
    found = _CLOCK.fullmatch(printed.translate(_TIDY).strip())
    if found is None:
        return None
    half = found["before"] or found["after"] or ""
    word = _FOLD.sub("", half.casefold())
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["seconds"] or 0)
    part = _half_days().get(word)
    if part is not None and hour <= 12:
        hour = _hour(hour % 12, *part)
    if hour > 23 or minute > 59 or second > 59:
        return None
    at = time(hour, minute, second)
    if word in _NO_HALF:
        return PrintedClock(at, "", half_leads=False, warning=None)
    warning = None if part else f"the half of the day {half!r} is not known; read as 24 hours"
    return PrintedClock(at, half, found["before"] is not None, warning)


def _hour(hour: int, start: int, end: int) -> int:
    """Return whichever of an hour and the one 12 hours later is in a part of the day, or nearer to it."""

    def distance(candidate: int) -> int:
        length = (end - start) % 24 or 24
        into = (candidate - start) % 24
        return 0 if into < length else min(into - length + 1, 24 - into)

    return min(hour, hour + 12, key=distance)


@cache
def _half_days() -> dict[str, tuple[int, int]]:
    text = files("service.sources").joinpath("half_days.json").read_text("utf-8")
    words: dict[str, list[int]] = json.loads(text)
    return {word: (start, end) for word, (start, end) in words.items()}
