import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.discord import SOURCE
from service.sources.raw_message import Kind, RawMessage, Unreadable
from service.sources.recognise import recognise
from service.sources.source import Export, Sample

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
KEYS = [
    *("id", "type", "timestamp", "timestampEdited", "callEndedTimestamp", "content", "author", "attachments"),
    *("embeds", "stickers", "reactions", "reference", "forwardedMessage", "interaction", "poll", "flags"),
]
INSIDE = st.dictionaries(
    st.sampled_from(
        ["id", "name", "nickname", "url", "fileName", "emoji", "users", "count", "type", "answers"]
    ),
    JSON,
    max_size=4,
)
RECORDS = st.dictionaries(st.sampled_from(KEYS), JSON | INSIDE | st.lists(INSIDE, max_size=2), max_size=8)


def read(folder, root) -> list:
    path = folder / "channel.json"
    path.write_text(root if isinstance(root, str) else json.dumps(root), encoding="utf-8")
    return list(SOURCE.read(Export(path, folder, "channel.json")))


def one(folder, **record) -> RawMessage:
    message = {"id": "1", "type": "Default", "content": "", **record}
    channel = {"id": "5", "type": "GuildTextChat", "name": "x"}
    (found,) = read(folder, {"guild": {"id": "9", "name": "S"}, "channel": channel, "messages": [message]})
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("discord")


@given(
    records=st.lists(RECORDS | JSON, max_size=5), head=st.dictionaries(st.text(max_size=5), JSON, max_size=3)
)
def test_whatever_the_records_are_none_disappears(folder, records, head):
    found = read(folder, {**head, "channel": head, "guild": head, "messages": records})
    assert len(found) == len(records)
    for record in found:
        stored = record.why if isinstance(record, Unreadable) else record.text + record.detail
        assert "\0" not in stored.encode().decode()


@given(content=st.text())
def test_no_text_makes_the_reader_fail(folder, content):
    found = read(folder, content.replace("\ud800", ""))
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)


@given(data=st.data())
def test_a_damaged_file_never_fails(folder, data):
    message = {"id": "1", "type": "Default", "content": "да", "author": {"id": "2", "name": "n"}}
    whole = json.dumps({"channel": {"id": "5"}, "messages": [message, message]}, ensure_ascii=False).encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    damage = data.draw(st.binary(max_size=3))
    path = folder / "damaged.json"
    path.write_bytes(whole[:at] + damage + whole[at + 1 :])
    found = list(SOURCE.read(Export(path, folder, "damaged.json")))
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("Default", Kind.TEXT),
        (0, Kind.TEXT),
        ("19", Kind.TEXT),
        ("ChatInputCommand", Kind.TEXT),
        (3, Kind.CALL),
        ("GuildMemberJoin", Kind.SYSTEM),
        (18, Kind.SYSTEM),
        (1234, Kind.UNKNOWN),
        ("²", Kind.UNKNOWN),
        ("Hologram", Kind.UNKNOWN),
        (None, Kind.UNKNOWN),
    ],
)
def test_a_type_is_known_by_its_name_and_by_its_number(folder, type_, kind):
    assert one(folder, type=type_).kind == kind


def test_an_unknown_type_says_which(folder):
    message = one(folder, type=1234, content="words")
    assert (message.detail, message.text) == ("1234", "words")


def test_a_call_over_midnight_and_a_change_of_offset_has_its_true_length(folder):
    message = one(
        folder,
        type="Call",
        timestamp="2025-03-29T23:59:00+01:00",
        callEndedTimestamp="2025-03-30T00:04:00.5+01:00",
    )
    assert message.duration_for == timedelta(minutes=5, seconds=0.5)


def test_a_call_whose_times_do_not_compare_has_no_length(folder):
    message = one(
        folder, type="Call", timestamp="2025-03-29T23:59:00", callEndedTimestamp="2025-03-30T00:04:00Z"
    )
    assert (message.kind, message.duration_for) == (Kind.CALL, None)


def test_everybody_who_reacted_is_named_and_the_rest_counted(folder):
    users = [{"id": "1", "name": "a"}, {"id": "2", "name": "b", "nickname": "B"}]
    message = one(folder, reactions=[{"emoji": {"id": "", "name": "👍"}, "count": 5, "users": users}])
    assert [(one.actor and one.actor.name, one.count) for one in message.reactions] == [
        ("a", 1),
        ("B", 1),
        (None, 3),
    ]


def test_no_signature_of_a_link_is_kept_anywhere(folder):
    link = "https://cdn.discordapp.com/attachments/1/2/a.png?ex=66&is=77&hm=secret"
    message = one(
        folder,
        content=f"see {link} and <{link}>",
        attachments=[{"url": link}],
        embeds=[{"description": link}],
        author={"id": "1", "isBot": True},
        stickers=[{"sourceUrl": link}],
    )
    shown = repr((message.text, message.detail, message.attachments, message.warnings))
    assert "secret" not in shown
    assert "https://cdn.discordapp.com/attachments/1/2/a.png" in message.text


@pytest.mark.parametrize(
    "path", ["../secret.png", "..\\secret.png", "/etc/passwd", "C:\\secret.png", "link", "\0"]
)
def test_a_path_that_leaves_the_export_is_not_followed(tmp_path, path):
    (tmp_path / "secret.png").write_text("secret")
    export = tmp_path / "export"
    export.mkdir()
    (export / "link").symlink_to(tmp_path / "secret.png")
    assert one(export, attachments=[{"url": path, "fileName": "a.png"}]).attachments[0].load is None


def test_an_absolute_path_of_another_machine_is_found_by_its_end(tmp_path):
    (tmp_path / "x.json_Files").mkdir()
    (tmp_path / "x.json_Files" / "a b.png").write_bytes(b"png")
    message = one(
        tmp_path, attachments=[{"url": "C:\\Users\\anna\\x.json_Files\\a%20b.png", "fileName": "a.png"}]
    )
    assert message.attachments[0].load() == b"png"


@pytest.mark.parametrize(
    "content",
    [
        '[{"ID": 1234, "Timestamp": "2025-03-03 07:05:12", "Contents": "x", "Attachments": ""}]',
        "ID,Timestamp,Contents,Attachments\n1,2025-03-03 07:05:12,x,\n",
    ],
)
def test_a_file_of_the_own_data_package_is_refused_with_advice(tmp_path, content):
    path = tmp_path / "messages"
    path.write_text(content)
    assert recognise(path)[0].name == "discord"
    (refused,) = SOURCE.read(Export(path, tmp_path, "messages.csv"))
    assert "DiscordChatExporter" in refused.why


def test_the_media_of_a_file_are_claimed(tmp_path):
    export = tmp_path / "a.json"
    media = tmp_path / "a.json_Files"
    media.mkdir()
    assert SOURCE.claims(export, media)
    assert not SOURCE.claims(tmp_path / "b.json", media)


def test_an_ordinary_folder_is_no_package(tmp_path):
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "index.json").write_text("{}")
    assert SOURCE.score(Sample(tmp_path, b"", is_folder=True)) == 0.0
