"""Times as any program may write them. In: a value of JSON or a cell. Out: datetime, Stamp. Never: guesses.

ISO 8601, counts since 1970, Excel's days since 1900; what people's programs print is left to printed_times.
"""

import re
from datetime import UTC, datetime, timedelta

from service.sources.json_values import iso_time, seconds, word
from service.sources.printed_times import Stamp, read_stamp

_NUMBER = re.compile(r"\d{1,20}(?:[.,]\d{1,12})?")
_UNITS = ((1e17, 1_000_000_000), (1e14, 1_000_000), (1e11, 1000), (1e8, 1))
"""From which count on it is one of nano-, micro-, milli- and whole seconds: each then means 1973 to 5138."""
_EXCEL_DAYS = range(20_000, 80_000)
"""Days of 1954 to 2119."""
_EXCEL_START = datetime.fromisoformat("1899-12-30T00:00:00")
"""Excel takes 1900 for a leap year, so its days count from here."""
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d\d)(?:[.,]\d+)?")


def exact_time(value: object) -> datetime | None:
    """Return a time that can be read in one way only; naive where it has no offset.

    >>> exact_time("2025-03-03 10:05").isoformat(), exact_time(1741000000000).isoformat()
    ('2025-03-03T10:05:00', '2025-03-03T11:06:40+00:00')
    >>> exact_time("45719,5").isoformat(), exact_time("03/04/2025 10:05")
    ('2025-03-03T12:00:00', None)
    """
    printed = word(value).strip()
    if _NUMBER.fullmatch(printed):
        return _counted(float(printed.replace(",", ".")))
    return iso_time(printed) or iso_time(printed.removesuffix(" UTC") + "+00:00" * printed.endswith(" UTC"))


def _counted(number: float) -> datetime | None:
    try:
        for least, per_second in _UNITS:
            if number >= least:
                return datetime.fromtimestamp(number / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if int(number) in _EXCEL_DAYS:
        return _EXCEL_START + timedelta(seconds=round(number * 86_400))
    return None


def printed_time(value: object) -> Stamp | None:
    """Return what a program printed for people; midnight where it is a day alone."""
    printed = word(value).strip()
    if not 6 <= len(printed) <= 60:
        return None
    return read_stamp(printed) or read_stamp(f"{printed} 00:00")


def length_of(value: object) -> timedelta | None:
    """Return a length of time from seconds or from a clock.

    >>> str(length_of("1:02:03")), str(length_of("2:05")), str(length_of(7.5)), length_of("long")
    ('1:02:03', '0:02:05', '0:00:07.500000', None)
    """
    if isinstance(value, str) and (clock := _CLOCK.fullmatch(value.strip())):
        hours, minutes, rest = (int(part or 0) for part in clock.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=rest)
    return seconds(value.replace(",", ".") if isinstance(value, str) else value)
