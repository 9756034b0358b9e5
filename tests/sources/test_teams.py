import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.teams import SOURCE
from service.sources.open import OpenedExport, open_exports
from service.sources.raw_message import AddressKind, Kind, RawMessage, Unreadable
from service.sources.source import Export, Sample

SAMPLES = Path(__file__).parent / "samples" / "teams"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
KEYS = [
    *("id", "messageType", "createdDateTime", "lastEditedDateTime", "deletedDateTime", "subject", "body"),
    *("from", "attachments", "reactions", "eventDetail", "replyToId", "chatId", "channelIdentity"),
    *("importance", "policyViolation"),
]
IDENTITY = st.dictionaries(st.sampled_from(["user", "application", "User"]), JSON, max_size=2)
INSIDE = st.dictionaries(
    st.sampled_from(
        [
            "id",
            "content",
            "contentType",
            "name",
            "user",
            "callDuration",
            "@odata.type",
            "members",
            "initiator",
        ]
    ),
    JSON | IDENTITY,
    max_size=5,
)
RECORDS = st.dictionaries(st.sampled_from(KEYS), JSON | INSIDE | st.lists(INSIDE, max_size=2), max_size=9)


def read(folder: Path, root) -> list:
    path = folder / "messages.json"
    path.write_text(root if isinstance(root, str) else json.dumps(root), encoding="utf-8")
    return list(SOURCE.read(Export(path, folder, "messages.json")))


def one(folder: Path, **keys) -> RawMessage:
    (record,) = read(folder, [{"id": "1740992707181", "messageType": "message", **keys}])
    return record


def html(content: str) -> dict:
    return {"contentType": "html", "content": content}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("teams")


@given(records=st.lists(RECORDS | JSON, max_size=4))
def test_whatever_the_records_are_none_disappears(folder, records):
    found = read(folder, records)
    assert len(found) == len(records)
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)


@given(content=st.text() | st.text(alphabet='<>/="attachmentblockquoteimg &;'))
def test_no_html_makes_the_reader_fail(folder, content):
    message = one(folder, body=html(content))
    assert "\0" not in message.text


@pytest.mark.parametrize("part", ["", "teams", "users", "teams/aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"])
def test_every_part_of_a_tree_is_recognised(part):
    (opened,) = open_exports(SAMPLES / "tree-of-teams-and-users" / part)
    assert isinstance(opened, OpenedExport)
    assert opened.source.name == "teams"


def test_one_file_of_a_tree_knows_the_names_beside_it():
    (path,) = (SAMPLES / "tree-of-teams-and-users").glob("teams/*/messages_*.json")
    records = list(SOURCE.read(Export(path, path.parent, "x")))
    assert {record.conversation.title for record in records} == {"Kampania"}


@pytest.mark.parametrize(
    "head",
    [
        b'{"messages": [{"id": 1, "from": "x", "text": "y"}]}',
        b'{"userId": "8:live", "conversations": [{"messagetype": "RichText", "id": "1"}]}',
        b'[{"id": "1", "body": "messageType createdDateTime"}]',
        b"From: a@b.example\n\nmessageType",
    ],
)
def test_json_of_others_is_not_taken_for_that_of_teams(tmp_path, head):
    assert SOURCE.score(Sample(tmp_path / "messages.json", head)) == 0


def test_a_reaction_is_no_edit(tmp_path):
    message = one(
        tmp_path,
        createdDateTime="2025-03-03T09:05:07Z",
        lastModifiedDateTime="2025-03-03T09:06:00Z",
        lastEditedDateTime=None,
        reactions=[{"reactionType": "like", "user": {"user": {"id": "u1", "displayName": "Anna"}}}],
    )
    assert not message.edited
    assert [(one.emoji, one.actor.name) for one in message.reactions] == [("👍", "Anna")]


def test_a_reply_in_a_channel_belongs_to_its_thread(tmp_path):
    message = one(tmp_path, replyToId="1740992700000", channelIdentity={"channelId": "19:x"})
    assert (message.reply_to, message.thread) == ("1740992700000", "1740992700000")


def test_a_quote_in_a_chat_is_the_reply_and_no_part_of_the_text(tmp_path):
    quote = {
        "id": "17",
        "contentType": "messageReference",
        "content": '{"messageId": "17", "messagePreview": "q"}',
    }
    message = one(tmp_path, body=html('<attachment id="17"></attachment><p>tak</p>'), attachments=[quote])
    assert (message.text, message.reply_to, message.thread, message.attachments) == ("tak", "17", None, ())


def test_a_message_without_a_time_has_that_of_its_id(tmp_path):
    assert one(tmp_path).sent_at == datetime(2025, 3, 3, 9, 5, 7, 181000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("PT1M3S", timedelta(seconds=63)),
        ("PT0S", None),
        ("P1DT1H", timedelta(hours=25)),
        ("00:01:03.5", timedelta(seconds=63)),
        ("soon", None),
        ("PT", None),
        (7, None),
    ],
)
def test_the_length_of_a_call(tmp_path, length, expected):
    event = {"@odata.type": "#microsoft.graph.callEndedEventMessageDetail", "callDuration": length}
    call = one(tmp_path, messageType="systemEventMessage", eventDetail=event)
    assert (call.kind, call.duration_for, call.detail) == (Kind.CALL, expected, "ended")


def test_a_person_whom_only_an_address_names_is_known_by_it(tmp_path):
    sender = one(tmp_path, **{"from": {"user": {"id": "Anna@Client.example", "displayName": "Anna"}}}).author
    assert (sender.kind, sender.value) == (AddressKind.MAIL, "anna@client.example")


def test_keys_of_links_are_kept_nowhere():
    for sample in SAMPLES.glob("*.json"):
        if sample.name.endswith("expected.json"):
            continue
        for record in SOURCE.read(Export(sample, SAMPLES, "x")):
            if isinstance(record, RawMessage):
                shown = [record.text, record.detail, *record.warnings, *(a.name for a in record.attachments)]
                assert "secret" not in " ".join(shown)


def test_the_bytes_of_a_reply_are_its_own():
    sample = SAMPLES / "channel-with-replies-inside.json"
    parent, *replies = SOURCE.read(Export(sample, SAMPLES, "x"))
    for reply in replies:
        assert parent.original.count(reply.original) == 1
        assert json.loads(reply.original)["id"] == reply.external_id


@pytest.mark.parametrize(
    ("content", "count"),
    [("[]", 0), ('{"@odata.count": 0, "value": []}', 0), ('{"error": {"code": "x"}}', 1)],
)
def test_a_file_without_messages_is_named_unless_it_says_so(tmp_path, content, count):
    assert [type(record) for record in read(tmp_path, content)] == [Unreadable] * count


def test_a_file_of_windows_powershell_keeps_its_own_bytes():
    sample = SAMPLES / "saved-as-utf-16.json"
    (record,) = SOURCE.read(Export(sample, SAMPLES, "x"))
    assert sample.read_bytes().count(record.original) == 1
    assert record.original.decode("utf-16-le").startswith('{"id": "1746000000001"')
