import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.mail_text import declared_in_html, html_to_text, plain_lines, unflow


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a \nb\nc", "a b\nc"),
        ("> a \n> b\nc", "> a b\nc"),
        ("> a \n>> b", "> a \n>> b"),
        ("a \n-- \nme", "a \n-- \nme"),
        (" From here", "From here"),
        ("a \n\nb", "a \nb"),
    ],
)
def test_flowed_lines_are_joined_within_their_depth(written, meant):
    assert unflow(written, delsp=False) == meant


def test_with_delsp_the_joining_space_goes():
    assert unflow("Dona \nu", delsp=True) == "Donau"


@given(st.text(alphabet="ab >\n-"))
def test_no_letter_of_flowed_text_is_lost(text):
    assert [c for c in unflow(text, delsp=False) if c in "ab-"] == [c for c in text if c in "ab-"]


def test_every_line_end_becomes_one():
    assert plain_lines("\r\na\r\nb\rc\n\n") == "a\nb\nc"


def test_a_page_names_its_charset_early_or_not_at_all():
    assert declared_in_html(b'<meta charset="koi8-r">') == "koi8-r"
    assert declared_in_html(b"<meta http-equiv=a content='text/html; charset=cp1251'>") == "cp1251"
    assert declared_in_html(b"<p>charset=cp1251") == ""


@pytest.mark.parametrize(
    "html", ["", "   ", "<!-- -->", "<p>", "<style>p{}</style>", "\x00", "<?xml version='1.0'?>"]
)
def test_a_page_without_words_has_no_text(html):
    assert html_to_text(html).strip("\x00\ufffd") == ""


def test_what_people_do_not_see_is_left_out():
    html = "<head><title>t</title><style>p {}</style></head><script>x()</script><p>seen</p><!-- note -->"
    assert html_to_text(html) == "seen"
