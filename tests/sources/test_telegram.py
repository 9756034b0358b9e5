import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.telegram import SOURCE
from service.sources.raw_message import Kind, RawMessage, Unreadable
from service.sources.source import Export, Sample

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
KEYS = [
    *(
        "id",
        "type",
        "date",
        "date_unixtime",
        "edited",
        "edited_unixtime",
        "from",
        "from_id",
        "actor",
        "actor_id",
    ),
    *(
        "action",
        "text",
        "text_entities",
        "photo",
        "file",
        "file_name",
        "file_size",
        "media_type",
        "mime_type",
    ),
    *("duration_seconds", "poll", "contact_information", "location_information", "members", "forwarded_from"),
    *("reply_to_message_id", "reply_to_peer_id", "duration", "discard_reason", "author", "sticker_emoji"),
    *("reactions", "rich_message", "todo_list", "invoice_information", "giveaway_results", "gift_text"),
    *("saved_from", "completed", "items", "contact_vcard"),
]
TYPES = st.sampled_from(["message", "service", "unsupported", "?"])
RECORDS = st.builds(
    lambda record, kind: record | {"type": kind},
    st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8),
    TYPES,
)


def read(folder: Path, root) -> list:
    path = folder / "result.json"
    path.write_text(root if isinstance(root, str) else json.dumps(root), encoding="utf-8")
    return list(SOURCE.read(Export(path, folder, "chat/result.json")))


def one(folder: Path, **record) -> RawMessage:
    message = {"id": 1, "type": "message", "text": "", **record}
    (found,) = read(folder, {"name": "x", "type": "personal_chat", "id": 5, "messages": [message]})
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("telegram")


@given(
    records=st.lists(RECORDS | JSON, max_size=5), chat=st.dictionaries(st.text(max_size=5), JSON, max_size=3)
)
def test_whatever_the_records_are_none_disappears(folder, records, chat):
    found = read(folder, {**chat, "messages": records})
    assert len(found) == len(records)
    for record in found:
        stored = record.why if isinstance(record, Unreadable) else record.text + record.detail
        assert "\0" not in stored.encode().decode()


@given(content=st.text())
def test_no_text_makes_the_reader_fail(folder, content):
    assert all(
        isinstance(record, (RawMessage, Unreadable)) for record in read(folder, content.replace("\ud800", ""))
    )


@given(
    instant=st.integers(min_value=1_400_000_000, max_value=2_000_000_000),
    minutes=st.integers(min_value=-12 * 60, max_value=14 * 60),
)
def test_clock_time_and_instant_together_give_the_offset(folder, instant, minutes):
    local = datetime.fromtimestamp(instant, UTC).replace(tzinfo=None) + timedelta(minutes=minutes)
    message = one(folder, date=local.isoformat(), date_unixtime=str(instant))
    assert message.sent_at.timestamp() == instant
    assert message.sent_at.utcoffset() == timedelta(minutes=minutes)


def test_a_time_without_an_instant_stays_without_a_zone(tmp_path):
    assert one(tmp_path, date="2019-05-31T10:32:27").sent_at == datetime.fromisoformat("2019-05-31T10:32:27")


def test_an_instant_that_contradicts_the_clock_wins(tmp_path):
    message = one(tmp_path, date="2031-01-01T00:00:00", date_unixtime="1709535600")
    assert message.sent_at == datetime(2024, 3, 4, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "never", ["1970-01-01T05:00:00", "1969-12-31T19:00:00", "1970-01-01T00:00:00", "", None]
)
def test_the_epoch_as_edit_time_means_never_edited(tmp_path, never):
    message = one(tmp_path, date="2019-05-31T10:32:27", edited=never)
    assert not message.edited
    assert message.edited_at is None


def test_an_edit_without_an_instant_is_in_the_zone_of_the_message(tmp_path):
    message = one(
        tmp_path, date="2024-03-04T10:00:00", date_unixtime="1709535600", edited="2024-03-04T10:01:00"
    )
    assert message.edited_at - message.sent_at == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("number", "address"),
    [(44444444, "user44444444"), ("user7", "user7"), ((1 << 32) + 99, "user99"), ((2 << 32) + 7, "channel7")],
)
def test_ids_of_all_years_name_the_same_person(tmp_path, number, address):
    assert one(tmp_path, **{"from": None, "from_id": number}).author.value == address


