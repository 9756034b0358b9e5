import json
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources import json_lines
from service.sources.json_lines import read_lines

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def pieces(tmp_path):
    def read(content: bytes):
        path = tmp_path / "file.jsonl"
        path.write_bytes(content)
        return list(read_lines(path))

    return read


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lines")


@given(
    values=st.lists(VALUES, max_size=6),
    ending=st.sampled_from(["\n", "\r\n", "\n\n", " \r\n\t\n"]),
    last=st.booleans(),
    bom=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    ascii_only=st.booleans(),
)
def test_values_come_back_with_their_exact_bytes(folder, *, values, ending, last, bom, ascii_only):
    lines = [json.dumps(value, ensure_ascii=ascii_only) for value in values]
    text = ending.join(lines) + ending * last
    content = bom + text.encode("utf-8", "surrogatepass")
    path = folder / "any.jsonl"
    path.write_bytes(content)
    read = list(read_lines(path))
    assert len(read) == len(values)
    assert all(content[piece.start : piece.end] == piece.original for piece in read)
    assert [piece.value for piece in read if not piece.repairs] == [
        value for value, piece in zip(values, read, strict=True) if not piece.repairs
    ]


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_and_every_line_is_told(folder, content):
    path = folder / "fuzz.jsonl"
    path.write_bytes(content)
    told = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    assert len(list(read_lines(path))) == sum(bool(line.strip(b" \t\r")) for line in told)


def test_a_line_that_is_cut_off_is_reported_with_its_bytes(pieces):
    whole, cut = pieces(b'{"id": 1}\n{"id": 2, "te')
    assert whole.value == {"id": 1}
    assert cut.original == b'{"id": 2, "te'
    assert "not JSON" in cut.error


def test_damage_in_one_line_does_not_touch_the_next(pieces):
    assert [bool(piece.error) for piece in pieces(b'{"id": 1\n"x\n[1]\n')] == [True, True, False]


def test_a_value_nested_too_deeply_is_reported(pieces):
    deep = b"[" * 100_000 + b"]" * 100_000
    assert [bool(piece.error) for piece in pieces(deep + b"\n{}")] == [True, False]


def test_bytes_that_are_no_utf8_are_replaced_and_noted(pieces):
    (piece,) = pieces(b'{"text": "\xff"}')
    assert piece.value == {"text": "\ufffd"}
    assert piece.original == b'{"text": "\xff"}'
    assert piece.repairs


def test_a_line_separator_inside_a_string_ends_no_line(pieces):
    assert [piece.value for piece in pieces('"a\u2028b\x85c"\n'.encode())] == ["a\u2028b\x85c"]


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_line_over_the_limit_is_reported_without_its_bytes(pieces, monkeypatch, ending):
    monkeypatch.setattr(json_lines, "MAX_PIECE", 20)
    monkeypatch.setattr(json_lines, "_CHUNK", 7)
    content = b'{"id": 1}\n' + b'{"x": "' + b"x" * 50 + b'"}' + ending
    read = pieces(content + (b'{"id": 2}' if ending else b""))
    assert read[1].original is None
    assert (read[1].start, read[1].end) == (10, len(content))
    assert [piece.value for piece in read if not piece.error] == [{"id": 1}, {"id": 2}][: len(read) - 1]


def test_a_line_of_exactly_the_limit_with_its_end_is_read(pieces, monkeypatch):
    monkeypatch.setattr(json_lines, "MAX_PIECE", 20)
    line = b'"' + b"x" * 17 + b'"\n'
    assert [piece.value for piece in pieces(line + b"1")] == ["x" * 17, 1]


def test_a_line_far_over_the_limit_takes_no_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(json_lines, "MAX_PIECE", 1 << 20)
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(b'"')
        file.seek(100_000_000)
        file.write(b'"\n1\n')
    tracemalloc.start()
    try:
        read = list(read_lines(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [piece.value for piece in read] == [None, 1]
    assert peak < 10_000_000


def test_lines_that_are_not_asked_for_are_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(json_lines, "MAX_PIECE", 20)
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a": 1}\n {"b": \n' + b"x" * 50 + b'\n  {"a": 2}')
    read = list(read_lines(path, re.compile(rb'\{"a"')))
    assert [(piece.start, piece.value) for piece in read] == [(0, {"a": 1}), (70, {"a": 2})]
