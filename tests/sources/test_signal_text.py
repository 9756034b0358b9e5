import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources import signal_pages
from service.sources.formats.signal_text import SOURCE
from service.sources.open import OpenedExport, open_exports
from service.sources.raw_message import Kind, RawMessage, Unreadable
from service.sources.recognise import recognise
from service.sources.signal_printed import call_of
from service.sources.source import Export

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
KEYS = ["type", "body", "sent_at", "timestamp", "source", "sourceUuid", "quote", "reactions", "attachments"]
KEYS += ["editHistory", "sticker", "poll", "contact", "callHistoryDetails", "bodyRanges", "serverTimestamp"]
LINE_KEYS = ["date", "sender", "body", "quote", "sticker", "reactions", "attachments", "deleted"]
SAMPLES = Path(__file__).parent / "samples" / "signal_text"
HEADERS = ["[2024-03-04 10:15:00] A: ", "[2019-05-29, 15:04] B:", "2024-03-04 10:15 C: ", "Type: incoming\n"]
HEADERS += ["From: A (+48)\n", "Sent: Mon, 4 Mar 2024 10:15:00 +0100\n", "Edited: 2 versions\n"]
MARKS = ["[1 attachment] ", "\n", "  \n", "> x\n", "| Version: 1\n", "| Sent: x\n", "(- A: 👍 -)", "(( x ))"]
MARKS += ["![a](./media/b)", "\x00", "\ufeff"]
PARTS = st.sampled_from([*HEADERS, *MARKS])


def read(folder: Path, content: str | bytes, name: str = "chat.md") -> list:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
    return list(SOURCE.read(Export(path, folder, f"Anna/{name}")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("signal_text")


@given(parts=st.lists(PARTS | st.text(max_size=6), max_size=12))
def test_no_text_makes_the_reader_fail_and_no_byte_is_left_out(folder, parts):
    content = "".join(parts).encode("utf-8", "replace")
    found = read(folder, content)
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)
    if not content.lstrip().startswith((b"{", b"[\n", b"[ ", b"[{")):
        kept = b"".join(record.original for record in found)
        assert content.endswith(kept)
        assert not content[: len(content) - len(kept)].removeprefix(b"\xef\xbb\xbf").strip()


@given(lines=st.lists(st.dictionaries(st.sampled_from(LINE_KEYS), JSON, min_size=1) | JSON, max_size=5))
def test_whatever_the_lines_are_none_disappears(folder, lines):
    found = read(folder, "".join(json.dumps(line) + "\n" for line in [{"date": None}, *lines]), "data.json")
    assert len(found) == len(lines) + 1


@given(rows=st.lists(st.dictionaries(st.sampled_from(KEYS), JSON) | JSON, max_size=5))
def test_whatever_the_rows_are_none_disappears(folder, rows):
    found = read(folder, json.dumps([{"type": "incoming"}, *rows]), "Anna.json")
    assert len(found) == len(rows) + 1


def test_a_chat_in_three_forms_is_read_once(tmp_path):
    chat = tmp_path / "Anna"
    (chat / "media").mkdir(parents=True)
    (chat / "media" / "a.pdf").write_bytes(b"%PDF")
    (chat / "chat.md").write_text("[2024-03-04 10:15:00] Anna: yes  \n\n")
    (chat / "data.json").write_text('{"date": "2024-03-04T10:15:00", "sender": "Anna", "body": "yes"}\n')
    (chat / "index.html").write_text("<html></html>")
    (found,) = open_exports(tmp_path)
    assert isinstance(found, OpenedExport)
    assert found.export.place == f"{tmp_path}/Anna/data.json"
    (message,) = found.source.read(found.export)
    assert (message.conversation.title, message.text) == ("Anna", "yes")


def test_text_of_whatsapp_with_the_year_first_is_left_to_whatsapp(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text("[2022-03-14 21:05:33] Anna: hej\n[2022-03-14 21:06:00] Jan: tak\n")
    assert recognise(path)[0].name == "whatsapp"
    path.write_text("[2022-03-14 21:05:33] Anna: hej  \n[2022-03-14 21:06:00] Jan: tak  \n")
    assert recognise(path)[0].name == "signal_text"


def test_words_about_a_call_are_no_call():
    assert call_of("Missed call from you yesterday") is None
    assert call_of("Missed call") is not None


def test_a_link_in_a_message_is_no_attachment(tmp_path):
    (found,) = read(tmp_path, "[2024-03-04 10:15:00] Anna: [offer](https://example.org/media/x.pdf)  \n")
    assert (found.kind, found.attachments) == (Kind.TEXT, ())
    assert "offer" in found.text


@pytest.mark.parametrize(
    "path", ["./media/../../secret.txt", "./media/link.txt", "../exported_stickers/x/1.webp"]
)
def test_a_file_outside_the_export_is_not_read(tmp_path, path):
    (tmp_path / "secret.txt").write_text("secret")
    chat = tmp_path / "chat"
    (chat / "media").mkdir(parents=True)
    (chat / "media" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (found,) = read(chat, f"[2024-03-04 10:15:00] Anna: [x]({path})  \n")
    assert found.attachments[0].load is None


def test_a_message_over_the_limit_is_reported_and_the_next_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(signal_pages, "MAX_PAGE", 100)
    long, after = read(tmp_path, f"[2024-03-04 10:15:00] A: {'x' * 99}\n\n[2024-03-04 10:16:00] B: y\n\n")
    assert isinstance(long, Unreadable)
    assert (after.text, after.sent_at) == ("y", datetime.fromisoformat("2024-03-04T10:16:00"))
