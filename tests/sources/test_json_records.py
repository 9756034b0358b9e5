import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources import json_records
from service.sources.json_records import Layout, pieces_in, read_pieces

LAYOUT = Layout(
    arrays=frozenset({("messages",), ("chats", "list", "*", "messages")}),
    element=re.compile(rb'\{\s*"id"\s*:'),
    array=re.compile(rb'"messages"\s*:\s*\['),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)
ELEMENTS = st.lists(
    st.builds(lambda number, rest: {"id": number, "x": rest}, st.integers(), VALUES), max_size=6
)


@pytest.fixture
def pieces(tmp_path):
    def read(content: bytes | str):
        path = tmp_path / "file.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read_pieces(path, LAYOUT))

    return read


def in_file(folder, content: bytes):
    path = folder / "any.json"
    path.write_bytes(content)
    return list(read_pieces(path, LAYOUT))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("json")


@given(elements=ELEMENTS, indent=st.sampled_from([None, 1, 4]), ascii_only=st.booleans())
def test_elements_come_back_with_their_exact_bytes(folder, elements, indent, ascii_only):
    text = json.dumps({"name": "x", "messages": elements}, indent=indent, ensure_ascii=ascii_only)
    content = text.encode("utf-8", "surrogatepass")
    read = in_file(folder, content)
    assert [piece.value for piece in read] == elements
    assert all(content[piece.start : piece.end] == piece.original for piece in read)
    assert all(json.loads(piece.original) == piece.value for piece in read)


@given(
    content=st.binary(max_size=300) | st.text(alphabet='{}[]",:\\ idmesag1\n', max_size=300).map(str.encode)
)
def test_no_bytes_make_the_reader_fail(folder, content):
    read = in_file(folder, content)
    assert all(piece.error is None or piece.value is None for piece in read)


@given(elements=ELEMENTS, cut=st.integers(min_value=0, max_value=400))
def test_a_file_cut_anywhere_gives_every_whole_element(folder, elements, cut):
    content = json.dumps({"messages": elements}, indent=1).encode()[:cut]
    read = in_file(folder, content)
    whole = [piece.value for piece in read if piece.error is None]
    assert whole == elements[: len(whole)]
    if cut and len(content) == cut:
        assert read[-1].error if read else True


def test_a_cut_is_reported_once_with_the_bytes_that_are_left(pieces):
    read = pieces('{"messages": [{"id": 1}, {"id": 2, "text": "cut he')
    assert [piece.value for piece in read] == [{"id": 1}, None]
    assert read[1].original == b'{"id": 2, "text": "cut he'
    assert "cut off" in read[1].error


def test_the_scalars_around_an_array_name_its_owner(pieces):
    read = pieces(
        '{"chats": {"list": [{"name": "A", "n": null, "messages": [{"id": 1}]}, {"messages": [{"id": 2}]}]}}'
    )
    assert [piece.owner for piece in read] == [{"name": "A", "n": None}, {}]


def test_scalars_behind_the_array_count_where_there_are_none_before(pieces):
    assert pieces('{"messages": [{"id": 1}], "x": [1], "name": "late"}')[0].owner == {"name": "late"}


def test_a_string_that_looks_like_an_array_of_records_is_skipped(pieces):
    inside = json.dumps({"about": '"messages": [{"id": 7}]', "messages": [{"id": 1}]})
    assert [piece.value for piece in pieces(inside)] == [{"id": 1}]


def test_what_follows_behind_the_end_is_reported_and_searched(pieces):
    found = pieces('{} }, {"id": 1}, {"id": 2}], "name": "x"}')
    assert [piece.value for piece in found if piece.error is None] == [{"id": 1}, {"id": 2}]
    assert found[0].error is not None
    assert found[0].original == b" }, "


def test_two_files_that_were_joined_are_both_read(pieces):
    found = pieces('{"messages": [{"id": 1}]}\n{"messages": [{"id": 2}]}\n')
    assert [piece.value for piece in found if piece.error is None] == [{"id": 1}, {"id": 2}]


def test_damage_in_one_record_does_not_touch_the_next(pieces):
    read = pieces('{"messages": [{"id": 1},\n{"id": 2, "text": "open},\n{"id": 3},\n{"id": 4]},\n{"id": 5}]}')
    assert [piece.value for piece in read if not piece.error] == [{"id": 1}, {"id": 3}, {"id": 5}]
    assert [piece.original[:8] for piece in read if piece.error][:2] == [b'{"id": 2', b'{"id": 4']


def test_damage_at_the_end_of_one_array_does_not_reach_into_the_next(pieces):
    read = pieces(
        '{"chats": {"list": [{"name": "A", "messages": [{"id": 1}, {"id": 2, "t": "open}]},\n'
        '{"name": "B", "messages": [{"id": 3}]}, {"name": "C", "messages": [{"id": 4}]}]}}'
    )
    whole = [(piece.owner["name"], piece.value["id"]) for piece in read if not piece.error]
    assert whole == [("A", 1), ("B", 3), ("C", 4)]


def test_a_value_nested_too_deeply_is_reported(pieces):
    deep = '{"messages": [{"id": 1, "x": ' + "[" * 100_000 + "]" * 100_000 + '}, {"id": 2}]}'
    read = pieces(deep)
    assert [bool(piece.error) for piece in read] == [True, False]


def test_an_element_larger_than_the_limit_is_reported_without_its_bytes(pieces, monkeypatch):
    monkeypatch.setattr(json_records, "MAX_PIECE", 50)
    read = pieces('{"messages": [{"id": 1, "text": "' + "x" * 100 + '"}, {"id": 2}]}')
    assert read[0].original is None
    assert "bytes" in read[0].error
    assert read[1].value == {"id": 2}


def test_an_empty_file_has_no_elements(pieces):
    assert pieces(b"") == []


def test_a_byte_order_mark_is_no_damage(pieces):
    assert [piece.error for piece in pieces(b'\xef\xbb\xbf{"messages": [{"id": 1}]}')] == [None]


@given(elements=ELEMENTS)
def test_elements_of_an_array_in_memory_keep_their_exact_bytes(elements):
    record = json.dumps({"messages": elements}, ensure_ascii=False).encode()
    found = list(pieces_in(record, LAYOUT))
    assert [piece.value for piece in found] == elements
    assert all(record[piece.start : piece.end] == piece.original for piece in found)


def test_nothing_in_memory_has_no_elements():
    assert not list(pieces_in(b"", LAYOUT))
