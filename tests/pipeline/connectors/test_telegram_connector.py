"""A bot's chats are archived as an export would have them: once, whole, and resumed after any fault."""

from datetime import timedelta
from threading import Event

import pytest
import time_machine
from chat_servers import BROKEN, CUT, Reply, slow_down

from service import clock
from service.errors import ConfigError, ScriptaError
from service.intake.source import State
from service.pipeline import sources
from service.pipeline.ingest import Wish, ingest

GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Клиника: сайт"}
EWA = {"id": 4815, "is_bot": False, "first_name": "Ewa", "last_name": "Kłos"}
OLGA = {"id": 12, "is_bot": False, "first_name": "Ольга"}
BEGAN = 1_772_445_600


def message(number: int, text: str = "", *, chat=GROUP, author=EWA, **more):
    return {
        "message_id": number,
        "from": author,
        "chat": chat,
        "date": BEGAN + number,
        **({"text": text} if text else {}),
        **more,
    }


@pytest.fixture
def live(follow, telegram):
    return follow(telegram, "telegram_bot")


def test_what_was_written_is_archived_once_and_confirmed_only_then(live, telegram):
    for number in range(250):
        telegram.add(message=message(number, f"slowo{number}"))
    found = live.pull()
    assert (found.state, found.new, found.known) == (State.COMPLETE, 250, 0)
    assert live.texts() == [f"slowo{number}" for number in range(250)]
    assert live.conversations() == {"1234567890": "Клиника: сайт"}
    assert telegram.updates == []
    assert live.chats[""].cursor == "1250"
    found = live.pull()
    assert (found.read, found.import_id) == (0, None)
    live.assert_whole()


def test_a_message_is_the_one_that_an_export_of_the_chat_holds(live, telegram, tmp_path):
    telegram.add(message=message(7, "Согласовано, 64 000."))
    live.pull()
    (tmp_path / "result.json").write_text(
        '{"name": "Klinika", "type": "private_supergroup", "id": 1234567890, "messages": [{"id": 7, "type": '
        f'"message", "date": "2026-03-02T11:00:07", "date_unixtime": "{BEGAN + 7}", "from": "Ewa", '
        '"from_id": "user4815", "text": "Согласовано, 64 000."}]}'
    )
    imported = ingest(live.house, [tmp_path / "result.json"], Wish())
    assert (imported.new, imported.known) == (0, 1)
    assert len(live.messages()) == 1


def test_updates_that_come_again_and_out_of_order_add_nothing(live, telegram):
    telegram.add(message=message(1, "one"))
    telegram.add(edited_message=message(1, "one, mended", edit_date=BEGAN + 60))
    live.pull()
    telegram.add(edited_message=message(1, "one, mended", edit_date=BEGAN + 60))
    telegram.add(message=message(1, "one"))
    telegram.add(message=message(2, "two"))
    found = live.pull()
    assert (found.state, found.new) == (State.COMPLETE, 1)
    assert live.texts() == ["one", "two"]
    assert "one, mended" in live.versions()
    live.assert_whole()


@pytest.mark.parametrize("fault", [BROKEN, CUT, Reply(200, b"not json"), slow_down(), Reply(502, b"")])
def test_a_fault_in_the_middle_costs_nothing(live, telegram, fault):
    for number in range(150):
        telegram.add(message=message(number, f"slowo{number}"))
    telegram.fail(fault, fault, at="getUpdates")
    found = live.pull()
    assert (found.state, found.new) == (State.COMPLETE, 150)
    live.assert_whole()


def test_a_batch_that_is_not_committed_is_asked_for_again(live, telegram, monkeypatch):
    from service.pipeline import archive_chats

    for number in range(150):
        telegram.add(message=message(number, f"slowo{number}"))
    original = archive_chats.raise_cursor
    left = [1]

    def dying(*arguments):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        original(*arguments)

    with monkeypatch.context() as killed:
        killed.setattr(archive_chats, "raise_cursor", dying)
        with pytest.raises(KeyboardInterrupt):
            live.pull()
    assert len(live.messages()) == 100
    live.begin()
    assert live.pull().new == 50
    live.assert_whole()


