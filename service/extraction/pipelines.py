"""One spaCy pipeline per language: sentences, morphology, clauses. In: text. Out: a spaCy Doc.

Each step is a registered factory without weights on top of `spacy.blank`: nothing is downloaded. A Doc leaves
with `token.lemma_`, the marks of `language.MARKS` in `token.morph` (feature `Form`), `token.is_sent_start`,
and its clauses in `doc.spans["clauses"]`. Never: decides what a clause does.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import cast

import numpy as np
import spacy
from spacy.language import Language as Pipeline
from spacy.tokens import Doc, Span, Token
from spacy.tokens.morphanalysis import MorphAnalysis
from thinc.types import Ints2d

from service.extraction import languages
from service.extraction.language import Language
from service.extraction.sentences import sentence_ranges
from service.plugins import discover

CLAUSES = "clauses"

_BREAK = re.compile(r"[,;:…)(!?]+|\.{2,}|[-–—]+")
_NUMBER = re.compile(r"[+-]?\d[\d.,:/%kк]*$")
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]")


@cache
def known_languages() -> tuple[Language, ...]:
    """Return every language that has a file in `languages/`."""
    return tuple(discover(languages, "LANGUAGE"))


@cache
def language_by_code(code: str) -> Language:
    """Return one language; KeyError for a code without a file."""
    return {language.code: language for language in known_languages()}[code]


@cache
def pipeline_for(code: str) -> Pipeline:
    """Return the pipeline of a language, built once per process."""
    pipeline = spacy.blank(code)
    for step in ("scripta_sentences", "scripta_morphology", "scripta_clauses"):
        pipeline.add_pipe(step, config={"language": code})
    return pipeline


@Pipeline.factory("scripta_sentences", assigns=["token.is_sent_start"], default_config={"language": "en"})
def _sentences(nlp: Pipeline, name: str, language: str) -> Callable[[Doc], Doc]:
    del nlp, name  # spaCy passes them by name
    abbreviations = language_by_code(language).abbreviations

    def mark(doc: Doc) -> Doc:
        starts = {start for start, _ in sentence_ranges(doc.text, abbreviations)}
        marks = [1 if token.i == 0 or token.idx in starts else -1 for token in doc]
        # Setting token.is_sent_start looks through the whole Doc each time.
        return doc.from_array(
            ["SENT_START"], cast(Ints2d, np.array([marks], dtype=np.int64).T.astype(np.uint64))
        )

    return mark


@Pipeline.factory(
    "scripta_morphology", assigns=["token.lemma", "token.morph"], default_config={"language": "en"}
)
def _morphology(nlp: Pipeline, name: str, language: str) -> Callable[[Doc], Doc]:
    del nlp, name
    analyse = language_by_code(language).analyse

    def mark(doc: Doc) -> Doc:
        for token in doc:
            if token.is_alpha or "'" in token.text or "’" in token.text or "-" in token.text:
                analysis = analyse(token.lower_.replace("’", "'"))
                token.lemma_ = analysis.lemma
                marks = analysis.forms
            else:
                marks = frozenset(_marks_of_sign(token.text))
            if marks:
                token.morph = MorphAnalysis(doc.vocab, {"Form": ",".join(sorted(marks))})
        return doc

    return mark


def _marks_of_sign(text: str) -> Iterator[str]:
    if _NUMBER.match(text):
        yield "num"
    if _EMOJI.search(text):
        yield "emoji"


@Pipeline.factory("scripta_clauses", requires=["token.is_sent_start"], default_config={"language": "en"})
def _clauses(nlp: Pipeline, name: str, language: str) -> Callable[[Doc], Doc]:
    del nlp, name
    conjunctions = language_by_code(language).conjunctions

    def mark(doc: Doc) -> Doc:
        doc.spans[CLAUSES] = list(_clauses_of(doc, conjunctions))
        return doc

    return mark


def _clauses_of(doc: Doc, conjunctions: frozenset[str]) -> Iterator[Span]:
    """Cut at punctuation, dashes, emoji and before conjunctions; a clause keeps its closing ? and !."""
    start: int | None = None
    after_emoji = False
    for token in doc:
        breaks, emoji = _breaks(token), "emoji" in token.morph.get("Form", [])
        opens = token.is_sent_start or token.is_space or token.text in conjunctions or emoji != after_emoji
        if start is not None and (opens or breaks):
            closing = token.text[0] in "?!" and not token.is_sent_start
            yield doc[start : token.i + closing]
            start = None
        if start is None and not breaks and not token.is_space:
            start = token.i
        after_emoji = emoji
    if start is not None:
        yield doc[start:]


def _breaks(token: Token) -> bool:
    """Say whether a sign ends a clause: not a dot within a sentence, nor a hyphen within a word («22-go»)."""
    ends = token.i + 1 == len(token.doc)
    if token.text == ".":
        return ends or bool(token.nbor().is_sent_start or token.nbor().is_space)
    if token.text == "-":
        return bool(token.whitespace_) or token.i == 0 or ends
    return bool(_BREAK.fullmatch(token.text))
