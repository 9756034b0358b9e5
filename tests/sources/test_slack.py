import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.slack import SOURCE
from service.sources.open import OpenedExport, PassedOver, open_exports
from service.sources.raw_message import Kind, RawConversation, RawMessage, Unreadable
from service.sources.recognise import recognise
from service.sources.slack_directory import SlackDirectory
from service.sources.slack_message import SlackChat, read_message, time_of
from service.sources.source import Export, Sample

SAMPLES = Path(__file__).parent / "samples" / "slack"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
KEYS = [
    *("type", "subtype", "ts", "user", "bot_id", "username", "user_profile", "bot_profile", "text", "blocks"),
    *("attachments", "files", "file", "comment", "reactions", "thread_ts", "edited", "room", "root"),
    *("message", "previous_message", "original", "deleted_ts", "replies", "slackdump_thread_replies"),
]
SUBTYPES = st.sampled_from(
    ["message_changed", "message_deleted", "tombstone", "huddle_thread", "file_share", "file_comment", "?"]
)
RECORDS = st.builds(
    lambda record, subtype: record | {"subtype": subtype},
    st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8),
    SUBTYPES | JSON,
)
TS = "1740991000.000100"


def read(path: Path, place: str = "general/2025-03-03.json") -> list:
    return list(SOURCE.read(Export(path, path if path.is_dir() else path.parent, place)))


def one(**raw) -> RawMessage:
    message = {"type": "message", "user": "U1", "ts": TS, "text": "", **raw}
    chat = SlackChat(RawConversation("C1", "general"), SlackDirectory({"U1": "Anna"}))
    return read_message(message, b"{}", 0, chat)


def export(folder: Path, **days) -> Path:
    """Write a workspace with one channel."""
    (folder / "general").mkdir(parents=True)
    (folder / "channels.json").write_text('[{"id": "C0GENERAL", "name": "general"}]')
    (folder / "users.json").write_text('[{"id": "U1", "name": "anna"}]')
    for day, messages in days.items():
        (folder / "general" / f"2025-03-{day[1:]}.json").write_text(json.dumps(messages))
    return folder


def message(text: str = "hello", ts: str = TS) -> dict:
    return {"type": "message", "user": "U1", "ts": ts, "text": text}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("slack")


@given(records=st.lists(RECORDS | JSON, max_size=5))
def test_whatever_the_records_are_none_disappears(folder, records):
    path = folder / "day.json"
    path.write_text(json.dumps(records))
    threads = [nested(one) for one in records if isinstance(one, dict)]
    assert len(read(path)) == len(records) + sum(map(len, threads))


def nested(record: dict) -> list:
    replies = record.get("slackdump_thread_replies")
    return replies if isinstance(replies, list) else []


@given(record=RECORDS)
def test_every_object_is_a_record_that_can_be_stored(record):
    found = read_message(record, b"{}", 0, SlackChat(RawConversation("C1", "x")))
    stored = [found.text, found.detail, found.external_id, *(one.text for one in found.revisions)]
    stored += [one.emoji for one in found.reactions] + [one.name for one in found.attachments]
    assert all("\0" not in one and one.encode() is not None for one in stored)


@given(cut=st.integers(min_value=0), junk=st.binary(max_size=6))
def test_a_damaged_file_gives_records_and_unreadables_only(folder, cut, junk):
    whole = (SAMPLES / "one-day.json").read_bytes() * 2
    at = cut % len(whole)
    path = folder / "damaged.json"
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in read(path))


@given(content=st.binary(max_size=80))
def test_messages_are_read_whatever_the_lists_are(folder, content):
    place = folder / "workspace"
    place.mkdir(exist_ok=True)
    (place / "2025-03-03.json").write_text(json.dumps([message()]))
    for name in ("users.json", "channels.json"):
        (place / name).write_bytes(content)
    assert sum(isinstance(record, RawMessage) for record in read(place)) == 1


@given(micros=st.integers(min_value=0, max_value=4_000_000_000_000_000))
def test_a_time_is_exact_to_the_microsecond(micros):
    ts = f"{micros // 1_000_000}.{micros % 1_000_000:06}"
    assert time_of(ts) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.iterdir()))
def test_no_token_gets_out_of_a_sample(sample):
    if not sample.endswith(".expected.json"):
        found = [record for record in read(SAMPLES / sample) if isinstance(record, RawMessage)]
        assert "xox" not in repr([(one.text, one.detail, one.author, one.attachments) for one in found])


@pytest.mark.parametrize(
    "field",
    [
        {"text": "<https://files.slack.com/files-pri/T1-F1/a.pdf?t=xoxe-1-secret|a.pdf>"},
        {
            "text": "",
            "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "xoxb-1-secret"}}],
        },
        {"text": "", "attachments": [{"text": "https://slack-files.com/T1-F1-x?pub_secret=secret"}]},
        {"text": "", "attachments": [{"is_share": True, "text": "xoxp-9-secret", "author_name": "A"}]},
        {"username": "xoxb-1-secret", "subtype": "bot_message"},
        {"files": [{"id": "F1", "name": "x.pdf?t=xoxe-1-secret"}]},
        {"subtype": "channel_topic", "text": "topic xoxb-1-secret"},
        {"files": [{"id": "F1", "transcription": {"preview": {"content": "xoxb-1-secret"}}}]},
        {"text": "now", "edited": {"ts": TS}, "previous": {"text": "xoxb-1-secret"}},
        {"attachments": [{"is_share": True, "text": "a", "author_name": "xoxb-1-secret"}]},
    ],
)
def test_a_token_is_shown_nowhere(field):
    assert "secret" not in repr(one(**field))


