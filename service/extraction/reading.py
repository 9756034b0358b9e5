"""Read a message: its own clauses with the cues in them. In: text, ranges of own text. Out: Clause records.

Never: looks at other messages; what a clause does is for `label.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from spacy.tokens import Span, Token

from service.extraction.clause_language import language_of
from service.extraction.patterns import Cues, Keys, fold
from service.extraction.pipelines import CLAUSES, known_languages, language_by_code, pipeline_for
from service.extraction.polarity import composed
from service.extraction.sentences import sentence_ranges

WITHIN_REACH = 60
"""Clauses on either side that may say what a clause does: a page; farther away is another matter."""
_MOST_READ = 50_000
"""Characters of a message in which statements are looked for: 25 pages. Longer ones are logs or pastes."""
_LONGEST_SENTENCE = 3_000
"""A longer stretch without an end is no sentence (base64, a table, a minified file)."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a sentence that may carry an act of its own."""

    start: int
    end: int
    """Character offsets in the message's text."""
    text: str
    language: str
    sentence: int
    """Number of the sentence within the message."""
    words: tuple[Keys, ...]
    cues: frozenset[str]
    first: bool
    """First clause of its sentence."""
    last: bool
    tail: str
    """What ends the clause: punctuation up to the next word."""
    question: bool
    """The sentence ends with a question mark."""
    listed: bool = False
    """A number or a bullet stands before it: «1) …»."""


def read(text: str, own: Sequence[tuple[int, int]], prior: str) -> tuple[Clause, ...]:
    """Return the clauses of the author's own text; `prior` is the language that the conversation speaks."""
    clauses: list[Clause] = []
    sentence = 0
    for start, end in own:
        for code, begin, stop in _runs(text[start : min(end, _MOST_READ)], prior):
            found = list(_clauses(text, start + begin, start + stop, code, sentence))
            clauses.extend(found)
            sentence = (found[-1].sentence + 1) if found else sentence
    return tuple(clauses)


def _runs(text: str, prior: str) -> list[tuple[str, int, int]]:
    """Join neighbouring sentences of one language."""
    abbreviations = frozenset().union(*(language.abbreviations for language in known_languages()))
    runs: list[tuple[str, int, int]] = []
    for start, end in sentence_ranges(text, abbreviations):
        if end - start > _LONGEST_SENTENCE:
            continue
        code = language_of(text[start:end], known_languages(), prior)
        joins = runs and runs[-1][0] == code
        runs.append((code, runs.pop()[1] if joins else start, end))
    return runs


def _clauses(text: str, start: int, end: int, code: str, sentence: int) -> Iterator[Clause]:
    run = text[start:end]
    doc = pipeline_for(code)(run)
    cues = _cues_of(code)
    spans = list(doc.spans[CLAUSES])
    # Span.sent and Doc.text go through the whole Doc each time: minutes on a long message.
    numbers = list(accumulate(int(bool(token.is_sent_start)) for token in doc))
    asking = {numbers[token.i] for token in doc if "?" in token.text}
    for place, span in enumerate(spans):
        if _is_number(span, run) and place + 1 < len(spans):
            continue
        number = numbers[span.start]
        words = tuple(_keys(token, cues) for token in span if not token.is_punct or token.text in "+?")
        following = spans[place + 1].start_char if place + 1 < len(spans) else len(run)
        tail = (span.text[-1] if span.text[-1] in "?!" else "") + run[span.end_char : following].strip()
        yield Clause(
            start=start + span.start_char,
            end=start + span.end_char,
            text=span.text,
            language=code,
            sentence=sentence + number,
            words=words,
            cues=composed(cues.match(words), question="?" in tail),
            first=place == 0 or numbers[spans[place - 1].start] != number,
            last=place + 1 == len(spans) or numbers[spans[place + 1].start] != number,
            tail=tail,
            question=number in asking,
            listed=place > 0 and _is_number(spans[place - 1], run),
        )


def _is_number(span: Span, text: str) -> bool:
    """Say whether a clause is only the number of a list's point: «2) », «б) », «3. »."""
    return (
        len(span.text) <= 2
        and span.text.isalnum()
        and text[span.end_char : span.end_char + 2] in {") ", ". "}
    )


@cache
def _cues_of(code: str) -> Cues:
    tokenizer = pipeline_for(code).tokenizer
    return Cues(language_by_code(code).cues, lambda text: [token.text for token in tokenizer(text)])


def _keys(token: Token, cues: Cues) -> Keys:
    form = fold(token.text)
    marks = {f"<{mark}>" for mark in token.morph.get("Form", [])}
    return frozenset({form, fold(token.lemma_) if token.lemma_ else form} | marks | cues.prefixes(form))
