"""The contract of a language: one file in `languages/` with `LANGUAGE = Language(...)` is a complete one.

In: nothing. Out: Language, Analysis. Never: weighs cues; that is the same in every language (`label.py`).

    LANGUAGE = Language(
        code="xx",
        name="Example",
        letters="ŵŷ",
        stop_words=words("a mae"),
        abbreviations=words("e.e"),
        conjunctions=words("ond"),
        analyse=lambda form: Analysis(lemma=form),
        cues={
            "accept": "iawn, cytuno, popeth yn _ iawn",
            "undertake": "<1fut>",
        },
    )

A **cue** is what the weights speak of: words of consent, a promise, a courtesy (`CUES`). It is a list of
patterns, parted by commas or line ends. A pattern is a sequence of words within one clause:

    word        that lower-case form, or any form with that lemma
    stem*       a form that begins so
    <1fut>      a form with that mark (`MARKS`)
    a|b         either
    _           up to three words, whatever they are
    ^  $        the clause begins here; the clause ends here

Case, ё, Polish tails and curly apostrophes make no difference: people leave them out in chats.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

MARKS: Mapping[str, str] = {
    "1fut": "first person, future: пришлю, wyślę",
    "1pres": "first person, present or imperfective: отправляем, wysyłam; in English a form in -ing",
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
"""What `Analysis.forms` may hold."""

CUES: Mapping[str, str] = {
    "accept": "words of consent to terms or to a result",
    "explicit": "words that can hardly be anything but consent: согласовано, zatwierdzam, approved",
    "no_objection": "consent by a negated objection: возражений нет, brak uwag",
    "yes": "a short answer that takes its act from what it answers: да, ok, 👍",
    "refuse": "words that refuse or withdraw",
    "no": "a short refusal: нет, nope, 👎",
    "pending": "not decided yet",
    "decide_later": "a promise to decide: согласую завтра",
    "ask_yes": "an order to approve or confirm: согласуйте, proszę o akceptację",
    "seek_yes": "words that ask for a yes to terms when they stand in a question",
    "propose": "words that put up terms",
    "which": "a choice among variants",
    "ask": "words that ask somebody to act",
    "imperative": "a verb in the imperative",
    "need": "a thing that is needed or awaited",
    "can_you": "a question about ability that asks for an act",
    "undertake": "a promise in the future tense, first person",
    "undertake_now": "first person, present: a promise with a time beside it",
    "will_be": "a result that the other side will have",
    "will_do": "a short promise: will do, się robi, не вопрос",
    "tentative": "a promise or leaning that is not firm",
    "done": "something handed over or finished",
    "result_form": "a participle or adjective that states a result",
    "past": "past tense",
    "settled": "an outcome that stands",
    "recap": "words that open a recap",
    "verbal": "said by voice or face to face",
    "reported": "somebody else's words",
    "condition": "holds only if something else happens",
    "hypothetical": "not real, or how things usually are",
    "change": "departs from what was",
    "negation": "a word that negates",
    "question_word": "asks for information",
    "courtesy": "greeting, thanks, apology, closing",
    "discourse": "first person without an act: посмотрим, I think",
    "praise": "an evaluation",
    "time": "a day, an hour, a span",
    "money": "a price or a share",
    "number": "a number or a place in a list",
    "second": "second person",
    "infinitive": "an infinitive",
    "you": "the addressee",
    "we": "the speaker's side",
    "future_third": "third person, future",
    "present_third": "third person, present",
    "emoji": "a pictograph",
}
"""Every cue that a language may have, with what it says."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the dictionary knows about one form."""

    lemma: str
    forms: frozenset[str] = frozenset()
    """Any of `MARKS`."""


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
    """Patterns by name of cue; the names are those of `CUES`."""


def words(listed: str) -> frozenset[str]:
    """Return the words of a list that is written with blanks between."""
    return frozenset(listed.split())
