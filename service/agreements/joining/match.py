"""Which matters does an answer settle? In: a turn, the matters at hand. Out: pairs. Never: statuses.

What points at a matter, from strong to weak: the quoted line above the answer, the reply link, the number of
a point, shared numbers and words, nearness. A particle ("да", "ok", "jasne") points at nothing but the last
message that waits for an answer, and takes all that it asks.
"""

from collections.abc import Sequence

from service.agreements.agreement import Status
from service.agreements.joining.lifecycle import Matter
from service.agreements.joining.likeness import likeness, shared
from service.agreements.joining.points import points_in, split_exception
from service.agreements.joining.timeline import Act, Turn
from service.extraction.statement import StatementKind

FRESH = 4
"""Turns within which a plain yes may take up what was handed over or asked for without waiting terms."""
QUOTED = 0.3
"""Share of a quoted line that a matter must have for the quote to mean it."""
NAMED = 0.34
"""Share of an answer's words that must be a matter's own for the answer to mean it from afar."""


def link(turn: Turn, matters: Sequence[Matter]) -> list[tuple[Act, Matter]]:
    """Return each approval and rejection with each matter that it answers, in the order of words."""
    answers = turn.of(StatementKind.APPROVAL, StatementKind.REJECTION)
    if not answers:
        return []
    focus = _focus(turn, answers, matters)
    pointed = [_pointed(act, turn, focus, matters) for act in answers]
    taken = {id(matter) for chosen in pointed for matter in chosen}
    left = [matter for matter in focus if id(matter) not in taken]
    silent = [index for index, chosen in enumerate(pointed) if not chosen]
    if 1 < len(silent) <= len(left):
        # "Yes, no, yes": particles take the points in their order.
        for index, matter in zip(silent, left, strict=False):
            pointed[index] = [matter]
    return [
        (act, matter)
        for act, chosen in zip(answers, pointed, strict=True)
        for matter in chosen or _suitable(act, left) or _suitable(act, focus)
    ]


def can_answer(act: Act, matter: Matter) -> bool:
    """Say whether the act may be an answer to the matter at all."""
    if matter.opener.position >= act.position or matter.status is Status.SUPERSEDED:
        return False
    if act.kind is StatementKind.APPROVAL and _meets(act, matter):
        return True
    if matter.status is Status.REJECTED:
        return False
    return matter.offered_by != act.party


def _meets(act: Act, matter: Matter) -> bool:
    """Say whether the act accepts the condition under which the other party said yes."""
    conditional = matter.status is Status.CONDITIONAL and matter.answer is not None
    return conditional and matter.answer is not None and matter.answer.party != act.party


def _focus(turn: Turn, answers: Sequence[Act], matters: Sequence[Matter]) -> list[Matter]:
    """Return the matters of the message that the turn answers if its words say nothing else."""
    able = [one for one in matters if any(can_answer(act, one) for act in answers)]
    replied = [one for one in able if turn.message.reply_to in one.messages]
    if replied:
        return [one for one in replied if one.pending] or replied
    waiting = [
        one for one in able if (one.pending and not one.tentative) or any(_meets(act, one) for act in answers)
    ]
    fresh = [one for one in able if turn.position - one.last_at <= FRESH]
    asked = [one for one in fresh if one.pending]
    if waiting:
        latest = max(one.offered_at for one in waiting)
        return [one for one in waiting if one.offered_at == latest]
    # Without terms that wait, an answer is to one thing: the last that was handed over, asked or settled.
    return (asked or fresh)[-1:]


def _suitable(act: Act, matters: Sequence[Matter]) -> list[Matter]:
    return [
        one
        for one in matters
        if can_answer(act, one) and (one.pending or act.kind is StatementKind.APPROVAL or _recent(act, one))
    ]


def _recent(act: Act, matter: Matter) -> bool:
    return act.position - matter.last_at <= 3


def _pointed(act: Act, turn: Turn, focus: Sequence[Matter], matters: Sequence[Matter]) -> list[Matter]:
    """Return the matters that the act's own words or the quote above it point at."""
    able = [one for one in matters if can_answer(act, one)]
    if act.answers.size:
        return _best([(likeness(act.answers, one.content), one) for one in able], QUOTED)
    labelled = _labelled(act, focus)
    if labelled:
        return [one for one in labelled if can_answer(act, one)]
    if len(focus) > 1:
        own = [(_distinct(act, one, focus), one) for one in focus if can_answer(act, one)]
        best = _best(own, 1)
        if best:
            return best
    if any(shared(act.content, one.content) for one in focus) or turn.message.reply_to:
        return []
    return _best([(_naming(act, one), one) for one in able], NAMED)


def _labelled(act: Act, focus: Sequence[Matter]) -> list[Matter]:
    """Return the points that the answer names by their label or place, and not those that it excepts."""
    if len(focus) < 2:
        return []
    said, _, excepted = split_exception(act.statement.quote)
    wanted = points_in(said) | ({act.point} if act.point else set())
    unwanted = points_in(excepted)
    numbered = [(one.point or str(place), one) for place, one in enumerate(focus, start=1)]
    if not wanted and any(point in unwanted for point, _ in numbered):
        return [one for point, one in numbered if point not in unwanted]
    return [one for point, one in numbered if point in wanted]


def _distinct(act: Act, matter: Matter, focus: Sequence[Matter]) -> int:
    """Count what the act shares with this matter and with no other of the same message."""
    others = [one for one in focus if one is not matter]
    words = (act.content.words & matter.content.words).difference(*(one.content.words for one in others))
    figures = (act.content.figures & matter.content.figures).difference(
        *(one.content.figures for one in others)
    )
    return len(words) + 2 * len(figures)


def _naming(act: Act, matter: Matter) -> float:
    """Return how plainly the act names a matter that is not the one just asked about."""
    common = shared(act.content, matter.content)
    certain = 2 if matter.tentative or not matter.pending else 1
    return likeness(act.content, matter.content) if common >= certain else 0.0


def _best(scored: Sequence[tuple[float, Matter]], threshold: float) -> list[Matter]:
    top = max((score for score, _ in scored), default=0.0)
    if top < threshold:
        return []
    best = [one for score, one in scored if score >= top - 0.01]
    latest = max(one.offered_at for one in best)
    return [one for one in best if one.offered_at == latest]
