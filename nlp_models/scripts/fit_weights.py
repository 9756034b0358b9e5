"""Fit the weights of evidence: `python nlp_models/scripts/fit_weights.py CORPUS [--leave-out REGEX]`.

Acts are fitted by multinomial, flags by plain logistic regression, both with a ridge, on the clauses of
annotated conversations. A second round reads each half of the conversations with the acts that the first
round, fitted on the other half, found: a text is read with what was found before it, right or wrong, and the
weights must have seen that. No random numbers: the same corpus gives the same tables.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from basics import conversations
from numpy.typing import NDArray

from service.archive.message import Conversation
from service.archive.quoting import own_spans
from service.extraction.conversation_json import conversation_from_json
from service.extraction.evidence import evidence
from service.extraction.flags import FLAGS, flag_evidence
from service.extraction.reading import Clause, read
from service.extraction.situation import Facts, Turn, situation_of, turn_of
from service.extraction.statement import StatementKind
from service.extraction.weights import BIAS, NOTHING, Weights

ACTS = (NOTHING, *(kind.value for kind in StatementKind))
CONTEXT = 12
LEAST_SEEN = 3
"""Rarer names of evidence are left out; each clause is seen in both rounds, so two clauses give four."""
RIDGE = 1.0
STEPS = 250
EAGERNESS = {NOTHING: -0.8, **dict.fromkeys(FLAGS, 0.85)}
"""Added to the bias afterwards: gave the best F1 on the first writers' conversations, cross-validated."""

Kinds = Sequence[StatementKind | None]
Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Annotated:
    """A conversation, read, with the annotated statements of each message and the clauses that they cover."""

    conversation: Conversation
    clauses: tuple[tuple[Clause, ...], ...]
    statements: tuple[tuple[tuple[list[int], dict[str, Any]], ...], ...]

    def kinds(self, place: int) -> Kinds:
        """Return the annotated act of each clause of a message."""
        kinds: list[StatementKind | None] = [None] * len(self.clauses[place])
        for group, statement in self.statements[place]:
            for clause in group:
                kinds[clause] = StatementKind(statement["kind"])
        return kinds


@dataclass(slots=True)
class Sample:
    """Lists of evidence, and the columns that are right for each."""

    names: list[list[str]]
    wanted: list[set[str]]

    def __add__(self, other: "Sample") -> "Sample":
        return Sample(self.names + other.names, self.wanted + other.wanted)


def annotated(document: dict[str, Any]) -> Annotated:
    """Read one annotated conversation."""
    conversation = conversation_from_json(document)
    prior = conversation.language or "en"
    clauses = tuple(
        read(message.text, own_spans(message.text), prior) if message.text else ()
        for message in conversation.messages
    )
    statements = tuple(
        tuple(_covered(found, message.text, document["gold"]["statements"], message.id))
        for found, message in zip(clauses, conversation.messages, strict=True)
    )
    return Annotated(conversation, clauses, statements)


def _covered(
    clauses: Sequence[Clause], text: str, statements: list[dict[str, Any]], message: str
) -> Iterator[tuple[list[int], dict[str, Any]]]:
    """Yield each statement of a message with the clauses of which it covers half or more."""
    for statement in statements:
        if statement["message"] == message:
            start = text.find(statement["quote"])
            end = start + len(statement["quote"])
            shared = [min(end, clause.end) - max(start, clause.start) for clause in clauses]
            group = [
                place
                for place, clause in enumerate(clauses)
                if 2 * shared[place] >= clause.end - clause.start
            ]
            if group:
                yield group, statement


def sample(corpus: Sequence[Annotated], weights: Weights | None = None) -> Sample:
    """Collect evidence; earlier acts are the annotated ones, or those that `weights` find."""
    collected = Sample([], [])
    for each in corpus:
        _walk(each, collected, weights)
    return collected


def _walk(each: Annotated, collected: Sample, weights: Weights | None) -> None:
    people = {person.id: person for person in each.conversation.people}
    turns: list[Turn] = []
    for place, (message, clauses) in enumerate(zip(each.conversation.messages, each.clauses, strict=True)):
        facts = situation_of(message, turns[-CONTEXT:], people, each.conversation.channel)
        kinds = _collect(clauses, each.kinds(place), facts, collected, weights)
        turns.append(turn_of(message, clauses, kinds, people))


def _collect(
    clauses: Sequence[Clause], gold: Kinds, facts: Facts, collected: Sample, weights: Weights | None
) -> Kinds:
    kinds: list[StatementKind | None] = []
    for place, kind in enumerate(gold):
        names = evidence(clauses, place, facts, kinds)
        collected.names.append(names)
        collected.wanted.append({kind.value if kind else NOTHING})
        kinds.append(kind if weights is None else _found(weights, names))
    return kinds


