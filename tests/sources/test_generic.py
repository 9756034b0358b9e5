import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import service.sources
from service.sources.formats.generic_csv import SOURCE as CSV
from service.sources.formats.generic_json import SOURCE as JSON_SOURCE
from service.sources.generic_fields import NAMES, field_named, folded, kind_named
from service.sources.generic_times import exact_time
from service.sources.raw_message import Kind, RawMessage, Unreadable
from service.sources.recognise import recognise
from service.sources.source import Export, Sample
from service.sources.table_rows import read_rows, writing_of

PAGE = (Path(service.sources.__file__).parent / "GENERIC.md").read_text("utf-8")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
INSIDE = st.dictionaries(
    st.sampled_from(["emoji", "author", "path", "name", "size", "time", "count"]), JSON, max_size=4
)
RECORDS = st.dictionaries(
    st.sampled_from([*NAMES["fields"]]), JSON | INSIDE | st.lists(INSIDE, max_size=2), max_size=8
)


def read(source, folder, content, name="chat", **options) -> list:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(source.read(Export(path, folder, name, **options)))


def one(folder, **record) -> RawMessage:
    (found,) = read(JSON_SOURCE, folder, json.dumps([record]))
    return found


def table(folder, *lines, **options) -> list:
    return read(CSV, folder, "\n".join(lines), **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("generic")


# The page.


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_schema_on_the_page_has_every_field_kind_and_outcome():
    schema = json.loads(fenced("json")[1])["properties"]
    assert list(schema) == list(NAMES["fields"])
    assert (
        schema["kind"]["enum"]
        == [kind.value for kind in Kind if kind != Kind.UNKNOWN]
        == sorted(NAMES["kinds"], key=[kind.value for kind in Kind].index)
    )
    assert schema["outcome"]["enum"] == list(NAMES["outcomes"])


@pytest.mark.parametrize("part", NAMES)
def test_the_page_lists_every_other_word(part):
    for name, words in NAMES[part].items():
        assert f"| `{name}` | {', '.join(words)} |" in PAGE


@pytest.mark.parametrize("part", NAMES)
def test_no_word_means_two_things(part):
    words = [folded(word) for name, others in NAMES[part].items() for word in (name, *others)]
    assert len(words) == len(set(words)), [word for word in words if words.count(word) > 1]


def test_the_examples_on_the_page_are_read_as_it_says(tmp_path):
    found = read(JSON_SOURCE, tmp_path, fenced("json")[0])
    assert {(one.channel, one.conversation.key) for one in found} == {("max", "c-17")}
    assert [one.kind for one in found] == [Kind.IMAGE, Kind.TEXT, Kind.CALL]
    assert found[1].reply_to == "1"
    assert found[2].duration_for == timedelta(seconds=312)
    rows = read(CSV, tmp_path, fenced("csv")[0])
    assert [row.text for row in rows] == ["Пришлю макет\nдо среды", "Хорошо"]
    assert [row.author.value for row in rows] == ["+79000000001", "+79000000002"]


@pytest.mark.parametrize(
    ("language", "index", "name"), [("json", 0, "generic_json"), ("csv", 0, "generic_csv")]
)
def test_the_examples_on_the_page_are_recognised(tmp_path, language, index, name):
    path = tmp_path / "export"
    path.write_text(fenced(language)[index], encoding="utf-8")
    assert recognise(path)[0].name == name


# Whatever comes.


@given(
    records=st.lists(RECORDS | JSON, max_size=5),
    around=st.dictionaries(st.text(max_size=5), JSON, max_size=3),
)
def test_whatever_the_records_are_none_disappears(folder, records, around):
    for root in (records, {**around, "messages": records}):
        found = read(JSON_SOURCE, folder, json.dumps(root))
        assert len(found) == len(records)
        for record in found:
            stored = record.why if isinstance(record, Unreadable) else record.text + record.detail
            assert "\0" not in stored.encode().decode()


@settings(max_examples=40)
@given(records=st.lists(RECORDS, max_size=4))
def test_no_line_of_json_lines_disappears(folder, records):
    lines = "\n".join(json.dumps(record) for record in records)
    assert len(read(JSON_SOURCE, folder, lines)) == len(records)


@given(content=st.text() | st.binary())
def test_no_content_makes_the_readers_fail(folder, content):
    content = content if isinstance(content, bytes) else content.replace("\ud800", "").encode()
    for source in (JSON_SOURCE, CSV):
        source.score(Sample(folder / "x", content))
        found = read(source, folder, content)
        assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12)


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6), delimiter=st.sampled_from(",;\t|"))
def test_a_table_written_well_is_read_back(folder, rows, delimiter):
    def quoted(cell):
        return '"' + cell.replace('"', '""') + '"'

    lines = [delimiter.join(map(quoted, row)) + "\r\n" for row in rows]
    path = folder / "written.csv"
    path.write_bytes("".join(lines).encode())
    found = list(read_rows(path, writing_of(b"a"), delimiter))
    expected = [row for row in rows if any(cell.strip() for cell in row)]
    protected = re.compile(r'="(.*)"', re.DOTALL)
    plain = [tuple(cell.replace("\0", "\ufffd") for cell in row) for row in expected]
    assert [row.cells for row in found] == [
        tuple(found[1] if (found := protected.fullmatch(cell)) else cell for cell in row) for row in plain
    ]


