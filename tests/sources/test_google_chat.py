import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.google_chat import SOURCE
from service.sources.open import OpenedExport, open_exports
from service.sources.raw_message import AddressKind, Kind, RawMessage, Unreadable
from service.sources.source import Export, Sample

SAMPLES = Path(__file__).parent / "samples" / "google_chat"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
KEYS = [
    *("creator", "created_date", "updated_date", "deleted_date", "text", "topic_id", "message_id"),
    *("attached_files", "annotations", "quoted_message_metadata", "reactions", "message_state"),
    *("deletion_metadata", "previous_message_versions"),
]
INSIDE = st.dictionaries(
    st.sampled_from(
        ["name", "email", "original_name", "export_name", "emoji", "reactor_emails", "text", "drive_metadata"]
    ),
    JSON,
    max_size=4,
)
RECORDS = st.dictionaries(st.sampled_from(KEYS), JSON | INSIDE | st.lists(INSIDE, max_size=2), max_size=9)
CREATOR = {"name": "Anna", "email": "Anna@client.example", "user_type": "Human"}


def read(folder: Path, root) -> list:
    path = folder / "messages.json"
    path.write_text(json.dumps(root), encoding="utf-8")
    return list(SOURCE.read(Export(path, folder, "messages.json")))


def one(folder: Path, **keys) -> RawMessage:
    (record,) = read(folder, {"messages": [{"creator": CREATOR, "message_id": "c/t/m", **keys}]})
    return record


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("google_chat")


@given(records=st.lists(RECORDS | JSON, max_size=4), info=JSON | INSIDE)
def test_whatever_the_records_are_none_disappears(folder, records, info):
    (folder / "group_info.json").write_text(json.dumps(info), encoding="utf-8")
    found = read(folder, {"messages": records})
    assert len(found) == len(records)
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)


@pytest.mark.parametrize("part", ["", "Groups", "Groups/DM AbC1xAAAAE"])
def test_every_part_of_an_export_is_recognised(part):
    (opened,) = open_exports(SAMPLES / "takeout-with-two-chats" / part)
    assert isinstance(opened, OpenedExport)
    assert opened.source.name == "google_chat"


def test_other_products_of_takeout_are_left_to_their_own_formats(tmp_path):
    (tmp_path / "Takeout" / "Google Chat" / "Groups" / "DM abc").mkdir(parents=True)
    (tmp_path / "Takeout" / "Google Chat" / "Groups" / "DM abc" / "group_info.json").write_text("{}")
    (tmp_path / "Takeout" / "Mail").mkdir()
    (tmp_path / "Takeout" / "Mail" / "All.mbox").write_text(
        "From a@b.example Mon Mar  3 09:05:07 2025\nFrom: a@b.example\nSubject: x\n\nhi\n"
    )
    found = [one.source.name for one in open_exports(tmp_path) if isinstance(one, OpenedExport)]
    assert sorted(found) == ["google_chat", "mbox"]


def test_a_chat_has_one_key_whether_its_folder_or_its_file_is_read(tmp_path):
    chat = tmp_path / "DM c"
    chat.mkdir()
    whole = read(chat, {"messages": [{"message_id": "c/t/m"}, {"text": "x"}]})
    assert {record.conversation.key for record in whole} == {"c"}
    assert one(tmp_path).conversation.key == "c"


def test_the_messages_of_a_topic_point_to_the_one_that_opened_it(tmp_path):
    assert one(tmp_path, topic_id="t").thread == "c/t/t"
    assert one(tmp_path, topic_id="t", message_id="c/t/t").thread is None


def test_a_deleted_message_has_the_time_of_its_deletion(tmp_path):
    message = one(
        tmp_path, message_state="DELETED", deleted_date="Tuesday, March 4, 2025 at 8:44:40\u202fPM UTC"
    )
    assert (message.kind, message.sent_at) == (Kind.DELETED, datetime(2025, 3, 4, 20, 44, 40, tzinfo=UTC))


def test_a_time_in_an_unknown_language_is_left_out_and_said(tmp_path):
    message = one(tmp_path, created_date="Dydd Llun, 3 Mawrth 2025 am 21:05:07 UTC", text="bore da")
    assert (message.text, message.sent_at) == ("bore da", None)
    assert "Mawrth" in message.warnings[0]


def test_people_have_addresses_and_bots_have_names(tmp_path):
    assert one(tmp_path).author.value == "anna@client.example"
    bot = one(tmp_path, creator={"name": "Jira", "user_type": "Bot"}).author
    assert (bot.kind, bot.value) == (AddressKind.GOOGLE_CHAT, "Jira")


@pytest.mark.parametrize(
    ("exported", "on_disk"),
    [
        ("File-a.txt", "File-a.txt"),
        ("File-what?.txt", "File-what_.txt"),
        ("File-a&b.txt", "File-a_b.txt"),
        ("File-" + "x" * 80 + ".txt", "File-" + "x" * 42 + ".txt"),
    ],
)
def test_a_file_is_found_under_the_name_that_it_has_on_disk(tmp_path, exported, on_disk):
    (tmp_path / on_disk).write_text("hello")
    message = one(tmp_path, attached_files=[{"original_name": "a.txt", "export_name": exported}])
    assert message.attachments[0].load() == b"hello"
    assert message.attachments[0].name == "a.txt"


def test_two_files_that_a_cut_name_may_mean_are_none(tmp_path):
    for name in ("File-" + "x" * 30, "File-" + "x" * 31):
        (tmp_path / f"{name}.txt").write_text("hello")
    message = one(tmp_path, attached_files=[{"export_name": "File-" + "x" * 80 + ".txt"}])
    assert message.attachments[0].load is None


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/passwd", "..\\secret.txt", "link.txt", "."])
def test_a_path_that_leaves_the_chat_is_not_followed(tmp_path, path):
    (tmp_path / "secret.txt").write_text("secret")
    chat = tmp_path / "chat"
    chat.mkdir()
    (chat / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert one(chat, attached_files=[{"export_name": path}]).attachments[0].load is None


@pytest.mark.parametrize(
    "head",
    [
        b'{"messages": [{"id": 1, "type": "message", "date": "x"}]}',
        b'{"participants": [], "messages": [{"sender_name": "x", "timestamp_ms": 1}]}',
        b'["messages", "topic_id", "message_id", "created_date", "creator"]',
    ],
)
def test_messages_of_others_are_not_taken_for_those_of_google(tmp_path, head):
    assert SOURCE.score(Sample(tmp_path / "messages.json", head)) == 0


@pytest.mark.parametrize(("root", "count"), [({"messages": []}, 0), ({}, 1), ({"messages": None}, 1)])
def test_a_file_without_messages_is_named_unless_it_says_so(tmp_path, root, count):
    assert [type(record) for record in read(tmp_path, root)] == [Unreadable] * count
