"""Which matter goes on with this offer? In: an act, the matters at hand. Out: a Matter. Never: statuses.

One matter often takes several messages: it is asked twice, countered, refused and tried again with another
price, settled by a call, and much later replaced by new terms.
"""

from collections.abc import Sequence

from service.agreements.agreement import Status
from service.agreements.joining.lifecycle import Matter
from service.agreements.joining.likeness import likeness, shared
from service.agreements.joining.timeline import Act, Turn
from service.extraction.statement import StatementKind as Kind

ALIKE = 0.5
"""From this likeness on two pieces of text are about the same matter."""
NEARBY = 12
"""Turns within which a restated matter is the same matter."""
A_MOMENT = 4
"""Turns within which other terms are a counter-offer."""
CALL_FOR_YES = 6
"""A proposal of no more content, in a message with decisions, only asks for a yes to them."""
POOR = 2
"""A proposal with no more words than this asks for an answer to what already waits ("so, OK by Friday?")."""
ANSWER_WORDS = (
    *("апрув", "согла", "подтв", "ответ", "верди", "решен", "добро", "визу", "ждем", "жду", "прош", "устра"),
    *("akcep", "potwi", "zatwi", "odpow", "decyz", "zgod", "czeka", "pros", "potrz", "zielo", "pasuj"),
    *("appro", "confi", "answe", "sign", "green", "light", "need", "word", "reply", "reque", "await"),
    *("понед", "вторн", "сред", "четве", "пятни", "конца", "недел", "завтр", "сегод"),
    *("ponie", "wtor", "srod", "czwar", "piat", "konca", "tygod", "jutra", "dzis"),
    *("monda", "tuesd", "wedne", "thurs", "frida", "week", "tomor", "today"),
)
"""How the words begin, folded, by which people ask for a yes and say by when."""
RESCHEDULED = 0.5
"""What another date for something that had one adds to the likeness of new terms."""
CHANGED = 0.35
"""What words like "instead" add to it."""


def only_asks(act: Act, turn: Turn) -> bool:
    """Say whether the proposal only asks for a yes to the decisions of its own message."""
    return bool(turn.of(Kind.DECISION)) and act.content.size <= CALL_FOR_YES


def reminded(act: Act, turn: Turn, matters: Sequence[Matter]) -> Matter | None:
    """Return the speaker's own waiting matter that the proposal asks about once more."""
    mine = [one for one in matters if one.pending and one.offered_by == act.party]
    mine = [one for one in mine if turn.position - one.last_at <= NEARBY]
    own = [one for one in mine if not one.tentative]
    alike = [
        one for one in own if one.offered_at < act.position and likeness(act.content, one.content) >= ALIKE
    ]
    if alike:
        return alike[-1]
    if not asks_only_for_an_answer(act):
        return None
    here = [one for one in mine if one.offered_at == act.position]
    if any(not one.tentative for one in here):
        # A short point of a list has as few words as a question; only words for a yes tell them apart.
        asks = _plain_terms(act) < len(act.content.words)
        return [one for one in here if not one.tentative][-1] if asks else None
    handed_over = [one for one in here if one.opener.kind is Kind.FULFILMENT]
    return next(iter(handed_over[-1:] + own[-1:]), None)


def asks_only_for_an_answer(act: Act) -> bool:
    """Say whether the proposal has no terms of its own: only words for a yes, and perhaps a date."""
    return _plain_terms(act) <= POOR and (not act.content.figures or act.statement.due is not None)


def _plain_terms(act: Act) -> int:
    return sum(not word.startswith(ANSWER_WORDS) for word in act.content.words)


def countered(act: Act, turn: Turn, matters: Sequence[Matter], refused: Sequence[Matter]) -> Matter | None:
    """Return the matter for which the proposal offers other terms."""
    for matter in refused:
        # Whoever said yes before does not counter but change their mind: that is a matter of its own.
        if matter.offered_by != act.party and act.author not in matter.accepted:
            return matter
    earlier = [one for one in matters if act.position not in {one.opener.position, one.offered_at}]
    return next(
        (one for one in reversed(earlier) if _answers(act, turn, one) or _retries(act, turn, one)), None
    )


def _answers(act: Act, turn: Turn, matter: Matter) -> bool:
    """Say whether the proposal is what the other party gets instead of a yes."""
    if not matter.pending or matter.offered_by == act.party or matter.opener.kind is Kind.FULFILMENT:
        return False
    if turn.message.reply_to in matter.messages:
        return True
    related = matter.opener.kind is Kind.REQUEST or shared(act.content, matter.content) > 0
    return turn.position - matter.last_at <= (A_MOMENT if related else 1)


def _retries(act: Act, turn: Turn, matter: Matter) -> bool:
    """Say whether the proposal tries again what has just been refused."""
    if matter.status is not Status.REJECTED or matter.was_agreed:
        return False
    related = act.statement.change or shared(act.content, matter.content) > 0
    return related and turn.position - matter.last_at <= A_MOMENT


def restated(act: Act, turn: Turn, matters: Sequence[Matter]) -> Matter | None:
    """Return the matter that a decision answers, writes down or repeats."""
    for matter in reversed(matters):
        if turn.position - matter.last_at > NEARBY or matter.opener.position == act.position:
            continue
        replied = turn.message.reply_to in matter.messages
        if matter.tentative and not replied:
            continue
        if not replied and likeness(act.content, matter.content) < ALIKE:
            continue
        if matter.pending and (act.statement.verbal or matter.offered_by != act.party):
            return matter
        if matter.settled and not act.statement.change:
            return matter
    return None


def echoes(act: Act, turn: Turn, matters: Sequence[Matter]) -> bool:
    """Say whether a decision only sums up the refusal right before it ("the stud stays, then")."""
    fresh = (one for one in matters if turn.position - one.last_at <= 1)
    return not act.statement.verbal and any(one.status is Status.REJECTED for one in fresh)


def replaced(act: Act, turn: Turn, matters: Sequence[Matter]) -> Matter | None:
    """Return the agreed matter whose terms the act would change."""
    for matter in reversed(matters):
        called_off = matter.was_agreed and matter.status is Status.REJECTED
        if called_off and turn.position - matter.last_at <= A_MOMENT and act.kind is not Kind.FULFILMENT:
            return matter
    if act.kind in {Kind.REQUEST, Kind.FULFILMENT} and not act.statement.change:
        return None
    old = [one for one in matters if one.was_agreed and one.opener.position < act.position]
    scored = [(_succession(act, one), one) for one in old if one.status is not Status.SUPERSEDED]
    score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best if score >= ALIKE else None


def _succession(act: Act, old: Matter) -> float:
    """Return how likely the act brings new terms for what was agreed: alike words, or another date."""
    score = likeness(act.content, old.content)
    if not act.statement.change:
        return score
    dated = act.statement.due is not None and any(kept.statement.due for kept, _ in old.evidence)
    return score + (CHANGED if score else 0.0) + (RESCHEDULED if dated else 0.0)
