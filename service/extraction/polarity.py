"""Let some cues of a clause silence others: polarity and modality come before the stem of a word.

«Согласовано», «не согласовано», «согласуйте» and «согласую завтра» share a stem and do four different things.
In: cues with the places where they begin. Out: the cues that stand. Never: knows a language.
"""

from collections.abc import Mapping

_SILENCES = (
    ("no_objection", {"negation", "refuse", "no", "decide_later", "pending"}),
    ("ask_yes", {"accept", "explicit", "refuse", "done", "settled", "undertake_now", "yes"}),
    ("decide_later", {"accept", "explicit", "seek_yes", "done"}),
    ("refuse", {"accept", "explicit", "seek_yes", "done", "settled", "propose", "will_be"}),
)
"""In order: the first of a pair silences the others."""
_REACH = 2
"""A negation turns a word of consent round from this many words before it: "not yet approved"."""
_TURNED = {"accept": "refuse", "explicit": "explicit_no", "done": "", "settled": ""}


def composed(found: Mapping[str, set[int]]) -> frozenset[str]:
    """Return the cues that stand.

    >>> sorted(composed({"negation": {0}, "accept": {1}}))
    ['negation', 'refuse']
    >>> sorted(composed({"negation": {1}, "no_objection": {0}, "refuse": {1}}))
    ['accept', 'no_objection']
    """
    cues = set(found)
    if "no_objection" in cues:
        cues.add("accept")
    else:
        for cue in _TURNED.keys() & cues:
            if all(_negated(place, found.get("negation", set())) for place in found[cue]):
                cues.remove(cue)
                cues |= {_TURNED[cue]} - {""}
    for cue, silenced in _SILENCES:
        if cue in cues:
            cues -= silenced
    return frozenset(cues)


def _negated(place: int, negations: set[int]) -> bool:
    return any(place - _REACH <= negation < place for negation in negations)
