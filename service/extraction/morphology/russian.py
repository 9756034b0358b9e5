"""Russian forms by pymorphy3 (OpenCorpora). In: a lower-case form. Out: Analysis. Never: reads the context.

Verb readings win over nouns of the same form: in chats «скину» is never a dative of «скин».
"""

from functools import cache, lru_cache
from typing import Any

from service.extraction.language import Analysis

_LIKELY = 0.1
"""Readings below this score are rarities (measured on «готов», «стоит», «были»)."""

_PLAIN = {"PRTS": "short", "ADJS": "short", "INFN": "inf"}


@cache
def _dictionary() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=50_000)
def analyse(form: str) -> Analysis:
    """Return the lemma and the marks of a form."""
    readings = _dictionary().parse(form)
    likely = [reading for reading in readings if reading.score >= _LIKELY] or readings[:1]
    verbs = [reading for reading in likely if reading.tag.POS in {"VERB", "INFN", "PRTS"}]
    marks = frozenset(mark for reading in verbs or likely[:1] for mark in _marks(reading.tag))
    return Analysis((verbs or likely)[0].normal_form.replace("ё", "е"), marks)


def _marks(tag: Any) -> set[str]:
    if tag.POS != "VERB":
        return {_PLAIN[tag.POS]} if tag.POS in _PLAIN else set()
    if tag.mood == "impr":
        return {"imp"} if tag.involvement != "incl" else {"1fut"}
    if tag.tense == "past":
        return {"past"}
    person = str(tag.person)[0]
    return {"2"} if person == "2" else {person + ("fut" if tag.aspect == "perf" else "pres")}
