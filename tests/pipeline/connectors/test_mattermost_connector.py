"""Channels of Mattermost are archived whole, then followed by what changed, through every fault."""

import pytest
from chat_servers import BROKEN, CUT, Reply, slow_down

from service.errors import ConfigError
from service.intake.source import State
from service.pipeline import sources
from service.pipeline.connectors import mattermost as connecting


@pytest.fixture
def live(follow, mattermost, monkeypatch):
    mattermost.most = 5
    monkeypatch.setattr(connecting, "PAGE", 5)
    mattermost.users = {
        "u1": {"id": "u1", "username": "ewa", "first_name": "Ewa", "last_name": "Kłos"},
        "u2": {"id": "u2", "username": "olga", "nickname": "Ольга"},
    }
    mattermost.channel("klinika")
    return follow(mattermost, "mattermost")


@pytest.fixture
def say(mattermost):
    def post(*numbers):
        for number in numbers:
            mattermost.post("klinika", number)

    return post


def words(*numbers):
    return [f"slowo{number}" for number in numbers]


def test_a_channel_is_archived_whole_and_then_followed(live, say):
    say(*range(23))
    found = live.pull()
    assert (found.state, found.new) == (State.COMPLETE, 23)
    assert live.texts() == words(*range(23))
    assert live.conversations() == {"klinika": "Klinika"}
    say(*range(23, 30))
    assert live.pull().new == 7
    assert live.texts() == words(*range(30))
    assert live.pull().import_id is None
    live.assert_whole()


def test_a_talk_of_two_is_called_after_the_other(live, mattermost):
    mattermost.channel("d1", type="D", name="u1__u2", display_name="")
    mattermost.post("d1", 1)
    live.pull()
    assert live.conversations() == {"d1": "Ewa Kłos"}


def test_edits_deletions_and_reactions_are_followed(live, mattermost, say):
    say(1, 2, 3)
    live.pull()
    first, second, third = mattermost.posts["klinika"].values()
    late = third["update_at"] + 60_000
    first |= {"message": "Zgoda, 64 000", "edit_at": late, "update_at": late}
    second |= {"delete_at": late, "update_at": late, "message": ""}
    reaction = {"user_id": "u2", "emoji_name": "+1", "create_at": late}
    third |= {"update_at": late, "metadata": {"reactions": [reaction]}}
    found = live.pull()
    assert (found.state, found.new, found.changed) == (State.COMPLETE, 0, 2)
    assert live.versions() == ["Zgoda, 64 000"]
    assert live.texts() == words(1, 2, 3)
    assert live.deleted() == ["slowo2"]
    assert live.reactions() == [("👍", True)]
    assert live.pull().read == 0
    live.assert_whole()


def test_more_changes_than_the_server_tells_are_found_all_the_same(live, mattermost, say):
    say(*range(3))
    live.pull()
    say(*range(3, 30))
    mattermost.most_changed = 10
    original = connecting.CHANGED_AT_MOST
    connecting.CHANGED_AT_MOST = 10
    try:
        live.pull()
    finally:
        connecting.CHANGED_AT_MOST = original
    assert live.texts() == words(*range(30))
    live.assert_whole()


@pytest.mark.parametrize("fault", [BROKEN, CUT, slow_down(), Reply(200, b"not json")])
@pytest.mark.parametrize("at", ["/posts", "/users/ids", "/channels"])
def test_a_fault_in_the_middle_costs_nothing(live, mattermost, say, fault, at):
    say(*range(12))
    mattermost.fail(fault, fault, at=at)
    found = live.pull()
    assert (found.state, found.new) == (State.COMPLETE, 12)
    live.assert_whole()


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_run_that_is_killed_between_batches_goes_on_where_it_was(live, say, monkeypatch, batches):
    from service.pipeline import archive_chats

    say(*range(30))
    original, left = archive_chats.raise_cursor, [batches]

    def dying(*arguments):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        original(*arguments)

    with monkeypatch.context() as killed:
        killed.setattr(archive_chats, "raise_cursor", dying)
        with pytest.raises(KeyboardInterrupt):
            live.pull()
    assert len(live.messages()) == batches * 5
    say(*range(30, 40))
    live.begin()
    live.pull()
    assert live.texts() == words(*range(40))
    live.assert_whole()


def test_files_are_fetched(live, mattermost):
    mattermost.files = {"f1": b"%PDF-1.7"}
    file = {"id": "f1", "name": "umowa.pdf", "mime_type": "application/pdf", "size": 8}
    mattermost.post("klinika", 1, metadata={"files": [file, file | {"id": "f2", "name": "gone.pdf"}]})
    assert live.pull().state == State.COMPLETE
    files = dict(live.files())
    assert files["umowa.pdf"] == b"%PDF-1.7"
    assert "403" in files["gone.pdf"]


def test_a_token_that_is_refused_waits_for_a_person(live, mattermost):
    mattermost.token = "another"
    assert live.pull().state == State.SIGN_IN


def test_a_channel_that_is_refused_costs_no_other(live, mattermost, say):
    mattermost.channels.insert(0, {"id": "secret", "type": "P", "display_name": "Secret", "name": "secret"})
    say(1)
    found = live.pull()
    assert (found.state, found.new) == (State.INCOMPLETE, 1)
    assert "permission" in live.chats["secret"].trouble


def test_comparing_everything_reads_the_channel_again_and_adds_nothing(live, say):
    say(*range(12))
    live.pull()
    live.begin()
    found = live.pull(reconcile=True)
    assert (found.state, found.new, found.read) == (State.COMPLETE, 0, 12)


@pytest.mark.parametrize("settings", [{}, {"server": "http://chat.example.com"}, {"exclude": "x"}])
def test_what_cannot_work_is_refused_when_it_is_added(house, settings):
    with pytest.raises(ConfigError):
        sources.add(house, "Chat", "mattermost", settings, sources.password_secret("x"))