def test_a_huddle_is_a_call_of_the_one_who_started_it():
    room = {"created_by": "U1", "date_start": 1740991000, "date_end": 1740991090, "has_ended": True}
    call = one(subtype="huddle_thread", user="USLACKBOT", room=room)
    assert (call.kind, call.author.name, call.duration_for) == (Kind.CALL, "Anna", timedelta(seconds=90))


@pytest.mark.parametrize(
    ("room", "outcome"),
    [
        ({"was_missed": True, "has_ended": True}, "missed"),
        ({"was_rejected": True, "date_end": 5}, "declined"),
        ({"date_start": 1, "date_end": 0}, "ongoing"),
        ({"date_start": 1, "date_end": 9}, "ended"),
    ],
)
def test_a_call_says_how_it_went(room, outcome):
    assert one(room=room).detail == outcome


def test_reactions_beyond_those_named_are_counted():
    named, unnamed = one(reactions=[{"name": "+1", "users": ["U1"], "count": 4}]).reactions
    assert (named.emoji, named.actor.name, unnamed.actor, unnamed.count) == ("👍", "Anna", None, 3)


def test_a_folder_is_read_conversation_by_conversation_in_the_order_of_days(tmp_path):
    place = export(tmp_path / "x", d10=[message("third")], d02=[message("first")], d09=[message("second")])
    assert [record.text for record in read(place, "x")] == ["first", "second", "third"]


def test_a_file_that_was_read_before_is_left_closed(tmp_path):
    place = export(tmp_path / "x", d03=[message("seen")], d04=[message("new")])
    wanted = Export(place, place, "x", wants=lambda path: path.name != "2025-03-03.json")
    assert [record.text for record in SOURCE.read(wanted)] == ["new"]


def test_what_is_no_part_of_the_export_is_mentioned(tmp_path):
    place = export(tmp_path / "x", d03=[message()])
    (place / "contract.eml").write_text("From: anna@studio.example\n\nyes")
    (place / "general" / "2025-03-05.json").symlink_to(place / "contract.eml")
    found = [record for record in read(place, "x") if isinstance(record, Unreadable)]
    assert [record.where for record in found] == ["x/contract.eml", "x/general/2025-03-05.json"]


@pytest.mark.parametrize("content", [b"", b"  ", b"garbage", b'{"ok": false}', b'[{"ts":'])
def test_a_day_without_messages_is_reported_unless_it_says_so(tmp_path, content):
    place = export(tmp_path / "x", d03=[message()])
    (place / "general" / "2025-03-04.json").write_bytes(content)
    assert sum(isinstance(record, Unreadable) for record in read(place, "x")) == 1


@pytest.mark.parametrize("content", [b"[]", b" [ ]\n", b'{"channel_id": "C1", "messages": []}'])
def test_a_day_that_says_it_is_empty_is_no_trouble(tmp_path, content):
    place = export(tmp_path / "x", d03=[message()])
    (place / "general" / "2025-03-04.json").write_bytes(content)
    assert len(read(place, "x")) == 1


def test_folders_of_all_layouts_are_recognised_and_others_are_not(tmp_path):
    folders = [path for path in SAMPLES.iterdir() if path.is_dir()]
    assert folders
    assert all(recognise(path)[0] is SOURCE for path in folders)
    lists_only = export(tmp_path / "lists")
    mixed = export(tmp_path / "mixed", d03=[message()])
    (mixed / "channels.json").unlink()
    (mixed / "result.json").write_text("{}")
    for path in (lists_only, mixed, tmp_path, tmp_path / "absent"):
        assert SOURCE.score(Sample(path, b"", is_folder=True)) == 0


def test_a_dump_among_other_files_brings_its_own_along(tmp_path):
    dump = {"channel_id": "C0123ABCD", "name": "x", "messages": [message()]}
    (tmp_path / "C0123ABCD.json").write_text(json.dumps(dump))
    (tmp_path / "C0123ABCD").mkdir()
    (tmp_path / "C0123ABCD" / "F1-a.bin").write_bytes(b"\x00\x01")
    (tmp_path / "users.json").write_text('[{"id": "U1", "name": "anna"}]')
    (tmp_path / "holiday.bin").write_bytes(b"\x00\x01")
    opened = list(open_exports(tmp_path))
    passed_over = [one.place for one in opened if isinstance(one, PassedOver)]
    (export_,) = [one for one in opened if isinstance(one, OpenedExport)]
    assert passed_over == [f"{tmp_path}/holiday.bin"]
    (record,) = export_.source.read(export_.export)
    assert record.author.name == "anna"


def test_a_file_given_alone_is_named_after_the_folder_it_was_in(tmp_path):
    path = tmp_path / "2025-03-03.json"
    path.write_text(json.dumps([message()]))
    for place in ("general/2025-03-03.json", "general.zip!/2025-03-03.json"):
        assert read(path, place)[0].conversation.key == "general"


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "2025-03-03.json"
    path.write_text("[" + ",".join([json.dumps(message("x" * 2000))] * 4000) + "]")
    tracemalloc.start()
    count = sum(1 for _ in SOURCE.read(Export(path, tmp_path, "x")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 4000
    assert peak < path.stat().st_size / 10
