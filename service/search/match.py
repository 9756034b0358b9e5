"""What the index is asked. In: Query. Out: Match, in search keys. Never: knows an engine's query language."""

from dataclasses import dataclass

from service.extraction.lemmas import WORD, prefix_key, search_keys
from service.search.query import AnyOf, Prefix, Query, Term


@dataclass(frozen=True, slots=True)
class Needle:
    """Keys side by side; with `prefix` the last one may go on."""

    keys: tuple[str, ...]
    prefix: bool = False


Choice = tuple[Needle, ...]
"""At least one of these."""


@dataclass(frozen=True, slots=True)
class Match:
    """Every choice must be met, and nothing of `never` may occur."""

    every: tuple[Choice, ...] = ()
    never: Choice = ()

    @property
    def wanted(self) -> frozenset[Needle]:
        """Every needle that a match may hold: what is marked in its text."""
        return frozenset(needle for choice in self.every for needle in choice)


def match_of(query: Query) -> Match:
    """Turn the words of a query into keys; a word without a key asks nothing."""
    every: list[Choice] = []
    never: list[Needle] = []
    for clause in query.clauses:
        if isinstance(clause, AnyOf):
            choice = tuple(filter(None, map(_needle, clause.terms)))
            if clause.negated:
                never += choice
            elif choice:
                every.append(choice)
    return Match(tuple(every), tuple(never))


def _needle(term: Term) -> Needle | None:
    keys = tuple(search_keys(term.text).split())
    if not keys or not isinstance(term, Prefix):
        return Needle(keys) if keys else None
    beginning = prefix_key(WORD.findall(term.text)[-1])
    return Needle((*keys[:-1], beginning), prefix=True)
