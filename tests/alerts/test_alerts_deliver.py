"""Everybody is told once; a refusal loses nothing."""

import threading
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from service.alerts import channels, deliver
from service.alerts.store import settle
from service.alerts.tables import AlertRow
from service.db.session import reading, writing
from service.errors import ChannelError, ConfigError
from service.pipeline.installation import recording
from service.plugins import discover

# apprise loads all its plugins at once, and one of them imports what Python is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


class Recorder:
    """A channel that remembers, and refuses what it is told to refuse."""

    name = "recorder"

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.refused: set[str] = set()
        self.before = lambda: None

    def takes(self, url: str) -> bool:
        return url == "recorder:"

    def send(self, url, notice) -> None:
        self.before()
        if notice.title in self.refused:
            raise ChannelError("the server is down")
        self.sent.append(notice.title)


@pytest.fixture
def recorder(monkeypatch):
    channel = Recorder()
    monkeypatch.setattr(deliver, "discover", lambda _package, _name: [channel])
    return channel


@pytest.fixture
def tell(house, alert):
    """Open alerts, and then run rounds of telling."""
    with recording(house) as session:
        settle(session, [alert(number) for number in range(3)], NOW)
    return lambda: deliver.deliver(house.engine, "recorder:", NOW)


def rows(house) -> list[AlertRow]:
    with reading(house.engine) as session:
        found = session.exec(select(AlertRow).order_by(AlertRow.id)).all()
        session.expunge_all()
        return list(found)


def title(number: int) -> str:
    return f"Not in writing: Online payment {number}"


def test_each_alert_is_told_once(house, tell, recorder):
    assert tell() == deliver.Delivered(3)
    assert tell() == deliver.Delivered(0)
    assert recorder.sent == [title(0), title(1), title(2)]
    assert [(row.told_at, row.trouble, row.attempts) for row in rows(house)] == [(NOW, "", 1)] * 3


def test_a_refusal_is_kept_and_tried_again(house, tell, recorder):
    recorder.refused = {title(0), title(1), title(2)}
    assert tell() == deliver.Delivered(0, "the server is down")
    assert [row.trouble for row in rows(house)] == ["the server is down", "", ""]
    assert all(row.told_at is None for row in rows(house))
    recorder.refused = set()
    assert tell() == deliver.Delivered(3)
    assert sorted(recorder.sent) == [title(0), title(1), title(2)]
    assert [row.trouble for row in rows(house)] == ["", "", ""]


def test_one_alert_that_is_always_refused_does_not_hold_back_the_others(tell, recorder):
    recorder.refused = {title(0)}
    told = sum(tell().told for _ in range(3))
    assert told == 2
    assert recorder.sent == [title(1), title(2)]


def test_a_closed_alert_is_not_told(house, tell, recorder, alert):
    with recording(house) as session:
        settle(session, [alert(2)], NOW)
    tell()
    assert recorder.sent == [title(2)]


def test_nobody_is_told_where_no_channel_is_configured(house, tell, recorder):
    assert deliver.deliver(house.engine, "", NOW) == deliver.Delivered(0)
    assert recorder.sent == []
    assert tell().told == 3


def test_the_database_can_be_written_while_a_channel_is_slow(house, tell, recorder):
    def write_meanwhile() -> None:
        with writing(house.engine) as session:
            session.exec(select(AlertRow)).first()
        recorder.written = True

    recorder.before = lambda: (
        thread := threading.Thread(target=write_meanwhile),
        thread.start(),
        thread.join(5),
    )
    tell()
    assert recorder.written


def test_two_rounds_at_once_tell_nobody_twice(tell, recorder):
    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorder.sent == [title(0), title(1), title(2)]


def test_a_crash_between_sending_and_noting_tells_again_rather_than_never(tell, recorder, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(deliver, "note_told", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tell()
    assert tell().told == 3
    assert sorted(recorder.sent) == [title(0), title(0), title(1), title(2)]


def test_a_title_of_several_lines_becomes_one_line(house, recorder, alert):
    with recording(house) as session:
        settle(session, [alert(1, "Online\r\nBcc: x@evil.example\n\npayment")], NOW)
    deliver.deliver(house.engine, "recorder:", NOW)
    assert recorder.sent == ["Not in writing: Online Bcc: x@evil.example payment 1"]


@pytest.mark.parametrize("url", ["nothing-known://host", "nonsense", "://", "console", "file:///etc/passwd"])
def test_a_url_that_no_channel_takes_is_refused_without_repeating_its_secrets(url):
    with pytest.raises(ConfigError, match="SCRIPTA_NOTIFY_URL: no channel takes") as refused:
        deliver.channel_for(f"{url}?token=s3cret")
    assert "s3cret" not in str(refused.value)


def test_a_wrong_url_is_kept_as_the_trouble_of_an_alert(house, alert):
    with recording(house) as session:
        settle(session, [alert(1)], NOW)
    delivered = deliver.deliver(house.engine, "nothing-known://host", NOW)
    assert delivered.trouble == rows(house)[0].trouble
    assert "SCRIPTA_NOTIFY_URL" in delivered.trouble


def test_every_url_belongs_to_one_channel_at_most():
    found = discover(channels, "CHANNEL")
    for url in ("console:", "json://127.0.0.1/", "mailto://127.0.0.1?from=a@a.example&to=b@b.example"):
        assert sum(channel.takes(url) for channel in found) == 1
