import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources import html_pieces
from service.sources.html_pieces import read_html_pieces

BEGINS = re.compile(rb'<div class="item"')
PARTS = st.lists(
    st.sampled_from(['<div class="item">', "<div>", "</div>", "text", "\n", "<br>", "ё"]), max_size=30
)


def pieces(folder, content: bytes) -> list:
    path = folder / "page.html"
    path.write_bytes(content)
    return list(read_html_pieces(path, BEGINS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("html")


def test_a_record_is_the_exact_bytes_of_its_element(folder):
    page = b'<h1>x</h1>\n <div class="item"><div>a</div></div>\n<div class="item">b</div>\n</body>'
    head, first, last = pieces(folder, page)
    assert (head.original, head.is_head) == (b"<h1>x</h1>\n ", True)
    assert (first.original, first.behind) == (b'<div class="item"><div>a</div></div>', b"\n")
    assert (last.original, last.behind) == (b'<div class="item">b</div>', b"\n</body>")
    assert page[first.start : first.end] == first.original


def test_a_record_inside_another_is_one_of_its_own(folder):
    page = b'<div class="item">a<div><div class="item">b</div></div></div>'
    _, outer, inner = pieces(folder, page)
    assert (outer.original, outer.is_closed) == (b'<div class="item">a<div>', False)
    assert (inner.original, inner.behind) == (b'<div class="item">b</div>', b"</div></div>")


def test_a_file_that_was_cut_off_ends_with_an_open_record(folder):
    *_, last = pieces(folder, b'<div class="item">a</div><div class="item"><div>b</di')
    assert (last.original, last.is_closed) == (b'<div class="item"><div>b</di', False)


@pytest.mark.parametrize("page", [b"", b"nothing of the kind"])
def test_a_page_without_records_is_all_head(folder, page):
    (head,) = pieces(folder, page)
    assert (head.original, head.is_head) == (page, True)


def test_a_record_that_is_too_large_is_not_loaded(folder, monkeypatch):
    monkeypatch.setattr(html_pieces, "MAX_PIECE", 30)
    _, large, small = pieces(folder, b'<div class="item">' + b"a" * 40 + b'</div><div class="item">b</div>')
    assert (large.original, large.end - large.start) == (None, 64)
    assert small.original == b'<div class="item">b</div>'


@given(parts=PARTS)
def test_no_byte_is_left_out(folder, parts):
    page = "".join(parts).encode()
    found = pieces(folder, page)
    assert b"".join(piece.original + piece.behind for piece in found) == page
    assert len(found) == parts.count('<div class="item">') + 1