@given(content=st.binary(max_size=200))
def test_the_bytes_of_the_rows_are_those_of_the_file(folder, content):
    content = content.replace(b"\0", b"")
    path = folder / "bytes.csv"
    path.write_bytes(content)
    for charset in ("utf-8", "windows-1251"):
        writing = type(writing_of(b"a"))(charset, 0)
        joined = b"".join(row.original for row in read_rows(path, writing, ","))
        assert set(joined) <= set(content)
        assert len(joined) <= len(content)


@pytest.mark.parametrize(
    ("charset", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("cp1251", b""),
    ],
)
def test_any_charset_of_the_table_gives_the_same(tmp_path, charset, mark):
    text = (
        "Время;Автор;Сообщение\n2025-03-03 10:05;Анна;Пришлю смету до пятницы\n2025-03-03 10:06;Пётр;Хорошо\n"
    )
    content = mark + text.encode(charset)
    path = tmp_path / "chat.csv"
    path.write_bytes(content)
    assert recognise(path)[0].name == "generic_csv"
    found = read(CSV, tmp_path, content)
    assert [(row.author.name, row.text) for row in found] == [
        ("Анна", "Пришлю смету до пятницы"),
        ("Пётр", "Хорошо"),
    ]
    assert found[1].original.decode(charset) == "2025-03-03 10:06;Пётр;Хорошо\n"


# Times.


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (1741000000, "2025-03-03T11:06:40+00:00"),
        ("1741000000", "2025-03-03T11:06:40+00:00"),
        (1741000000000, "2025-03-03T11:06:40+00:00"),
        (1741000000000000, "2025-03-03T11:06:40+00:00"),
        ("2025-03-03T11:06:40Z", "2025-03-03T11:06:40+00:00"),
        ("2025-03-03 11:06:40 UTC", "2025-03-03T11:06:40+00:00"),
        ("2025-03-03 11:06", "2025-03-03T11:06:00"),
        (45719.5, "2025-03-03T12:00:00"),
    ],
)
def test_a_time_is_read_in_every_way_that_the_page_allows(value, instant):
    assert exact_time(value) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    "value", [None, True, "", "soon", 5, -1, 1e300, "9" * 21, [], {}, "2025-13-45", float("inf")]
)
def test_what_is_no_time_is_none(value):
    assert exact_time(value) is None


@given(instant=st.integers(min_value=200_000_000, max_value=4_000_000_000))
def test_a_count_means_the_same_instant_in_every_unit(instant):
    expected = datetime.fromtimestamp(instant, UTC)
    assert {exact_time(instant * unit) for unit in (1, 10**3, 10**6)} == {expected}


def test_day_and_month_are_never_guessed(tmp_path):
    lines = ("time,author,text", "03/04/2025 9:05,Anna,a", "03/05/2025 09:05 AM,Anna,b")
    (asked,) = table(tmp_path, *lines)
    assert "day-first" in asked.why
    first, _ = table(tmp_path, *lines, date_order="day-first")
    assert first.sent_at == datetime.fromisoformat("2025-04-03T09:05")
    first, _ = table(tmp_path, *lines, date_order="month-first")
    assert first.sent_at == datetime.fromisoformat("2025-03-04T09:05")


def test_one_date_shows_the_order_of_the_others(tmp_path):
    first, _ = table(tmp_path, "time,author,text", "03/04/2025 9:05,Anna,a", "25/04/2025 9:05,Anna,b")
    assert first.sent_at == datetime.fromisoformat("2025-04-03T09:05")


def test_a_day_without_a_time_of_day_is_kept(tmp_path):
    (row,) = table(tmp_path, "Data;Autor;Treść", "03.04.2025;Łukasz;ok")
    assert row.sent_at == datetime.fromisoformat("2025-04-03")


# Tables.


