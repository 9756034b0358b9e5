"""A long text comes in pieces that are all of it, and no word is cut."""

from hypothesis import given
from hypothesis import strategies as st

from service.archive.pieces import pieces


@given(st.text(alphabet="ab \n\u00a0ż"), st.integers(1, 9))
def test_pieces_are_the_whole_text_and_cut_no_word(text, at_once):
    cut = list(pieces(text, at_once))
    assert "".join(cut) == text
    assert [word for piece in cut for word in piece.split()] == text.split()


@given(st.text(alphabet="a ", min_size=40, max_size=90))
def test_a_piece_ends_at_the_first_blank_that_it_may_end_at(text):
    for piece in pieces(text, 10):
        assert " " not in piece[10:]


def test_a_short_text_is_one_piece():
    assert list(pieces("Zatwierdzam")) == ["Zatwierdzam"]
    assert list(pieces("")) == []
