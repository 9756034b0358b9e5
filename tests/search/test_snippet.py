"""Which piece of a text is shown, and what is marked in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.lemmas import search_keys
from service.search.match import Needle, match_of
from service.search.parse import parse
from service.search.snippet import ELLIPSIS, SNIPPET_LENGTH, mark, snippet


def marked(text: str, query: str) -> list[str]:
    found = mark(text, match_of(parse(query)).wanted)
    return [found.text[start:end] for start, end in found.marks]


@pytest.mark.parametrize(
    ("text", "query", "words"),
    [
        ("Макет согласовано, запускаем", "согласовали", ["согласовано"]),
        ("Zatwierdzam. Zatwierdził też Piotr", "zatwierdzić", ["Zatwierdzam", "Zatwierdził"]),
        ("the price, the final price", '"final price"', ["final", "price"]),
        ("invoice, invoices and INVOICING", "invoic*", ["invoice", "invoices", "INVOICING"]),
        ("logo or banner", "logo OR banner", ["logo", "banner"]),
        ("draft of a logo", "logo -draft", ["logo"]),
        ("<b>logo</b>", "logo", ["logo"]),
        ("Zażo\u0301łć", "zażółć", ["Zażo\u0301łć"]),
        ("ничего", "логотип", []),
        ("", "логотип", []),
    ],
)
def test_a_mark_covers_exactly_the_found_word(text, query, words):
    assert marked(text, query) == words


def test_a_short_text_is_shown_whole_on_one_line():
    shown = snippet("Да,\n\n  согласовано.\n", [Needle(("соглас",))])
    assert shown.text == "Да, согласовано."
    assert shown.marks == ((4, 15),)


def test_a_long_text_is_cut_around_the_place_with_most_of_what_was_searched_for():
    filler = "слово " * 100
    text = f"{filler}смета {filler}итоговая смета {filler}"
    shown = snippet(text, match_of(parse("итоговая смета")).wanted)
    assert [shown.text[start:end] for start, end in shown.marks] == ["итоговая", "смета"]
    assert shown.text.startswith(ELLIPSIS + "слово ")
    assert shown.text.endswith(" слово" + ELLIPSIS)


def test_a_text_found_by_its_people_shows_its_beginning():
    assert snippet("слово " * 100, [Needle(("ann",))]).text.startswith("слово слово")


def test_a_text_without_spaces_is_cut_hard():
    shown = snippet("x" * 10_000, [])
    assert shown.text == "x" * SNIPPET_LENGTH + ELLIPSIS


WORDS = st.sampled_from(
    ["смета", "СМЕТЫ", "final", " ", "\n", "\t\t", "price", "x" * 70, "👍", "ё", "İ", "ǅ", "_", "<"]
)
TEXTS = st.lists(WORDS | st.text(max_size=5), max_size=200).map("".join)
QUERIES = st.sampled_from(["смета", '"final price"', "pri* OR x", "смета -final"])


@given(TEXTS, QUERIES)
def test_marks_are_in_order_inside_the_text_and_on_words_that_were_searched_for(text, query):
    needles = match_of(parse(query)).wanted
    shown = snippet(text, needles)
    assert len(shown.text) <= SNIPPET_LENGTH + 2 * len(ELLIPSIS)
    last = 0
    for start, end in shown.marks:
        assert last <= start < end <= len(shown.text)
        last = end
        (key,) = search_keys(shown.text[start:end]).split()
        assert any(key.startswith(wanted) for needle in needles for wanted in needle.keys)
