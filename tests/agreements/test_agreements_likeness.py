import pytest

from service.agreements.joining.likeness import content_of, likeness, shared
from service.agreements.joining.title import LONGEST, title_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("вывеску согласовали", "Вывеска"),
        ("Zażółć jaźń", "zazolc"),
        ("340 тыс. рублей", "бюджет 340 000"),
        ("8.4k for four weeks", "8,400 in all"),
        ("0,08 € per word", "for 0.08"),
    ],
)
def test_forms_of_one_word_and_number_are_alike(one, other):
    assert shared(content_of(one), content_of(other)) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("19:00", "1900"), ("1.5", "15"), ("счёт", "макет"), ("да", "да")]
)
def test_different_things_are_not_alike(one, other):
    assert likeness(content_of(one), content_of(other)) == 0


@pytest.mark.parametrize(
    "quote", ["", "да", "«Чабрец» в печать", "£5,900 for the portal", "training " * 20, "…"]
)
def test_a_title_is_one_short_line_of_the_quote(quote):
    title = title_of(quote, "ru")
    assert len(title) <= LONGEST + 1
    assert "\n" not in title
    assert title.rstrip("…").lower() in quote.lower()


@pytest.mark.parametrize(
    ("quote", "language", "title"),
    [
        ("no blog after all", "en", "No blog after all"),
        ("no to bierzemy drugi", "pl", "Bierzemy drugi"),
        ("b) ну, второй вариант!", "ru", "Второй вариант!"),
        ("no, so", "de", "No, so"),
    ],
)
def test_particles_are_left_out_by_language(quote, language, title):
    assert title_of(quote, language) == title
