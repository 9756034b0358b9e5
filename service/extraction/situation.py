"""What a message answers: the acts of the other side that still wait for an answer. In: earlier turns. Out: Situation.

A short answer («да», «ok», 👍) takes its act from here. Never: reads words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.archive.message import Message, Person, Side
from service.extraction.statement import StatementKind

_REACH = 5
"""Messages back in which an act still counts as waiting; farther ones only when replied to."""
_TALKS = frozenset({"call", "voice", "meeting"})


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message and what was found in it."""

    message: Message
    side: Side
    kinds: frozenset[StatementKind]
    asks: bool
    """It ends with a question."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known about a message before its words are read."""

    facts: frozenset[str]
    """`answers:<kind>`, `near:<kind>` (the message just before), `answers:question`, `after:talk`, `side:<side>`, `mail`..."""


def situation_of(
    message: Message, earlier: Sequence[Turn], people: Mapping[str, Person], channel: str
) -> Situation:
    """Describe the place of a message; `earlier` is in order, without this message."""
    side = people[message.author].side if message.author in people else Side.OTHER
    facts = {f"side:{side.value}", f"channel:{'mail' if channel == 'email' else 'chat'}"}
    if not earlier:
        facts.add("opens")
    answered = _answered(message, earlier, side)
    for distance, turn in enumerate(answered):
        names = {kind.value for kind in turn.kinds} | ({"question"} if turn.asks else set())
        facts |= (
            {f"answers:{name}" for name in names or {"nothing"}}
            if distance == 0
            else {f"behind:{name}" for name in names}
        )
    if message.reply_to:
        facts.add("replies")
    recent = earlier[-_REACH:]
    if any(turn.message.type in _TALKS for turn in recent[-3:]):
        facts.add("after:talk")
    if any(_is_answer(turn) and turn.message.author == message.author for turn in _since(answered, earlier)):
        facts.add("answered_already")
    if earlier and earlier[-1].message.author == message.author:
        facts.add("goes_on")
    return Situation(frozenset(facts))


def _answered(message: Message, earlier: Sequence[Turn], side: Side) -> list[Turn]:
    """Return what the message may answer, the likeliest first."""
    found = [turn for turn in earlier if turn.message.id == message.reply_to]
    for turn in reversed(earlier[-_REACH:]):
        if (
            _other_side(turn, message, side)
            and turn not in found
            and (turn.message.text or turn.message.type in _TALKS)
        ):
            found.append(turn)
    return found


def _other_side(turn: Turn, message: Message, side: Side) -> bool:
    if Side.OTHER in (side, turn.side):
        return turn.message.author != message.author
    return turn.side != side


def _since(answered: Sequence[Turn], earlier: Sequence[Turn]) -> Sequence[Turn]:
    return earlier[earlier.index(answered[0]) :] if answered else ()


def _is_answer(turn: Turn) -> bool:
    return bool(turn.kinds & {StatementKind.APPROVAL, StatementKind.REJECTION, StatementKind.COMMITMENT})
