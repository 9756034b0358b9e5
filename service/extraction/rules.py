"""The rules that turn cues and facts into acts, the same for every language. In: facts. Out: the rule that holds.

Order is the order of decision: courtesy and talk about nothing first, then answers, then polarity, questions, offers,
requests, promises, reports and decisions. A rule without a kind says that the clause does nothing.
"""

from dataclasses import dataclass, field

from service.extraction.statement import StatementKind as Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """A named conjunction: `when` lists facts; `a|b` means either, `!a` means not."""

    name: str
    kind: Kind | None
    when: str
    confidence: float = 0.5
    _needs: tuple[frozenset[str], ...] = field(init=False, repr=False)
    _bars: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        terms = self.when.split()
        object.__setattr__(
            self, "_needs", tuple(frozenset(term.split("|")) for term in terms if term[0] != "!")
        )
        object.__setattr__(self, "_bars", frozenset(term[1:] for term in terms if term[0] == "!"))

    def holds(self, facts: frozenset[str]) -> bool:
        """Say whether the facts fulfil the conjunction."""
        return self._bars.isdisjoint(facts) and all(not need.isdisjoint(facts) for need in self._needs)


_OPEN = "answers:proposal|answers:decision|answers:fulfilment"

RULES: tuple[Rule, ...] = (
    Rule("courtesy", None, "courtesy short !ask"),
    Rule(
        "fulfilment.attached",
        Kind.FULFILMENT,
        "done result_form !negation !question !in_question !accept side:agency",
        0.6,
    ),
    Rule("rejection.no", Kind.REJECTION, f"no short {_OPEN}|answers:request", 0.6),
    Rule("rejection.refusal", Kind.REJECTION, f"refuse negation {_OPEN}|answers:request !question", 0.6),
    Rule("approval.yes", Kind.APPROVAL, f"yes short {_OPEN} !question !answered_already", 0.6),
    Rule("commitment.yes", Kind.COMMITMENT, "yes|will_do short answers:request !question", 0.6),
    Rule(
        "approval.accepting",
        Kind.APPROVAL,
        f"accept {_OPEN} !question !in_question !negation !answered_already",
        0.5,
    ),
    Rule("proposal.asks_yes", Kind.PROPOSAL, "seek_yes question !info", 0.6),
    Rule("proposal.offer", Kind.PROPOSAL, "propose question|in_question", 0.5),
    Rule("request.can_you", Kind.REQUEST, "can_you|second question !info", 0.6),
    Rule("question", None, "question"),
    Rule("request.asks", Kind.REQUEST, "ask !negation infinitive|imperative|need", 0.6),
    Rule("request.imperative", Kind.REQUEST, f"imperative !negation !answers:proposal", 0.5),
    Rule("request.need", Kind.REQUEST, "need we", 0.4),
    Rule(
        "commitment.future_first_person",
        Kind.COMMITMENT,
        "undertake !negation !hypothetical !in_question !discourse",
        0.7,
    ),
    Rule(
        "commitment.present_with_time",
        Kind.COMMITMENT,
        "undertake_now time !negation !hypothetical !in_recap",
        0.5,
    ),
    Rule("commitment.will_be", Kind.COMMITMENT, "will_be time !negation !question !in_recap", 0.5),
    Rule("proposal.states", Kind.PROPOSAL, "propose money|time !in_recap", 0.4),
    Rule("decision.recap", Kind.DECISION, "in_recap !recap !question !short", 0.5),
    Rule("decision.settled", Kind.DECISION, "settled verbal|recap", 0.4),
    Rule("fulfilment.done", Kind.FULFILMENT, "done !negation !question !in_question !reported", 0.4),
)
