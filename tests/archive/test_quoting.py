r"""Mails in the styles of many mail programs, each line labelled: `+ ` the author's own, `- ` not."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.archive.quoting import own_spans

CASES = sorted((Path(__file__).parent / "cases" / "quoting").glob("*.txt"))


def own_lines(text):
    return [line for start, end in own_spans(text) for line in text[start:end].split("\n") if line.strip()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_own_lines_are_told_from_the_others(case):
    labelled = [(line[0], line[2:]) for line in case.read_text(encoding="utf-8").splitlines()]
    text = "\n".join(line for _, line in labelled)
    expected = [line for label, line in labelled if label == "+" and line.strip()]
    assert [line.strip() for line in own_lines(text)] == [line.strip() for line in expected]


@pytest.mark.parametrize("text", ["", "\n\n", " ", "> only a quote"])
def test_nothing_own_gives_no_ranges(text):
    assert own_spans(text) == []


def test_a_plain_text_is_one_range_without_the_blank_lines_around_it():
    assert own_spans("\n Agreed.\n\nTom \n\n") == [(1, 14)]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([line[2:] for case in CASES for line in case.read_text("utf-8").splitlines()]))
)
def test_ranges_are_in_order_apart_and_whole_lines(lines):
    text = "\n".join(lines)
    spans = own_spans(text)
    flat = [place for span in spans for place in span]
    assert flat == sorted(set(flat))
    for start, end in spans:
        assert start == 0 or text[start - 1] == "\n"
        assert text[end:].split("\n", 1)[0].strip() == ""
        assert not any(line.startswith(">") for line in text[start:end].split("\n"))


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("aЖ \n>-_.:@<1"), max_size=200))
def test_no_text_is_refused(text):
    assert all(0 <= start < end <= len(text) for start, end in own_spans(text))
