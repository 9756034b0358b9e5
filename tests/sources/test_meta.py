import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.instagram import SOURCE as INSTAGRAM
from service.sources.formats.messenger import SOURCE as MESSENGER
from service.sources.formats.messenger_e2ee import SOURCE as E2EE
from service.sources.inspect import inspect
from service.sources.meta_text import as_typed, generated
from service.sources.raw_message import Kind, RawMessage, Record, Unreadable
from service.sources.recognise import recognise
from service.sources.source import Export

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
INSIDE = st.dictionaries(
    st.sampled_from(["uri", "name", "reaction", "actor", "link", "timestamp"]), JSON, max_size=4
)
KEYS = {
    MESSENGER: [
        *(
            "sender_name",
            "timestamp_ms",
            "content",
            "type",
            "photos",
            "videos",
            "audio_files",
            "files",
            "gifs",
        ),
        *("sticker", "share", "reactions", "call_duration", "missed", "is_unsent", "users"),
    ],
    E2EE: ["senderName", "timestamp", "text", "type", "isUnsent", "media", "reactions", "duration"],
}
BOTH = pytest.mark.parametrize("source", KEYS, ids=lambda source: source.name)


def read(source, folder, root) -> list:
    path = folder / "message_1.json"
    path.write_text(root if isinstance(root, str) else json.dumps(root), encoding="utf-8")
    return list(source.read(Export(path, folder, "message_1.json")))


def one(folder, **record) -> RawMessage:
    root = {"title": "x", "messages": [{"sender_name": "Anna Nowak", "timestamp_ms": 1, **record}]}
    (found,) = read(MESSENGER, folder, root)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("meta")


@BOTH
@given(data=st.data())
def test_whatever_the_records_are_none_disappears(folder, source, data):
    values = JSON | INSIDE | st.lists(INSIDE, max_size=2)
    record = st.dictionaries(st.sampled_from(KEYS[source]), values, max_size=8)
    records = data.draw(st.lists(record | JSON, max_size=5))
    owner = data.draw(
        st.dictionaries(st.sampled_from(["title", "threadName", "thread_path"]), JSON, max_size=3)
    )
    found = read(source, folder, {"messages": records, **owner})
    assert len(found) == len(records)
    for record in found:
        stored = record.why if isinstance(record, Unreadable) else record.text + record.detail
        assert "\0" not in stored.encode().decode()


@BOTH
@given(content=st.text())
def test_no_text_makes_the_reader_fail(folder, source, content):
    found = read(source, folder, content.replace("\ud800", ""))
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)


@BOTH
@given(data=st.data())
def test_a_damaged_file_never_fails(folder, source, data):
    message = dict.fromkeys(KEYS[source][:3], "1")
    whole = json.dumps({"messages": [message, message], "title": "да"}, ensure_ascii=False).encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    path = folder / "message_2.json"
    path.write_bytes(whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + 1 :])
    found = list(source.read(Export(path, folder, "message_2.json")))
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)


@given(text=st.text())
def test_damage_that_the_export_does_is_undone(text):
    text = text.encode(errors="replace").decode().replace("\0", "")
    assert as_typed(text.encode().decode("latin-1")) == text


@given(text=st.text(st.characters(min_codepoint=0x100, exclude_categories=["Cs"]), min_size=1))
def test_letters_that_no_damage_can_give_are_left_alone(text):
    assert as_typed(text) == text
    assert as_typed(f"é {text}") == f"é {text}"


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("You missed a video chat with Łukasz.", Kind.CALL),
        ("The video chat ended.", Kind.CALL),
        ("Audio call ended", Kind.CALL),
        ("Reacted 😍 to your message ", Kind.REACTION),
        ("Отреагировал(а) 👍 на ваше сообщение", Kind.REACTION),
        ("Liked a message", Kind.REACTION),
        ("Anna named the group Banner.", Kind.SYSTEM),
        ("Anna Nowak left the group.", Kind.SYSTEM),
        ("You set the nickname for Łukasz to Szef.", Kind.SYSTEM),
        ("Anna started a video chat.", Kind.SYSTEM),
        ("Anna nadała grupie nazwę Baner.", Kind.SYSTEM),
        ("You are now connected on Messenger.", Kind.SYSTEM),
    ],
)
def test_a_sentence_of_the_platform_is_no_message(sentence, kind):
    assert generated(sentence, "Anna Nowak").kind == kind


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "You called me at nine, and I agreed.",
        "you missed a call from the client",
        "I think you missed a call, ring him back.",
        "Piotr left the group.",
        "Annabelle left the group.",
        "left the group.",
        "Ana liked it. " * 50,
    ],
)
def test_what_a_person_may_have_written_stays_a_message(sentence):
    assert generated(sentence, "Anna Nowak") is None


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        ({"call_duration": 0, "missed": True}, "missed"),
        ({"call_duration": 0, "content": "You missed a call from Anna."}, "missed"),
        ({"call_duration": 12, "content": "The call ended."}, "ended"),
        ({"type": "Call", "content": "Łukasz zadzwonił."}, "Łukasz zadzwonił."),
        ({"type": "Call"}, "call"),
        ({"call_duration": 0, "content": "Łukasz zadzwonił."}, "no_answer"),
    ],
)
def test_a_call_says_how_it_went(folder, record, outcome):
    message = one(folder, **record)
    assert (message.kind, message.detail) == (Kind.CALL, outcome)


@pytest.mark.parametrize(
    "time", [{"timestamp_ms": 1741000000500}, {"timestamp_ms": None, "timestamp": 1741000000}]
)
def test_times_of_all_years_are_read(folder, time):
    assert one(folder, **time).sent_at.timestamp() // 1 == 1741000000


