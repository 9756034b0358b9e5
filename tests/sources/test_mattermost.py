import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.mattermost import SOURCE
from service.sources.mattermost_post import MattermostChat, MattermostDirectory, read_post
from service.sources.open import OpenedExport, open_exports
from service.sources.raw_message import Kind, RawConversation, RawMessage, Unreadable
from service.sources.source import Export, Sample

SAMPLES = Path(__file__).parent / "samples" / "mattermost"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
KEYS = [
    *("id", "user", "user_id", "team", "channel", "channel_members", "channel_id", "type", "message"),
    *("create_at", "edit_at", "delete_at", "root_id", "original_id", "props", "reactions", "replies"),
    *("attachments", "metadata", "file_ids"),
]
POSTS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8)
LINES = st.builds(
    lambda type_, post: {"type": type_, type_: post}, st.sampled_from(["post", "direct_post"]), POSTS
)
AT = 1741000000000


def read(path: Path) -> list:
    return list(SOURCE.read(Export(path, path.parent, path.name)))


def one(**raw) -> RawMessage:
    post = {"user": "ania", "create_at": AT, "message": "", **raw}
    return read_post(post, b"{}", 0, MattermostChat(RawConversation("studio/banner", "Banner")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mattermost")


@given(lines=st.lists(LINES | JSON, max_size=5))
def test_every_post_and_reply_is_a_record(folder, lines):
    path = folder / "import.jsonl"
    version = {"type": "version", "version": 1}
    path.write_text("".join(json.dumps(line) + "\n" for line in (version, *lines)))
    posts = [line[line["type"]] for line in lines if isinstance(line, dict) and line.get("type") in line]
    replies = [post["replies"] for post in posts if isinstance(post, dict) and "replies" in post]
    expected = len(lines) + sum(len(one) for one in replies if isinstance(one, list))
    assert len(read(path)) == expected


@given(posts=st.lists(POSTS | JSON, max_size=5))
def test_every_element_of_an_array_of_posts_is_a_record(folder, posts):
    path = folder / "posts.json"
    path.write_text(json.dumps(posts))
    assert len(read(path)) == len(posts)


@given(at=st.integers(min_value=0), junk=st.binary(max_size=6))
def test_a_damaged_file_gives_records_and_unreadables_only(folder, at, junk):
    whole = (SAMPLES / "bulk-export" / "import.jsonl").read_bytes()
    at %= len(whole)
    path = folder / "damaged.jsonl"
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in read(path))


def test_two_notices_within_a_millisecond_are_not_one():
    assert one(type="system_add_to_channel").external_id == ""
    assert one(type="").external_id == f"{AT}/ania"


def test_a_reply_names_the_post_that_opened_its_thread():
    records = read(SAMPLES / "bulk-export" / "import.jsonl")
    root = next(record for record in records if record.text.startswith("Wysyłam"))
    replies = [record for record in records if record.reply_to == root.external_id]
    assert [record.text for record in replies] == ["Согласовано до пятницы", "Dziękuję"]
    assert {record.thread for record in (root, *replies)} == {root.external_id}


def test_the_bytes_of_a_reply_are_its_own():
    records = read(SAMPLES / "bulk-export" / "import.jsonl")
    reply = next(record for record in records if record.text == "Dziękuję")
    assert json.loads(reply.original)["message"] == "Dziękuję"


def test_the_api_and_an_export_name_a_person_alike():
    directory = MattermostDirectory({"ania": "Anna Nowak"}, {"u1": "ania"})
    chat = MattermostChat(RawConversation("c", "c"), directory)
    by_id = read_post({"user_id": "u1", "create_at": AT}, b"{}", 0, chat)
    by_name = read_post({"user": "ania", "create_at": AT}, b"{}", 0, chat)
    assert by_id.author == by_name.author
    assert by_id.author.name == "Anna Nowak"


def test_an_earlier_text_of_a_post_bears_the_id_of_that_post():
    earlier = one(id="old", original_id="new", delete_at=AT + 1, message="before")
    assert (earlier.kind, earlier.external_id, earlier.text) == (Kind.TEXT, "new", "before")


def test_times_are_instants():
    assert one().sent_at == datetime(2025, 3, 3, 11, 6, 40, tzinfo=UTC)


def test_a_link_to_join_a_meeting_is_not_shown():
    call = one(type="custom_zoom", message="https://zoom.example/j/1?pwd=secret", props={"meeting_id": 1})
    assert "secret" not in call.text + call.detail


@pytest.mark.parametrize(
    ("head", "sure"),
    [
        (b'{"type":"version","version":1}\n{"type":"team"', True),
        (b'\xef\xbb\xbf{"type": "version", "version": 1}', True),
        (b'{"type":"post","post":{"team":"a","channel":"b"}}\n', True),
        (b'{"type":"direct_post","direct_post":{"channel_members":["a' + b"x" * 90, True),
        (b'[{"id":"a","create_at":1741000000000,"user_id":"b","channel_id":"c"', True),
        (b'{"type":"post","post":1}', False),
        (b'{"type":"message","text":"x"}', False),
        (b"[]", False),
        (b"", False),
        (b"[" * 60_000, False),
    ],
)
def test_an_export_is_known_by_its_content(head, sure):
    assert (SOURCE.score(Sample(Path("x"), head)) > 0.5) is sure


def test_the_folder_with_files_belongs_to_the_export():
    (opened,) = open_exports(SAMPLES / "bulk-export")
    assert isinstance(opened, OpenedExport)
    assert opened.source is SOURCE


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "import.jsonl"
    post = {"team": "a", "channel": "b", "user": "ania", "message": "x" * 2000, "create_at": AT}
    path.write_text((json.dumps({"type": "post", "post": post}) + "\n") * 4000)
    tracemalloc.start()
    count = sum(1 for _ in SOURCE.read(Export(path, tmp_path, "x")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 4000
    assert peak < path.stat().st_size / 4
