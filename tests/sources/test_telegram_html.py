import shutil
import tracemalloc
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.telegram_html import SOURCE
from service.sources.inspect import inspect
from service.sources.raw_message import Kind, RawMessage, Unreadable
from service.sources.source import Export, Sample

SAMPLES = Path(__file__).parent / "samples" / "telegram_html"
CHAT = SAMPLES / "one-chat-three-pages"
HEAD = (
    "<html><head><title>Exported Data</title></head><body><div class='page_wrap'>"
    '<div class="page_header"><div class="content"><div class="text bold">\nAnna\n</div></div></div>'
    '<div class="history">'
)
TAIL = "</div></div></body></html>"
PIECES = st.lists(
    st.sampled_from(
        [
            '<div class="message default clearfix" id="message7">',
            '<div class="message service" id="message-1">',
            '<div class="pull_right date details" title="03.03.2025 10:00:00 UTC+03:00">',
            '<div class="pull_right date details" title="99.99.2025 99:00:00 UTC+99:99">',
            '<div class="from_name">',
            '<div class="text">',
            '<div class="forwarded body">',
            '<a class="media media_voice_message" href="../../x">',
            '<span class="reaction"><span class="count">',
            '<div class="media_poll"><div class="answer"><span>',
            '<div class="body details">',
            "</div>",
            "</a>",
            "</span>",
            "<",
            '"',
            "&#x00;",
            "12 votes",
            "\x0b",
            "Ё",
        ]
    ),
    max_size=25,
)


def message(
    number: int, text: str = "x", at: str = "03.03.2025 10:00:00 UTC+03:00", name: str = "Anna"
) -> str:
    joined, from_name = ("", f'<div class="from_name">\n{name} \n</div>') if name else (" joined", "")
    return (
        f'<div class="message default clearfix{joined}" id="message{number}"><div class="body">'
        f'<div class="pull_right date details" title="{at}">\n10:00\n</div>{from_name}'
        f'<div class="text">\n{text}\n</div></div></div>\n'
    )


def notice(number: int, text: str) -> str:
    words = f'<div class="body details">\n{text}\n</div>'
    return f'<div class="message service" id="message{number}">{words}</div>'


def read(folder: Path, body: str | bytes) -> list:
    path = folder / "messages.html"
    path.write_bytes(body if isinstance(body, bytes) else (HEAD + body + TAIL).encode())
    return list(SOURCE.read(Export(path, folder, "chat/messages.html")))


def score(path: Path) -> float:
    head = b"" if path.is_dir() else path.read_bytes()[:65_536]
    return SOURCE.score(Sample(path, head, is_folder=path.is_dir()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("telegram_html")


@given(pieces=PIECES)
def test_whatever_a_page_holds_no_record_disappears(folder, pieces):
    body = "".join(pieces)
    found = read(folder, body)
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)
    begins = body.count('<div class="message default') + body.count('<div class="message service')
    days = body.count('<div class="message service')
    damaged = sum("damaged" in record.why for record in found if isinstance(record, Unreadable))
    assert begins - days <= len(found) - damaged <= max(begins, 1)


@given(cut=st.integers(min_value=0, max_value=2000))
def test_a_page_cut_anywhere_loses_at_most_its_last_record(folder, cut):
    page = (HEAD + "".join(message(number) for number in range(1, 6)) + TAIL).encode()
    found = read(folder, page[:cut])
    whole = page[:cut].count(b"</div></div></div>\n")
    assert sum(isinstance(record, RawMessage) for record in found) >= whole - 1
    assert sum(isinstance(record, Unreadable) for record in found) <= 1


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=50))
def test_text_comes_out_as_it_was_written(folder, text):
    (record,) = read(folder, message(1, escape(text)))
    assert record.text.split() == text.split()


