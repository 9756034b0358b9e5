"""Find when a statement is due. In: its words and when they were sent. Out: Due, or None. Never: guesses.

The grammar of each language is data (`deadlines/`), what its phrases mean is arithmetic (`calendar.py`); this
module only decides which of the dates in a text is the deadline.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

from service.extraction import calendar, deadlines
from service.extraction.deadline import Deadlines, fold
from service.plugins import discover

_CLAUSE_ENDS = re.compile(r"[,;:]|\b(?:то|to|then)\b")


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due, and `text[start:end]`, the words that say so."""

    value: date | datetime
    """A day, or an instant in the sender's zone where a clock time is given."""
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Mention:
    """A date in a text, with how much its words say."""

    start: int
    end: int
    value: date | datetime
    exact: int = 0
    is_deadline: bool = False

    def overlaps(self, other: "_Mention") -> bool:
        return self.start < other.end and other.start < self.end


def find_due(text: str, sent_at: datetime, language: str) -> Due | None:
    """Return the deadline that the text names, resolved against the aware `sent_at`; None without one.

    Whether a statement can have one at all (a decision cannot) is for the caller to know.

    >>> find_due("Пришлём макет до пятницы", datetime.fromisoformat("2026-03-02T10:14+03:00"), "ru").value
    datetime.date(2026, 3, 6)
    """
    grammar = _grammars().get(language)
    best = _Reading(grammar, fold(text), sent_at).deadline() if grammar else None
    return Due(best.value, best.start, best.end, text[best.start : best.end]) if best else None


@cache
def _grammars() -> dict[str, Deadlines]:
    return {grammar.language: grammar for grammar in discover(deadlines, "DEADLINES")}


@dataclass(frozen=True, slots=True)
class _Reading:
    """One text, read by one grammar."""

    grammar: Deadlines
    folded: str
    sent_at: datetime

    def deadline(self) -> _Mention | None:
        """Prefer what no condition holds, then what a deadline word marks, then what comes first."""
        days = self._join(_longest(self._days()))
        looked = (self._look_back(mention) for mention in self._with_clocks(days))
        mentions = [mention for mention in looked if mention]
        free = [mention for mention in mentions if not self._is_condition(mention)]
        return max(free or mentions, key=lambda mention: (mention.is_deadline, -mention.start), default=None)

    def _days(self) -> Iterator[_Mention]:
        for phrase, pattern in self.grammar.phrase_patterns:
            for match in pattern.finditer(self.folded):
                value = phrase.meaning(self.sent_at, {**phrase.implied, **self.grammar.numbers(match)})
                if value is not None:
                    yield _Mention(match.start(), match.end(), value, phrase.exact)

    def _join(self, days: Iterable[_Mention]) -> list[_Mention]:
        """Take two phrases side by side as one, and the more exact one's word: `on Friday, the 12th`."""
        joined: list[_Mention] = []
        for day in days:
            last = joined[-1] if joined else day
            if last.exact != day.exact and self._are_neighbours(last, day):
                exact = max(last, day, key=lambda mention: mention.exact)
                joined[-1] = replace(exact, start=last.start, end=day.end)
            else:
                joined.append(day)
        return joined

    def _are_neighbours(self, left: _Mention, right: _Mention) -> bool:
        return self.grammar.joint_pattern.fullmatch(self.folded, left.end, right.start) is not None

    def _with_clocks(self, days: list[_Mention]) -> list[_Mention]:
        """Put each clock time on the day beside it; one that stands alone is the next such time."""
        for pattern in self.grammar.clock_patterns:
            for match in pattern.finditer(self.folded):
                clock = _Mention(match.start(), match.end(), self.sent_at)
                # "к семи вечера": the evening is the clock's, not a day of its own.
                others = [
                    day for day in days if day.exact or not clock.start <= day.start < day.end <= clock.end
                ]
                if not any(map(clock.overlaps, others)):
                    days = self._put(clock, self._hour_and_minute(match), others)
        return sorted(days, key=lambda mention: mention.start)

    def _hour_and_minute(self, match: re.Match[str]) -> tuple[int, int]:
        numbers = self.grammar.numbers(match)
        hour = numbers.get("noon", numbers.get("hour", 0))
        if "half" in numbers:
            hour = hour % 12 + numbers["half"]
        elif 0 < hour <= self.grammar.afternoon_until and not match["hour"].startswith("0"):
            hour += 12
        return hour, numbers.get("minute", 0)

    def _put(self, clock: _Mention, at: tuple[int, int], days: list[_Mention]) -> list[_Mention]:
        for place, day in enumerate(days):
            left, right = sorted((day, clock), key=lambda mention: mention.start)
            if not isinstance(day.value, datetime) and self._are_neighbours(left, right):
                value = calendar.at_clock(self.sent_at, day.value, *at) or day.value
                joined = replace(day, start=left.start, end=right.end, value=value)
                return [*days[:place], joined, *days[place + 1 :]]
        instant = calendar.at_clock(self.sent_at, None, *at)
        return [*days, replace(clock, value=instant)] if instant else days

    def _look_back(self, mention: _Mention) -> _Mention | None:
        """Take in the words before a date; None where they say that it is no deadline."""
        before = self.folded[: mention.start]
        if said := self.grammar.by_pattern.search(before):
            return replace(mention, start=said.start(), is_deadline=True)
        if self.grammar.never_pattern.search(before):
            return None
        said = self.grammar.on_pattern.search(before)
        return replace(mention, start=said.start()) if said else mention

    def _is_condition(self, mention: _Mention) -> bool:
        """Say whether a condition that ends before the text does holds the date: `if you pay today, …`."""
        opened = [
            match.end() for match in self.grammar.condition_pattern.finditer(self.folded, 0, mention.start)
        ]
        return (
            bool(opened)
            and not _CLAUSE_ENDS.search(self.folded, opened[-1], mention.start)
            and _CLAUSE_ENDS.search(self.folded, mention.end) is not None
        )


def _longest(mentions: Iterable[_Mention]) -> list[_Mention]:
    """Return mentions in order, of overlapping ones the longest."""
    kept: list[_Mention] = []
    for mention in sorted(mentions, key=lambda mention: mention.start - mention.end):
        if not any(map(mention.overlaps, kept)):
            kept.append(mention)
    return sorted(kept, key=lambda mention: mention.start)