def test_updates_that_are_numbered_from_somewhere_else_are_read_as_well(live, telegram):
    telegram.add(message=message(1, "one"))
    live.pull()
    telegram.last = 500
    telegram.add(message=message(2, "two"))
    assert live.pull().new == 1
    assert telegram.updates == []


def test_a_long_pause_that_is_asked_for_ends_the_run_and_is_kept(live, telegram):
    telegram.fail(slow_down(300))
    found = live.pull()
    assert found.state == State.FAILING
    assert "300 seconds" in found.detail
    assert live.source.next_at is not None


def test_a_token_that_is_not_known_waits_for_a_person(live, telegram):
    telegram.token = "77:another-token-of-that-bot"
    found = live.pull()
    assert found.state == State.SIGN_IN
    assert "enter a new one" in found.detail
    assert "AbCdEf" not in found.detail


def test_the_token_is_in_no_error_and_in_no_log(live, telegram, caplog):
    with caplog.at_level("DEBUG"):
        telegram.fail(*[CUT] * 20)
        found = live.pull()
    assert found.state == State.FAILING
    assert telegram.token not in found.detail + caplog.text


def test_a_webhook_is_named_with_what_to_do(live, telegram):
    telegram.webhook = True
    found = live.pull()
    assert found.state == State.FAILING
    assert "webhook" in found.detail
    assert "bot for Scripta alone" in found.detail


def test_an_answer_without_end_is_not_taken(live, telegram, monkeypatch):
    from service.sources.live import ask

    monkeypatch.setattr(ask, "LARGEST_ANSWER", 2 * 1024 * 1024)
    telegram.fail(Reply(200, b"x" * (3 * 1024 * 1024)))
    found = live.pull()
    assert found.state == State.FAILING
    assert "more than 2 MiB" in found.detail


def test_the_token_is_not_sent_on_to_another_place(live, telegram):
    telegram.fail(Reply(302, b"", (("Location", "http://127.0.0.1:9/elsewhere"),)))
    found = live.pull()
    assert found.state == State.FAILING
    assert "another address" in found.detail


def test_files_come_with_their_messages_and_only_once(live, telegram):
    telegram.files = {"photos/1.jpg": b"\xff\xd8\xff big", "voice/1.oga": b"OggS"}
    sizes = [{"file_id": "small", "width": 90}, {"file_id": "photos/1.jpg", "width": 1280}]
    telegram.add(message=message(1, photo=sizes, caption="макет"))
    telegram.add(
        message=message(2, voice={"file_id": "voice/1.oga", "duration": 7, "mime_type": "audio/ogg"})
    )
    telegram.add(message=message(3, document={"file_id": "gone", "file_name": "umowa.pdf", "file_size": 5}))
    large = {"file_id": "large", "file_name": "film.mov", "file_size": 30_000_000}
    telegram.add(message=message(4, document=large))
    assert live.pull().state == State.COMPLETE
    files = dict(live.files())
    assert files["photo.jpg"] == b"\xff\xd8\xff big"
    assert files["voice.ogg"] == b"OggS"
    assert "does not" in files["umowa.pdf"] or "refused" in files["umowa.pdf"]
    assert "20 MB" in files["film.mov"]
    assert [one.kind for one in live.messages()] == ["image", "voice", "file", "file"]
    telegram.asked.clear()
    telegram.add(message=message(1, photo=sizes, caption="макет"))
    live.pull()
    assert telegram.paths("getFile") == []


def test_a_file_over_which_the_connection_always_breaks_off_costs_no_message(live, telegram):
    telegram.files = {"1.jpg": b"\xff\xd8\xff"}
    telegram.add(message=message(1, photo=[{"file_id": "1.jpg"}], caption="макет"))
    telegram.add(message=message(2, "дальше"))
    telegram.fail(*[CUT] * 3, at="/file/")
    assert live.pull().state == State.COMPLETE
    assert live.texts() == ["макет", "дальше"]
    assert "broke off" in dict(live.files())["photo.jpg"]


