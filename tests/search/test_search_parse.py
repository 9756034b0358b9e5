"""The grammar: what each construct means, what is refused and how, and that any text at all is safe."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import SearchError
from service.search.fields import FIELDS, FieldName
from service.search.parse import LONGEST_QUERY, MOST_PARTS, parse
from service.search.query import AnyOf, Bound, Filter, Phrase, Prefix, Query, Term, Word, format_query, guide


def words(*terms: Term, negated: bool = False) -> AnyOf:
    return AnyOf(terms, negated=negated)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", ()),
        ("  \t", ()),
        ("смета", (words(Word("смета")),)),
        ("final price", (words(Word("final")), words(Word("price")))),
        ('"final  price"', (words(Phrase("final price")),)),
        ("«итоговая смета»", (words(Phrase("итоговая смета")),)),
        ("„ostateczna cena”", (words(Phrase("ostateczna cena")),)),
        ("согласов*", (words(Prefix("согласов")),)),
        ("-draft", (words(Word("draft"), negated=True),)),
        ('-"first draft"', (words(Phrase("first draft"), negated=True),)),
        ("logo OR banner price", (words(Word("logo"), Word("banner")), words(Word("price")))),
        ("(logo OR banner) price", (words(Word("logo"), Word("banner")), words(Word("price")))),
        ("-(logo OR banner)", (words(Word("logo"), negated=True), words(Word("banner"), negated=True))),
        ("logo AND banner", (words(Word("logo")), words(Word("banner")))),
        ('"OR" "AND"', (words(Phrase("OR")), words(Phrase("AND")))),
        ("from:anna", (Filter(FieldName.FROM, ("anna",)),)),
        ('FROM:"Anna K"', (Filter(FieldName.FROM, ("Anna K",)),)),
        ("from:a OR from:b", (Filter(FieldName.FROM, ("a", "b")),)),
        ("-has:attachment", (Filter(FieldName.HAS, ("attachment",), negated=True),)),
        ("status:verbal-only", (Filter(FieldName.STATUS, ("verbal_only",)),)),
        ("kind:Approval", (Filter(FieldName.KIND, ("approval",)),)),
        ("before:2026-10-15", (Bound(FieldName.BEFORE, date(2026, 10, 15)),)),
        ("after:2026-10", (Bound(FieldName.AFTER, date(2026, 10, 1)),)),
        ("after:2026", (Bound(FieldName.AFTER, date(2026, 1, 1)),)),
    ],
)
def test_a_construct_means(text, clauses):
    assert parse(text) == Query(clauses)


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        ("бюджет — 100 000, ок?", ["бюджет", "100", "000", "ок"]),
        ("Re: смета (v2) :)", ["Re", "смета", "v2"]),
        ("созвон в 12:30", ["созвон", "в", "12:30"]),
        ("https://example.org/a?b=c", ["https://example.org/a?b=c"]),
        ("NEAR(", ["NEAR"]),
        ("price - 5%", ["price", "5"]),
        ("👍 согласовано", ["согласовано"]),
        ("a\x00b", ["a", "b"]),
    ],
)
def test_punctuation_around_pasted_words_does_not_matter(pasted, found):
    assert parse(pasted) == Query(tuple(words(Word(word)) for word in found))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"final price', "opened at character 1 is not closed"),
        ('" OR 1=1 --', "opened at character 1 is not closed"),
        ("(logo OR banner", r"opened at character 1 is not closed: add \)"),
        ("((logo))", "character 2 stands inside another"),
        ("logo OR", "OR at character 6 needs a word on both sides"),
        ("OR logo", "OR at character 1 needs a word on both sides"),
        ("logo OR 👍", "OR at character 6 needs a word on both sides"),
        ("logo OR -banner", "none with a minus"),
        ("logo OR from:anna", "joins words with words"),
        ("from:anna OR to:anna", "one field with itself"),
        ("logo OR (final price)", "joins words with words"),
        ("-(final price)", "write -one -two"),
        ("-before:2026", "write after: instead"),
        ("-AND", "after the minus at character 1"),
        ("*price", r"star at character 1 stands before a word.*invoic\*"),
        ("pr*ce", "star is inside the word at character 1"),
        ("p*", "too short"),
        ("form:anna", "no field form:.*write from:"),
        ("from: anna", "Nothing stands after from: at character 1.*as in from:"),
        ("from:(a OR b)", "write from:one OR from:two"),
        ("kind:aproval", "does not know 'aproval': write kind:approval"),
        ("status:xyz", "status:open, or another of open, agreed"),
        ("has:everything", "or another of attachment, call"),
        ("before:2026-13", "does not know the date '2026-13': write before:2026-10-15"),
        ("after:yesterday", "does not know the date 'yesterday'"),
        ("👍", "nothing to search for in '👍'"),
        ("* ()", "nothing to search for"),
        ("x" * (10 * 1024), "10,240 characters; the most is 1,000"),
        ("x " * (MOST_PARTS + 1), "has 41 parts; the most is 40"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_place_and_what_to_write(text, message):
    with pytest.raises(SearchError, match=message):
        parse(text)


PIECES = st.sampled_from(
    [*'"«»“”„()-*:,;. \x00\ud800', " OR ", " AND ", "from:", "in:", "kind:approval", "before:2026", "after:"]
)
LIKELY = st.lists(PIECES | st.text(alphabet="aŻя1 ", max_size=4), max_size=12).map("".join)


@given(LIKELY | st.text(max_size=LONGEST_QUERY + 1))
def test_any_text_is_understood_and_written_back_or_refused(text):
    try:
        query = parse(text)
    except SearchError:
        return
    assert parse(format_query(query)) == query


def test_each_field_is_in_the_guide_with_an_example_that_means_it():
    for field in FIELDS.values():
        assert f"{field.name}:" in guide()
        assert field.example in guide()
        (clause,) = parse(field.example).clauses
        assert isinstance(clause, Filter | Bound)
        assert clause.field is field.name


def test_each_value_in_the_guide_is_understood():
    for field in FIELDS.values():
        for value in field.values:
            assert value in guide()
            assert parse(f"{field.name}:{value}") == Query((Filter(field.name, (value,)),))
