"""Channels of Slack are archived whole, with threads, edits and deletions, through every fault."""

from datetime import timedelta

import pytest
import time_machine
from chat_servers import BROKEN, CUT, Reply, slow_down

from service.clock import now
from service.errors import ConfigError
from service.intake.source import State
from service.pipeline import sources
from service.pipeline.connectors import slack as connecting

BEGAN = 1_772_445_600


@pytest.fixture(autouse=True)
def _in_march():
    with time_machine.travel(BEGAN + 86_400, tick=True):
        yield


def message(number, text="", **more):
    return {"type": "message", "user": "U1", "ts": ts(number), "text": text or f"slowo{number}", **more}


def ts(number):
    return f"{BEGAN + number}.000100"


@pytest.fixture
def live(follow, slack):
    slack.users = [
        {"id": "U1", "name": "ewa", "profile": {"display_name": "Ewa Kłos"}},
        {"id": "U2", "name": "olga", "profile": {"display_name": "Ольга"}},
    ]
    slack.channel("C1", name="klinika")
    return follow(slack, "slack")


@pytest.fixture
def c1(live):
    return live.server.messages["C1"]


def test_a_channel_is_archived_whole_page_by_page(live, slack, c1):
    slack.most = 7
    c1.extend(message(number) for number in range(40))
    found = live.pull()
    assert (found.state, found.new) == (State.COMPLETE, 40)
    assert live.texts() == [f"slowo{number}" for number in range(40)]
    assert live.conversations() == {"C1": "klinika"}
    c1.append(message(40))
    assert live.pull().new == 1
    assert live.pull().import_id is None
    live.assert_whole()


def test_conversations_of_others_are_not_asked_for(live, slack):
    slack.channel("C2", name="public", is_member=False)
    slack.channel("D1", is_member=False, is_im=True, user="U2").append(message(1))
    assert live.pull().state == State.COMPLETE
    assert live.conversations() == {"D1": "Ольга"}


def test_a_third_voice_in_a_talk_of_two_opens_no_other_talk(live, slack):
    talk = slack.channel("D1", is_member=False, is_im=True, user="U2")
    talk.extend([message(1, user="U2"), message(2), message(3, user="U2"), message(4)])
    live.pull()
    talk.append({"type": "message", "subtype": "bot_message", "bot_id": "B1", "ts": ts(5), "text": "Zoom"})
    live.pull()
    assert live.conversations() == {"D1": "Ольга"}


def test_only_what_was_chosen_is_followed(live, slack, c1):
    c1.append(message(1))
    slack.channel("C2", name="random").append(message(2))
    sources.change(live.house, live.source_id, {"server": slack.url, "exclude": ["rand*"]})
    live.pull()
    assert live.conversations() == {"C1": "klinika"}


def test_threads_come_with_late_answers_edits_and_deletions(live, c1, monkeypatch):
    c1.extend([message(1, "Согласуете?"), message(2, "Да", thread_ts=ts(1)), message(3)])
    live.pull()
    assert live.texts() == ["Согласуете?", "Да", "slowo3"]
    c1.append(message(50, "Поздний ответ", thread_ts=ts(1)))
    c1[1] = message(2, "Да, согласуем", thread_ts=ts(1), edited={"user": "U1", "ts": ts(60)})
    del c1[2]
    monkeypatch.setattr(connecting, "LOOK_BACK_EVERY_S", 0.0)
    found = live.pull()
    assert (found.state, found.new, found.gone) == (State.COMPLETE, 1, 1)
    assert "Поздний ответ" in live.texts()
    assert "Да, согласуем" in live.versions() + live.texts()
    assert live.pull().read == 0
    live.assert_whole()


def test_an_answer_in_a_thread_older_than_the_look_back_is_not_taken_for_deleted(live, slack, c1):
    slack.asked.clear()
    c1.extend([message(-86_400 * 20, "Старый вопрос"), message(5, "Ответ", thread_ts=ts(-86_400 * 20))])
    live.pull()
    live.begin()
    found = live.pull()
    assert (found.gone, found.state) == (0, State.COMPLETE)
    live.begin()
    assert live.pull(reconcile=True).gone == 0


def test_a_fresh_process_finds_what_was_deleted_meanwhile(live, c1):
    c1.extend(message(number) for number in range(5))
    live.pull()
    live.begin()
    del c1[2]
    found = live.pull()
    assert (found.gone, found.new) == (1, 0)
    assert len(live.messages()) == 5
    assert live.deleted() == ["slowo2"]
    live.begin()
    assert live.pull().gone == 0
    live.assert_whole()


