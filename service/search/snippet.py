"""The piece of a text that shows why it was found. In: text, needles. Out: Marked. Never: markup.

A word is marked where its key is one that was searched for, so that "согласовали" marks "согласовано".
"""

import re
from collections.abc import Collection, Iterator, Sequence

from service.extraction.lemmas import WORD, search_keys
from service.search.hit import Mark, Marked
from service.search.match import Needle

SNIPPET_LENGTH = 240
"""Characters: two lines on a wide screen."""
LEAD = 60
"""Characters before the first mark, so that the reader sees how its clause begins."""
MOST_READ = 200_000
"""Characters of a text that are looked through for a place to cut."""
MARKS_COMPARED = 50
ELLIPSIS = "…"

_SPACE = re.compile(r"\s+")

Found = tuple[Mark, Needle]


def mark(text: str, needles: Collection[Needle]) -> Marked:
    """Mark every found word of a text; of a phrase each word.

    >>> mark("Итог: согласовано.", [Needle(("соглас",))]).marks
    ((6, 17),)
    """
    return Marked(text, tuple(sorted({place for place, _ in _found(text, needles)})))


def snippet(text: str, needles: Collection[Needle]) -> Marked:
    """Cut out the piece of a text that holds the most of what was searched for, on one line, and mark it."""
    looked = text[:MOST_READ]
    start = _start(looked, sorted(_found(looked, needles), key=lambda found: found[0]))
    words = " ".join(looked[start : start + 4 * SNIPPET_LENGTH].split())
    piece = words[:SNIPPET_LENGTH]
    if len(piece) < len(words):
        piece = piece[: max(piece.rfind(" "), 0) or SNIPPET_LENGTH] + ELLIPSIS
    return mark((ELLIPSIS if start else "") + piece, needles)


def _start(text: str, found: Sequence[Found]) -> int:
    """Return where the piece begins: a little before the place from which the most needles are near."""
    if not found:
        return 0
    best = max(range(len(found)), key=lambda first: (_nearby(found, first), -first))
    begin = found[best][0][0]
    if begin <= LEAD:
        return 0
    gap = _SPACE.search(text, begin - LEAD, begin)
    return gap.end() if gap else begin


def _nearby(found: Sequence[Found], first: int) -> int:
    """Count the needles that are found in one piece which begins with this place."""
    reach = found[first][0][0] + SNIPPET_LENGTH - LEAD
    return len({needle for (_, end), needle in found[first : first + MARKS_COMPARED] if end <= reach})


def _found(text: str, needles: Collection[Needle]) -> Iterator[Found]:
    """Yield the place of each word that a needle finds, with that needle."""
    if not needles:
        return
    keys = search_keys(text).split()
    starts = [(start, needle) for needle in needles for start in _starts(keys, needle)]
    if not starts:
        return
    places = [word.span() for word in WORD.finditer(text)]
    for start, needle in starts:
        yield from ((place, needle) for place in places[start : start + len(needle.keys)])


def _starts(keys: Sequence[str], needle: Needle) -> Iterator[int]:
    """Yield every number of a key at which the keys of the needle stand side by side."""
    *before, last = needle.keys
    for end in range(len(before), len(keys)):
        if keys[end] == last or (needle.prefix and keys[end].startswith(last)):
            start = end - len(before)
            if list(keys[start:end]) == before:
                yield start
