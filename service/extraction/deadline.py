"""The contract of a language's deadline phrases; one file in `deadlines/` with `DEADLINES = …` is complete.

    DEADLINES = Deadlines(
        language="en",
        words={"weekday": {"mon(?:day)?": 0, "tue(?:s(?:day)?)?": 1}, "count": {"two": 2}},
        phrases=(
            Phrase(calendar.weekday, "<weekday>"),
            Phrase(calendar.days_on, "in <count> days"),
            Phrase(calendar.days_on, "tomorrow", {"count": 1}),
        ),
        clocks=("at <hour>(?::<minute>)?",),
        by="by|until|before",
        on="on|at|this",
        never="from|since|last",
        instead="instead of|rather than",
        condition="if|once",
        joint="the|of|at",
        afternoon_until=6,
    )

All strings are regular expressions, matched against text folded by `fold`: lower case, no diacritics.
`<name>` matches a word of `words[name]`, or digits, and gives its number to the meaning; `<:name>` matches
the same and gives nothing; `<=name>` takes no digits. No pattern matches inside a word.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from service.extraction.calendar import Meaning, Numbers

_DIGITS = {
    "day": r"[0-3]?\d",
    "first": r"[0-3]?\d",
    "second": r"[0-3]?\d",
    "year": r"\d{4}|\d\d",
    "count": r"\d{1,3}",
    "hour": r"[0-2]?\d",
    "minute": r"[0-5]\d",
}
"""Places where digits do as well as words."""
_PLACE = re.compile(r"(?<!\?P)<([:=]?)(\w+)>")
_NO_MARK = {"ł": "l", "ё": "е", "’": "'", "–": "-", "—": "-", "\u00a0": " ", "\u202f": " "}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that name a day, what they mean, and numbers that they imply."""

    meaning: Meaning
    pattern: str
    implied: Numbers = field(default_factory=dict)
    exact: int = 0
    """Of two phrases side by side the more exact one wins: `Friday, the 12th` is the 12th."""


@dataclass(frozen=True)
class Deadlines:
    """How one language says when something is due."""

    language: str
    words: Mapping[str, Mapping[str, int]]
    phrases: tuple[Phrase, ...]
    clocks: tuple[str, ...]
    """Times of day: `<noon>`, or `<hour>` with `<minute>` and `<half>` (0 or 12 hours) where said."""
    by: str
    """Before a phrase: it is a deadline."""
    on: str
    """Before a phrase: belongs to it, says nothing more."""
    never: str
    """Before a phrase: it is a start, a past day, a version or a habit, and no deadline."""
    instead: str
    """Before a phrase: another date replaces it."""
    condition: str
    """Opens a clause whose date is not the statement's, where another date follows it."""
    joint: str
    """May stand between two dates side by side, or a day and its clock, besides spaces and a comma."""

    afternoon_until: int = 0
    """A bare hour up to this one is in the afternoon: `by 6`."""

    @cached_property
    def phrase_patterns(self) -> tuple[tuple[Phrase, re.Pattern[str]], ...]:
        """The phrases, ready to search."""
        return tuple((phrase, self.compile(phrase.pattern)) for phrase in self.phrases)

    @cached_property
    def clock_patterns(self) -> tuple[re.Pattern[str], ...]:
        """The times of day, ready to search."""
        return tuple(map(self.compile, self.clocks))

    @cached_property
    def by_pattern(self) -> re.Pattern[str]:
        """Finds a deadline word at the end of what stands before a date."""
        return re.compile(rf"(?<!\w)(?:{self.by})[\s,]*$")

    @cached_property
    def on_pattern(self) -> re.Pattern[str]:
        """Finds a plain preposition there."""
        return re.compile(rf"(?<!\w)(?:{self.on})[\s,]*$")

    @cached_property
    def never_pattern(self) -> re.Pattern[str]:
        """Finds there what makes the date no deadline."""
        return re.compile(rf"(?<!\w)(?:{self.never}|{self.instead})\W*$")

    @cached_property
    def condition_pattern(self) -> re.Pattern[str]:
        """Finds where conditions open."""
        return re.compile(rf"(?<!\w)(?:{self.condition})(?!\w)")

    @cached_property
    def joint_pattern(self) -> re.Pattern[str]:
        """Matches all that may stand between two neighbours."""
        return re.compile(rf"\s*,?\s*\(?(?:(?:{self.joint})\s*)?")

    def compile(self, pattern: str) -> re.Pattern[str]:
        """Fill in the words of this language."""
        return re.compile(rf"(?<!\w)(?<!\d[.,:/-])(?:{_PLACE.sub(self._place, pattern)})(?![\w%]|[.,:/-]\d)")

    def numbers(self, match: re.Match[str]) -> dict[str, int]:
        """Return the numbers that the words of a match stand for."""
        return {name: self._number(name, text) for name, text in match.groupdict().items() if text}

    def _place(self, place: re.Match[str]) -> str:
        how, name = place.groups()
        options = [*sorted(self.words.get(name, ()), key=len, reverse=True)]
        if name in _DIGITS and how != "=":
            options.append(_DIGITS[name])
        return f"(?{':' if how == ':' else f'P<{name}>'}{'|'.join(options)})"

    def _number(self, name: str, text: str) -> int:
        if text.isdecimal():
            return int(text)
        return next(number for pattern, number in self.words[name].items() if re.fullmatch(pattern, text))


def fold(text: str) -> str:
    """Return the text in lower case without diacritics, character for character.

    >>> fold("Poniedziałek, ЁЛКА")
    'poniedzialek, елка'
    """
    return "".join(map(_fold_letter, text))


def _fold_letter(letter: str) -> str:
    low = letter.lower()
    if low in _NO_MARK:
        return _NO_MARK[low]
    if low.isascii() or low == "й":
        return low
    bare = unicodedata.normalize("NFD", low)[:1]
    return bare if len(low) == 1 else letter
