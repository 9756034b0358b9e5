"""Cut a query into pieces. In: text as typed. Out: Piece and Mark, in order. Never: judges how they combine.

Only a few characters mean anything, and only where a piece may begin: quotes, parentheses, and a minus that
touches what follows it. Everything else that is neither letter nor digit is punctuation around words, and is
passed over: what people paste from a chat must search, not fail.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from service.errors import SearchError
from service.search.fields import FIELDS, FieldName

QUOTES = {'"': '"', "«": "»", "“": "”", "„": "”“"}
"""What opens a phrase, and the characters that close it: straight; French and Russian; English; Polish."""

_FIELD = re.compile(r"([A-Za-z]+):")
_RUN = re.compile(r"\S*")


class Sign(StrEnum):
    """What joins pieces."""

    OR = "OR"
    MINUS = "-"
    OPEN = "("
    CLOSE = ")"


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign, and its place in the query: characters are counted from 1, as people do."""

    at: int
    sign: Sign


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to search for: a word, a quoted phrase, or the value of a field."""

    at: int
    text: str
    field: FieldName | None = None
    quoted: bool = False
    prefix: bool = False


def cut(text: str) -> Iterator[Piece | Mark]:
    """Yield the pieces and signs of a query; raises SearchError for what cannot be cut."""
    place = 0
    while place < len(text):
        found, place = _next(text, place)
        if found is not None:
            yield found


def is_wordy(character: str) -> bool:
    """Say whether a character is part of a word: a letter, a digit, or a mark that belongs to a letter."""
    return character.isalnum() or unicodedata.category(character).startswith("M")


def _next(text: str, place: int) -> tuple[Piece | Mark | None, int]:
    """Read what begins at this place; return it with the place after it."""
    if text[place] in QUOTES:
        phrase, end = _quoted(text, place)
        return Piece(place + 1, phrase, quoted=True), end
    if not text[place].isalnum():
        return _sign(text, place), place + 1
    if colon := _FIELD.match(text, place):
        name = colon.group(1).lower()
        if name in FIELDS:
            return _valued(text, FieldName(name), colon)
        _refuse_misspelt(text, name, colon)
    return _word(text, place)


def _sign(text: str, place: int) -> Mark | None:
    """Say what the punctuation at this place means; most of it means nothing."""
    here, following = text[place], text[place + 1 : place + 2]
    if here == "*" and following.isalnum():
        raise SearchError(
            f"A star at character {place + 1} stands before a word: it works only at the end, as in invoic*."
        )
    if here == "-" and (following.isalnum() or (following and following in f"({''.join(QUOTES)}")):
        return Mark(place + 1, Sign.MINUS)
    if here == "(" and place and is_wordy(text[place - 1]):
        return None
    return Mark(place + 1, Sign(here)) if here in "()" else None


def _quoted(text: str, place: int) -> tuple[str, int]:
    """Read a quoted text; return it with single spaces, and the place after its closing quote."""
    closers = QUOTES[text[place]]
    for end in range(place + 1, len(text)):
        if text[end] in closers:
            return " ".join(text[place + 1 : end].split()), end + 1
    raise SearchError(
        f"The quote opened at character {place + 1} is not closed: add {closers[0]} where the phrase ends."
    )


def _valued(text: str, name: FieldName, colon: re.Match[str]) -> tuple[Piece, int]:
    """Read the value after the colon of a field."""
    at, place = colon.start() + 1, colon.end()
    opening = text[place : place + 1]
    if opening == "(":
        raise SearchError(
            f"{name}: at character {at} takes one value, not parentheses: write {name}:one OR {name}:two."
        )
    if opening and opening in QUOTES:
        value, end = _quoted(text, place)
    else:
        value = _run(text, place).rstrip("),;*")
        end = place + len(value)
    if not value:
        raise SearchError(
            f"Nothing stands after {name}: at character {at}: write the value without a space, "
            f"as in {FIELDS[name].example}."
        )
    return Piece(at, value, field=name, quoted=True), end


def _refuse_misspelt(text: str, name: str, colon: re.Match[str]) -> None:
    """Raise SearchError for a name that is nearly a field; `12:30`, `Re:` and web addresses are words."""
    following = text[colon.end() : colon.end() + 1]
    near = difflib.get_close_matches(name, FIELDS, n=1, cutoff=0.75)
    if near and following not in ("", "/") and not following.isspace():
        raise SearchError(
            f"There is no field {name}: (character {colon.start() + 1}): write {near[0]}: instead, "
            "or put the words in quotes to search for them."
        )


def _word(text: str, place: int) -> tuple[Piece | Mark | None, int]:
    """Read a word up to its last letter or digit, and a star after it; OR is a sign, AND says nothing."""
    run = _trimmed(_run(text, place), keep="*")
    end = place + len(run)
    word = _trimmed(run)
    prefix = run.endswith("*")
    if "*" in word:
        raise SearchError(
            f"A star is inside the word at character {place + 1}: it works only at the end, as in invoic*."
        )
    if word in ("AND", "OR") and not prefix:
        return (Mark(place + 1, Sign.OR) if word == "OR" else None), end
    return Piece(place + 1, word, prefix=prefix), end


def _run(text: str, place: int) -> str:
    """Return the characters from here up to the next space."""
    found = _RUN.match(text, place)
    return found.group() if found else ""


def _trimmed(run: str, keep: str = "") -> str:
    """Drop the punctuation that ends a run, but for the characters to keep."""
    end = len(run)
    while end and not is_wordy(run[end - 1]) and run[end - 1] not in keep:
        end -= 1
    return run[:end]
