"""Say what each clause of a message does. In: clauses, Situation. Out: Label or None, clause by clause.

`Labeller` is the seam: the rules here can be replaced by a model without touching segmentation, flags or dates.
Never: looks at text; everything it needs is in cues and facts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from service.extraction.reading import Clause
from service.extraction.rules import RULES, Rule
from service.extraction.situation import Situation
from service.extraction.statement import StatementKind


@dataclass(frozen=True, slots=True)
class Label:
    """The act of one clause."""

    kind: StatementKind
    rule: str
    confidence: float


class Labeller(Protocol):
    """Anything that can say what clauses do."""

    def label(self, clauses: Sequence[Clause], situation: Situation) -> list[Label | None]:
        """Return one label or None for each clause."""
        ...


class RuleLabeller:
    """The first rule that holds decides; the rules are in the order in which people decide (`rules.RULES`)."""

    def label(self, clauses: Sequence[Clause], situation: Situation) -> list[Label | None]:
        """Return one label or None for each clause."""
        labels: list[Label | None] = []
        recap = False
        for place, clause in enumerate(clauses):
            recap = recap or "recap" in clause.cues
            facts = facts_of(clauses, place, situation, labels, recap=recap)
            rule = first_rule(facts)
            labels.append(Label(rule.kind, rule.name, rule.confidence) if rule and rule.kind else None)
        return labels


def facts_of(
    clauses: Sequence[Clause],
    place: int,
    situation: Situation,
    labels: Sequence[Label | None],
    *,
    recap: bool,
) -> frozenset[str]:
    """Return everything that rules may ask about one clause."""
    clause = clauses[place]
    facts = set(clause.cues | situation.facts)
    if "?" in clause.tail:
        facts.add("question")
    elif clause.question:
        facts.add("in_question")
    if recap:
        facts.add("in_recap")
    facts |= {
        name
        for name, holds in (
            ("first", place == 0),
            ("last", place + 1 == len(clauses)),
            ("opens_sentence", clause.first),
            ("short", len(clause.words) <= 2),
            ("tiny", len(clause.words) <= 1),
            ("long", len(clause.words) >= 8),
            ("brief", sum(len(each.words) for each in clauses) <= 5),
        )
        if holds
    }
    previous = labels[place - 1] if place else None
    if previous and clauses[place - 1].sentence == clause.sentence:
        facts.add(f"follows:{previous.kind.value}")
    if any(labels):
        facts |= {f"after:{label.kind.value}" for label in labels if label}
    same = [other for other in clauses if other.sentence == clause.sentence]
    facts |= {f"beside:{cue}" for other in same if other is not clause for cue in other.cues}
    return frozenset(facts)


@lru_cache(maxsize=20_000)
def first_rule(facts: frozenset[str]) -> Rule | None:
    """Return the first rule that holds."""
    return next((rule for rule in RULES if rule.holds(facts)), None)
