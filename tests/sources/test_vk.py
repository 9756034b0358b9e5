from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.vk import SOURCE
from service.sources.open import OpenedExport, open_exports
from service.sources.raw_message import Kind, RawMessage, Unreadable
from service.sources.source import Export, Sample

SAMPLES = Path(__file__).parent / "samples" / "vk"
ITEM = """<div class="item"><div class='item__main'><div class="message" data-id="{id}">
<div class="message__header">{header}</div><div>{body}</div></div></div></div>"""


def page(*items: str) -> bytes:
    head = '<html><head><meta charset="windows-1251"></head><body><div class="ui_crumb">Анна</div>'
    return (head + "\n".join(items) + "</body></html>").encode("windows-1251", "xmlcharrefreplace")


def item(body: str, *, id_: int = 1, header: str = "Вы, 1 янв 2024 в 0:00:00") -> str:
    return ITEM.format(id=id_, header=header, body=body)


def read(folder: Path, content: bytes) -> list:
    path = folder / "messages0.html"
    path.write_bytes(content)
    return list(SOURCE.read(Export(path, folder, "messages0.html")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("vk")


def test_pages_are_read_by_their_numbers_from_the_oldest_message_on(tmp_path):
    chat = tmp_path / "2001"
    chat.mkdir()
    for offset in (0, 50, 100, 950):
        newest_first = [item("x", id_=10_000 - offset - place) for place in range(3)]
        (chat / f"messages{offset}.html").write_bytes(page(*newest_first))
    records = list(SOURCE.read(Export(chat, chat, "2001")))
    ids = [int(record.external_id) for record in records]
    assert ids == sorted(ids)
    assert [record.position for record in records] == list(range(12))


def test_the_bytes_of_a_message_are_those_of_its_page(tmp_path):
    items = [item(f"Привет {number} &#128077;", id_=number) for number in range(3)]
    content = page(*items)
    for record in read(tmp_path, content):
        assert content.count(record.original) == 1
        assert record.original.startswith(b'<div class="item">')
        assert record.original.endswith(b"</div>")


def test_only_the_pages_that_are_wanted_are_read(tmp_path):
    for offset in (0, 50):
        (tmp_path / f"messages{offset}.html").write_bytes(page(item("x", id_=offset)))
    export = Export(tmp_path, tmp_path, "x", wants=lambda path: path.name == "messages50.html")
    assert [record.external_id for record in SOURCE.read(export)] == ["50"]


@pytest.mark.parametrize("part", ["", "messages", "messages/2001"])
def test_every_part_of_an_archive_is_recognised(part):
    root = SAMPLES / "archive-with-pages-out-of-name-order"
    (opened,) = open_exports(root / part)
    assert isinstance(opened, OpenedExport)
    assert opened.source.name == "vk"


def test_pages_of_others_are_not_taken_for_those_of_vk(tmp_path):
    (tmp_path / "messages2.html").write_text('<div class="message default" id="message1">Telegram</div>')
    assert SOURCE.score(Sample(tmp_path, b"", is_folder=True)) == 0
    assert SOURCE.score(Sample(tmp_path / "messages2.html", b'<div class="message default">')) == 0


def test_keys_of_links_are_kept_nowhere():
    for record in SOURCE.read(Export(SAMPLES / "attachments-by-kind.html", SAMPLES, "x")):
        shown = [record.text, record.detail, *record.warnings]
        shown += [f"{one.name} {one.missing}" for one in record.attachments]
        assert "secret" not in " ".join(shown)


def test_a_voice_message_that_vk_calls_a_file_is_one(tmp_path):
    body = (
        '<div class="kludges"><div class="attachment"><div class="attachment__description">Файл</div>'
        "<a class='attachment__link' href='https://psv4.userapi.com/a/audiomsg/b.ogg'>x</a></div></div>"
    )
    (record,) = read(tmp_path, page(item(body)))
    assert record.kind == Kind.VOICE
    assert record.attachments[0].media_type == "audio/ogg"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('<a class="im_srv_lnk">Анна</a> начала групповой звонок', Kind.CALL),
        ('<a class="im_srv_lnk">Anna</a> started a group call', Kind.CALL),
        ('<a class="im_srv_lnk">Анна</a> создала чат «<b class="im_srv_lnk">Звонок</b>»', Kind.SYSTEM),
        ('<a class="im_srv_lnk">Анна</a> did something new', Kind.SYSTEM),
    ],
)
def test_what_vk_says_itself_is_no_message(tmp_path, line, kind):
    (record,) = read(tmp_path, page(item(f'<div class="kludges">{line}</div>')))
    assert record.kind == kind
    assert record.detail
    assert not record.text


def test_a_notice_in_the_place_of_a_text_is_no_message(tmp_path):
    (record,) = read(tmp_path, page(item('<a class="im_srv_lnk">Anna</a> left the conversation')))
    assert (record.kind, record.detail) == (Kind.SYSTEM, "Anna left the conversation")


def test_words_beside_an_attachment_that_are_no_notice_stay_words(tmp_path):
    (record,) = read(tmp_path, page(item('Привет<div class="kludges">и ещё слова</div>')))
    assert (record.kind, record.text) == (Kind.TEXT, "Привет\nи ещё слова")


def test_a_time_is_local_and_without_a_zone(tmp_path):
    (record,) = read(tmp_path, page(item("x", header="Вы, 5 май 2023 в 0:30:00")))
    assert record.sent_at == datetime.fromisoformat("2023-05-05T00:30:00")


def test_a_page_without_messages_is_named(tmp_path):
    (record,) = read(tmp_path, page())
    assert isinstance(record, Unreadable)


def test_an_archive_without_chats_is_named(tmp_path):
    (tmp_path / "index-messages.html").write_text("<html></html>")
    (record,) = SOURCE.read(Export(tmp_path, tmp_path, "x"))
    assert isinstance(record, Unreadable)


@given(body=st.text() | st.text(alphabet='<>/="div class message__header kludges item &#;'))
def test_no_text_makes_the_reader_fail_or_swallows_the_next_message(folder, body):
    content = page(item(body, id_=2), item("last", id_=1))
    records = read(folder, content.replace(b"\x00", b""))
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in records)
    assert any(isinstance(record, RawMessage) and "last" in record.text for record in records)


@given(header=st.text(max_size=60))
def test_no_header_makes_the_reader_fail(folder, header):
    assert len(read(folder, page(item("x", header=header)))) >= 1
