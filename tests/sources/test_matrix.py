import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats import matrix
from service.sources.formats.matrix import SOURCE
from service.sources.raw_message import Kind, RawMessage, Unreadable
from service.sources.source import Export, Sample

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
KEYS = ["msgtype", "body", "m.relates_to", "m.new_content", "url", "file", "info", "membership", "m.mentions"]
KEYS += [
    "displayname",
    "key",
    "reason",
    "call_id",
    "answers",
    "m.poll",
    "m.poll.start",
    "m.selections",
    "name",
]
TYPES = ["m.room.message", "m.reaction", "m.room.member", "m.room.encrypted", "m.sticker", "m.room.redaction"]
TYPES += ["m.call.invite", "m.call.hangup", "m.poll.start", "m.poll.response", "m.room.name", "x.y", ""]
RELATIONS = st.fixed_dictionaries(
    {"rel_type": st.sampled_from(["m.replace", "m.thread", "m.annotation", "m.reference"]) | JSON},
    optional={"event_id": st.sampled_from(["$1", "$2"]) | JSON, "m.in_reply_to": JSON, "key": JSON},
)
CONTENT = st.builds(
    lambda content, relation: content | ({"m.relates_to": relation} if relation else {}),
    st.dictionaries(st.sampled_from(KEYS), JSON | st.just({"body": "new", "msgtype": "m.text"}), max_size=6),
    st.none() | RELATIONS,
)
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES) | JSON},
    optional={
        "content": CONTENT | JSON,
        "sender": st.sampled_from(["@a:x", "@b:x"]) | JSON,
        "event_id": st.sampled_from(["$1", "$2", "$3"]) | JSON,
        "origin_server_ts": st.integers() | JSON,
        "state_key": JSON,
        "unsigned": st.dictionaries(
            st.sampled_from(["redacted_because", "prev_content", "m.relations"]), JSON
        )
        | JSON,
    },
)


def read(folder: Path, root, name: str = "export.json") -> list:
    path = folder / name
    path.write_text(root if isinstance(root, str) else json.dumps(root), encoding="utf-8")
    return list(SOURCE.read(Export(path, folder, name)))


def said(sender: str, body: str, **more):
    content = {"msgtype": "m.text", "body": body, **more.pop("content", {})}
    return {
        "type": "m.room.message",
        "sender": sender,
        "content": content,
        "origin_server_ts": 1741000000000,
        **more,
    }


def edit(sender: str, target: str, body: str, **more):
    relation = {"rel_type": "m.replace", "event_id": target}
    new = {"msgtype": "m.text", "body": body}
    return said(sender, f"* {body}", content={"m.relates_to": relation, "m.new_content": new}, **more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("matrix")


def inside_originals(records: list) -> int:
    """Count events: a message with edits holds one per line."""
    return sum(record.original.count(b"\n") + 1 if record.original else 1 for record in records)


@given(events=st.lists(EVENTS | JSON, min_size=1, max_size=6), page=st.booleans())
def test_whatever_the_events_are_none_disappears(folder, events, page):
    found = read(folder, {"chunk": events} if page else events)
    assert inside_originals(found) == len(events)
    for record in found:
        stored = record.why if isinstance(record, Unreadable) else record.text + record.detail
        assert "\0" not in stored.encode().decode()


@given(
    st.lists(EVENTS, min_size=1, max_size=4), st.integers(min_value=1, max_value=400), st.binary(max_size=5)
)
def test_no_damage_makes_the_reader_fail(folder, events, at, damage):
    path = folder / "damaged.json"
    content = "\n".join(json.dumps(event) for event in events).encode()
    path.write_bytes(content[:at] + damage + content[at + len(damage) :])
    found = list(SOURCE.read(Export(path, folder, "damaged.json")))
    assert found
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)


def test_edits_beyond_what_is_kept_are_records_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(matrix, "_MOST_EDIT_BYTES", 10)
    first, second = read(tmp_path, [said("@a:x", "one", event_id="$1"), edit("@a:x", "$1", "two")])
    assert (first.text, first.edited) == ("one", False)
    assert (second.text, second.edited, second.external_id) == ("two", True, "$1")


def test_an_edit_of_a_message_that_was_taken_back_brings_no_words_back(tmp_path):
    gone = said("@a:x", "", event_id="$1") | {"content": {}, "unsigned": {"redacted_because": {}}}
    (found,) = read(tmp_path, [gone, edit("@a:x", "$1", "secret")])
    assert (found.kind, found.text) == (Kind.DELETED, "")


def test_a_quotation_written_by_hand_stays(tmp_path):
    (found,) = read(tmp_path, [said("@a:x", "> <@b:x> said so\n\nreally")])
    assert found.text == "> <@b:x> said so\n\nreally"


def test_rooms_in_one_file_keep_their_own_names(tmp_path):
    def name(room, title):
        return {"type": "m.room.name", "state_key": "", "room_id": room, "content": {"name": title}}

    found = read(
        tmp_path,
        [
            name("!1:x", "One"),
            name("!2:x", "Two"),
            said("@a:x", "a", room_id="!1:x"),
            said("@a:x", "b", room_id="!2:x"),
        ],
    )
    assert [record.conversation.title for record in found[2:]] == ["One", "Two"]
    assert [record.conversation.key for record in found[2:]] == ["!1:x", "!2:x"]


def test_neither_addresses_nor_keys_of_files_reach_a_record(tmp_path):
    content = {
        "msgtype": "m.file",
        "body": "a.pdf",
        "file": {"url": "mxc://x/secret-id", "key": {"k": "secret-key"}},
    }
    (found,) = read(tmp_path, [said("@a:x", "") | {"content": content}])
    shown = (found.text, found.detail, found.attachments, found.warnings)
    assert "secret" not in repr(shown)


def test_a_file_name_cannot_lead_out_of_the_export(tmp_path):
    (tmp_path / "secret-1").write_text("secret")
    export = tmp_path / "export"
    (export / "files").mkdir(parents=True)
    (export / "files" / "x-1.txt").symlink_to(tmp_path / "secret-1")
    content = {"msgtype": "m.file", "body": "x.txt", "url": "mxc://x/1"}
    (found,) = read(export, [said("@a:x", "") | {"content": content}])
    assert found.attachments[0].load is None


def test_two_files_that_can_both_be_meant_are_not_guessed(tmp_path):
    for name in ("x-1-1-2025 at 01-06-40.txt", "x-1-1-2025 at 02-06-40.txt"):
        (tmp_path / "files").mkdir(exist_ok=True)
        (tmp_path / "files" / name).write_text("x")
    content = {"msgtype": "m.file", "body": "x.txt", "url": "mxc://x/1"}
    (found,) = read(tmp_path, [said("@a:x", "") | {"content": content}])
    assert found.attachments[0].missing


def test_a_file_without_events_says_so(tmp_path):
    (found,) = read(tmp_path, {"rooms": {"origin_server_ts": 1, "sender": "@a:x"}})
    assert isinstance(found, Unreadable)


def test_events_are_known_by_content_whatever_the_name(tmp_path):
    event = json.dumps(said("@a:example.org", "x")).encode()
    assert SOURCE.score(Sample(tmp_path / "a.txt", b"[" + event)) > 0.8
    assert SOURCE.score(Sample(tmp_path / "a.json", b'{"messages": []}')) == 0
    assert SOURCE.score(Sample(tmp_path / "a.json", b"Subject: " + event)) == 0