def test_the_bytes_of_a_record_are_a_slice_of_its_page():
    page = (CHAT / "messages.html").read_bytes()
    for record in SOURCE.read(Export(CHAT / "messages.html", CHAT, "x")):
        assert record.original in page
        assert record.original.startswith(b'<div class="message')
        assert record.original.endswith(b"</div>")


def test_pages_follow_each_other_by_number():
    records = list(SOURCE.read(Export(CHAT, CHAT, "x")))
    assert [int(record.external_id) for record in records] == list(range(1, 11))


def test_a_folder_is_read_again_whole_or_not_at_all():
    unwanted = Export(CHAT, CHAT, "x", wants=lambda _page: False)
    changed = Export(CHAT, CHAT, "x", wants=lambda page: page.name == "messages10.html")
    assert list(SOURCE.read(unwanted)) == []
    assert [record.position for record in SOURCE.read(changed)] == list(range(10))


def test_a_folder_with_other_files_is_left_to_be_read_file_by_file(tmp_path):
    chat = tmp_path / "ChatExport"
    shutil.copytree(CHAT, chat)
    assert score(chat) > 0.9
    (chat / ".DS_Store").write_bytes(b"")
    assert score(chat) > 0.9
    (chat / "notes.txt").write_text("not of this export")
    assert score(chat) == 0
    reports = {Path(report.path).name: report for report in inspect(chat)}
    assert reports["notes.txt"].warnings
    assert [reports[name].records for name in ("messages.html", "messages2.html", "messages10.html")] == [
        6,
        2,
        2,
    ]
    assert "css" not in reports


def test_where_json_lies_beside_the_pages_it_alone_is_read(tmp_path):
    chat = tmp_path / "ChatExport"
    shutil.copytree(CHAT, chat)
    (chat / "result.json").write_text(
        '{"name": "x", "type": "personal_chat", "id": 1, "messages": [{"id": 1, "type": "message"}]}'
    )
    (report,) = inspect(chat)
    assert (report.format, report.records) == ("telegram", 1)


def test_one_chat_of_an_account_finds_its_media(tmp_path):
    shutil.copytree(SAMPLES / "whole-account", tmp_path / "account")
    page = tmp_path / "account" / "chats" / "chat_02" / "messages.html"
    (record,) = SOURCE.read(Export(page, page.parent, "x"))
    assert record.attachments[0].load() == b"\xff\xd8\xff02"


@pytest.mark.parametrize(
    "href", ["../secret.jpg", "../../secret.jpg", "/etc/passwd", "photos/../../secret.jpg"]
)
def test_a_link_out_of_the_export_is_not_followed(tmp_path, href):
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (tmp_path / "chat").mkdir()
    body = message(1).replace(
        '<div class="text">', f'<a class="photo_wrap" href="{href}"></a><div class="text">'
    )
    (record,) = read(tmp_path / "chat", body)
    assert record.attachments[0].load is None


@pytest.mark.parametrize(
    ("title", "at"),
    [
        ("03.03.2025 10:05:12 UTC+03:00", "2025-03-03T10:05:12+03:00"),
        ("03.03.2025 10:05:12 UTC-09:30", "2025-03-03T10:05:12-09:30"),
        ("03.03.2025 10:05:12 UTC", "2025-03-03T10:05:12+00:00"),
        ("03.03.2025 10:05:12", "2025-03-03T10:05:12"),
    ],
)
def test_the_time_is_that_of_the_title_with_its_offset_if_any(tmp_path, title, at):
    (record,) = read(tmp_path, message(1, at=title))
    assert record.sent_at.isoformat() == at


def test_a_date_that_does_not_exist_is_no_time(tmp_path):
    (record,) = read(tmp_path, message(1, at="31.02.2025 10:05:12 UTC+03:00"))
    assert (record.text, record.sent_at) == ("x", None)


def test_a_joined_message_is_by_whom_the_one_before_is(tmp_path):
    body = message(1) + message(2, name="") + message(3, name="Jan") + message(4, name="")
    assert [record.author.name for record in read(tmp_path, body)] == ["Anna", "Anna", "Jan", "Jan"]


