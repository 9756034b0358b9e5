import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import pytest

from service.errors import ConfigError
from service.sources.inspect import inspect, record_line, records
from service.sources.raw_message import Unreadable

SAMPLES = Path(__file__).parent / "samples"
FIELDS = (
    "path format records messages service calls voice edited deleted replies attachments unreadable "
    "authors first_at last_at zone warnings"
)


def report(path: Path) -> dict:
    (found,) = inspect(path)
    return asdict(found)


def test_a_report_has_the_fields_that_others_rely_on():
    assert list(report(SAMPLES / "telegram" / "one-chat-2024.json")) == FIELDS.split()


def test_calls_and_events_are_service_and_everything_else_is_a_message():
    found = report(SAMPLES / "telegram" / "calls-and-service.json")
    assert (found["records"], found["messages"], found["service"], found["calls"]) == (11, 0, 11, 4)


def test_what_was_left_out_or_taken_back_is_a_message():
    found = report(SAMPLES / "whatsapp" / "android-ru-24h.txt")
    assert (found["records"], found["messages"], found["service"], found["calls"]) == (16, 9, 7, 2)
    assert (found["deleted"], found["edited"], found["attachments"]) == (2, 1, 2)
    assert found["authors"] == ["Иван Петров", "Ольга", "+7 900 123-45-67"]


def test_a_round_video_is_a_message_but_no_voice_message():
    assert report(SAMPLES / "telegram" / "media-beside-the-file" / "result.json")["voice"] == 1


def test_times_have_an_offset_where_the_export_has_one():
    winter = report(SAMPLES / "telegram" / "same-clock-time-twice.json")
    assert (winter["first_at"], winter["last_at"]) == (
        "2025-10-26T02:30:00+02:00",
        "2025-10-26T02:30:00+01:00",
    )
    assert winter["zone"] == "+02:00, +01:00"
    local = report(SAMPLES / "whatsapp" / "out-of-order.txt")
    assert (local["first_at"], local["last_at"]) == ("2020-12-20T23:16:00", "2020-12-20T23:55:00")
    assert local["zone"] is None


def test_what_cannot_be_read_is_counted_with_its_reason():
    found = report(SAMPLES / "telegram" / "cut-in-a-record.json")
    assert (found["records"], found["unreadable"]) == (2, 1)
    assert "cut off" in found["warnings"][0]


def test_a_repair_is_a_warning():
    found = report(SAMPLES / "telegram" / "invalid-escapes-and-bare-paths.json")
    assert found["unreadable"] == 0
    assert len(found["warnings"]) == 2


def test_a_file_that_is_no_export_has_a_report_too(tmp_path):
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    found = report(tmp_path)
    assert (found["format"], found["records"], found["unreadable"]) == (None, 0, 0)
    found = report(tmp_path / "missing.txt")
    assert (found["format"], found["unreadable"]) == (None, 1)


def test_a_record_is_one_line_of_json_with_the_hash_of_its_files():
    folder = SAMPLES / "telegram" / "media-beside-the-file"
    lines = [record_line(one) for one in records(folder) if not isinstance(one, Unreadable)]
    voice = json.loads(json.dumps(lines[0]))
    assert (voice["id"], voice["kind"], voice["author"]) == ("1", "voice", "Анна Ковалёва")
    assert voice["sent_at"] == "2024-03-04T10:00:00+03:00"
    assert voice["attachments"][0]["sha256"] == sha256(b"OggS voice").hexdigest()
    assert lines[1]["attachments"][0]["sha256"] is None


def test_an_export_that_holds_nothing_says_so(tmp_path):
    path = tmp_path / "result.json"
    path.write_text('{"name": "Ewa", "type": "personal_chat", "id": 1, "messages": []}')
    [report] = inspect(path)
    assert (report.format, report.records) == ("telegram", 0)
    assert report.warnings == ["holds no record; if it should, export it again"]


def test_a_date_order_that_nothing_shows_is_assumed_and_said_to_be(tmp_path):
    chat = tmp_path / "chat.txt"
    chat.write_text("3/4/22, 21:05 - Anna: ready?\n3/4/22, 21:06 - Tom: yes: go\n", encoding="utf-8")
    found = report(chat)
    assert (found["messages"], found["unreadable"]) == (2, 0)
    assert (found["authors"], found["first_at"]) == (["Anna", "Tom"], "2022-04-03T21:05:00")
    assert ["the day is taken to come first" in warning for warning in found["warnings"]] == [True]


def test_what_a_person_says_of_the_date_order_is_no_assumption(tmp_path):
    chat = tmp_path / "chat.txt"
    chat.write_text("3/4/22, 21:05 - Anna: ready?\n3/4/22, 21:06 - Tom: yes\n", encoding="utf-8")
    (found,) = inspect(chat, date_order="month-first")
    assert (found.first_at, found.warnings) == ("2022-03-04T21:05:00", [])
    with pytest.raises(ConfigError, match="day-first or month-first"):
        list(inspect(chat, date_order="first"))


def test_times_with_and_without_an_offset_stand_in_one_order(tmp_path):
    chat = tmp_path / "result.json"
    old = {"id": 1, "type": "message", "date": "2019-07-05T16:55:32", "from": "Ola", "text": "hej"}
    new = {"id": 2, "type": "message", "date_unixtime": "1654898799", "from": "Jan", "text": "hej"}
    chat.write_text(json.dumps({"name": "Ola", "messages": [old, new]}), encoding="utf-8")
    found = report(chat)
    assert (found["first_at"], found["last_at"]) == ("2019-07-05T16:55:32", "2022-06-10T22:06:39+00:00")
