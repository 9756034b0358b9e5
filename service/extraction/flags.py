"""Say whether a statement is conditional, spoken, or a change. In: clauses. Out: Flags."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.extraction.reading import Clause
from service.extraction.statement import StatementKind as Kind


@dataclass(frozen=True, slots=True)
class Flags:
    """All false unless the words say so."""

    conditional: bool = False
    verbal: bool = False
    change: bool = False


def flags_of(clauses: Sequence[Clause], group: Sequence[int], kind: Kind) -> Flags:
    """Read the flags of the statement that covers `group`."""
    own = {cue for place in group for cue in clauses[place].cues}
    sentence = {
        cue for clause in clauses if clause.sentence == clauses[group[0]].sentence for cue in clause.cues
    }
    everything = {cue for clause in clauses for cue in clause.cues}
    return Flags(
        conditional=kind in {Kind.APPROVAL, Kind.COMMITMENT} and "condition" in sentence,
        verbal=kind is Kind.DECISION and "verbal" in everything,
        change=kind in {Kind.PROPOSAL, Kind.REQUEST, Kind.DECISION} and "change" in own,
    )