def test_business_chats_are_kept_apart_by_the_account_whose_they_are(live, telegram):
    ewa = {"id": 4815, "type": "private", "first_name": "Ewa"}
    said = {"business_connection_id": "c1"}
    telegram.add(business_message=message(5, "Согласны?", chat=ewa, author=OLGA, **said))
    telegram.add(business_message=message(6, "Да", chat=ewa, **said))
    telegram.add(message=message(5, "/start", chat=ewa))
    telegram.add(edited_business_message=message(6, "Да!", chat=ewa, edit_date=BEGAN + 90, **said))
    telegram.add(deleted_business_messages={"chat": ewa, "message_ids": [5], **said})
    assert live.pull().state == State.COMPLETE
    assert live.conversations() == {"4815@user12": "Ewa", "4815@bot77": "Ewa"}
    assert sorted(live.texts()) == ["/start", "Да", "Согласны?"]
    assert live.deleted() == ["Согласны?"]
    with time_machine.travel(BEGAN + 86_400):
        telegram.add(deleted_business_messages={"chat": ewa, "message_ids": [6], **said})
        live.pull()
    assert sorted(live.deleted()) == ["Да", "Согласны?"]
    live.assert_whole()


def test_reactions_are_put_on_their_message_and_taken_back(live, telegram):
    def react(at, old, new):
        told = {"chat": GROUP, "message_id": 1, "user": EWA, "date": BEGAN + at}
        emoji = [[{"type": "emoji", "emoji": one} for one in some] for some in (old, new)]
        telegram.add(message_reaction=told | {"old_reaction": emoji[0], "new_reaction": emoji[1]})

    telegram.add(message=message(1, "Согласуете?"))
    react(300, "", "👍")
    live.pull()
    assert live.reactions() == [("👍", True)]
    react(400, "👍", "")
    react(500, "", "🔥")
    live.pull()
    assert live.reactions() == [("👍", False), ("🔥", True)]
    react(600, "🔥", "👍")
    react(700, "👍", "")
    react(800, "", "👍")
    live.pull()
    assert [emoji for emoji, stands in live.reactions() if stands] == ["👍"]
    live.assert_whole()


def test_what_a_bot_cannot_see_is_told_with_what_to_do(live, telegram):
    telegram.reads_groups = False
    member = {"chat": GROUP, "from": OLGA, "date": BEGAN, "old_chat_member": {"status": "left"}}
    telegram.add(my_chat_member=member | {"new_chat_member": {"status": "member"}})
    live.pull()
    assert "privacy" in live.chats["1234567890"].trouble
    telegram.add(my_chat_member=member | {"new_chat_member": {"status": "administrator"}})
    live.pull()
    assert live.chats["1234567890"].trouble == ""
    telegram.add(my_chat_member=member | {"new_chat_member": {"status": "kicked"}})
    live.pull()
    assert "no longer in this chat" in live.chats["1234567890"].trouble


def test_more_than_a_day_without_asking_is_told(live, telegram):
    live.pull()
    with time_machine.travel(clock.now() + timedelta(hours=30)):
        telegram.add(message=message(1, "one"))
        found = live.pull()
    assert found.state == State.INCOMPLETE
    assert "24 hours" in found.detail
    assert "24 hours" in live.chats[""].trouble


def test_a_wait_ends_when_something_comes_and_confirms_nothing(live, telegram):
    live.pull()
    telegram.add(message=message(1, "one"))
    live.connection.wait(Event(), 30)
    assert len(telegram.updates) == 1
    assert live.pull().new == 1


@pytest.mark.parametrize(
    ("settings", "token"),
    [
        ({}, "no token"),
        ({}, "77:abc/../../x"),
        ({"server": "http://api.telegram.org"}, "77:AbCdEfGhIjKl"),
        ({"server": "https://api.telegram.org?x=1"}, "77:AbCdEfGhIjKl"),
        ({"server": "https://user@api.telegram.org"}, "77:AbCdEfGhIjKl"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_added(house, settings, token):
    with pytest.raises(ConfigError) as refused:
        sources.add(house, "Bot", "telegram_bot", settings, sources.password_secret(token))
    assert "AbCdEf" not in str(refused.value)


def test_removing_the_source_keeps_its_messages(live, telegram):
    telegram.add(message=message(1, "one"))
    live.pull()
    sources.remove(live.house, live.source_id)
    assert live.texts() == ["one"]
    assert live.chats == {}


def test_another_server_needs_the_token_again(live):
    with pytest.raises(ScriptaError, match="again"):
        sources.change(live.house, live.source_id, {"server": "https://evil.example"})