def test_a_reply_in_a_topic_stays_in_it(tmp_path):
    opened = {"id": 1, "type": "service", "action": "topic_created", "title": "Logo"}
    said = [{"id": number, "type": "message", "reply_to_message_id": number - 1} for number in range(2, 6)]
    found = read(tmp_path, {"name": "x", "type": "private_supergroup", "id": 5, "messages": [opened, *said]})
    assert [record.thread for record in found] == ["1"] * 5
    assert [record.reply_to for record in found] == [None, None, "2", "3", "4"]


def test_topics_of_one_chat_are_none_of_the_next(tmp_path):
    opened = {"id": 1, "type": "service", "action": "topic_created"}
    answer = {"id": 2, "type": "message", "reply_to_message_id": 1}
    chats = [{"id": 5, "messages": [opened, answer]}, {"id": 6, "messages": [answer]}]
    found = read(tmp_path, {"chats": {"list": chats}})
    assert [(record.thread, record.reply_to) for record in found] == [("1", None), ("1", None), (None, "1")]


def test_reactions_beyond_those_named_are_counted(tmp_path):
    named = {"from": "Jan", "from_id": "user2", "date": "2024-03-04T10:02:00"}
    reaction = {"type": "emoji", "emoji": "👍", "count": 7, "recent": [named]}
    message = one(tmp_path, date="2024-03-04T10:00:00", date_unixtime="1709535600", reactions=[reaction])
    jan, others = message.reactions
    assert (jan.actor.value, jan.at - message.sent_at) == ("user2", timedelta(minutes=2))
    assert (others.actor, others.count) == (None, 6)


def test_pages_beside_the_export_say_the_same_and_are_claimed(tmp_path):
    export = tmp_path / "result.json"
    for name in ("messages.html", "messages12.html", "export_results.html", "notes.html"):
        (tmp_path / name).touch()
    claimed = [path.name for path in sorted(tmp_path.iterdir()) if SOURCE.claims(export, path)]
    assert claimed == ["export_results.html", "messages.html", "messages12.html"]


def test_a_gift_code_is_shown_nowhere(tmp_path):
    message = one(tmp_path, type="service", action="gift_code_prize", gift_code="sEcReT", slug="sEcReT")
    assert "sEcReT" not in f"{message.text}{message.detail}{message.warnings}"


def test_a_round_video_is_words_that_exist_only_as_sound(tmp_path):
    message = one(tmp_path, file="(File not included)", media_type="video_message", duration_seconds=12)
    assert (message.kind, message.duration_for) == (Kind.VOICE, timedelta(seconds=12))
    assert message.attachments[0].missing == "File not included"


@pytest.mark.parametrize(
    "path", ["../secret", "/etc/passwd", "a/../../secret", "..\\secret", "link", "\0", "."]
)
def test_a_path_that_leaves_the_export_is_not_followed(tmp_path, path):
    (tmp_path / "secret").write_text("secret")
    export = tmp_path / "export"
    export.mkdir()
    (export / "link").symlink_to(tmp_path / "secret")
    assert one(export, file=path).attachments[0].load is None


def test_the_export_is_known_by_content_whatever_its_name(tmp_path):
    head = b'{ "name": null, "type": "personal_chat", "id": 1, "messages": ['
    assert SOURCE.score(Sample(tmp_path / "download.txt", head)) > 0.9
    assert SOURCE.score(Sample(tmp_path / "result.json", b'{"messages": []}')) == 0
    assert SOURCE.score(Sample(tmp_path / "result.json", b"From: type personal_chat")) == 0


def test_memory_does_not_grow_with_the_file(tmp_path):
    record = {"id": 1, "type": "message", "date": "2019-05-31T10:32:27", "from": "A", "from_id": 5}
    path = tmp_path / "result.json"
    with path.open("w") as file:
        file.write('{"name": "x", "type": "personal_chat", "id": 5, "messages": [')
        file.write(",".join([json.dumps({**record, "text": "x" * 2000})] * 4000) + "]}")
    tracemalloc.start()
    count = sum(1 for _ in SOURCE.read(Export(path, tmp_path, "x")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 4000
    assert peak < path.stat().st_size / 10
