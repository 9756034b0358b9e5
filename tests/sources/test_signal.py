import base64
import json
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.signal import SOURCE
from service.sources.open import OpenedExport, open_exports
from service.sources.raw_message import Kind, RawMessage, Unreadable
from service.sources.signal_people import service_id
from service.sources.source import Export, Sample

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
IDS = st.sampled_from(["1", "2", 3]) | JSON
SAMPLES = Path(__file__).parent / "samples" / "signal"
FRAMES = [
    json.loads(line)
    for path in sorted(SAMPLES.rglob("*.jsonl"))
    if "damaged" not in path.name
    for line in path.read_text(encoding="utf-8").splitlines()
]


@st.composite
def changed(draw, value):
    """Take a true frame and put anything in the place of one of its parts, or leave the part out."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        if not draw(st.integers(0, 4)):
            return {name: part for name, part in value.items() if name != key}
        return value | {key: draw(changed(value[key]))}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        return [draw(changed(value[0])), *value[1:]]
    return draw(JSON)


def read(folder: Path, *frames) -> list:
    path = folder / "main.jsonl"
    path.write_text("".join(json.dumps(frame) + "\n" for frame in frames), encoding="utf-8")
    return list(SOURCE.read(Export(path, folder, "main.jsonl")))


def item(**parts):
    return {"chatItem": {"chatId": "1", "authorId": "2", "dateSent": "1741000000000", **parts}}


def said(body: str, **parts):
    return item(standardMessage={"text": {"body": body, **parts}})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("signal")


@given(frames=st.lists(st.sampled_from(FRAMES).flatmap(changed), max_size=5))
def test_whatever_the_frames_are_no_item_disappears(folder, frames):
    found = read(folder, *frames)
    definitions = {"account", "recipient", "chat", "stickerPack", "notificationProfile", "chatFolder"}
    silent = definitions | {"version", "backupTimeMs"}
    told = [frame for frame in frames if not isinstance(frame, dict) or not frame or set(frame) - silent]
    assert len(found) == len(told)
    for record in found:
        stored = record.why if isinstance(record, Unreadable) else record.text + record.detail
        assert "\0" not in stored.encode().decode()


@given(at=st.integers(0, 3000), damage=st.binary(max_size=6))
def test_no_damage_makes_the_reader_fail(folder, at, damage):
    content = (SAMPLES / "replies-reactions-and-mentions.jsonl").read_bytes()
    path = folder / "damaged.jsonl"
    path.write_bytes(content[:at] + damage + content[at + len(damage) :])
    found = list(SOURCE.read(Export(path, folder, "damaged.jsonl")))
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)


@given(st.uuids())
def test_an_id_is_the_same_in_base64_and_as_text(value):
    assert service_id(base64.b64encode(value.bytes).decode()) == str(value)
    assert service_id(str(value).upper()) == str(value)


@given(start=JSON, length=JSON, mention=JSON)
def test_a_mention_of_any_place_and_person_is_survived(folder, start, length, mention):
    mentions = [{"start": start, "length": length, "mentionAci": mention}]
    (found,) = read(folder, said("Hello \ufffc", bodyRanges=mentions))
    assert isinstance(found, RawMessage)


def test_a_secret_of_the_account_or_a_group_is_in_no_record(tmp_path):
    secret = base64.b64encode(b"secret-master-key").decode()
    frames = [
        {"account": {"profileKey": secret, "givenName": "A"}},
        {"recipient": {"id": "2", "contact": {"aci": secret, "profileKey": secret, "identityKey": "key"}}},
        {"recipient": {"id": "3", "group": {"masterKey": secret, "snapshot": {"title": {"title": "G"}}}}},
        {"chat": {"id": "1", "recipientId": "3"}},
    ]
    (found,) = read(tmp_path, *frames, said("x"))
    assert found.conversation.title == "G"
    assert secret not in repr(found.conversation)


def test_the_owner_who_cannot_be_told_is_known_by_name(tmp_path):
    members = [{"userId": base64.b64encode(uuid.UUID(int=number).bytes).decode()} for number in (1, 2)]
    group = {"id": "3", "group": {"snapshot": {"members": members}}}
    frames = [{"account": {"givenName": "Ola"}}, {"recipient": {"id": "2", "self": {}}}, {"recipient": group}]
    (found,) = read(tmp_path, *frames, said("x"))
    assert (found.author.value, found.author.name) == ("Ola", "Ola")


def test_a_message_keeps_its_id_when_it_is_edited(tmp_path):
    (before,) = read(tmp_path, said("first"))
    edited = item(dateSent="1741000099000", revisions=[said("first")["chatItem"]], standardMessage={})
    (after,) = read(tmp_path, edited)
    assert after.external_id == before.external_id
    assert after.sent_at == before.sent_at
    assert after.edited_at > before.sent_at


def test_a_file_that_only_has_the_right_size_is_not_taken(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "x").write_bytes(b"1234")
    locator = {"plaintextHash": base64.b64encode(bytes(32)).decode(), "size": 4}
    pointer = {"contentType": "image/png", "locatorInfo": locator}
    (found,) = read(tmp_path, item(standardMessage={"attachments": [{"pointer": pointer}]}))
    assert found.kind == Kind.IMAGE
    assert found.attachments[0].missing


def test_a_link_out_of_the_folder_of_files_is_not_followed(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    export = tmp_path / "export"
    (export / "files").mkdir(parents=True)
    (export / "files" / "a.txt").symlink_to(tmp_path / "secret.txt")
    pointer = {"fileName": "a.txt", "contentType": "text/plain"}
    (found,) = read(export, item(standardMessage={"attachments": [{"pointer": pointer}]}))
    assert found.attachments[0].load is None


def test_the_folder_of_an_export_holds_one_input(tmp_path):
    frames = [{"recipient": {"id": "2", "self": {}}}, said("x")]
    (tmp_path / "main.jsonl").write_text("\n".join(map(json.dumps, frames)))
    (tmp_path / "metadata.json").write_text('{"version": 1}')
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a").write_bytes(b"x")
    (tmp_path / "foreign.txt").write_text("nothing of it")
    first, second = open_exports(tmp_path)
    assert isinstance(second, OpenedExport)
    assert (first.place, second.source.name) == (f"{tmp_path}/foreign.txt", "signal")


def test_the_export_is_known_by_content_whatever_its_name(tmp_path):
    def score(*frames) -> float:
        return SOURCE.score(Sample(tmp_path / "x.txt", "\n".join(map(json.dumps, frames)).encode()))

    assert score({"version": "1", "backupTimeMs": "1"}, said("x")) > 0.9
    assert score({"account": {"profileKey": "x"}}) > 0.8
    assert score({"message": "chatItem"}, {"account": 1}) == 0
