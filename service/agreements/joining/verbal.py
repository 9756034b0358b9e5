"""Talks in which something may have been decided. In: turns and matters. Out: VerbalEvents. Never: audio."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from service.agreements.agreement import VerbalEvent, VerbalKind, VerbalState
from service.agreements.joining.lifecycle import Matter
from service.agreements.joining.meetings import meetings_held, name_of, took_place_at
from service.agreements.joining.timeline import Turn

IDLE_CALL = timedelta(seconds=30)
"""A call shorter than this decided nothing: a wrong dial, a busy line."""
IDLE_VOICE = timedelta(seconds=10)
MISSED = frozenset({"missed", "busy", "declined", "cancelled", "canceled", "no_answer", "failed"})
"""What sources write in `detail` of a call that nobody took part in."""
AFTERWARDS = timedelta(days=10)
"""How long after a talk a mention of "the call" without a date is taken to mean it."""

_TALKS = {"call": VerbalKind.CALL, "voice": VerbalKind.VOICE, "meeting": VerbalKind.MEETING}


def verbal_events(
    turns: Sequence[Turn], matters: Sequence[Matter], keys: Mapping[int, str]
) -> tuple[VerbalEvent, ...]:
    """Return one event per talk, each with the matters that writing says came out of it."""
    held = meetings_held([turn.message for turn in turns])
    talks = [turn for turn in turns if is_talk(turn, held)]
    outcome: dict[int, list[Matter]] = {turn.position: [] for turn in talks}
    for turn in turns:
        if not any(act.statement.verbal for act in turn.acts):
            continue
        said = [one for one in matters if _says(turn, one)]
        place = _talk_of(turn, talks)
        if place is None:
            place = _mentioned_before(said, outcome)
        known = outcome.setdefault(turn.position if place is None else place, [])
        known.extend(one for one in said if all(one is not other for other in known))
    return tuple(_event(turns[place], outcome[place], keys) for place in sorted(outcome))


def _says(turn: Turn, matter: Matter) -> bool:
    """Say whether the turn writes down what was said about the matter."""
    return any(act.position == turn.position and act.statement.verbal for act, _ in matter.evidence)


def _mentioned_before(said: Sequence[Matter], outcome: Mapping[int, Sequence[Matter]]) -> int | None:
    """Return the place of the event that all these matters came out of already."""
    for place, known in outcome.items():
        if said and all(any(one is other for other in known) for one in said):
            return place
    return None


def is_talk(turn: Turn, held: Collection[str]) -> bool:
    """Say whether the message is a talk long enough to decide something; `held` are the meetings that were.

    A meeting to come is one already: who asks for gaps leaves it out until then.
    """
    lasted = turn.message.duration_for
    if turn.message.type not in _TALKS or turn.message.detail in MISSED:
        return False
    if turn.message.type == "meeting":
        return turn.message.id in held
    if turn.message.type == "call":
        return lasted is None or lasted >= IDLE_CALL
    return turn.message.type != "voice" or lasted is None or lasted >= IDLE_VOICE


def _talk_of(turn: Turn, talks: Sequence[Turn]) -> int | None:
    """Return the place of the recorded talk that the turn writes about: the linked one, else the last one."""
    since = turn.message.sent_at - AFTERWARDS
    before = [
        talk
        for talk in talks
        if talk.position < turn.position and since <= took_place_at(talk.message) <= turn.message.sent_at
    ]
    before.sort(key=lambda talk: took_place_at(talk.message))
    replied = [talk for talk in before if talk.message.id == turn.message.reply_to]
    chosen = replied or before
    return chosen[-1].position if chosen else None


def _event(turn: Turn, matters: Sequence[Matter], keys: Mapping[int, str]) -> VerbalEvent:
    yes = next((one.first_yes for one in matters if one.first_yes is not None), None)
    first = matters[0] if matters else None
    return VerbalEvent(
        message=turn.message.id,
        about=name_of(turn.message) or (first.title if first else None),
        state=VerbalState.CONFIRMED if yes else VerbalState.UNCONFIRMED,
        confirmed_by=yes.message if yes else None,
        kind=_TALKS.get(turn.message.type, VerbalKind.MENTION),
        agreements=tuple(keys[id(one)] for one in matters),
    )
