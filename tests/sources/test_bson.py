"""What a MongoDB dump gives back, whole and damaged."""

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.bson import decode, is_bson, read_documents

ID = "65e4a1b2c3d4e5f601020304"


def element(name: str, value: Any) -> bytes:
    match value:
        case bool():
            type_, data = b"\x08", bytes([value])
        case None:
            type_, data = b"\x0a", b""
        case int():
            type_, data = b"\x12", struct.pack("<q", value)
        case float():
            type_, data = b"\x01", struct.pack("<d", value)
        case str():
            said = value.encode() + b"\0"
            type_, data = b"\x02", struct.pack("<i", len(said)) + said
        case bytes():
            type_, data = b"\x05", struct.pack("<i", len(value)) + b"\0" + value
        case list():
            type_, data = b"\x04", document({str(at): one for at, one in enumerate(value)})
        case _:
            type_, data = b"\x03", document(value)
    return type_ + name.encode() + b"\0" + data


def document(values: dict[str, Any]) -> bytes:
    body = b"".join(element(name, value) for name, value in values.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def pieces(folder: Path, data: bytes) -> list[Any]:
    dump = folder / "dump.bson"
    dump.write_bytes(data)
    found = list(read_documents(dump, b"\x02rid\0"))
    assert b"".join(piece.original for piece in found) == data
    return found


json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inside, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text("abcde", min_size=1), json_like, max_size=4))
def test_a_document_comes_back_as_json_would_have_it(values):
    assert decode(document(values)) == values


def test_ids_and_dates_have_their_digits_and_milliseconds():
    raw = b"\x07_id\0" + bytes.fromhex(ID) + b"\x09ts\0" + struct.pack("<q", 1741003507123)
    assert decode(struct.pack("<i", len(raw) + 5) + raw + b"\0") == {"_id": ID, "ts": 1741003507123}


def test_what_no_chat_needs_is_left_in_the_original():
    odd = b"\x0bx\0a\0i\0" + b"\x13y\0" + bytes(16) + b"\x0cz\0\2\0\0\0a\0" + bytes(12) + b"\x7fm\0"
    code = b"\x0fc\0" + struct.pack("<i", 14) + struct.pack("<i", 1) + b"\0" + document({})
    body = odd + code + element("b", b"12") + element("msg", "hej")
    found = decode(struct.pack("<i", len(body) + 5) + body + b"\0")
    assert found == {**dict.fromkeys("xyzmcb"), "msg": "hej"}


@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 255))
def test_no_bytes_make_it_fail_in_another_way(data, at, byte):
    whole = bytearray(document({"_id": "m1", "rid": "r1", "u": {"_id": "u1", "names": ["a", 1.5, data]}}))
    whole[at % len(whole)] = byte
    for raw in (data, bytes(whole)):
        try:
            decode(raw)
        except ValueError:
            continue


def test_documents_behind_a_damaged_one_are_read(tmp_path):
    first, second, third = (document({"_id": f"m{n}", "rid": "r", "u": {"_id": "u"}}) for n in range(3))
    found = pieces(tmp_path, first + b"\xff" * 4 + second[4:] + third)
    assert [piece.value and piece.value["_id"] for piece in found] == ["m0", None, "m2"]
    assert "dump the collection again" in found[1].error


def test_a_dump_that_is_cut_off_names_its_rest(tmp_path):
    whole = document({"_id": "m1", "rid": "r"})
    found = pieces(tmp_path, whole + whole[:-3])
    assert [piece.error is None for piece in found] == [True, False]
    assert pieces(tmp_path, b"") == []


@pytest.mark.parametrize(
    ("head", "known"), [(document({"_id": "m1"}), True), (b'{"_id": 1}', False), (b"", False)]
)
def test_a_dump_is_told_from_text(head, known):
    assert is_bson(head) is known