@pytest.mark.parametrize("fault", [BROKEN, CUT, slow_down(), Reply(200, b"not json")])
@pytest.mark.parametrize("at", ["history", "replies", "users.list"])
def test_a_fault_in_the_middle_costs_nothing(live, slack, c1, fault, at):
    slack.most = 5
    c1.extend(message(number) for number in range(20))
    c1.append(message(30, "ответ", thread_ts=ts(3)))
    slack.fail(fault, fault, at=at)
    found = live.pull()
    assert (found.state, found.new) == (State.COMPLETE, 21)
    live.assert_whole()


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_run_that_is_killed_between_batches_goes_on_where_it_was(live, slack, c1, monkeypatch, batches):
    from service.pipeline import archive_chats

    slack.most = 5
    c1.extend(message(number) for number in range(30))
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
    c1.extend(message(number) for number in range(30, 40))
    live.begin()
    live.pull()
    live.pull()
    assert live.texts() == [f"slowo{number}" for number in range(40)]
    live.assert_whole()


def test_files_are_fetched_with_the_token_from_slack_alone(live, slack, c1):
    slack.files = {"T1/brief.pdf": b"%PDF-1.7"}
    file = {"id": "F1", "name": "brief.pdf", "mimetype": "application/pdf", "mode": "hosted", "size": 8}
    c1.append(message(1, files=[file | {"url_private": f"{slack.url}/files/T1/brief.pdf"}]))
    c1.append(
        message(2, files=[file | {"name": "evil.pdf", "url_private": "https://slack.com.evil.example/x"}])
    )
    c1.append(message(3, files=[file | {"name": "gone.pdf", "url_private": f"{slack.url}/files/gone"}]))
    assert live.pull().state == State.COMPLETE
    files = dict(live.files())
    assert files["brief.pdf"] == b"%PDF-1.7"
    assert "link" in files["evil.pdf"]
    assert "404" in files["gone.pdf"]
    assert not any("evil" in path for path in slack.paths())


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "missing_scope"])
def test_a_token_that_is_refused_waits_for_a_person(live, slack, error):
    slack.error = error
    found = live.pull()
    assert found.state == State.SIGN_IN
    assert slack.token not in found.detail
    if error == "missing_scope":
        assert "mpim:read" in found.detail


def test_a_channel_that_is_refused_is_told_and_costs_no_other(live, slack, c1):
    slack.channels.insert(0, {"id": "C9", "name": "secret", "is_member": True})
    c1.append(message(1))
    found = live.pull()
    assert (found.state, found.new) == (State.INCOMPLETE, 1)
    assert "secret" in found.detail
    assert "channel_not_found" in live.chats["C9"].trouble
    assert live.chats["C1"].trouble == ""


def test_a_server_that_gives_the_same_page_for_ever_ends(live, slack, c1, monkeypatch):
    slack.most = 2
    c1.extend(message(number) for number in range(6))
    monkeypatch.setattr(type(slack), "_between", lambda _self, messages, _asked: messages)
    assert live.pull().new == 2


def test_reactions_arrive_with_a_look_back(live, c1, monkeypatch):
    c1.append(message(1, "Согласуете?"))
    live.pull()
    c1[0]["reactions"] = [{"name": "+1", "users": ["U2"], "count": 1}]
    monkeypatch.setattr(connecting, "LOOK_BACK_EVERY_S", 0.0)
    assert live.pull().read == 1
    assert live.reactions() == [("👍", True)]
    assert live.pull().read == 0


def test_the_look_back_does_not_go_beyond_what_was_chosen(live, slack, c1):
    c1.extend([message(-86_400 * 20), message(1)])
    live.pull()
    live.begin()
    slack.asked.clear()
    live.pull()
    oldest = [float(one.query["oldest"]) for one in slack.asked if "history" in one.path]
    assert min(oldest) > (now() - timedelta(days=15)).timestamp()


@pytest.mark.parametrize(
    "settings",
    [
        {"server": "http://slack.com/api"},
        {"include": "klinika"},
        {"look_back_days": 0},
        {"look_back_days": "many"},
        {"token": "xoxb-1"},
    ],
)
def test_what_cannot_work_is_refused_when_it_is_added(house, settings):
    with pytest.raises(ConfigError):
        sources.add(house, "Slack", "slack", settings, sources.password_secret("xoxb-1"))
