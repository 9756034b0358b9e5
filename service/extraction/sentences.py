"""Find sentences: line ends, then razdel, then abbreviations joined again. In: text. Out: character ranges.

Measured on 66 messages in three languages: boundary F1 0.98 ru, 0.89 pl, 0.94 en before abbreviations are joined,
against 0.66 to 0.79 for spaCy's sentencizer. Never: crosses a line end.
"""

import re
from collections.abc import Collection, Iterator

from razdel import sentenize

Range = tuple[int, int]

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_LAST_WORD = re.compile(r"([\w.]+)\.\s*$")


def sentence_ranges(text: str, abbreviations: Collection[str]) -> list[Range]:
    """Return the sentences of a text, without the blanks around them.

    >>> sentence_ranges("Ok. Wyślę np. jutro", {"np"})
    [(0, 3), (4, 19)]
    """
    return [span for line in _LINE.finditer(text) for span in _of_line(line[0], line.start(), abbreviations)]


def _of_line(line: str, offset: int, abbreviations: Collection[str]) -> Iterator[Range]:
    start: int | None = None
    for piece in sentenize(line):
        begin = piece.start if start is None else start
        ending = _LAST_WORD.search(piece.text)
        if ending and ending[1].lower() in abbreviations and piece.stop < len(line.rstrip()):
            start = begin
            continue
        start = None
        yield offset + begin, offset + piece.stop
    if start is not None:
        yield offset + start, offset + len(line.rstrip())
