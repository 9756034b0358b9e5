"""What speaks for or against an act of a clause, by name. In: clauses, facts of the situation. Out: names.

The names are the same in every language, except those of words (`w:`); their weights are in
`weights_of_acts.tsv`. Never: decides.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from service.extraction.reading import Clause
from service.extraction.situation import Facts
from service.extraction.statement import StatementKind

_SIZES = ((1, "one"), (2, "two"), (4, "few"), (8, "some"), (14, "many"))
_DECISIVE = (
    "answers:",
    "open:",
    "question",
    "in_question",
    "in_recap",
    "opens_message",
    "brief",
    "after:talk",
    "listed",
)
"""Context that changes what a cue means."""


def evidence(
    clauses: Sequence[Clause], place: int, situation: Facts, before: Sequence[StatementKind | None]
) -> list[str]:
    """Return the evidence about one clause; `before` holds the acts of the clauses ahead of it."""
    clause = clauses[place]
    facts = {*situation, *_shape(clauses, place), *_company(clauses, place, before)}
    context = [fact for fact in facts if fact.startswith(_DECISIVE)]
    context += {key for keys in clause.words for key in keys if key[0] == "<"}
    return [
        *clause.cues,
        *facts,
        *(f"{cue}&{fact}" for cue, fact in product(clause.cues, context)),
        *_neighbours(clauses, place),
        *_words(clause),
    ]


def _shape(clauses: Sequence[Clause], place: int) -> Iterator[str]:
    clause = clauses[place]
    size = len(clause.words)
    yield "size:" + next((name for most, name in _SIZES if size <= most), "long")
    if "?" in clause.tail:
        yield "question"
    elif clause.question:
        yield "in_question"
    if clause.tail:
        yield f"tail:{clause.tail[0]}"
    if place == 0:
        yield "opens_message"
    if place + 1 == len(clauses):
        yield "ends_message"
    if clause.first:
        yield "opens_sentence"
    if clause.listed:
        yield "listed"
    if sum(len(each.words) for each in clauses) <= 5:
        yield "brief"


def _company(clauses: Sequence[Clause], place: int, before: Sequence[StatementKind | None]) -> Iterator[str]:
    """Yield what the clauses ahead in the message did."""
    if any("recap" in clause.cues for clause in clauses[: place + 1]):
        yield "in_recap"
    previous = before[place - 1] if place else None
    if previous:
        near = "follows" if clauses[place - 1].sentence == clauses[place].sentence else "then"
        yield f"{near}:{previous.value}"
    yield from {f"earlier:{kind.value}" for kind in before[: max(place - 1, 0)] if kind}


def _neighbours(clauses: Sequence[Clause], place: int) -> Iterator[str]:
    for other, name in ((place - 1, "p"), (place + 1, "n")):
        if 0 <= other < len(clauses):
            near = name if clauses[other].sentence == clauses[place].sentence else name + name
            yield from (f"{near}:{cue}" for cue in clauses[other].cues)
            yield f"{near}:"


def _words(clause: Clause) -> Iterator[str]:
    for keys in clause.words:
        yield from (f"w:{key}" for key in keys if key[-1] != "*")


def explainable(name: str) -> bool:
    """Say whether a name means something to a reader of `found_by`: a cue or a fact, not a word or a pair."""
    return not name.startswith(("w:", "p:", "pp:", "n:", "nn:", "size:", "tail:")) and "&" not in name