@pytest.mark.parametrize(
    "header",
    [
        "id,time,author,text",
        "Date,Time,Sender,Phone,Message",
        "Дата и время\tОтправитель\tТекст сообщения",
        "Data wysłania;Nadawca;Treść wiadomości",
        '"SENT AT"|"Sender_ID"|"BODY"',
    ],
)
def test_headers_of_three_languages_are_recognised(tmp_path, header):
    assert CSV.score(Sample(tmp_path / "x.csv", (header + "\n").encode())) > 0.3


@pytest.mark.parametrize(
    "content",
    [
        "",
        "a,b,c\n1,2,3\n",
        "date,text\n2025-03-03,diary\n",
        "name,phone,email\nAnna,1,a@b.c\n",
        "\0\0\0",
        "text",
    ],
)
def test_a_table_that_is_no_chat_is_not_taken_for_one(tmp_path, content):
    assert CSV.score(Sample(tmp_path / "x.csv", content.encode())) == 0.0


@pytest.mark.parametrize(
    "content",
    [
        '{"users": [{"id": "1", "name": "Anna"}]}',
        '[{"id": "U1", "name": "anna", "text": "a status"}]',
        '[{"ts": 1, "body": "x"}]',
        '[{"kind": "text", "author": "Anna", "sent_at": "2025-03-03"}]',
        '{"time": "2025-03-03", "text": "a line of a log"}',
        "[]",
        "[1, 2]",
        '{"messages": {}}',
    ],
)
def test_json_of_other_names_is_not_taken_for_a_chat(tmp_path, content):
    assert JSON_SOURCE.score(Sample(tmp_path / "x.json", content.encode())) == 0.0


def test_a_quote_that_does_not_close_costs_only_its_own_row(tmp_path):
    rows = table(
        tmp_path,
        "time,author,text",
        '2025-03-03 10:00,A,"one',
        "2025-03-03 10:01,A,two",
        "2025-03-03 10:02,A,three",
    )
    assert [row.text.strip() for row in rows] == ["one", "two", "three"]
    assert rows[0].warnings


def test_a_line_without_end_is_reported_and_the_others_read(tmp_path):
    rows = table(
        tmp_path, "time,author,text", "2025-03-03 10:00,A," + "x" * 200_000, "2025-03-03 10:01,A,two"
    )
    assert isinstance(rows[0], Unreadable)
    assert rows[1].text == "two"


def test_bytes_of_another_charset_in_one_row_are_still_words(tmp_path):
    content = "time,author,text\n2025-03-03 10:00,A,ok\n"
    mixed = content.encode() + b"2025-03-03 10:01,A," + "Согласовано с клиентом".encode("cp1251") + b"\n"
    path = tmp_path / "mixed.csv"
    path.write_bytes(mixed)
    rows = list(read_rows(path, type(writing_of(b"a"))("utf-8", 0), ","))
    assert rows[-1].cells[2] == "Согласовано с клиентом"
    assert rows[-1].warnings


def test_a_chat_that_begins_with_a_notice_is_recognised(tmp_path):
    records = [{"time": 1, "kind": "system", "text": "created"}, {"time": 2, "author": "a", "text": "hi"}]
    for content in (
        json.dumps(records),
        "\n".join(map(json.dumps, records)),
        json.dumps({"messages": records}),
    ):
        assert JSON_SOURCE.score(Sample(tmp_path / "x.json", content.encode())) > 0.3


# Words.


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Звонок", Kind.CALL),
        ("missed call", Kind.CALL),
        ("Inbox", Kind.TEXT),
        ("служебное", Kind.SYSTEM),
        ("?", None),
    ],
)
def test_words_for_kinds_are_known_in_three_languages(word, kind):
    assert kind_named(word) == kind


def test_an_unknown_kind_is_kept_under_its_word(folder):
    message = one(folder, text="x", kind="Hologram")
    assert (message.kind, message.detail, message.text) == (Kind.UNKNOWN, "Hologram", "x")


def test_a_name_that_is_no_field_is_none():
    assert field_named("x" * 200) is None
    assert field_named("favourite colour") is None


@pytest.mark.parametrize(
    "path", ["../secret.png", "/etc/passwd", "link", "\0", "https://a.example/s.png?token=t"]
)
def test_a_path_that_leaves_the_import_is_not_followed(tmp_path, path):
    (tmp_path / "secret.png").write_text("secret")
    export = tmp_path / "export"
    export.mkdir()
    (export / "link").symlink_to(tmp_path / "secret.png")
    attachment = one(export, text="x", attachments=[path]).attachments[0]
    assert attachment.load is None
    assert "token" not in attachment.name
