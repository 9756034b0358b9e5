"""RTF is read in one pass: text, letters of every code page, and the HTML that Outlook hides in it."""

import pytest
from compressed_rtf import compress
from compressed_rtf import decompress as reference

from service.sources.rtf import LARGEST, decompress, read_rtf


@pytest.mark.parametrize(
    "content",
    [
        b"{\\rtf1 Zatwierdzam. Zatwierdzam. Zatwierdzam.\\par}\r\n" * 20,
        b"a" * 200,  # a reference that reaches into what it writes
        bytes(range(256)) * 4,
        b"",
    ],
)
@pytest.mark.parametrize("compressed", [True, False])
def test_compression_is_undone_as_others_undo_it(content, compressed):
    packed = compress(content, compressed=compressed)
    assert decompress(packed) == reference(packed) == content


def test_what_is_damaged_is_read_as_far_as_it_goes():
    packed = compress(b"{\\rtf1 Please approve the budget until Friday.}")
    assert decompress(packed[:40]).startswith(b"{\\rtf1 Ple")
    assert decompress(packed[:7]) == decompress(b"") == b""
    assert decompress(packed[:8] + b"ZIP!" + packed[12:]) == b""


def test_a_small_file_cannot_become_a_large_one():
    # One literal, then references that copy 17 bytes for each two of their own.
    body = b"\xfe" + b"x" + b"\x0d\x0f" * 7
    body += (b"\xff" + b"\x0d\x0f" * 8) * 70_000
    header = (len(body) + 12).to_bytes(4, "little") + bytes(4) + b"LZFu" + bytes(4)
    assert len(decompress(header + body)) < LARGEST + 200


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2\par}", "Привет\n"),
        (rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 A;}{\f1\fcharset238 B;}}\f1 \'b3\f0 \'e9}", "łé"),
        (rb"{\rtf1\uc1 bud\u380?et \u-10179?\u-8704?}", "budżet 😀"),
        (rb"{\rtf1\uc2 \u1044\'c4\'c4a}", "Дa"),
        (rb"{\rtf1\ansi\ansicpg65001 \'c5\'bc}", "ż"),
        (rb"{\rtf1 a\line b\tab c\~d\_e\emdash f\{g\}\\}", "a\nb\tc\xa0d\u2011e—f{g}\\"),
        (rb"{\rtf1{\*\unknown hidden}{\pict 0123}{\info{\title x}}seen}", "seen"),
        (b"{\\rtf1 a{\\pict\\bin5 }}}}}z}b}", "ab"),
        (rb"{\rtf1\ansicpg99999 \'cf\'f0\'e8\'e2\'e5\'f2}", "Привет"),
        (rb"no rtf at all", "no rtf at all"),
        (rb"}}}{\rtf1 text", "text"),
    ],
)
def test_text_is_read(rtf, text):
    assert read_rtf(rtf) == (text, False)


def test_the_html_that_an_rtf_was_made_from_comes_out_again():
    rtf = (
        rb"{\rtf1\ansi\ansicpg1250\fromhtml1 {\fonttbl{\f0 A;}{\f1\fcharset204 B;}}{\*\htmltag64 <p>}"
        rb"\htmlrtf {\b\htmlrtf0 Tak {\*\htmltag84 &nbsp;}\htmlrtf\'a0\htmlrtf0 \f1\'c4\'e0"
        rb"\htmlrtf }\htmlrtf0 {\*\mhtmltag64 <hidden>}{\*\htmltag72 </p>}}"
    )
    assert read_rtf(rtf) == ("<p>Tak &nbsp;Да</p>", True)


@pytest.mark.parametrize(
    "hostile",
    [
        b"{" * 200_000,
        rb"{\field{\*\fldinst{HYPERLINK " * 5_000 + rb'"' * 5_000,
        rb"{\fonttbl\f1" * 5_000 + rb"\fcharset1" * 5_000,
        rb"\bin999999999 x",
        rb"\u999999999 \uc999999999 \u1 x" * 1_000,
        b"\\'zz\\'\\",
        bytes(range(256)) * 500,
    ],
)
def test_rtf_that_is_made_to_break_a_reader_does_not(hostile):
    text, is_html = read_rtf(hostile)
    assert text.encode() is not None
    assert not is_html
