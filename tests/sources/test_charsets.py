import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.charsets import decode

RUSSIAN = "Согласовано, бюджет 45 000 руб. Подтверждаю срок до пятницы."
POLISH = "Potwierdzam zaliczkę, proszę o fakturę na 12 000 zł do środy."


@pytest.mark.parametrize("declared", ["", "us-ascii", "x-own", "iso-8859-1", "utf-8", '"'])
@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "utf-8"),
        (POLISH, "iso-8859-2"),
        (POLISH, "windows-1250"),
        (POLISH, "utf-8"),
        ("ДОГОВОР ПОДРЯДА", "windows-1251"),
        ("СЧЁТ НА ОПЛАТУ", "koi8-r"),
        ("Пётр", "koi8-r"),
        ("Łukasz Żur", "iso-8859-2"),
    ],
)
def test_wrongly_declared_text_is_read_all_the_same(text, charset, declared):
    assert decode(text.encode(charset), declared)[0] == text


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (RUSSIAN, "koi8-r"),
        (POLISH, "iso-8859-2"),
        ("Größe: schön", "iso-8859-1"),
        ("¡Hola!", "iso-8859-1"),
        ("日本語", "iso-2022-jp"),
        ("联通", "gb2312"),
        ("plain", "utf-16"),
        ("Zażółć", "utf-7"),
    ],
)
def test_rightly_declared_text_needs_no_warning(text, charset):
    assert decode(text.encode(charset), charset) == (text, None)


def test_a_text_cut_within_a_letter_keeps_the_rest():
    text, warning = decode(RUSSIAN.encode()[:21], "utf-8")
    assert text == "Согласован\ufffd"
    assert warning


def test_nul_bytes_are_left_out_and_told():
    assert decode(b"a\0b", "utf-8") == ("ab", "NUL bytes left out of the text")


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "idna", "punycode", "undefined", "rot13", "zip", "\0", "é" * 90]
)
def test_names_that_are_no_charsets_of_mail_are_not_used(charset):
    assert decode(b"\\u0041 \xc0", charset)[0].startswith("\\u0041 ")


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "utf-8", "utf-7", "utf-16", "koi8-r", "gbk", "hz", "cp037", "nope"]),
)
def test_any_bytes_become_text_that_can_be_stored(raw, declared):
    text, _ = decode(raw, declared)
    assert "\0" not in text
    text.encode("utf-8")
