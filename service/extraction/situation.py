"""What a message answers: acts of the other side that wait for an answer. In: earlier turns. Out: facts.

A short answer («да», "ok", 👍) takes its act from here. Never: reads words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.archive.message import Message, Person, Side
from service.extraction.reading import Clause
from service.extraction.statement import StatementKind as Kind

Facts = frozenset[str]

_REACH = 6
"""Messages back in which an act still counts as waiting; farther ones only when replied to."""
_TALKS = frozenset({"call", "voice", "meeting"})
_WAITING = frozenset({Kind.PROPOSAL, Kind.REQUEST, Kind.DECISION, Kind.FULFILMENT})
_ANSWERS = frozenset({Kind.APPROVAL, Kind.REJECTION, Kind.COMMITMENT})


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message and what was found in it."""

    message: Message
    side: Side
    kinds: frozenset[Kind]
    asks: bool
    """It ends with a question."""


def turn_of(
    message: Message, clauses: Sequence[Clause], kinds: Sequence[Kind | None], people: Mapping[str, Person]
) -> Turn:
    """Remember a message for those that come after it; `kinds` are the acts of its clauses."""
    return Turn(
        message,
        side=people[message.author].side if message.author in people else Side.OTHER,
        kinds=frozenset(kind for kind in kinds if kind),
        asks=any("?" in clause.tail for clause in clauses),
    )


def situation_of(
    message: Message, earlier: Sequence[Turn], people: Mapping[str, Person], channel: str
) -> Facts:
    """Describe the place of a message; `earlier` is in order, without this message.

    `answers:<kind>` is in the message that this one most likely answers, `behind:<kind>` in one farther back,
    `open:<kind>` waits for an answer of this side.
    """
    side = people[message.author].side if message.author in people else Side.OTHER
    facts = {f"side:{side.value}", "mail" if channel == "email" else "chat", f"type:{message.type}"}
    facts |= {"replies"} if message.reply_to else set()
    facts |= {"opens"} if not earlier else set()
    facts |= {"goes_on"} if earlier and earlier[-1].message.author == message.author else set()
    facts |= {"after:talk"} if any(turn.message.type in _TALKS for turn in earlier[-3:]) else set()
    others = _answered(message, earlier, side)
    for distance, turn in enumerate(others):
        names = {kind.value for kind in turn.kinds} | ({"question"} if turn.asks else set())
        facts |= {f"{'behind' if distance else 'answers'}:{name}" for name in names or {"nothing"}}
    facts |= set(_open(message, earlier, others, side))
    return frozenset(facts)


def _answered(message: Message, earlier: Sequence[Turn], side: Side) -> list[Turn]:
    """Return what the message may answer, the likeliest first."""
    found = [turn for turn in earlier if turn.message.id == message.reply_to]
    near = [turn for turn in reversed(earlier[-_REACH:]) if _other_side(turn, message, side)]
    return found + [turn for turn in near if turn not in found and turn.message.type not in _TALKS]


def _other_side(turn: Turn, message: Message, side: Side) -> bool:
    if Side.OTHER in (side, turn.side):
        return turn.message.author != message.author
    return turn.side != side


def _open(message: Message, earlier: Sequence[Turn], others: Sequence[Turn], side: Side) -> Iterator[str]:
    """Yield what the nearest act that waits for this side is, and whether somebody answered it already."""
    waiting = next((turn for turn in others if turn.kinds & _WAITING), None)
    if waiting is None:
        return
    yield from (f"open:{kind.value}" for kind in waiting.kinds & _WAITING)
    since = [turn for turn in earlier[earlier.index(waiting) + 1 :] if not _other_side(turn, message, side)]
    if any(turn.kinds & _ANSWERS for turn in since):
        own = any(turn.kinds & _ANSWERS and turn.message.author == message.author for turn in since)
        yield "answered_by_me" if own else "answered_by_us"
