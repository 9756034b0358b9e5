import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.rocketchat import SOURCE
from service.sources.open import OpenedExport, open_exports
from service.sources.raw_message import Kind, RawConversation, RawMessage, Unreadable
from service.sources.rocketchat_message import RocketChatRoom, read_message, time_of
from service.sources.source import Export, Sample

SAMPLES = Path(__file__).parent / "samples" / "rocketchat"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
KEYS = [
    *("_id", "rid", "msg", "ts", "u", "t", "type", "username", "tmid", "editedAt", "reactions", "file"),
    *("files", "attachments", "location", "alias", "parent"),
]
MESSAGES = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8)
TS = "2025-03-03T08:05:00.000Z"


def read(path: Path) -> list:
    return list(SOURCE.read(Export(path, path.parent, path.name)))


def one(**raw) -> RawMessage:
    message = {"_id": "m1", "rid": "r1", "msg": "", "ts": TS, "u": {"_id": "u1", "username": "ania"}, **raw}
    return read_message(message, b"{}", 0, RocketChatRoom(RawConversation("r1", "room")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rocketchat")


@given(messages=st.lists(MESSAGES, min_size=1, max_size=5))
def test_every_line_is_a_record(folder, messages):
    path = folder / "room.json"
    path.write_text("".join(json.dumps(message) + "\n" for message in messages))
    assert len(read(path)) == len(messages)


@given(messages=st.lists(MESSAGES | JSON, max_size=5))
def test_every_element_of_an_array_is_a_record(folder, messages):
    path = folder / "array.json"
    path.write_text(json.dumps(messages))
    assert len(read(path)) == len(messages)


@given(at=st.integers(min_value=0), junk=st.binary(max_size=6))
def test_a_damaged_file_gives_records_and_unreadables_only(folder, at, junk):
    whole = (SAMPLES / "mongoexport" / "rocketchat_message.json").read_bytes()
    at %= len(whole)
    path = folder / "damaged.json"
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in read(path))


@pytest.mark.parametrize(
    "ts",
    [
        TS,
        {"$date": TS},
        {"$date": 1740989100000},
        {"$date": {"$numberLong": "1740989100000"}},
        1740989100000,
        "2025-03-03T11:05:00+03:00",
    ],
)
def test_a_time_is_the_same_however_it_is_written(ts):
    assert time_of(ts) == datetime(2025, 3, 3, 8, 5, tzinfo=UTC)


def test_a_quote_is_answered_and_no_part_of_the_text():
    answer = one(
        msg="[ ](https://chat.example/channel/x?msg=abc)\nyes",
        attachments=[{"message_link": "https://chat.example/channel/x?msg=abc", "text": "Agreed?"}],
    )
    assert (answer.text, answer.reply_to, answer.forwarded_from) == ("yes", "abc", None)


def test_a_quote_without_own_words_is_passed_on():
    quote = {
        "message_link": "https://chat.example/channel/x?msg=abc",
        "text": "Agreed",
        "author_name": "ivan",
    }
    passed_on = one(msg="[ ](https://chat.example/channel/x?msg=abc)", attachments=[quote])
    assert (passed_on.text, passed_on.forwarded_from, passed_on.reply_to) == ("Agreed", "ivan", None)


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("", Kind.TEXT),
        ("e2e", Kind.TEXT),
        ("rm", Kind.DELETED),
        ("videoconf", Kind.CALL),
        ("voip-call-started", Kind.CALL),
        ("voip-call-wrapup", Kind.SYSTEM),
        ("livechat_video_call", Kind.CALL),
        ("livechat-close", Kind.SYSTEM),
        ("room_changed_topic", Kind.SYSTEM),
        ("subscription-role-added", Kind.SYSTEM),
        ("of-tomorrow", Kind.UNKNOWN),
    ],
)
def test_types_are_told_apart(type_, kind):
    assert one(t=type_).kind == kind


def test_words_that_are_encrypted_are_not_shown_as_words():
    secret = one(t="e2e", msg="eyJhbGciOi")
    assert (secret.text, secret.warnings) == ("", ("the text is encrypted",))


def test_an_earlier_text_bears_the_id_of_its_message():
    assert one(_id="copy", parent="m1", _hidden=True).external_id == "m1"


def test_a_token_in_a_link_is_no_part_of_a_name():
    file = one(attachments=[{"image_url": "https://x.example/a/logo.png?token=secret"}]).attachments[0]
    assert (file.name, file.media_type) == ("logo.png", "image/png")


@pytest.mark.parametrize(
    ("head", "sure"),
    [
        (b'{"msg":"a","username":"b","ts":"2025-03-03T08:05:00.000Z"}\n{"msg', True),
        (b'{"_id":"a","rid":"r","msg":"x","ts":{"$date":"2025"},"u":{"_id":"u"}}', True),
        (b'{"messages":[{"_id":"a","rid":"r","msg":"x","ts":"2025","u":{"_id":"u"}}]', True),
        (b'{"msg":"a","ts":"2025","level":"info"}\n', False),
        (b'{"_id":"GENERAL","t":"c","name":"general"}\n', False),
        (b"[" * 60_000, False),
        (b"", False),
    ],
)
def test_an_export_is_known_by_its_content(head, sure):
    assert (SOURCE.score(Sample(Path("x"), head)) > 0.5) is sure


@pytest.mark.parametrize("sample", ["room-export", "mongoexport"])
def test_what_lies_beside_the_messages_belongs_to_them(sample):
    (opened,) = open_exports(SAMPLES / sample)
    assert isinstance(opened, OpenedExport)
    assert opened.source is SOURCE


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "room.json"
    path.write_text((json.dumps({"msg": "x" * 2000, "username": "ania", "ts": TS}) + "\n") * 4000)
    tracemalloc.start()
    count = sum(1 for _ in SOURCE.read(Export(path, tmp_path, "x")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 4000
    assert peak < path.stat().st_size / 4
