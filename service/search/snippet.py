"""The piece of a text that shows why it was found. In: text, needles. Out: Marked. Never: markup.

A word is marked where its key is one that was searched for, so that "согласовали" marks "согласовано".
"""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from service.extraction.lemmas import WORD, search_keys
from service.search.hit import Marked
from service.search.match import Needle

SNIPPET_LENGTH = 240
"""Characters: two lines on a wide screen."""
LEAD = 60
"""Characters before the first mark, so that the reader sees how its clause begins."""
WORDS_AFTER = 25
"""Words that fit behind the lead, about."""
MOST_READ = 200_000
"""Characters of a text that are looked through for a place to cut."""
MOST_COMPARED = 100
"""Found words among which the best place is chosen; comparing is quadratic."""
ELLIPSIS = "…"

_SPACE = re.compile(r"\s+")

Found = tuple[int, Needle]
"""The number of a word in its text, and what is found from it on."""


def mark(text: str, needles: Collection[Needle]) -> Marked:
    """Mark every found word of a text; of a phrase each word.

    >>> mark("Итог: согласовано.", [Needle(("соглас",))]).marks
    ((6, 17),)
    """
    found = _found(text, needles)
    numbers = {start + offset for start, needle in found for offset in range(len(needle.keys))}
    words = enumerate(islice(WORD.finditer(text), max(numbers, default=-1) + 1))
    return Marked(text, tuple(word.span() for number, word in words if number in numbers))


def snippet(text: str, needles: Collection[Needle]) -> Marked:
    """Cut out the piece of a text that holds the most of what was searched for, on one line, and mark it."""
    looked = text[:MOST_READ]
    start = _start(looked, _found(looked, needles))
    words = " ".join(looked[start : start + 4 * SNIPPET_LENGTH].split())
    piece = words[:SNIPPET_LENGTH]
    if len(piece) < len(words):
        piece = piece[: max(piece.rfind(" "), 0) or SNIPPET_LENGTH] + ELLIPSIS
    return mark((ELLIPSIS if start else "") + piece, needles)


def named_snippet(name: str, text: str, needles: Collection[Needle]) -> Marked | None:
    """Cut out the piece of an attachment as above, behind its name; None where nothing is found in it."""
    shown = mark(f"{name}: {snippet(text, needles).text}", needles)
    return shown if shown.marks else None


def _start(text: str, found: Sequence[Found]) -> int:
    """Return where the piece begins: a little before the word from which the most needles are near."""
    if not found:
        return 0
    first = sorted(found, key=lambda one: one[0])[:MOST_COMPARED]
    best, _ = max(first, key=lambda one: (_nearby(first, one[0]), -one[0]))
    begin = next(islice(WORD.finditer(text), best, None)).start()
    if begin <= LEAD:
        return 0
    gap = _SPACE.search(text, begin - LEAD, begin)
    return gap.end() if gap else begin


def _nearby(found: Sequence[Found], first: int) -> int:
    """Count the different needles that are found from this word on, in one piece."""
    return len({needle for number, needle in found if first <= number < first + WORDS_AFTER})


def _found(text: str, needles: Collection[Needle]) -> list[Found]:
    """Return every word from which a needle is found."""
    keys = search_keys(text).split() if needles else []
    return [(start, needle) for needle in needles for start in _starts(keys, needle)]


def _starts(keys: Sequence[str], needle: Needle) -> Iterator[int]:
    """Yield every number of a key at which the keys of the needle stand side by side."""
    *before, last = needle.keys
    for end in range(len(before), len(keys)):
        if keys[end] == last or (needle.prefix and keys[end].startswith(last)):
            start = end - len(before)
            if list(keys[start:end]) == before:
                yield start
