"""The contract that a language fulfils: one file in `languages/` with `LANGUAGE = Language(...)` is a complete one.

In: nothing. Out: Language, Analysis. Never: rules about acts; those are the same in every language (`rules.py`).

    LANGUAGE = Language(
        code="xx",
        name="Example",
        letters="ŵŷ",
        stop_words=frozenset({"a", "mae"}),
        abbreviations=frozenset({"e.e"}),
        conjunctions=frozenset({"ond"}),
        analyse=lambda form: Analysis(lemma=form, forms=frozenset()),
        cues={
            "accept": "iawn, cytuno, popeth yn _ iawn",
            "undertake": "<1fut>",
        },
    )

**Cues** are what the rules speak of: `accept` (words of consent), `refuse`, `ask`, `undertake` and so on; `rules.CUES`
lists them all with their meaning. A cue is a list of patterns, parted by commas or line ends. A pattern is a sequence
of words within one clause:

    word        that lower-case form, or any form with that lemma
    stem*       a form that begins so
    <1fut>      a form with that mark (`Analysis.forms`)
    a|b         either
    _           up to three words, whatever they are
    ^  $        the clause begins here; the clause ends here

Case, ё, Polish tails and curly apostrophes make no difference: people leave them out in chats.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the dictionary knows about one form."""

    lemma: str
    forms: frozenset[str] = frozenset()
    """Marks that rules need, any of `MARKS`."""


MARKS: Mapping[str, str] = {
    "1fut": "first person, future: пришлю, wyślę",
    "1pres": "first person, present or imperfective: отправляем, wysyłam",
    "2": "second person, present or future: пришлёте, wyślesz",
    "3fut": "third person, future: пришлёт, wyśle",
    "3pres": "third person, present",
    "past": "past tense; in English also a past participle",
    "1past": "past tense that says it is the first person: wysłałem",
    "imp": "imperative; in English the bare form of a verb that people ask with",
    "inf": "infinitive",
    "cond": "conditional: wysłałbym",
    "short": "a result as predicate: согласовано, готов, zatwierdzone",
    "num": "digits",
    "emoji": "a pictograph",
}


@dataclass(frozen=True, slots=True)
class Language:
    """Words and forms of one language, as data."""

    code: str
    name: str
    letters: str
    """Lower-case letters that mark a clause as this language among those that Scripta reads."""
    stop_words: frozenset[str]
    """Frequent words that settle the language of a short clause."""
    abbreviations: frozenset[str]
    """Words, without their final dot, after which a sentence goes on."""
    conjunctions: frozenset[str]
    """A clause may begin before these."""
    analyse: Callable[[str], Analysis]
    """Of a lower-case form; cached and bounded."""
    cues: Mapping[str, str]
