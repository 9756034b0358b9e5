"""Messages of the Bot API become the records that an export of the chat holds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.sources.live.chat import Chat, position
from service.sources.live.telegram_message import (
    Owner,
    read_chat,
    read_deletion,
    read_message,
    read_reaction,
)
from service.sources.raw_message import Kind, RawMessage

CHAT = Chat("1234567890", "Klinika", "telegram:bot77/-1001234567890")
EWA = {"id": 4815, "first_name": "Ewa", "last_name": "Kłos"}
BOT = Owner("bot77")


def read(**content) -> RawMessage:
    told = {"message_id": 7, "date": 1_772_445_600, "from": EWA} | content
    return read_message({key: value for key, value in told.items() if value is not None}, CHAT, str.encode)


@pytest.mark.parametrize(
    ("chat", "key"),
    [
        ({"id": -1001234567890}, "1234567890"),
        ({"id": -1000000000001}, "1"),
        ({"id": -4815}, "4815@bot77"),
        ({"id": 4815}, "4815@bot77"),
        ({"id": "x"}, "0@bot77"),
        ({}, "0@bot77"),
    ],
)
def test_only_numbers_that_all_share_are_those_of_an_export(chat, key):
    assert read_chat(chat, BOT).key == key


def test_who_wrote_is_named_as_exports_do():
    one = read(text="Да")
    assert (one.author.value, one.author.name) == ("user4815", "Ewa Kłos")
    channel = read(text="Да", sender_chat={"id": -1001234567890, "title": "Klinika"})
    assert (channel.author.value, channel.author.name) == ("channel1234567890", "Klinika")
    assert read(text="Да", **{"from": None}).author is None


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ({"text": "Да"}, Kind.TEXT, "Да"),
        ({"photo": [{"file_id": "a", "width": 90}], "caption": "макет"}, Kind.IMAGE, "макет"),
        ({"voice": {"file_id": "a", "duration": 7}}, Kind.VOICE, ""),
        ({"video_note": {"file_id": "a", "duration": 7}}, Kind.VOICE, ""),
        ({"document": {"file_id": "a", "mime_type": "image/png"}}, Kind.IMAGE, ""),
        ({"document": {"file_id": "a", "mime_type": "application/pdf"}}, Kind.FILE, ""),
        ({"sticker": {"file_id": "a", "emoji": "👍"}}, Kind.FILE, ""),
        (
            {"poll": {"question": "Цвет?", "options": [{"text": "синий", "voter_count": 2}]}},
            Kind.TEXT,
            "Цвет?\n- синий (2)",
        ),
        ({"contact": {"first_name": "Ewa", "phone_number": "48600"}}, Kind.TEXT, "Ewa, 48600"),
        ({"location": {"latitude": 52.1, "longitude": 21}}, Kind.TEXT, "52.1, 21"),
        (
            {
                "venue": {
                    "title": "Klinika",
                    "address": "ul. Długa 1",
                    "location": {"latitude": 1, "longitude": 2},
                }
            },
            Kind.TEXT,
            "Klinika\nul. Długa 1\n1, 2",
        ),
        ({"something_new": {"a": 1}}, Kind.UNKNOWN, ""),
    ],
)
def test_what_is_said_is_kept_whatever_it_is_said_with(content, kind, text):
    one = read(**content)
    assert (one.kind, one.text) == (kind, text)


@pytest.mark.parametrize(
    ("content", "kind", "detail"),
    [
        ({"new_chat_members": [EWA]}, Kind.SYSTEM, "invite_members: Ewa Kłos"),
        ({"new_chat_title": "Klinika 2"}, Kind.SYSTEM, "edit_group_title: Klinika 2"),
        ({"forum_topic_created": {"name": "Оплата"}}, Kind.SYSTEM, "topic_created: Оплата"),
        ({"pinned_message": {"message_id": 5, "text": "x"}}, Kind.SYSTEM, "pin_message"),
        ({"video_chat_ended": {"duration": 90}}, Kind.CALL, "group_call"),
        ({"something_new": {}}, Kind.UNKNOWN, "something_new"),
    ],
)
def test_what_happens_is_told_in_the_words_of_exports(content, kind, detail):
    one = read(**content)
    assert (one.kind, one.detail, one.text) == (kind, detail, "")


def test_answers_threads_edits_and_forwards_are_kept():
    one = read(
        text="Да",
        reply_to_message={"message_id": 5},
        is_topic_message=True,
        message_thread_id=3,
        edit_date=1_772_445_660,
        forward_origin={"type": "hidden_user", "sender_user_name": "Игорь"},
    )
    assert (one.reply_to, one.thread, one.forwarded_from) == ("5", "3", "Игорь")
    assert one.edited_at - one.sent_at == timedelta(minutes=1)
    elsewhere = {"message_id": 9, "chat": {"id": -1001}}
    assert read(text="Да", external_reply=elsewhere).reply_to == "chat1001/9"


def test_a_file_is_fetched_by_its_id_and_one_too_large_is_named():
    (file,) = read(document={"file_id": "f1", "file_name": "umowa.pdf", "file_size": 8}).attachments
    assert (file.name, file.media_type, file.load()) == ("umowa.pdf", "application/pdf", b"f1")
    (large,) = read(video={"file_id": "f2", "file_size": 21 * 1024 * 1024}).attachments
    assert large.load is None
    assert "20 MB" in large.missing


def test_a_voice_message_has_its_length():
    assert read(voice={"file_id": "a", "duration": 7}).duration_for == timedelta(seconds=7)


def test_places_keep_the_order_of_messages_within_a_minute():
    began = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    places = [
        position(began + timedelta(seconds=second), order) for second in range(60) for order in range(60)
    ]
    assert [place % 4096 for place in places] == sorted({place % 4096 for place in places})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        *(
            "message_id",
            "date",
            "edit_date",
            "from",
            "sender_chat",
            "chat",
            "text",
            "caption",
            "photo",
            "voice",
        ),
        *("document", "animation", "poll", "contact", "location", "venue", "dice", "forward_origin"),
        *("reply_to_message", "external_reply", "message_thread_id", "is_topic_message", "paid_media"),
        *("pinned_message", "forum_topic_created", "video_chat_ended", "checklist", "user", "sticker"),
        *("new_chat_members", "old_reaction", "new_reaction", "actor_chat", "id", "title"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, JUNK | st.dictionaries(KEYS, JUNK, max_size=4), max_size=8))
def test_nothing_that_comes_is_too_strange_to_be_kept(raw):
    chat = read_chat(raw, BOT)
    one = read_message(raw, chat, str.encode)
    reacted = read_reaction(raw, chat)
    gone = read_deletion("7", chat, datetime(2026, 3, 2, tzinfo=UTC), None)
    for record in (one, gone, *reacted.added):
        assert record.original
        assert record.position < 2**62
        (record.text + record.detail + record.external_id + chat.key + chat.title).encode()
