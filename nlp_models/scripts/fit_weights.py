"""Fit the weights of evidence: `python nlp_models/scripts/fit_weights.py CORPUS [--leave-out REGEX] [--out TABLE]`.

Multinomial logistic regression with a ridge, on the clauses of annotated conversations. A second round reads each half
of the conversations with the acts that the first round, fitted on the other half, found: a text is read with what was
found before it, right or wrong, and the weights must have seen that. No random numbers: the same corpus gives the
same table.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.archive.message import Conversation
from service.archive.quoting import own_spans
from service.extraction.conversation_json import conversation_from_json
from service.extraction.evidence import evidence
from service.extraction.reading import Clause, read
from service.extraction.situation import Facts, Turn, situation_of, turn_of
from service.extraction.statement import StatementKind
from service.extraction.weights import BIAS, NOTHING, Weights, parse

ACTS = (NOTHING, *(kind.value for kind in StatementKind))
CONTEXT = 12
LEAST_SEEN = 3
"""Rarer names of evidence are left out; each clause is seen in both rounds, so two clauses give four."""
RIDGE = 1.0
STEPS = 250
CAUTION = 0.6
"""Taken from "does nothing" afterwards: chosen on the first writers' conversations for the best F1."""

Kinds = Sequence[StatementKind | None]
Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Annotated:
    """A conversation, read, with the annotated act of each clause."""

    conversation: Conversation
    clauses: tuple[tuple[Clause, ...], ...]
    kinds: tuple[tuple[StatementKind | None, ...], ...]


@dataclass(slots=True)
class Sample:
    """Clauses as lists of evidence, with their acts."""

    names: list[list[str]]
    acts: list[str]

    def __add__(self, other: "Sample") -> "Sample":
        return Sample(self.names + other.names, self.acts + other.acts)


def annotated(document: dict[str, Any]) -> Annotated:
    conversation = conversation_from_json(document)
    prior = conversation.language or "en"
    clauses = tuple(
        read(message.text, own_spans(message.text), prior) if message.text else ()
        for message in conversation.messages
    )
    kinds = tuple(
        _kinds(
            found,
            message.text,
            [each for each in document["gold"]["statements"] if each["message"] == message.id],
        )
        for found, message in zip(clauses, conversation.messages, strict=True)
    )
    return Annotated(conversation, clauses, kinds)


def _kinds(
    clauses: Sequence[Clause], text: str, statements: list[dict[str, Any]]
) -> tuple[StatementKind | None, ...]:
    """Give each clause the act of the statement that covers half of it or more."""
    kinds: list[StatementKind | None] = [None] * len(clauses)
    for statement in statements:
        start = text.find(statement["quote"])
        end = start + len(statement["quote"])
        for place, clause in enumerate(clauses):
            if 2 * (min(end, clause.end) - max(start, clause.start)) >= clause.end - clause.start:
                kinds[place] = StatementKind(statement["kind"])
    return tuple(kinds)


def sample(corpus: Sequence[Annotated], weights: Weights | None = None) -> Sample:
    """Collect evidence; earlier acts are the annotated ones, or those that `weights` find."""
    collected = Sample([], [])
    for each in corpus:
        _walk(each, collected, weights)
    return collected


def _walk(each: Annotated, collected: Sample, weights: Weights | None) -> None:
    people = {person.id: person for person in each.conversation.people}
    turns: list[Turn] = []
    for message, clauses, gold in zip(each.conversation.messages, each.clauses, each.kinds, strict=True):
        facts = situation_of(message, turns[-CONTEXT:], people, each.conversation.channel)
        kinds = _collect(clauses, gold, facts, collected, weights)
        turns.append(turn_of(message, clauses, kinds, people))


def _collect(
    clauses: Sequence[Clause], gold: Kinds, facts: Facts, collected: Sample, weights: Weights | None
) -> Kinds:
    kinds: list[StatementKind | None] = []
    for place, kind in enumerate(gold):
        names = evidence(clauses, place, facts, kinds)
        collected.names.append(names)
        collected.acts.append(kind.value if kind else NOTHING)
        kinds.append(kind if weights is None else _found(weights, names))
    return kinds


def _found(weights: Weights, names: list[str]) -> StatementKind | None:
    act = weights.acts[int(weights.totals(names).argmax())]
    return None if act == NOTHING else StatementKind(act)


def fit(data: Sample) -> Weights:
    """Return the weights that make the acts of the sample likeliest, less the ridge."""
    seen = Counter(name for names in data.names for name in set(names))
    vocabulary = [BIAS, *sorted(name for name, count in seen.items() if count >= LEAST_SEEN)]
    number = {name: place for place, name in enumerate(vocabulary)}
    rows = [[0, *(number[name] for name in sorted(set(names)) if name in number)] for names in data.names]
    wanted = np.eye(len(ACTS), dtype=np.float32)[[ACTS.index(act) for act in data.acts]]
    table = _descend(rows, wanted, len(vocabulary))
    table[0, ACTS.index(NOTHING)] -= CAUTION
    return Weights(ACTS, dict(zip(vocabulary, table, strict=True)))


def _descend(rows: list[list[int]], wanted: Row, names: int) -> Row:
    """Minimise by accelerated full-batch descent, with a step for each name that fits how often it is seen."""
    columns = np.concatenate([np.array(row) for row in rows])
    starts = np.cumsum([0, *(len(row) for row in rows[:-1])])
    owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    table = np.zeros((names, wanted.shape[1]), dtype=np.float32)
    speed, scale = np.zeros_like(table), np.zeros_like(table)
    for _ in range(STEPS):
        ahead = table + 0.9 * speed
        totals = np.add.reduceat(ahead[columns], starts, axis=0)
        shares = np.exp(totals - totals.max(axis=1, keepdims=True))
        miss = shares / shares.sum(axis=1, keepdims=True) - wanted
        slope = RIDGE * ahead
        for act in range(wanted.shape[1]):
            slope[:, act] += np.bincount(columns, weights=miss[owners, act], minlength=names)
        scale += slope**2
        speed = 0.9 * speed - 0.1 * slope / np.sqrt(scale + 1e-6)
        table = table + speed
    return table


def fitted(corpus: Sequence[Annotated]) -> Weights:
    """Fit in two rounds."""
    truth = sample(corpus)
    halves = corpus[::2], corpus[1::2]
    found = [sample(one, fit(sample(other))) for one, other in (halves, halves[::-1])]
    return fit(truth + found[0] + found[1])


def written(weights: Weights) -> str:
    """Return the table as text; names whose numbers are all near nothing are left out."""
    lines = ["\t".join(("name", *weights.acts))]
    for name, row in weights.rows.items():
        numbers = np.rint(row * 100).astype(int)
        if name == BIAS or abs(numbers).max() >= 5:
            lines.append("\t".join((name, *map(str, numbers))))
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument(
        "--leave-out", default="^$", help="conversations whose id matches are not learned from"
    )
    parser.add_argument("--out", type=Path, default=Path("service/extraction/weights.tsv"))
    arguments = parser.parse_args()
    documents = (json.loads(file.read_text("utf-8")) for file in sorted(arguments.corpus.rglob("*.json")))
    kept: Callable[[str], bool] = lambda name: not re.search(arguments.leave_out, name)
    corpus = [annotated(document) for document in documents if kept(document["id"])]
    table = written(fitted(corpus))
    parse(table)
    arguments.out.write_text(table, "utf-8")
    print(f"{len(corpus)} conversations, {table.count(chr(10)) - 1} names of evidence -> {arguments.out}")


if __name__ == "__main__":
    main()
