"""Viber's message history: rows of any version, their texts as they were written, their times as printed."""

from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources import viber_rows
from service.sources.formats.viber import SOURCE
from service.sources.inspect import inspect
from service.sources.raw_message import AddressKind, RawMessage, Unreadable
from service.sources.source import Export, Sample

TEXTS = st.text(alphabet='аb ,;\t"=\n🤓', max_size=20).map(lambda text: f"x{text}x")
ROW = '="17/08/2024"\t12:52:56\t="Ann"\t="+48600000001"\t"hi"\n'


def read(folder, content: str | bytes, *, order: str | None = None) -> list:
    path = folder / "Ann.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(SOURCE.read(Export(path, folder, "Ann.csv", order)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("viber")


@given(texts=st.lists(TEXTS, min_size=1, max_size=6))
@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_quoted_texts_come_back_as_they_were_written(folder, delimiter, texts):
    rows = [
        delimiter.join(
            ['="17/08/2024"', "12:52:56", '="Ann"', '="+48600000001"', '"' + text.replace('"', '""') + '"']
        )
        for text in texts
    ]
    content = "\r\n".join(rows) + "\r\n"
    found = read(folder, content)
    assert [one.text for one in found] == texts
    assert b"".join(one.original for one in found) == content.encode()


@given(
    content=st.binary(max_size=300) | st.text(alphabet='17/082:5,;\t="+\nan', max_size=200).map(str.encode),
    behind=st.booleans(),
)
def test_no_bytes_make_the_reader_fail_and_none_are_lost(folder, content, behind):
    whole = ROW.encode() + content if behind else content
    found = read(folder, whole)
    assert all(isinstance(one, (RawMessage, Unreadable)) for one in found)
    if behind:
        assert b"".join(one.original for one in found) == whole


@given(cut=st.integers(min_value=0, max_value=3 * len(ROW)))
def test_a_file_that_was_cut_off_keeps_its_whole_rows(folder, cut):
    assert len(read(folder, (ROW * 3)[:cut])) >= cut // len(ROW)


def test_without_quotes_a_row_ends_where_the_next_one_begins(tmp_path):
    content = "21/11/2024,16:30:00,Ann,+48600000001,a, b\nc\n21/11/2024,16:31:00,Bob,+48600000002,d\n"
    assert [one.text for one in read(tmp_path, content)] == ["a, b\nc", "d"]


def test_a_pasted_row_inside_quotes_is_text(tmp_path):
    pasted = "21/11/2024,16:31:00,Bob,+48600000002,d"
    content = (
        f'21/11/2024,16:30:00,Ann,+48600000001,"look:\n{pasted}"\n21/11/2024,16:32:00,Ann,+48600000001,e\n'
    )
    assert [one.text for one in read(tmp_path, content)] == [f"look:\n{pasted}", "e"]


def test_a_lost_closing_quote_costs_one_text_at_most(tmp_path, monkeypatch):
    monkeypatch.setattr(viber_rows, "_LONGEST_QUOTED", 60)
    row = "21/11/2024,16:3{}:00,Ann,+48600000001,{}\n"
    content = "".join(row.format(at, text) for at, text in enumerate(['"open', "one", "two", "three"]))
    found = read(tmp_path, content)
    assert found[0].warnings
    assert found[-1].text == "three"


@pytest.mark.parametrize(
    ("phone", "kind", "value"),
    [
        ("+48 600 000 001", AddressKind.PHONE, "+48600000001"),
        ("0600000001", AddressKind.PHONE, "0600000001"),
        ("", AddressKind.VIBER, "Ann"),
    ],
)
def test_a_person_is_known_by_phone_where_there_is_one(tmp_path, phone, kind, value):
    found = read(tmp_path, ROW + f'="17/08/2024"\t12:52:56\t="Ann"\t="{phone}"\t"hi"\n')[1].author
    assert (found.kind, found.value, found.name) == (kind, value, "Ann")


@pytest.mark.parametrize(("order", "day"), [("day-first", "2025-02-01"), ("month-first", "2025-01-02")])
def test_an_undecidable_order_is_asked_for_and_then_followed(tmp_path, order, day):
    content = "01/02/2025,16:30:00,Ann,+48600000001,one\n"
    (asked,) = read(tmp_path, content)
    assert "--date-order day-first or --date-order month-first" in asked.why
    (told,) = read(tmp_path, content, order=order)
    assert told.sent_at.isoformat() == f"{day}T16:30:00"


def test_each_chat_of_a_zip_is_a_conversation_of_its_own(tmp_path):
    with ZipFile(tmp_path / "Messages.zip", "w") as archive:
        archive.writestr("Ann.csv", ROW)
        archive.writestr("Проект Альфа.csv", ROW.encode("utf-16"))
    reports = list(inspect(tmp_path / "Messages.zip"))
    assert [(one.format, one.messages, one.authors) for one in reports] == [("viber", 1, ["Ann"])] * 2


def test_a_row_beyond_the_limit_is_named_and_the_next_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(viber_rows, "MAX_ROW", 100)
    monkeypatch.setattr("service.sources.formats.viber.MAX_ROW", 100)
    large, after = read(tmp_path, ROW.replace("hi", "x" * 200) + ROW)
    assert isinstance(large, Unreadable)
    assert after.text == "hi"


@pytest.mark.parametrize(
    "content",
    [
        "date,time,shop,amount\n01/02/2024,10:00,Bakery,12.50\n",
        "2024-02-01 10:00:00,INFO,started,ok,done\n",
        "17.08.2024, 12:52 - Ann: hi\n",
        "[17.08.2024, 12:52:00] Ann: hi\n",
        "Name;Phone\nAnn;+48600000001\n",
        "",
    ],
)
def test_other_tables_are_not_taken_for_chats(tmp_path, content):
    assert SOURCE.score(Sample(tmp_path / "table.csv", content.encode())) == 0
