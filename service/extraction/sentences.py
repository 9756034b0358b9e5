"""Find sentences: line ends, then razdel, then abbreviations joined again. In: text. Out: character ranges.

Measured on 66 messages in three languages: newline and razdel find sentence bounds with F1 0.98 ru, 0.89 pl,
0.94 en before abbreviations are joined; spaCy's sentencizer with 0.66 to 0.79. Never: crosses a line end.
"""

import re
from collections.abc import Collection, Iterator

from razdel import sentenize

Range = tuple[int, int]

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_LOWER_CASE_START = re.compile(r"(?<=\w[.!?…])\s+(?=[^\W\d_])")
_LONGEST_WORD = 30
"""Characters in which an abbreviation is looked for."""
_LAST_WORD = re.compile(r"([\w.]+)\.\s*$")


def sentence_ranges(text: str, abbreviations: Collection[str]) -> list[Range]:
    """Return the sentences of a text, without the blanks around them.

    >>> sentence_ranges("Ok. Wyślę np. jutro", {"np"})
    [(0, 3), (4, 19)]
    """
    return [span for line in _LINE.finditer(text) for span in _of_line(line[0], line.start(), abbreviations)]


def _of_line(line: str, offset: int, abbreviations: Collection[str]) -> Iterator[Range]:
    start: int | None = None
    for begin, stop in _pieces(line):
        first = begin if start is None else start
        ending = _LAST_WORD.search(line[max(begin, stop - _LONGEST_WORD) : stop])
        if ending and _goes_on(ending[1].lower(), abbreviations) and stop < len(line.rstrip()):
            start = first
            continue
        start = None
        yield offset + first, offset + stop


def _pieces(line: str) -> Iterator[Range]:
    """Yield razdel's sentences, cut again where chats go on in lower case: «не успеваем. давай в среду»."""
    for sentence in sentenize(line):
        begin = sentence.start
        for cut in _LOWER_CASE_START.finditer(sentence.text):
            yield begin, sentence.start + cut.start()
            begin = sentence.start + cut.end()
        yield begin, sentence.stop


def _goes_on(word: str, abbreviations: Collection[str]) -> bool:
    """Say whether a dot after this word shortens it: a known abbreviation, an initial, initials («А. С.»)."""
    return word in abbreviations or (word.isalpha() and len(word) == 1) or "." in word
