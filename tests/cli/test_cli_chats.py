"""Chats are followed by commands: added with a token, pulled, shown, and mended."""

import json

import pytest
from chat_servers import TelegramServer, listening
from command import Ended, assert_refused

CHAT = {"id": -1001234567890, "type": "supergroup", "title": "Clinic"}
EWA = {"id": 4815, "first_name": "Ewa"}


@pytest.fixture
def telegram():
    with listening(TelegramServer()) as server:
        server.add(
            message={
                "message_id": 1,
                "from": EWA,
                "chat": CHAT,
                "date": 1_772_445_600,
                "text": "Zgoda, 64 000.",
            }
        )
        yield server


@pytest.fixture
def run(run_here, tmp_path):
    def run(*arguments: object, sent: str = "") -> Ended:
        if not sent:
            return run_here(*arguments, "--data", tmp_path / "data")
        kept = tmp_path / "token"
        kept.write_text(sent)
        return run_here(*arguments, "--token-file", kept, "--data", tmp_path / "data")

    return run


def test_a_bot_is_added_pulled_and_shown(run, telegram):
    added = run("sources", "add-telegram", "--server", telegram.url, sent=telegram.token + "\n")
    assert (added.code, added.out) == (0, "Telegram bot was added.\n")
    pulled = run("pull")
    assert (pulled.code, "1 new" in pulled.out) == (0, True)
    shown = run("sources", "show", "telegram bot")
    assert (shown.code, shown.out.splitlines()[-1]) == (0, "Clinic: followed")
    (chat,) = json.loads(run("sources", "show", "telegram bot", "--json").out)["chats"]
    assert (chat["key"], chat["title"], chat["trouble"]) == ("1234567890", "Clinic", "")
    assert telegram.token not in added.out + pulled.out + shown.out


def test_a_chat_in_trouble_ends_with_3(run, telegram):
    member = {"chat": CHAT, "from": EWA, "date": 1_772_445_600, "new_chat_member": {"status": "kicked"}}
    telegram.add(my_chat_member=member)
    run("sources", "add-telegram", "--server", telegram.url, sent=telegram.token)
    run("pull")
    shown = run("sources", "show", "telegram bot")
    assert shown.code == 3
    assert "no longer in this chat" in shown.out


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (("add-slack", "--exclude", "random"), "slack"),
        (
            ("add-mattermost", "https://chat.agency.example", "--name", "Chats", "--include", "klinika*"),
            "mattermost",
        ),
        (("add-matrix", "https://matrix.agency.example"), "matrix"),
    ],
)
def test_the_others_are_added_as_well(run, command, kind):
    assert run("sources", *command, sent="a-token").code == 0
    (one,) = json.loads(run("sources", "--json").out)
    assert (one["kind"], one["state"]) == (kind, "new")


def test_what_cannot_work_is_refused(run):
    assert_refused(run("sources", "add-telegram", sent="no token"), "BotFather")
    assert_refused(run("sources", "add-matrix", "http://matrix.example.com", sent="x"), "https")
    assert_refused(run("sources", "add-slack"), "--token-file")
    assert_refused(run("sources", "add-slack", sent="\n"), "is empty: write the token into it")
