"""Strip the longest known ending of a word. In: a folded word. Out: its stem. Never: fewer than 3 letters."""

from collections.abc import Collection, Iterable

SHORTEST_STEM = 3


class Endings:
    """The endings of one language, and the stems that only look as if they had one."""

    def __init__(self, all_: Iterable[str], nouns: Iterable[str], whole: Iterable[str]) -> None:
        self._all = frozenset(all_)
        self._nouns = frozenset(nouns) | {""}
        self._whole = frozenset(whole)
        self._longest = max(map(len, self._all))
        self._longest_noun = max(map(len, self._nouns))

    def strip(self, word: str) -> str:
        """Cut the longest ending that leaves a stem."""
        for size in range(min(self._longest, len(word) - SHORTEST_STEM), 0, -1):
            if word[-size:] in self._all:
                return word[:-size]
        return word

    def whole_stem(self, word: str) -> str | None:
        """Return the listed stem that the word is a noun form of: `budget`, not `budg` + `et`."""
        for size in range(min(self._longest_noun, len(word) - 1) + 1):
            stem = word[: len(word) - size]
            if stem in self._whole and word[len(stem) :] in self._nouns:
                return stem
        return None


def words(text: str) -> list[str]:
    """Read a table of words."""
    return text.split()


def pairs(text: str) -> dict[str, str]:
    """Read `from:to from:to` tables."""
    return dict(pair.split(":") for pair in text.split())


class Roots:
    """Roots that change shape inside a word family: the longest known one at the stem's end is replaced."""

    def __init__(self, same: dict[str, str]) -> None:
        self._same = same
        self._sizes: Collection[int] = sorted({len(root) for root in same}, reverse=True)

    def join(self, stem: str) -> str:
        """Give the stem the shape that its whole family shares; something must stand before the root."""
        for size in self._sizes:
            if len(stem) > size and stem[-size:] in self._same:
                return stem[:-size] + self._same[stem[-size:]]
        return stem
