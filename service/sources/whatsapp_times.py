"""The date and time at the start of a WhatsApp line. In: a line. Out: Stamp. Never: swaps day and month.

Exports print times as the phone shows them: any order, any separator, 12 or 24 hours, no zone.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from functools import lru_cache


class DateOrder(StrEnum):
    """Which number of a date is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    YEAR_FIRST = "year-first"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The printed time of one record; which number is the day is another question."""

    numbers: tuple[int, int, int]
    shape: str
    """What two stamps of one phone setting share: separator and place of the year."""
    hour: int
    minute: int
    second: int
    warning: str | None = None
    padded: bool = False
    """A number below 10 is printed with a zero."""
    unpadded: bool = False
    half: str = ""
    """The word for the half of the day, as printed."""

    def at(self, order: DateOrder) -> datetime | None:
        """Return the local time, or None where the date does not exist in this order."""
        day = self.on(order)
        return datetime.combine(day, time(self.hour, self.minute, self.second)) if day else None

    def on(self, order: DateOrder) -> date | None:
        """Return the day, or None where it does not exist in this order."""
        return _day(self.numbers, order)


_TIDY = {
    **dict.fromkeys([0x00A0, 0x2007, 0x2009, 0x202F], " "),
    **dict.fromkeys([0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], None),
    **{0x0660 + digit: str(digit) for digit in range(10)},
    **{0x06F0 + digit: str(digit) for digit in range(10)},
    **{0x0966 + digit: str(digit) for digit in range(10)},
    0x060C: ",",
}
_ERA = {"R": 2018, "令和": 2018, "H": 1988, "平成": 1988}
_DATE = (
    r"(?P<era1>[RH]|令和|平成)?(?P<first>\d{1,4})(?P<sep>\s?[./-]\s?|[年년]\s?)(?P<second>\d{1,2})(?:\s?[./-]\s?|[月월]\s?)"
    r"(?P<era3>[RH]|令和|平成)?(?P<third>\d{1,4})[日일]?\.?(?:\s?г\.)?"
)
_HALF = r"[^\W\d_][^\d,:/\[\]]{0,14}?"
_TIME = (
    rf"(?:(?P<before>{_HALF})\s?)?(?P<hour>\d{{1,2}})(?:[:.]|\s?h\s?)(?P<minute>\d\d)(?:[:.](?P<seconds>\d\d))?"
    rf"(?:\s?(?P<after>{_HALF}))?"
)
_JOIN = r"(?:\s?,\s*|\s+)(?:(?:à|às|a\slas|alle|kl\.?|klo|um|at|в|o|u)\s+)?"
_STAMP = re.compile(rf"(?:{_DATE}{_JOIN}{_TIME})")
_TIME_FIRST = re.compile(rf"(?:{_TIME}{_JOIN}{_DATE})")
_START = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*(\[?)")
_ENDS = {"[": "]", "-": " - ", ":": ": "}
_LONGEST = 64

# Without dots and spaces, case-folded. Before noon first.
_AM = frozenset(
    {
        "am",
        "a",
        "ap",
        "fm",
        "öö",
        "dop",
        "дп",
        "πμ",
        "ص",
        "de",
        "sa",
        "pg",
        "vm",
        "пробяд",
        "午前",
        "上午",
        "凌晨",
    }
    | {"早上", "오전", "damanhã", "damadrugada", "पूर्वाह्न", "לפנה״צ", "قظ"}
)
_NO_HALF = frozenset({"", "ч", "uhr", "h", "hod"})
"""Words for the hour, behind a time of 24 hours."""
_PM = frozenset(
    {
        "pm",
        "p",
        "ip",
        "em",
        "ös",
        "odp",
        "пп",
        "μμ",
        "م",
        "du",
        "ch",
        "ptg",
        "nm",
        "следоб",
        "午後",
        "下午",
        "中午",
    }
    | {"晚上", "오후", "datarde", "danoite", "अपराह्न", "אחה״צ", "بظ"}
)


@dataclass(frozen=True, slots=True)
class Header:
    """The start of a record: its time, and the rest of the line."""

    stamp: Stamp
    style: str
    """`[` on iOS, `-` on Android, `:` on iOS before 2018; one export has one of them."""
    rest: str
    marked: bool = False
    """iOS put its mark before the line: WhatsApp wrote it, or a part of it."""

    @property
    def bracketed(self) -> bool:
        """Say whether the line is as iOS writes it since 2018."""
        return self.style == "["


def split_header(line: str) -> Header | None:
    """Return the parts of a line that starts a record; None for a line that continues one.

    >>> split_header("14.03.2022, 21:05 - Anna: да").rest
    'Anna: да'
    """
    start = _START.match(line)
    begin = start.end() if start else 0
    styles = ("[",) if start and start.group(1) else ("-", ":")
    for style in styles:
        end = line.find(_ENDS[style], begin, begin + _LONGEST)
        stamp = _stamp(line[begin:end]) if end >= 0 else None
        if stamp is not None:
            rest = line[end + len(_ENDS[style]) :]
            return Header(
                stamp, style, rest.removeprefix(" ") if style == "[" else rest, line.startswith("\u200e")
            )
    return None


@lru_cache(maxsize=1024)
def _stamp(printed: str) -> Stamp | None:
    tidy = printed.translate(_TIDY).strip()
    found = _STAMP.fullmatch(tidy) or _TIME_FIRST.fullmatch(tidy)
    if found is None:
        return None
    half = found["before"] or found["after"] or ""
    clock = _clock(int(found["hour"]), int(found["minute"]), int(found["seconds"] or 0), half)
    numbers = (
        _number(found["era1"], found["first"]),
        int(found["second"]),
        _number(found["era3"], found["third"]),
    )
    printed_numbers = (
        found["first"],
        found["second"],
        *(() if len(found["third"]) > 2 else (found["third"],)),
    )
    stamp = Stamp(
        numbers,
        _shape(found),
        *clock[:3],
        warning=clock[3],
        padded=any(number.startswith("0") for number in printed_numbers[:2]),
        unpadded=any(len(number) == 1 for number in printed_numbers[:2]),
        half=half,
    )
    possible = stamp.hour < 24 and stamp.minute < 60 and stamp.second < 60 and candidates(stamp)
    return stamp if possible else None


def _number(era: str | None, printed: str) -> int:
    return _ERA[era] + int(printed) if era else int(printed)


def _shape(found: re.Match[str]) -> str:
    return f"{found['sep'].strip()}{len(found['first']) > 2 or bool(found['era1'])}{len(found['third'])}"


def _clock(hour: int, minute: int, second: int, half: str) -> tuple[int, int, int, str | None]:
    """Return the time of day on a 24-hour clock; phones do print `00:04 AM`."""
    word = half.casefold().replace(".", "").replace(" ", "")
    if word in _PM and hour < 12:
        return hour + 12, minute, second, None
    if word in _AM and hour == 12:
        return 0, minute, second, None
    known = word in _NO_HALF or word in _AM or word in _PM
    return (
        hour,
        minute,
        second,
        None if known else f"the half of the day {half!r} is not known; read as 24 hours",
    )


@lru_cache(maxsize=4096)
def _day(numbers: tuple[int, int, int], order: DateOrder) -> date | None:
    first, second, third = numbers
    year, month, day = {
        DateOrder.DAY_FIRST: (third, second, first),
        DateOrder.MONTH_FIRST: (third, first, second),
        DateOrder.YEAR_FIRST: (first, second, third),
    }[order]
    try:
        return date(_full_year(year), month, day)
    except ValueError:
        return None


def _full_year(year: int) -> int:
    """Return the Gregorian year: two digits are of this century, the Thai calendar is 543 years ahead."""
    if year < 100:
        return 2000 + year
    return year - 543 if year > 2400 else year


@lru_cache(maxsize=4096)
def candidates(stamp: Stamp) -> tuple[DateOrder, ...]:
    """Return the orders in which the date can exist at all."""
    year_first = stamp.numbers[0] > 31
    orders = (DateOrder.YEAR_FIRST,) if year_first else (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST)
    return tuple(order for order in orders if stamp.on(order) is not None)


@dataclass(slots=True)
class ShapeEvidence:
    """What the stamps of one shape, in file order, say about their date order."""

    switches: list[tuple[int, DateOrder]] = field(default_factory=list)
    """From which record on an order is certain: a second entry means that the phone's setting changed."""
    backwards: dict[DateOrder, int] = field(default_factory=lambda: dict.fromkeys(DateOrder, 0))
    """How often time runs back by a day or more, read in this order."""
    named: dict[DateOrder, int] = field(default_factory=lambda: dict.fromkeys(DateOrder, 0))
    """How often the date in a media file's name agrees with this order only."""
    ambiguous: int = 0
    padded: bool = False
    unpadded: bool = False
    halves: set[str] = field(default_factory=set)
    last: dict[DateOrder, date] = field(default_factory=dict)
    separator: str = ""
    year_digits: int = 4

    def add(self, stamp: Stamp, record: int) -> None:
        """Take in one stamp."""
        possible = candidates(stamp)
        if len(possible) == 1 and (not self.switches or self.switches[-1][1] != possible[0]):
            self.switches.append((record, possible[0]))
        elif len(possible) == 2 and stamp.numbers[0] != stamp.numbers[1]:
            self.ambiguous += 1
        self.separator, self.year_digits = stamp.shape[0], int(stamp.shape[-1])
        self.padded |= stamp.padded
        self.unpadded |= stamp.unpadded
        if len(self.halves) < 4:
            self.halves.add(stamp.half)
        for order in (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST):
            if day := stamp.on(order):
                self.backwards[order] += day < self.last.get(order, day)
                self.last[order] = day

    def add_named(self, stamp: Stamp, named: str) -> None:
        """Take in the date (`20250303`) in the name of a file that was sent at `stamp`."""
        agreeing = [
            order for order in candidates(stamp) if (day := stamp.on(order)) and f"{day:%Y%m%d}" == named
        ]
        if len(agreeing) == 1:
            self.named[agreeing[0]] += 1

    def order_at(self, record: int) -> DateOrder | None:
        """Return the order that was certain last before a record, or first in the file."""
        behind = bisect_right(self.switches, record, key=lambda switch: switch[0])
        return self.switches[max(0, behind - 1)][1] if self.switches else None

    def decide(self, languages: frozenset[str]) -> DateOrder | None:
        """Return the order of dates that no number decides; None where nothing in the file does."""
        if not self.ambiguous:
            return DateOrder.DAY_FIRST
        day, month = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST
        for seen in (self.named, {day: self.backwards[month], month: self.backwards[day]}):
            if seen[day] != seen[month] and min(seen[day], seen[month]) * 2 < max(seen[day], seen[month]):
                return day if seen[day] > seen[month] else month
        return self._by_habit(languages)

    def _by_habit(self, languages: frozenset[str]) -> DateOrder | None:
        """Decide by what locales do (Unicode CLDR): only en-US and a few like it put the month first.

        They print `3/4/22`, never `03/04/22`, and their halves of the day are `AM` and `PM`. English words
        alone show nothing: phones in Buenos Aires speak English too.
        """
        if self.separator != "/" or (languages and "en" not in languages):
            return DateOrder.DAY_FIRST
        american = self.unpadded and not self.padded and self.year_digits == 2
        capitals = bool(self.halves & {"AM", "PM"})
        if american and capitals:
            return DateOrder.MONTH_FIRST
        british = self.padded and not capitals
        return DateOrder.DAY_FIRST if british and languages == {"en"} else None