def test_equal_times_are_in_the_order_in_which_they_were_written(folder):
    messages = [
        {"sender_name": "a", "timestamp_ms": 5, "content": word} for word in ("third", "second", "first")
    ]
    found = read(MESSENGER, folder, {"messages": messages})
    assert [message.text for message in found] == ["first", "second", "third"]


def test_a_conversation_keeps_its_key_when_it_is_renamed_or_moved(folder):
    message = {"sender_name": "a", "timestamp_ms": 1}
    paths = ["inbox/annanowak_7", "your_facebook_activity/messages/archived_threads/baner_7/"]
    keys = {
        read(MESSENGER, folder, {"messages": [message], "thread_path": path})[0].conversation.key
        for path in paths
    }
    assert keys == {"7"}


@pytest.mark.parametrize("path", ["../secret.jpg", "messages/../../secret.jpg", "/etc/passwd", "link", "\0"])
def test_a_path_that_leaves_the_export_is_not_followed(tmp_path, path):
    (tmp_path / "secret.jpg").write_text("secret")
    export = tmp_path / "export"
    export.mkdir()
    (export / "link").symlink_to(tmp_path / "secret.jpg")
    assert one(export, photos=[{"uri": path}]).attachments[0].load is None


def test_no_address_and_no_signature_of_a_link_is_kept(folder):
    link = "https://scontent.xx.fbcdn.net/v/a.jpg?oh=secret&oe=66"
    message = one(folder, ip="203.0.113.7", content=link, share={"link": link}, photos=[{"uri": link}])
    shown = repr((message.text, message.detail, message.attachments, message.author))
    assert "secret" not in shown
    assert "203.0.113.7" not in shown


@pytest.mark.parametrize(
    ("where", "extra", "format_"),
    [
        ("your_instagram_activity/messages/inbox/a_1", {}, "instagram"),
        ("your_facebook_activity/messages/inbox/a_1", {}, "messenger"),
        (
            "chat",
            {"share": {"link": "https://www.instagram.com/p/A/", "original_content_owner": "x"}},
            "instagram",
        ),
        ("chat", {}, "messenger"),
    ],
)
def test_the_two_platforms_are_told_apart(tmp_path, where, extra, format_):
    place = tmp_path / where
    place.mkdir(parents=True)
    root = {"participants": [{"name": "a"}], "messages": [{"sender_name": "a", "timestamp_ms": 1, **extra}]}
    (place / "message_1.json").write_text(json.dumps(root))
    assert recognise(place)[0].name == format_
    assert recognise(place / "message_1.json")[0].name == format_


def test_a_whole_download_is_one_export_and_its_other_files_are_named(tmp_path):
    place = tmp_path / "your_facebook_activity" / "messages" / "inbox" / "a_1"
    place.mkdir(parents=True)
    root = {"participants": [{"name": "a"}], "messages": [{"sender_name": "a", "timestamp_ms": 1}]}
    (place / "message_1.json").write_text(json.dumps(root))
    (tmp_path / "your_facebook_activity" / "likes.json").write_text("{}")
    found = {report.path.removeprefix(str(tmp_path)): report for report in inspect(tmp_path)}
    assert found["/your_facebook_activity/messages"].messages == 1
    assert found["/your_facebook_activity/likes.json"].warnings


BOX = '<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder">{}</div>'
MESSAGE = BOX.format(
    '<h2 class="_a6-h">{}</h2><div class="_3-95 _a6-p"><div>{}</div></div><div class="_a6-o">{}</div>'
)


def page(folder: Path, *boxes: str) -> list[Record]:
    path = folder / "message_1.html"
    path.write_text(f"<html><title>Ania</title><body>{''.join(boxes)}</body></html>", encoding="utf-8")
    return list(MESSENGER.read(Export(path, path.parent, "message_1.html")))


def test_a_page_is_known_by_its_folder_and_classes(tmp_path):
    for folder, source in (("your_instagram_activity", INSTAGRAM), ("your_facebook_activity", MESSENGER)):
        place = tmp_path / folder
        place.mkdir()
        page(place, MESSAGE.format("Ania", "hej", "Mar 3, 2025 2:15 pm"))
        assert recognise(place / "message_1.html")[0] is source


def test_a_page_without_messages_is_named(tmp_path):
    (empty,) = page(tmp_path, BOX.format('<h2 class="_a6-h">Participants: Ania and Jan</h2>'))
    assert "without messages" in empty.why


@pytest.mark.parametrize(
    ("text", "lasted"),
    [
        ("Duration: 1 hour, 2 minutes, 3 seconds", 3723),
        ("Czas trwania: 5 s", 5),
        ("Длительность: 2 мин.", 120),
    ],
)
def test_a_page_tells_a_call_by_its_length(tmp_path, text, lasted):
    (call,) = page(
        tmp_path, MESSAGE.format("Ania", f"<div>Ania called you.</div>{text}", "Mar 3, 2025 2:15 pm")
    )
    assert (call.kind, call.duration_for, call.text) == (Kind.CALL, timedelta(seconds=lasted), "")


@given(
    st.lists(
        st.sampled_from(
            ["<div>", "</div>", "<ul class='_a6-q'><li>", "<a href='a.jpg'>", "<img src=''>", "x"]
        )
    )
)
def test_no_markup_makes_a_page_fail(tags):
    with TemporaryDirectory() as folder:
        found = page(Path(folder), MESSAGE.format("Ania", "".join(tags), "Mar 3, 2025 2:15 pm"), MESSAGE)
    assert len(found) == 2
