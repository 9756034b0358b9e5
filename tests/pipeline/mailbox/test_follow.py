"""While the service runs, mail that arrives is archived without anybody asking, whatever happens."""

import threading
from datetime import timedelta

import pytest
from added_mailbox import Box

from service.accounts.scope import EVERYTHING
from service.db.session import reading
from service.errors import Unreachable
from service.intake.source import State
from service.pipeline import follow, sources
from service.pipeline import pull as pulling
from service.pipeline.follow import following
from service.search.find import count
from service.sources.imap import session as imap_session

DEADLINE_S = 60


class Arrivals:
    """Hears that messages were archived, and waits until enough are here."""

    def __init__(self, house):
        self._house = house
        self._told = threading.Condition()

    def __call__(self):
        with self._told:
            self._told.notify_all()

    def wait_for(self, expected):
        with self._told:
            assert self._told.wait_for(lambda: self._here() == expected, DEADLINE_S), self._here()

    def _here(self):
        with reading(self._house.engine) as session:
            return count(session, "proponujemy", scope=EVERYTHING).number


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(follow, "LOOK_S", 0.02)
    monkeypatch.setattr(imap_session, "LOOK_S", 0.02)


@pytest.fixture
def arrived(house):
    return Arrivals(house)


@pytest.fixture
def runs(monkeypatch):
    """Hear of every run that has ended, by source."""
    told = threading.Condition()
    ended = []
    real = follow.pull

    def pull(house, source_id, *rest, **more):
        report = real(house, source_id, *rest, **more)
        with told:
            ended.append((source_id, report.state))
            told.notify_all()
        return report

    def wait_for(enough):
        with told:
            assert told.wait_for(lambda: enough(ended), DEADLINE_S), ended
            return list(ended)

    monkeypatch.setattr(follow, "pull", pull)
    return wait_for


def test_mail_that_arrives_is_archived_without_anybody_asking(box, house, arrived):
    box.append(range(3))
    with following(house, arrived):
        arrived.wait_for(3)
        box.append(range(3, 5))
        arrived.wait_for(5)
        box.append(range(5, 6))
        arrived.wait_for(6)
    box.assert_whole(6)
    assert box.source.state == State.COMPLETE


def test_mail_in_a_folder_that_nobody_pushes_from_is_polled(box, house, arrived):
    box.append(range(2), "Klienci")
    with following(house, arrived, poll_s=0.05):
        arrived.wait_for(2)
        box.append(range(2, 4), "Klienci")
        arrived.wait_for(4)
    box.assert_whole(4)


def test_it_goes_on_by_itself_when_the_server_is_back(own_dovecot, house, arrived, runs, monkeypatch):
    monkeypatch.setattr(pulling, "FIRST_BACK_OFF", timedelta(milliseconds=50))
    box = Box(own_dovecot, house)
    box.add()
    box.append(range(2))
    with following(house, arrived, poll_s=0.05):
        arrived.wait_for(2)
        own_dovecot.stop()
        runs(lambda ended: (box.source_id, "failing") in ended)
        assert box.source.state == State.FAILING
        own_dovecot.start()
        box.append(range(2, 4))
        arrived.wait_for(4)
        runs(lambda ended: ended[-1] == (box.source_id, "complete"))
    box.assert_whole(4)
    assert (box.source.state, box.source.failures) == (State.COMPLETE, 0)


def test_a_source_that_is_added_later_is_picked_up(box, house, dovecot, arrived):
    box.append(range(1))
    with following(house, arrived):
        arrived.wait_for(1)
        second = Box(dovecot, house)
        dovecot.user(second.user)
        second.append(range(10, 12), "Sent")
        second.add("Second")
        arrived.wait_for(3)


def test_a_paused_source_is_left_alone_until_it_is_resumed(box, house, dovecot, arrived, runs):
    other = Box(dovecot, house)
    other.add("Other")
    sources.pause(house, box.source_id)
    box.append(range(2))
    other.append(range(10, 11))
    with following(house, arrived, poll_s=0.05):
        ended = runs(lambda ended: len(ended) >= 4)
        assert {source_id for source_id, _ in ended} == {other.source_id}
        sources.resume(house, box.source_id)
        arrived.wait_for(3)
        sources.pause(house, box.source_id)
    assert box.source.state == State.PAUSED


def test_settings_that_change_are_taken_up(box, house, arrived):
    box.set(include=["INBOX"])
    box.append(range(1))
    box.append(range(1, 4), "Klienci")
    with following(house, arrived, poll_s=0.05):
        arrived.wait_for(1)
        box.set(include=["INBOX", "Klienci"])
        arrived.wait_for(4)


def test_a_refused_password_is_not_tried_again_until_a_person_acts(box, house, dovecot, arrived, runs):
    other = Box(dovecot, house)
    other.add("Other")
    box.append(range(1))
    box.sign_in("wrong")
    with following(house, arrived, poll_s=0.05):
        runs(lambda ended: (box.source_id, "sign_in") in ended)
        ended = runs(lambda ended: [one for one, _ in ended].count(other.source_id) >= 5)
        assert [state for source_id, state in ended if source_id == box.source_id] == ["sign_in"]
        box.sign_in(dovecot.credentials(box.user).password)
        arrived.wait_for(1)


def test_a_source_that_is_removed_is_followed_no_more(box, house, dovecot, arrived, runs):
    other = Box(dovecot, house)
    other.add("Other")
    box.append(range(1))
    with following(house, arrived, poll_s=0.05):
        arrived.wait_for(1)
        sources.remove(house, box.source_id)
        before = runs(lambda ended: (other.source_id, "complete") in ended)
        runs(lambda ended: [one for one, _ in ended[len(before) :]].count(other.source_id) >= 3)
    box.assert_whole(1)


@pytest.mark.parametrize("poll_s", [0.05, 3_600])
def test_the_block_ends_with_no_threads_left(box, house, arrived, poll_s):
    before = set(threading.enumerate())
    box.append(range(2))
    with following(house, arrived, poll_s=poll_s):
        arrived.wait_for(2)
        assert set(threading.enumerate()) - before
    assert set(threading.enumerate()) <= before
    assert not box.source.is_running


def test_the_block_ends_while_a_server_is_away(own_dovecot, house, arrived, runs):
    box = Box(own_dovecot, house)
    box.add()
    own_dovecot.stop()
    before = set(threading.enumerate())
    with following(house, arrived):
        runs(lambda ended: ended == [(box.source_id, "failing")])
    assert set(threading.enumerate()) <= before


def test_a_service_that_is_stopped_does_not_try_a_server_again(box, monkeypatch):
    stop = threading.Event()
    tried = []

    def is_away(*_rest, **_more):
        tried.append(1)
        stop.set()
        raise Unreachable("nobody is there")

    monkeypatch.setattr(imap_session.Mailbox, "open", is_away)
    assert box.pull(stop=stop).state == "failing"
    assert len(tried) == 1
    tried.clear()
    assert box.pull().state == "failing"
    assert len(tried) > 1