def test_nobody_is_taken_over_from_another_page(tmp_path):
    (record,) = read(tmp_path, message(1, name=""))
    assert record.author is None


def test_dates_between_messages_are_no_records_but_those_of_an_old_group_are(tmp_path):
    body = notice(-1, "3 March 2025") + message(-999_999_990) + notice(-999_999_989, "Anna removed Jan")
    assert [record.kind for record in read(tmp_path, body)] == [Kind.TEXT, Kind.SYSTEM]


def test_a_notice_is_assumed_to_be_of_the_time_of_the_message_beside_it(tmp_path):
    body = notice(-1, "3 March 2025") + notice(1, "Anna joined") + message(2) + notice(3, "Jan joined")
    first, said, last = read(tmp_path, body)
    assert first.stamped_at == last.stamped_at == said.sent_at
    assert first.sent_at is None
    assert "no time" in first.warnings[0]


def test_a_notice_of_another_day_is_of_that_day(tmp_path):
    body = notice(-1, "1 March 2025") + notice(1, "Anna joined") + notice(-2, "3 March 2025") + message(2)
    first, said = read(tmp_path, body)
    assert first.stamped_at == datetime.fromisoformat("2025-03-01T00:00:00+03:00")
    assert said.sent_at > first.stamped_at


def test_notices_alone_are_of_the_day_that_they_stand_under(tmp_path):
    (record,) = read(tmp_path, notice(-1, "5 November 2018") + notice(1, "History cleared"))
    assert record.sent_at == datetime.fromisoformat("2018-11-05")


@pytest.mark.parametrize(
    ("words", "kind", "length"),
    [
        ("Anna started voice chat (90 seconds)", Kind.CALL, timedelta(seconds=90)),
        ("Voice chat", Kind.CALL, None),
        ("Anna invited Jan to the voice chat", Kind.SYSTEM, None),
        ("Voice chat scheduled for 04.03.2025 12:00:00", Kind.SYSTEM, None),
    ],
)
def test_voice_chats_are_calls_and_invitations_are_not(tmp_path, words, kind, length):
    (record,) = read(tmp_path, notice(1, words))
    assert (record.kind, record.duration_for) == (kind, length)


def test_the_winter_offset_is_mentioned_once_for_a_page_with_summers(tmp_path):
    winter = read(tmp_path, message(1))
    summer = read(tmp_path, message(1, at="03.07.2025 10:00:00 UTC+01:00") * 3)
    assert [len(record.warnings) for record in [*winter, *summer]] == [0, 1, 0, 0]


def test_a_page_is_known_by_its_content_and_other_pages_are_not(tmp_path):
    assert score(CHAT / "messages2.html") > 0.9
    assert score(SAMPLES / "whole-account" / "lists" / "chats.html") == 0
    assert score(tmp_path) == 0
    other = tmp_path / "messages.html"
    other.write_text('<div class="message">somebody else\'s page</div>')
    assert score(other) == 0


def test_memory_does_not_grow_with_the_page(tmp_path):
    path = tmp_path / "messages.html"
    with path.open("w") as file:
        file.write(HEAD)
        for number in range(1, 3001):
            file.write(message(number, "x" * 2000))
        file.write(TAIL)
    tracemalloc.start()
    count = sum(1 for _ in SOURCE.read(Export(path, tmp_path, "x")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3000
    assert peak < path.stat().st_size / 10


def test_a_record_whose_beginning_is_damaged_is_named(tmp_path):
    page = (SAMPLES / "calls.html").read_text(encoding="utf-8")
    damaged = page.replace('<div class="message default', '<div class="massage default', 1)
    path = tmp_path / "messages.html"
    path.write_text(damaged, encoding="utf-8")
    found = list(SOURCE.read(Export(path, tmp_path, "x")))
    assert [record.why for record in found if isinstance(record, Unreadable)] == [
        "a record whose beginning is damaged"
    ]
