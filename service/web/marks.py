"""Cut a message's text where something begins or ends. In: text, findings. Out: Blocks. Never: markup.

Templates escape each piece and put the tags around it, so nothing of a message is ever markup.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.agreements.store import Found
from service.search.hit import Marked

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text inside one statement, or outside all."""

    text: str
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """What the author wrote here, or what was quoted or signed with."""

    own: bool
    pieces: tuple[Piece, ...]

    @property
    def lines(self) -> int:
        """Return how many lines it has."""
        return "".join(piece.text for piece in self.pieces).count("\n") + 1


def blocks(text: str, own: Sequence[Span], found: Iterable[Found]) -> list[Block]:
    """Return the whole text in order, without blank lines at its ends."""
    statements = sorted(found, key=lambda one: (one.statement.start, -one.statement.end))
    result = []
    for start, end, is_own in _runs(text, own):
        pieces = tuple(_pieces(text, start, end, statements))
        if pieces:
            result.append(Block(is_own, pieces))
    return result


def highlighted(marked: Marked) -> list[tuple[str, bool]]:
    """Return the pieces of a found text, and of each whether it was searched for."""
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end in marked.marks:
        pieces += [(marked.text[done:start], False), (marked.text[start:end], True)]
        done = end
    return [piece for piece in [*pieces, (marked.text[done:], False)] if piece[0]]


def _runs(text: str, own: Sequence[Span]) -> list[tuple[int, int, bool]]:
    """Cut the text into own and other runs; blank text between two runs of a kind joins them."""
    runs: list[tuple[int, int, bool]] = []
    done = 0
    for start, end in own:
        if text[done:start].strip():
            runs.append((done, start, False))
            done = start
        if runs and runs[-1][2]:
            runs[-1] = (runs[-1][0], end, True)
        else:
            runs.append((done, end, True))
        done = end
    if text[done:].strip():
        runs.append((done, len(text), False))
    return [(*_trimmed(text, start, end), is_own) for start, end, is_own in runs]


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    # Only whole blank lines go: the first line's indent is part of how it was written.
    blank = len(piece) - len(piece.lstrip())
    begin = start + piece.rfind("\n", 0, blank) + 1
    return begin, start + len(piece.rstrip())


def _pieces(text: str, start: int, end: int, statements: Sequence[Found]) -> Iterable[Piece]:
    done = start
    for one in statements:
        first, last = one.statement.start, min(one.statement.end, end)
        if not done <= first < last:
            continue
        if first > done:
            yield Piece(text[done:first])
        yield Piece(text[first:last], one)
        done = last
    if done < end:
        yield Piece(text[done:end])