def _found(weights: Weights, names: list[str]) -> StatementKind | None:
    act = weights.columns[int(weights.totals(names).argmax())]
    return None if act == NOTHING else StatementKind(act)


def fit(data: Sample, columns: Sequence[str] = ACTS, *, exclusive: bool = True) -> Weights:
    """Return the weights that make the wanted columns of the sample likeliest, less the ridge."""
    seen = Counter(name for names in data.names for name in set(names))
    vocabulary = [BIAS, *sorted(name for name, count in seen.items() if count >= LEAST_SEEN)]
    number = {name: place for place, name in enumerate(vocabulary)}
    rows = [[0, *(number[name] for name in sorted(set(names)) if name in number)] for names in data.names]
    wanted = np.array([[column in each for column in columns] for each in data.wanted], dtype=np.float32)
    table = _descend(rows, wanted, len(vocabulary), exclusive=exclusive)
    table[0] += [EAGERNESS.get(column, 0.0) for column in columns]
    return Weights(tuple(columns), dict(zip(vocabulary, table, strict=True)))


def _descend(rows: list[list[int]], wanted: Row, names: int, *, exclusive: bool) -> Row:
    """Minimise by accelerated full-batch descent, with a step for each number that fits its slopes so far."""
    columns = np.concatenate([np.array(row) for row in rows])
    starts = np.cumsum([0, *(len(row) for row in rows[:-1])])
    owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    table = np.zeros((names, wanted.shape[1]), dtype=np.float32)
    speed, scale = np.zeros_like(table), np.zeros_like(table)
    for _ in range(STEPS):
        ahead = table + 0.9 * speed
        totals = np.add.reduceat(ahead[columns], starts, axis=0)
        miss = (_shares(totals) if exclusive else 1 / (1 + np.exp(-totals))) - wanted
        slope = RIDGE * ahead
        for column in range(wanted.shape[1]):
            slope[:, column] += np.bincount(columns, weights=miss[owners, column], minlength=names)
        scale += slope**2
        speed = 0.9 * speed - 0.1 * slope / np.sqrt(scale + 1e-6)
        table = table + speed
    return table


def _shares(totals: Row) -> Row:
    powers: Row = np.exp(totals - totals.max(axis=1, keepdims=True))
    shares: Row = powers / powers.sum(axis=1, keepdims=True)
    return shares


def flags_sample(corpus: Sequence[Annotated]) -> Sample:
    """Collect evidence about the flags of the annotated statements."""
    collected = Sample([], [])
    for each in corpus:
        for clauses, statements in zip(each.clauses, each.statements, strict=True):
            for group, statement in statements:
                kind = StatementKind(statement["kind"])
                collected.names.append(list(flag_evidence(clauses, group, kind)))
                collected.wanted.append({flag for flag in FLAGS if statement.get(flag)})
    return collected


def fitted(corpus: Sequence[Annotated]) -> Weights:
    """Fit the acts in two rounds."""
    truth = sample(corpus)
    halves = corpus[::2], corpus[1::2]
    found = [sample(one, fit(sample(other))) for one, other in (halves, halves[::-1])]
    return fit(truth + found[0] + found[1])


def written(weights: Weights) -> str:
    """Return the table as text; names whose numbers are all near nothing are left out."""
    lines = ["\t".join(("name", *weights.columns))]
    for name, row in weights.rows.items():
        numbers = np.rint(row * 100).astype(int)
        if name == BIAS or abs(numbers).max() >= 5:
            lines.append("\t".join((name, *map(str, numbers))))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Fit and write both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument(
        "--leave-out", default="^$", help="conversations whose id matches are not learned from"
    )
    arguments = parser.parse_args()
    documents = [json.loads(file.read_text("utf-8")) for file in sorted(arguments.corpus.rglob("*.json"))]
    documents += conversations(arguments.corpus.parent / "basics")
    corpus = [annotated(each) for each in documents if not re.search(arguments.leave_out, each["id"])]
    tables = {"acts": fitted(corpus), "flags": fit(flags_sample(corpus), FLAGS, exclusive=False)}
    for name, weights in tables.items():
        path = Path(__file__).parents[2] / "service" / "extraction" / f"weights_of_{name}.tsv"
        path.write_text(written(weights), "utf-8")
        print(f"{name}: {len(weights.rows)} names of evidence from {len(corpus)} conversations -> {path}")


if __name__ == "__main__":
    main()
