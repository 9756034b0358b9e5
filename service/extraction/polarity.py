"""Let some cues of a clause silence others: polarity and modality come before the stem of a word.

«Согласовано», «не согласовано», «согласуйте» and «согласую завтра» share a stem and do four different things.
In: cues with the places where they begin. Out: the cues that stand. Never: knows a language.
"""

from collections.abc import Mapping

from service.extraction.statement import StatementKind as Kind

_SILENCES = (
    ("no_objection", {"negation", "refuse", "no", "decide_later", "pending"}),
    ("ask_yes", {"accept", "explicit", "refuse", "done", "settled", "undertake_now", "yes"}),
    ("decide_later", {"accept", "explicit", "seek_yes", "done"}),
    ("refuse", {"accept", "explicit", "undertake", "seek_yes", "done", "settled", "propose", "will_be"}),
)
"""In order: the first of a pair silences the others."""
_UNASKED = {"accept", "explicit", "done", "yes", "will_do"}
"""A question neither reports nor accepts."""
_TURNED = {"accept": "refuse", "explicit": "refuse", "undertake": "refuse", "done": None, "settled": None}
"""What a cue becomes when a negation stands just before it."""
BARRED: Mapping[str, frozenset[Kind]] = {
    "refuse": frozenset({Kind.APPROVAL, Kind.COMMITMENT}),
    "ask_yes": frozenset({Kind.APPROVAL}),
    "decide_later": frozenset({Kind.APPROVAL}),
    "pending": frozenset({Kind.APPROVAL}),
}
"""Acts that a cue rules out, whatever speaks for them: a wrong "agreed" is worse than a missed one."""
_REACH = 2
"""A negation reaches this many words: "not yet approved"."""


def composed(found: Mapping[str, set[int]], *, question: bool = False) -> frozenset[str]:
    """Return the cues that stand.

    >>> sorted(composed({"negation": {0}, "accept": {1}}))
    ['negation', 'refuse']
    >>> sorted(composed({"negation": {1}, "no_objection": {0}, "refuse": {1}}))
    ['accept', 'no_objection']
    """
    cues = set(found) - (_UNASKED if question else set())
    if "no_objection" in cues:
        cues.add("accept")
    else:
        cues = {name for cue in cues if (name := _turned(cue, found))}
    for cue, silenced in _SILENCES:
        if cue in cues:
            cues -= silenced
    return frozenset(cues)


def _turned(cue: str, found: Mapping[str, set[int]]) -> str | None:
    """Return what a cue says after the negations before it; «не забуду» promises all the same."""
    forgets_not = cue == "undertake" and "will_do" in found
    if cue not in _TURNED or forgets_not or not all(_negated(place, found) for place in found[cue]):
        return cue
    return _TURNED[cue]


def _negated(place: int, found: Mapping[str, set[int]]) -> bool:
    return any(place - _REACH <= negation < place for negation in found.get("negation", ()))
