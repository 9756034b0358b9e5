"""Read a time written out as a sentence, in whatever language. In: a text. Out: datetime, or None.

Never: guesses the order of day and month: a month must be named, or stand in an order that has one meaning.

Google Takeout and VK print times in the language of the account: `3 marca 2025 09:05:07 UTC`,
`2015. február 15., vasárnap 21:54:36 UTC`, `at 7:15:40 pm on 3 Nov 2014`. The names are in
`written_times.json`: those of Unicode CLDR, and the short ones of VK.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib.resources import files

from service.sources.json_values import iso_time

_LONGEST = 200
"""Characters: no language needs more than 90."""
_MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CLOCKS = (
    re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?(?!\d)"),
    re.compile(r"(?<!\d)(\d{1,2}) ?[時时点點시h] ?(\d{1,2}) ?(?:[分분]|min)(?: ?(\d{1,2}) ?[秒초s])?"),
    # Finnish, Danish, Indonesian; with seconds only: 3.03 may be a date.
    re.compile(r"(?<![\d.])(\d{1,2})\.(\d{2})\.(\d{2})(?![.\d])"),
)
_ZONE = re.compile(r"\b(?:utc|gmt|tuc?)\b ?(?:([+\u2212-])(\d{1,2})(?::?(\d{2}))?)?")
_BY_YEAR = re.compile(r"(?<!\d)(\d{4}) ?[-/年년] ?(\d{1,2}) ?[-/月월] ?(\d{1,2})(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_HALF, _YEAR_DIGITS = 12, 4
_FAR_EAST = "\u2e80"
"""The first character of East Asian scripts."""


def written_time(text: str) -> datetime | None:
    """Return the time that a text names: aware where it says UTC or an offset; None where it is not clear.

    >>> written_time("Monday, March 3, 2025 at 9:05:07\u202fPM UTC").isoformat()
    '2025-03-03T21:05:07+00:00'
    >>> written_time("2 фев 2020 в 22:46:22").isoformat()
    '2020-02-02T22:46:22'
    """
    if (exact := iso_time(text)) is not None:
        return exact
    plain = _fold(text) if len(text) <= _LONGEST else ""
    clock = next(filter(None, (pattern.search(plain) for pattern in _CLOCKS)), None)
    if clock is None:
        return None
    before, after = plain[: clock.start()], plain[clock.end() :]
    zone = _ZONE.search(after) or _ZONE.search(before)
    date = _date(before, _ZONE.sub(" ", after))
    if date is None:
        return None
    hour = _hour(int(clock[1]), before, after)
    try:
        return datetime(*date, hour, int(clock[2]), int(clock[3] or 0), tzinfo=_zone(zone))
    except ValueError:
        return None


def _fold(text: str) -> str:
    """Return a text as names compare: plain spaces, no direction marks, lower case."""
    folded = unicodedata.normalize("NFKC", _MARKS.sub("", text)).casefold()
    # Again: lower case takes some Greek letters apart.
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _hour(hour: int, before: str, after: str) -> int:
    """Return the hour of 24, where a half of the day stands on either side of the clock."""
    names = _names()
    if not 1 <= hour <= _HALF:
        return hour
    for half, added in ((names.before_noon, 0), (names.after_noon, _HALF)):
        if half.match(after.lstrip()) or any(
            found.end() == len(before.rstrip()) for found in half.finditer(before.rstrip())
        ):
            return hour % _HALF + added
    return hour


def _zone(found: re.Match[str] | None) -> tzinfo | None:
    if found is None:
        return None
    if found[1] is None:
        return UTC
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(offset if found[1] == "+" else -offset) if offset < timedelta(hours=24) else UTC


def _date(before: str, after: str) -> tuple[int, int, int] | None:
    rest = f"{before} ; {after}"
    if by_year := _BY_YEAR.search(rest):
        return int(by_year[1]), int(by_year[2]), int(by_year[3])
    month = _month(_WORD.findall(rest))
    numbers = _NUMBER.findall(rest)
    years = [number for number in numbers if len(number) == _YEAR_DIGITS]
    days = [number for number in numbers if len(number) < _YEAR_DIGITS - 1]
    if month is None or len(years) != 1 or not days:
        return None
    return int(years[0]), month, int(days[0])


def _month(words: list[str]) -> int | None:
    """Return the month that is named; where a name means two, the language of the weekday decides."""
    names = _names()
    meanings = [names.months[word] for word in words if word in names.months]
    if not meanings:
        return None
    languages = {language for word in words for language in names.weekdays.get(word, ())}
    months = {month for meaning in meanings for language, month in meaning.items() if language in languages}
    months = months or set(meanings[0].values())
    return months.pop() if len(months) == 1 else meanings[0][next(iter(meanings[0]))]


@dataclass(frozen=True, slots=True)
class _Names:
    months: dict[str, dict[str, int]]
    """By name, by language: `listopada` is November in Polish and October in Croatian."""
    weekdays: dict[str, list[str]]
    """Languages by name."""
    before_noon: re.Pattern[str]
    after_noon: re.Pattern[str]


@cache
def _names() -> _Names:
    table = json.loads(files("service.sources").joinpath("written_times.json").read_text(encoding="utf-8"))
    months: dict[str, dict[str, int]] = {}
    for language, of_year in table["months"].items():
        for number, spellings in enumerate(of_year, 1):
            for name in spellings:
                months.setdefault(_fold(name), {})[language] = number
    weekdays: dict[str, list[str]] = {}
    for language, of_week in table["weekdays"].items():
        for name in of_week:
            weekdays.setdefault(_fold(name), []).append(language)
    return _Names(months, weekdays, _half(table["before noon"]), _half(table["after noon"]))


def _half(markers: Iterable[str]) -> re.Pattern[str]:
    r"""Match a half of the day with or without dots and spaces: `pm`, `p. m.`."""
    longest_first = sorted(map(_fold, markers), key=len, reverse=True)
    spelled = [r"\.? ?".join(map(re.escape, marker)) for marker in longest_first]
    # Chinese, Japanese and Korean write without spaces between words.
    words = "|".join(one for one, marker in zip(spelled, longest_first, strict=True) if marker < _FAR_EAST)
    signs = "|".join(one for one, marker in zip(spelled, longest_first, strict=True) if marker >= _FAR_EAST)
    return re.compile(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])\.?|(?:{signs})")
