"""Understand a query. In: text as typed. Out: Query. Raises: SearchError alone, whatever the text.

    query  = { chain }
    chain  = item { OR item }
    item   = [ - ] ( piece | "(" { chain } ")" )

A query is a list of clauses that must all hold, and OR makes alternatives inside one clause: that is all that
people ask for, and every such query is quick on both engines. Parentheses are therefore not nested, and never
hold words joined by a space beside an OR.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from service.errors import SearchError
from service.search.fields import DATE_FIELDS, FIELDS, FieldName
from service.search.lex import Mark, Piece, Sign, cut
from service.search.query import AnyOf, Bound, Clause, Filter, Phrase, Prefix, Query, Word

LONGEST_QUERY = 1_000
"""Characters: a query is typed by a person; a longer one is a text pasted by mistake."""

MOST_PARTS = 40

SHORTEST_PREFIX = 2
"""Characters before a star: one letter begins most words of the archive."""

_UNTYPED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")


def parse(text: str) -> Query:
    """Understand a query; raises SearchError, which says what is wrong, where, and what to write instead.

    >>> parse("logo OR banner -draft")
    Query(clauses=(AnyOf(terms=(Word(text='logo'), Word(text='banner')), negated=False), \
AnyOf(terms=(Word(text='draft'),), negated=True)))
    """
    if len(text) > LONGEST_QUERY:
        raise SearchError(
            f"The query has {len(text):,} characters; the most is {LONGEST_QUERY:,}: "
            "search for a few words of the text."
        )
    typed = unicodedata.normalize("NFC", _UNTYPED.sub(" ", text))
    clauses = _Parser(cut(typed)).clauses()
    if not clauses and typed.strip():
        raise SearchError(f"There is nothing to search for in {typed.strip()!r}: write a word or a number.")
    if (parts := sum(map(_parts, clauses))) > MOST_PARTS:
        raise SearchError(f"The query has {parts} parts; the most is {MOST_PARTS}: leave some out.")
    return Query(tuple(clauses))


class _Parser:
    """Reads pieces from left to right, one ahead."""

    def __init__(self, pieces: Iterable[Piece | Mark]) -> None:
        self._pieces = iter(pieces)
        self._ahead: Piece | Mark | None = next(self._pieces, None)

    def clauses(self, opened_at: int = 0) -> list[Clause]:
        """Read chains up to the end, or up to the parenthesis that closes the one opened before."""
        found: list[Clause] = []
        while self._ahead is not None:
            if self._sees(Sign.CLOSE):
                self._step()
                if opened_at:
                    return found
            else:
                found += self._chain(inside=bool(opened_at))
        if opened_at:
            raise SearchError(
                f"The parenthesis opened at character {opened_at} is not closed: add ) where it ends."
            )
        return found

    def _chain(self, *, inside: bool) -> list[Clause]:
        """Read items joined by OR; an item that stands alone may be any number of clauses."""
        found = self._item(inside=inside)
        while isinstance(self._ahead, Mark) and self._ahead.sign is Sign.OR:
            joint = self._ahead
            self._step()
            found = [_either(found, self._item(inside=inside, joint=joint), joint)]
        return found

    def _item(self, *, inside: bool, joint: Mark | None = None) -> list[Clause]:
        """Read one piece or one pair of parentheses, with the minus before it; `joint` is what needs it."""
        ahead = self._ahead
        if isinstance(ahead, Piece):
            self._step()
            return _clauses_of(ahead)
        if ahead is None or ahead.sign in (Sign.CLOSE, Sign.OR):
            raise _dangling(joint or ahead)
        self._step()
        if ahead.sign is Sign.MINUS:
            return _without(self._item(inside=inside, joint=ahead), ahead)
        if inside:
            raise SearchError(f"The parenthesis at character {ahead.at} stands inside another: use one pair.")
        return self.clauses(opened_at=ahead.at)

    def _sees(self, sign: Sign) -> bool:
        return isinstance(self._ahead, Mark) and self._ahead.sign is sign

    def _step(self) -> None:
        self._ahead = next(self._pieces, None)


def _dangling(joint: Mark | None) -> SearchError:
    """Say that an OR or a minus has nothing to work on."""
    at = f"at character {joint.at}" if joint else "at the end"
    if joint and joint.sign is Sign.MINUS:
        return SearchError(f"Nothing to leave out stands after the minus {at}: write -word.")
    return SearchError(
        f"OR {at} needs a word on both sides: write one OR two, "
        'or "OR" in quotes to search for the word itself.'
    )


def _either(left: list[Clause], right: list[Clause], joint: Mark) -> Clause:
    """Join what stands on both sides of an OR into one clause."""
    if not left or not right:
        raise _dangling(joint)
    match left, right:
        case [AnyOf(mine, False)], [AnyOf(theirs, False)]:
            return AnyOf(mine + theirs)
        case [Filter(field, mine, False)], [Filter(other, theirs, False)] if field is other:
            return Filter(field, mine + theirs)
    raise SearchError(
        f"OR at character {joint.at} joins words with words, or one field with itself, "
        "and none with a minus: write one OR two, or from:one OR from:two."
    )


def _without(clauses: list[Clause], minus: Mark) -> list[Clause]:
    """Turn what stands after a minus around; parentheses with OR become one clause for each part."""
    match clauses:
        case []:
            return []
        case [AnyOf(terms, negated)]:
            return [AnyOf((term,), negated=not negated) for term in terms]
        case [Filter(field, values, negated)]:
            return [Filter(field, (value,), negated=not negated) for value in values]
        case [Bound(field)]:
            other = FieldName.AFTER if field is FieldName.BEFORE else FieldName.BEFORE
            raise SearchError(
                f"The minus at character {minus.at} stands before {field}: write {other}: instead."
            )
    raise SearchError(
        f"The minus at character {minus.at} stands before words that must all occur: "
        "write -one -two to leave out each."
    )


def _clauses_of(piece: Piece) -> list[Clause]:
    """Make the clause of a piece: none where it holds nothing that could be searched for."""
    if piece.field in DATE_FIELDS:
        return [Bound(piece.field, _day(piece, piece.field))]
    if piece.field is not None:
        return [Filter(piece.field, (_allowed(piece, piece.field),))]
    if not any(map(str.isalnum, piece.text)):
        return []
    if piece.quoted:
        return [AnyOf((Phrase(piece.text),))]
    if not piece.prefix:
        return [AnyOf((Word(piece.text),))]
    if len(piece.text) < SHORTEST_PREFIX:
        raise SearchError(
            f"{piece.text}* at character {piece.at} is too short: "
            f"write at least {SHORTEST_PREFIX} characters before the star."
        )
    return [AnyOf((Prefix(piece.text),))]


def _allowed(piece: Piece, name: FieldName) -> str:
    """Return the value of a field as the archive spells it; raises SearchError for one it cannot have."""
    values = FIELDS[name].values
    spelt = piece.text.lower().replace("-", "_") if values else piece.text
    if values and spelt not in values:
        near = difflib.get_close_matches(spelt, values, n=1) or values[:1]
        raise SearchError(
            f"{name}: at character {piece.at} does not know {piece.text!r}: write {name}:{near[0]}, "
            f"or another of {', '.join(values)}."
        )
    return spelt


def _day(piece: Piece, name: FieldName) -> date:
    """Return the first day of a day, month or year in ISO form."""
    if found := _DAY.fullmatch(piece.text):
        year, month, day = (int(part or 1) for part in found.groups())
        try:
            return date(year, month, day)
        except ValueError:
            pass  # No such day: told below, as any other text that is no date.
    raise SearchError(
        f"{name}: at character {piece.at} does not know the date {piece.text!r}: "
        f"write {name}:2026-10-15, {name}:2026-10 or {name}:2026."
    )


def _parts(clause: Clause) -> int:
    """Count the words or values of a clause."""
    match clause:
        case AnyOf(terms):
            return len(terms)
        case Filter(_, values):
            return len(values)
        case _:
            return 1
