"""Say whether a statement is conditional, spoken, or a change. In: clauses, the act. Out: Flags.

A flag is weighed like an act, by evidence from the statement's own clauses, its sentence and its message.
Never: looks at text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.extraction.reading import WITHIN_REACH, Clause
from service.extraction.statement import StatementKind
from service.extraction.weights import Weights

FLAGS = ("conditional", "verbal", "change")


@dataclass(frozen=True, slots=True)
class Flags:
    """All false unless the words say so."""

    conditional: bool = False
    verbal: bool = False
    change: bool = False


def flags_of(clauses: Sequence[Clause], group: Sequence[int], kind: StatementKind, weights: Weights) -> Flags:
    """Read the flags of the statement that covers the clauses `group`."""
    totals = weights.totals(flag_evidence(clauses, group, kind))
    return Flags(**{flag: bool(total > 0) for flag, total in zip(weights.columns, totals, strict=True)})


def flag_evidence(clauses: Sequence[Clause], group: Sequence[int], kind: StatementKind) -> Iterator[str]:
    """Yield what speaks for or against the flags of one statement, each name once."""
    near_by = clauses[max(0, group[0] - WITHIN_REACH) : group[-1] + WITHIN_REACH]
    own = {cue for place in group for cue in clauses[place].cues}
    sentences = {clauses[place].sentence for place in group}
    near = {cue for clause in near_by if clause.sentence in sentences for cue in clause.cues}
    yield f"is:{kind.value}"
    for scope, cues in (
        ("own", own),
        ("sentence", near),
        ("message", {cue for clause in near_by for cue in clause.cues}),
    ):
        for cue in cues:
            yield f"{scope}:{cue}"
            yield f"{scope}:{cue}&{kind.value}"
