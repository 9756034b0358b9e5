"""What a query says, once understood, and how it is written. Out: Query, its text, the guide to the grammar.

Never: touches the archive or the index. `service.search.parse` makes a Query from what people type.
"""

import re
from dataclasses import dataclass
from datetime import date

from service.search.fields import FIELDS, FieldName
from service.search.lex import QUOTES

_BARE = re.compile(r"\w([\w@.+/-]*\w)?")
"""A value that needs no quotes."""

GUIDE = """\
Words        contract deadline       both words, in any order and in any grammatical form
Phrase       "final price"           these words side by side; also «…», „…” and “…”
Prefix       invoic*                 every word that begins so (two characters or more)
Not          -draft  -"first draft"  without this word or phrase; fields too: -from:anna
Or           logo OR banner          either word; binds tighter than the space between words
Parentheses  (logo OR banner) price  allowed for clarity; -(logo OR banner) leaves out both

Case does not matter, except that OR is written in capitals; nor does punctuation around words. Forms of a
word are one word: согласовали finds согласовано, zatwierdził finds zatwierdzam. Newest messages come first.
A query of fields alone lists every message that fits them. OR joins words with words, or one field with
itself: from:anna OR from:igor. To search for the word OR itself, write it in quotes.

Fields (a value with spaces goes in quotes):
"""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as typed; found in any of its grammatical forms."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words side by side."""

    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word."""

    text: str


Term = Word | Phrase | Prefix


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the terms; negated (then there is exactly one): not that term."""

    terms: tuple[Term, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A field with at least one of the values; negated (then there is exactly one): without that value."""

    field: FieldName
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """Sent before this day, or on it or after it; the day begins where the reader is."""

    field: FieldName
    day: date


Clause = AnyOf | Filter | Bound


@dataclass(frozen=True, slots=True)
class Query:
    """What a message must satisfy: every clause. No clause at all: every message."""

    clauses: tuple[Clause, ...] = ()


def format_query(query: Query) -> str:
    """Write a query so that parsing gives it back.

    >>> format_query(Query((AnyOf((Word("logo"), Prefix("bann"))), Filter(FieldName.CLIENT, ("Blue Door",)))))
    'logo OR bann* client:"Blue Door"'
    """
    return " ".join(_clause(clause) for clause in query.clauses)


def guide() -> str:
    """Return the page that explains the grammar, with every field, its values and an example."""
    lines = []
    for field in FIELDS.values():
        lines.append(f"{field.name + ':':<9} {field.explain}, as in {field.example}")
        if field.values:
            lines.append(f"{'':<9} one of: {', '.join(field.values)}")
    return GUIDE + "\n".join(lines)


def _clause(clause: Clause) -> str:
    match clause:
        case AnyOf(terms, negated):
            return _minus(negated) + " OR ".join(_term(term) for term in terms)
        case Filter(field, values, negated):
            return _minus(negated) + " OR ".join(f"{field}:{_value(value)}" for value in values)
        case Bound(field, day):
            return f"{field}:{day.isoformat()}"


def _term(term: Term) -> str:
    match term:
        case Word(text):
            return text
        case Phrase(text):
            return _quoted(text)
        case Prefix(text):
            return f"{text}*"


def _value(value: str) -> str:
    return value if _BARE.fullmatch(value) else _quoted(value)


def _quoted(text: str) -> str:
    """Put a text between quotes that do not occur in it; the ones that it was typed in do not."""
    opening = next(opening for opening, closers in QUOTES.items() if not set(closers) & set(text))
    return f"{opening}{text}{QUOTES[opening][0]}"


def _minus(negated: bool) -> str:
    return "-" if negated else ""
