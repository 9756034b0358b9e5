"""Polish forms by Morfeusz 2 (SGJP). In: a lower-case form. Out: Analysis. Never: reads the context.

Finite verb readings win. Forms written without tails («wyslij», «prosze») are looked up with every placing of
up to three tails; all that the dictionary knows count, as «wysle» may be «wyśle» and «wyślę».
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import combinations, product
from typing import Any

from service.extraction.language import Analysis

_TAILS = {"a": "ą", "c": "ć", "e": "ę", "l": "ł", "n": "ń", "o": "ó", "s": "ś", "z": "żź"}
_MOST_TAILS = 3
_PLAIN = {"imps": "short", "ppas": "short", "inf": "inf", "impt": "imp", "praet": "past", "winien": "past"}
_FINITE = ("fin", "bedzie", "impt", "praet", "imps", "winien")


@cache
def _dictionary() -> Any:
    import morfeusz2

    return morfeusz2.Morfeusz()


@lru_cache(maxsize=50_000)
def analyse(form: str) -> Analysis:
    """Return the lemma and the marks of a form."""
    readings = _readings(form)
    if not readings:
        readings = [reading for spelt in _with_tails(form) for reading in _readings(spelt)]
    if not readings:
        return Analysis(form)
    heads = [reading for reading in readings if reading[1].startswith(_FINITE)]
    marks = frozenset(mark for _, tag in heads or readings for mark in _marks(tag))
    if any(tag.startswith(("aglt:sg:pri", "aglt:pl:pri")) for _, tag in readings):
        marks |= {"1past"}
    if any(tag == "part" and lemma.startswith("by") for lemma, tag in readings) and "past" in marks:
        marks = (marks - {"past", "1past"}) | {"cond"}
    return Analysis((heads or readings)[0][0].split(":")[0].lower(), marks)


def _readings(form: str) -> list[tuple[str, str]]:
    return [(lemma, tag) for _, _, (_, lemma, tag, *_) in _dictionary().analyse(form) if tag != "ign"]


def _with_tails(form: str) -> Iterator[str]:
    """Yield spellings with one to three tails, those near the end first: endings carry the grammar."""
    places = [place for place, letter in enumerate(form) if letter in _TAILS][::-1][:8]
    for count in range(1, _MOST_TAILS + 1):
        for chosen in combinations(places, count):
            for letters in product(*(_TAILS[form[place]] for place in chosen)):
                spelt = list(form)
                for place, letter in zip(chosen, letters, strict=True):
                    spelt[place] = letter
                yield "".join(spelt)


def _marks(tag: str) -> set[str]:
    part, *features = tag.split(":")
    if part not in {"fin", "bedzie"}:
        return {_PLAIN[part]} if part in _PLAIN else set()
    if "sec" in features:
        return {"2"}
    tense = "fut" if "perf" in features or part == "bedzie" else "pres"
    return {("1" if "pri" in features else "3") + tense}
