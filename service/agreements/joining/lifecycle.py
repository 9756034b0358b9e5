"""One matter's way from a proposal to its status. In: Act. Out: Matter. Never: chooses the matter.

    open ──yes──▶ agreed ──later terms agreed──▶ superseded
     │  ╲──yes, if──▶ conditional ──met──▶ agreed
     │                                    │
     ╰──no──▶ rejected ◀──called off──────╯        verbal_only ──yes──▶ agreed

Nobody agrees with themselves: a yes counts only from another party than the one whose offer stands.
"""

from dataclasses import dataclass, field

from service.agreements.agreement import Contradiction, Evidence, Role, Status
from service.agreements.joining.likeness import Content, shared
from service.agreements.joining.timeline import Act
from service.agreements.joining.title import title_of
from service.extraction.statement import StatementKind

SOON = 4
"""Turns after which an answer without any word of the offer may be meant for something else."""
NO_POINTER = 0.8
NO_SIDE = 0.7
"""What those doubts leave of a join's certainty."""


@dataclass(slots=True)
class Matter:
    """A matter while the conversation is being read."""

    opener: Act
    status: Status
    content: Content
    offered_by: str
    """The party whose offer stands: only another party can accept it."""
    offered_at: int
    """Position of the turn that holds the standing offer."""
    countered: str | None = None
    """The party whose offer the standing one is an answer to."""
    tentative: bool = False
    """Put up as a request or a result: an agreement only once the other side says yes or no to terms."""
    evidence: list[tuple[Act, Role]] = field(default_factory=list)
    answer: Act | None = None
    """The yes or no that holds."""
    accepted: dict[str, Act] = field(default_factory=dict)
    """The last yes of each person to the standing terms."""
    refused: dict[str, Act] = field(default_factory=dict)
    contradiction: Contradiction | None = None
    first_yes: Act | None = None
    was_agreed: bool = False
    replaces: "Matter | None" = None
    superseded_by: "Matter | None" = None
    certainty: float = 1.0
    """How sure the joins are, apart from the statements' own confidence."""
    part: str = ""
    """Tells the parts of one proposal apart that was accepted in part."""

    @property
    def pending(self) -> bool:
        """Say whether an answer is awaited."""
        return self.status in {Status.OPEN, Status.VERBAL_ONLY}

    @property
    def settled(self) -> bool:
        """Say whether the other party has said yes to it."""
        return self.status in {Status.AGREED, Status.CONDITIONAL, Status.SUPERSEDED}

    @property
    def title(self) -> str:
        """Return a short readable name: the words that opened it."""
        opener = self.opener.statement
        return title_of(opener.quote, opener.language)

    @property
    def point(self) -> str | None:
        """Return the label of the list point in which the matter was put up."""
        return self.opener.point

    @property
    def messages(self) -> frozenset[str]:
        """Return the ids of all messages that made the matter."""
        return frozenset(act.message for act, _ in self.evidence)

    @property
    def last_at(self) -> int:
        """Return the position of the newest evidence."""
        return max(act.position for act, _ in self.evidence)

    def add(self, act: Act, role: Role) -> None:
        """Keep the act as evidence, once."""
        if all(kept is not act for kept, _ in self.evidence):
            self.evidence.append((act, role))

    def offer(self, act: Act, role: Role) -> None:
        """Put new terms in the place of the standing ones: whoever said yes or no to those is free again."""
        self.add(act, role)
        if act.party != self.offered_by and self.opener.kind is not StatementKind.REQUEST:
            self.countered = self.offered_by
        self.content = self.content | act.content
        self.offered_by, self.offered_at = act.party, act.position
        self.accepted.clear()
        self.refused.clear()
        self.status, self.answer, self.tentative = Status.OPEN, None, False

    def remind(self, act: Act) -> None:
        """Ask again for the answer to the standing offer."""
        self.add(act, Role.PROPOSAL)
        self.offered_at, self.tentative = act.position, False

    def record(self, act: Act) -> None:
        """Note that somebody wrote down a spoken yes: the others have yet to confirm it in writing."""
        self.add(act, Role.RECAP)
        self.first_yes = None
        self.offered_by, self.offered_at = act.party, act.position
        self.status, self.tentative = Status.VERBAL_ONLY, False

    def accept(self, act: Act) -> None:
        """Take the other party's yes, or the offering party's yes to the condition of an earlier one."""
        if act.party == self.offered_by:
            if self.status is Status.CONDITIONAL and self.answer and self.answer.party != act.party:
                self.meet(act)
            return
        conditional = act.statement.conditional
        self.add(act, Role.CONDITION if conditional else Role.ANSWER)
        self._note_contradiction(act, self.refused)
        self._doubt(act)
        self.accepted[act.author] = self.answer = act
        self.first_yes = self.first_yes or act
        self.tentative = False
        if conditional:
            self.status = Status.CONDITIONAL
        else:
            self._agree()

    def meet(self, act: Act) -> None:
        """Take the act by which the condition of the other party's yes is met."""
        self.add(act, Role.ANSWER)
        self._agree()

    def reject(self, act: Act) -> None:
        """Take a no: a refusal, or what was agreed being called off."""
        self.add(act, Role.ANSWER)
        self._note_contradiction(act, self.accepted)
        self._doubt(act)
        self.refused[act.author] = self.answer = act
        self.status, self.tentative = Status.REJECTED, False
        if self.countered == act.party and not self.was_agreed:
            # Whoever refuses a counter-offer stands by their own: it can still be accepted.
            self.status, self.offered_by, self.offered_at = Status.OPEN, act.party, act.position
            self.countered = None

    def _agree(self) -> None:
        self.status, self.was_agreed = Status.AGREED, True
        if self.replaces is not None:
            self.replaces.supersede(self)

    def supersede(self, later: "Matter") -> None:
        """Give way to later terms; only what was agreed can."""
        if self.was_agreed and self is not later:
            self.status, self.superseded_by = Status.SUPERSEDED, later

    def _doubt(self, act: Act) -> None:
        """Trust a join less that rests on nearness alone after other talk, or on people of unknown sides."""
        if act.position - self.offered_at > SOON and not shared(act.content, self.content):
            self.certainty *= NO_POINTER
        if not (act.side_known and self.opener.side_known):
            self.certainty *= NO_SIDE

    def _note_contradiction(self, act: Act, opposite: dict[str, Act]) -> None:
        same_side = [said for said in opposite.values() if said.party == act.party]
        earlier = max(same_side, key=lambda said: said.place, default=None)
        if earlier is not None and earlier.message != act.message:
            first, second = evidence_of(earlier, Role.ANSWER), evidence_of(act, Role.ANSWER)
            self.contradiction = Contradiction(first, second)


def evidence_of(act: Act, role: Role) -> Evidence:
    """Return the record of an act's words."""
    said = act.statement
    return Evidence(said.message, said.start, said.end, said.quote, role)
