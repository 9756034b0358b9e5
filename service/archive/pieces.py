"""A long text in pieces. In: text. Out: its pieces in order. Never: cuts a word.

A list of all words of a 50 MB mail takes 600 MB; nobody needs it at once.
"""

import re
from collections.abc import Iterator

AT_ONCE = 1 << 20
"""Characters of a piece; it ends at the next blank."""
_BLANK = re.compile(r"\s")


def pieces(text: str, at_once: int = AT_ONCE) -> Iterator[str]:
    """Yield the pieces of a text, cut at blanks; together they are the text.

    >>> list(pieces("Zatwierdzam projekt etykiety", 5))
    ['Zatwierdzam', ' projekt', ' etykiety']
    """
    start = 0
    while start < len(text):
        blank = _BLANK.search(text, start + at_once)
        end = blank.start() if blank else len(text)
        yield text[start:end]
        start = end
