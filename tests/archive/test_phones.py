import pytest

from service.archive.phones import phone_of, phones_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+48 600 100 200", "+48600100200"),
        ("0048600100200", "+48600100200"),
        ("48600100200", "+48600100200"),
        ("600-100-200", "+48600100200"),
        ("8 (916) 123-45-67", "+79161234567"),
        ("+7 (916) 123-45-67", "+79161234567"),
        ("79161234567", "+79161234567"),
        ("07700 900123", "+447700900123"),
        ("+44 (0) 7700 900123", "+447700900123"),
        ("(202) 555-0143", "+12025550143"),
        ("202-555-0143", "+12025550143"),
        ("1 202 555 0143", "+12025550143"),
        ("+380 44 123 45 67", "+380441234567"),
    ],
)
def test_a_number_is_the_same_in_every_form(text, number):
    assert phone_of(text) == number
    assert phone_of(f" {text} ") == number


@pytest.mark.parametrize(
    "text",
    [
        "22 123 45 67",
        "9161234567",
        "123456789",
        "64 000",
        "2026-03-02 10:00",
        "12345678901234567890",
        "user600100200",
        "600100200@s.whatsapp.net",
        "",
        "+",
        "00000000000",
        "12 1020 3000 0000 1234 5678 9012",
    ],
)
def test_what_may_be_another_number_is_none(text):
    assert phone_of(text) is None


def test_numbers_are_found_in_the_lines_of_a_signature():
    text = "Anna Kłos\ntel. +48 600 100 200 | faks 22 123 45 67\nNIP 525-000-11-22\nкоротко: 8 916 123-45-67"
    assert phones_in(text) == ["+48600100200", "+79161234567"]
