"""Match a language's cue patterns against the words of a clause. In: words with keys. Out: names of cues.

The syntax is described in `language.py`. Patterns are indexed by their first piece, so a clause costs a few
dictionary look-ups a word, however many patterns a language has. Never: knows what a cue means.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

Keys = frozenset[str]
"""Everything a pattern may call a word by: its form, lemma, `<marks>` and `stem*` prefixes, all folded."""

_MOST_SKIPPED = 3


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Return a form as patterns compare it: lower case, no tails, straight apostrophes.

    >>> fold("Wyślę"), fold("Пойдёт"), fold("I’ll")
    ('wysle', 'пойдет', "i'll")
    """
    lowered = text.lower().replace("’", "'").replace("ł", "l")
    parts = unicodedata.normalize("NFD", lowered)
    # й is и with a breve when decomposed: the breve is a letter's part in Russian, not a tail.
    return unicodedata.normalize("NFC", re.sub("(?<!и)[\u0300-\u036f]", "", parts))


@dataclass(frozen=True, slots=True)
class _Pattern:
    cue: str
    pieces: tuple[frozenset[str], ...]
    """Alternatives, word by word; an empty set is a gap."""
    at_start: bool
    at_end: bool


class Cues:
    """All cue patterns of one language, ready to match."""

    def __init__(self, cues: Mapping[str, str], split: Callable[[str], list[str]]) -> None:
        """Compile; `split` is the language's tokeniser: `i'll` must become the words that texts become."""
        self._by_first: dict[str, list[_Pattern]] = defaultdict(list)
        stems: set[str] = set()
        for cue, listed in cues.items():
            for line in filter(None, map(str.strip, re.split(r"[,\n]", listed))):
                pattern = _compile(cue, line, split)
                for first in pattern.pieces[0]:
                    self._by_first[first].append(pattern)
                stems |= {key[:-1] for piece in pattern.pieces for key in piece if key.endswith("*")}
        self._stems: dict[int, frozenset[str]] = defaultdict(frozenset)
        for stem in stems:
            self._stems[len(stem)] |= {stem}

    def prefixes(self, form: str) -> set[str]:
        """Return the `stem*` keys of a folded form."""
        return {f"{form[:size]}*" for size, stems in self._stems.items() if form[:size] in stems}

    def match(self, words: Sequence[Keys]) -> dict[str, set[int]]:
        """Return the cues that the words of a clause hold, with the places where each begins."""
        found: dict[str, set[int]] = defaultdict(set)
        for place, keys in enumerate(words):
            for key in keys:
                for pattern in self._by_first.get(key, ()):
                    if place not in found[pattern.cue] and _matches(pattern, words, place):
                        found[pattern.cue].add(place)
        return {cue: places for cue, places in found.items() if places}


def _compile(cue: str, line: str, split: Callable[[str], list[str]]) -> _Pattern:
    pieces: list[frozenset[str]] = []
    words = line.strip("^$ ") or line
    for piece in words.split():
        if piece == "_":
            pieces.append(frozenset())
        elif any(mark in piece for mark in "|<*"):
            pieces.append(frozenset(fold(option) for option in piece.split("|")))
        else:
            pieces.extend(frozenset({fold(word)}) for word in split(piece))
    anchored = words != line
    return _Pattern(cue, tuple(pieces), anchored and line.startswith("^"), anchored and line.endswith("$"))


def _matches(pattern: _Pattern, words: Sequence[Keys], start: int) -> bool:
    if pattern.at_start and start:
        return False
    return _continues(pattern, words, start + 1, 1)


def _continues(pattern: _Pattern, words: Sequence[Keys], place: int, piece: int) -> bool:
    if piece == len(pattern.pieces):
        return not pattern.at_end or place == len(words)
    options = pattern.pieces[piece]
    if options:
        return (
            place < len(words)
            and not options.isdisjoint(words[place])
            and _continues(pattern, words, place + 1, piece + 1)
        )
    return any(_continues(pattern, words, place + skipped, piece + 1) for skipped in range(_MOST_SKIPPED + 1))
