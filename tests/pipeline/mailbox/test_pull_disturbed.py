"""A pull while the world changes under it: people, other runs, the clock, the disk, the folder itself."""

import itertools
import random
import threading
from datetime import timedelta

import pytest
from added_mailbox import mail
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from service import clock
from service.archive.blobs import Blobs
from service.archive.imports import begin, imports
from service.archive.tables import ImportRow
from service.db.session import reading, writing
from service.errors import ArchiveError, ConfigError, SourceError, Unreachable
from service.intake.source import State
from service.intake.tables import FolderRow, SourceRow
from service.pipeline import fetch_ahead, follow, sources
from service.pipeline import pull as pulling
from service.pipeline.connectors.imap import ImapConnection
from service.sources.imap import session as session_of
from service.sources.imap.framing import Response, Value, read_fetch
from service.sources.imap.session import Mailbox


@pytest.fixture
def small_batches(monkeypatch) -> None:
    monkeypatch.setattr(fetch_ahead, "BATCH_MESSAGES", 5)


def once(after: int, act) -> object:
    """Return a progress that acts once, when so many messages are here."""
    done: list[bool] = []

    def progress(report) -> None:
        if report.new >= after and not done:
            done.append(True)
            act()

    return progress


@pytest.mark.usefixtures("small_batches")
def test_a_pause_stops_the_run_that_goes_on(box):
    box.append(range(30))
    report = box.pull(progress=once(10, lambda: sources.pause(box.house, box.source_id)))
    assert report.new == 10
    assert box.source.state == State.PAUSED
    sources.resume(box.house, box.source_id)
    assert box.pull().new == 20
    box.assert_whole(30)


@pytest.mark.usefixtures("small_batches")
def test_new_settings_end_the_run_that_goes_by_the_old_ones(box):
    box.append(range(30))
    box.append(range(5), "Klient")
    settings = dict(box.source.settings) | {"exclude": ["Klient"]}
    change = once(10, lambda: sources.change(box.house, box.source_id, settings))
    report = box.pull(progress=change)
    assert (report.state, report.new) == ("incomplete", 10)
    assert (box.source.state, box.source.next_at) == (State.INCOMPLETE, None)
    assert box.pull().state == "complete"
    assert set(box.folders) == {"INBOX"}


def test_a_failure_of_the_old_settings_is_not_told_of_the_new_ones(box, monkeypatch):
    box.append(range(3))
    settings = dict(box.source.settings) | {"exclude": ["Klient"]}

    def fail(*_: object) -> None:
        sources.change(box.house, box.source_id, settings)
        raise Unreachable("The old server is gone")

    with monkeypatch.context() as old:
        old.setattr(ImapConnection, "pull", fail)
        box.pull()
    assert (box.source.state, box.source.next_at, box.source.failures) == (State.INCOMPLETE, None, 0)
    assert box.pull().state == "complete"


def test_a_password_that_came_while_the_old_one_was_refused_is_tried(box, monkeypatch):
    box.append(range(3))
    right = box.server.credentials(box.user).password
    box.sign_in("wrong")
    real = Mailbox.open

    def open_late(server, credentials):
        box.sign_in(right)
        return real(server, credentials)

    with monkeypatch.context() as slow:
        slow.setattr(Mailbox, "open", open_late)
        box.pull()
    assert box.source.state != State.SIGN_IN
    assert box.pull().new == 3


@pytest.mark.usefixtures("small_batches")
def test_a_source_that_is_removed_while_it_is_read_ends_its_run(box):
    box.append(range(30))
    report = box.pull(progress=once(10, lambda: sources.remove(box.house, box.source_id)))
    assert report.new == 10
    assert "removed" in report.detail
    with reading(box.house.engine) as session:
        (book,) = imports(session)
    assert (book.state, book.counts.new) == ("failed", 10)
    box.assert_whole(10)


def test_a_new_source_does_not_take_over_the_runs_of_a_removed_one(box):
    box.append(range(3))
    box.pull()
    before = box.source_id
    sources.remove(box.house, before)
    box.add()
    with reading(box.house.engine) as session:
        assert imports(session, source_id=box.source_id) == []
        assert session.exec(select(ImportRow.place)).all() == ["Mail"]


@pytest.mark.usefixtures("small_batches")
def test_a_run_that_lost_its_lease_says_nothing_of_the_source(box):
    box.append(range(30))

    def usurp() -> None:
        with writing(box.house.engine) as session:
            session.connection().execute(
                update(SourceRow).values(lease_by="another", state=State.COMPLETE.value)
            )

    report = box.pull(progress=once(10, usurp))
    assert report.state == "failing"
    assert (box.source.state, box.source.failures, box.source.next_at) == (State.COMPLETE, 0, None)


@pytest.mark.usefixtures("small_batches")
def test_a_store_that_refuses_in_the_middle_is_told_and_costs_nothing(box, monkeypatch):
    box.append(range(20))
    real, calls = Blobs.keep, itertools.count()

    def full(blobs, session, contents):
        contents = list(contents)
        if contents and next(calls) == 2:
            raise ArchiveError("The store of originals is full")
        return real(blobs, session, contents)

    with monkeypatch.context() as disk:
        disk.setattr(Blobs, "keep", full)
        report = box.pull()
    assert (report.state, report.new) == ("failing", 10)
    assert "full" in box.source.detail
    box.assert_whole(10)
    assert box.pull().new == 10
    box.assert_whole(20)


def test_a_run_that_breaks_for_no_known_reason_is_told_as_failing(box, monkeypatch):
    box.append(range(3))
    assert box.pull().state == "complete"
    with monkeypatch.context() as broken:
        broken.setattr(Mailbox, "folders", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            box.pull()
    assert box.source.state == State.FAILING
    assert box.source.detail
    assert box.source.next_at > clock.now()
    assert box.pull().state == "complete"


def test_a_server_that_is_slow_to_break_off_is_tried_again_in_the_same_run(box, monkeypatch):
    wished = []
    real = pulling.stamina.retry_context
    monkeypatch.setattr(
        pulling.stamina, "retry_context", lambda *given, **how: wished.append(how) or real(*given, **how)
    )
    box.pull()
    # With stamina's own 45 s, a message that hangs for the 60 s of a time-out would end each run.
    assert [how["timeout"] for how in wished] == [None]


@pytest.mark.usefixtures("small_batches")
def test_a_connection_that_breaks_off_but_brought_mail_is_soon_tried_again(box, monkeypatch):
    box.append(range(30))
    with writing(box.house.engine) as session:
        session.connection().execute(update(SourceRow).values(failures=8))
    real, fetches = Mailbox.fetch, itertools.count()

    def breaking(mailbox, uids):
        if next(fetches) >= 2:
            raise Unreachable("The connection is gone")
        return real(mailbox, uids)

    monkeypatch.setattr(Mailbox, "fetch", breaking)
    report = box.pull()
    assert (report.state, report.new) == ("failing", 10)
    assert box.source.next_at < clock.now() + 2 * pulling.FIRST_BACK_OFF


def test_what_one_attempt_missed_and_the_next_one_brought_is_not_told_as_missing(box, monkeypatch):
    box.append(range(3))
    box.append(range(3), "Klient")
    real, asked = Mailbox.examine, []

    def moody(mailbox, folder):
        asked.append(folder.name)
        if len(asked) == 1:
            raise SourceError("INBOX cannot be opened just now")
        if len(asked) == 2:
            raise Unreachable("The connection is gone")
        return real(mailbox, folder)

    monkeypatch.setattr(Mailbox, "examine", moody)
    report = box.pull()
    assert (report.state, report.new, report.detail) == ("complete", 6, "")


def test_a_server_that_pushes_nothing_new_is_not_asked_without_end(box, monkeypatch):
    box.append(range(2))
    monkeypatch.setattr(Mailbox, "idle", lambda *_: 1 // 0)
    connection = ImapConnection(box.house, box.source_id)
    real = Mailbox.examine

    def without_uid_next(mailbox, folder):
        status = real(mailbox, folder)
        return type(status)(status.messages, None, status.uid_validity, status.modseq)

    try:
        box.pull(connection=connection)
        box.pull(connection=connection)
        monkeypatch.setattr(Mailbox, "examine", without_uid_next)
        connection.wait(threading.Event(), 60)
        box.pull(connection=connection)
        with pytest.raises(ZeroDivisionError):  # it waits
            connection.wait(threading.Event(), 60)
    finally:
        connection.close()


def test_a_wait_that_cannot_be_had_is_a_pause_and_no_storm(box, monkeypatch):
    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout)
            return False

    def refuse(*_: object) -> None:
        raise SourceError("INBOX is not for waiting")

    waited: list[float | None] = []
    monkeypatch.setattr(ImapConnection, "wait", refuse)
    followers = follow._Followers(box.house, lambda: None, 60, Stop())
    connection = ImapConnection(box.house, box.source_id)
    try:
        assert followers._once(box.source, connection)
    finally:
        connection.close()
    assert waited == [60]


def test_nobody_waits_for_mail_by_settings_that_were_replaced(box, monkeypatch):
    followers = follow._Followers(box.house, lambda: None, 60)
    connection = ImapConnection(box.house, box.source_id)
    before = box.source
    sources.change(box.house, box.source_id, dict(before.settings) | {"exclude": ["Klient"]})
    monkeypatch.setattr(ImapConnection, "wait", lambda *_: pytest.fail("waited"))
    try:
        assert not followers._once(before, connection)
    finally:
        connection.close()


def test_a_folder_with_a_name_of_a_thousand_letters_is_archived(box):
    letters = random.Random(7)
    parts = ["".join(chr(letters.randrange(0x4E00, 0x9FA5)) for _ in range(60)) for _ in range(17)]
    name = "/".join(parts)
    box.append(range(3), name)
    report = box.pull()
    assert (report.state, report.new) == ("complete", 3)
    assert box.pull().read == 0
    box.append(range(3, 4), name)
    assert box.pull().new == 1


def test_long_names_that_begin_alike_are_two_folders(box):
    begin = "/".join(chr(0x4E00 + number) * 60 for number in range(12))
    for end in ("a", "b"):
        box.create(f"{begin}/{end}")
        box.server.append(box.user, f"{begin}/{end}", [mail(1, folder=end)])
    assert box.pull().new == 2
    assert sum(one.archived for one in box.folders.values()) == 2
    report = box.pull()
    assert (report.state, report.read, report.gone) == ("complete", 0, 0)
    assert all(one.is_complete for one in box.folders.values())


def test_a_uid_that_no_server_may_give_is_passed_over_and_told(box, monkeypatch):
    def of_another_world(response: Response) -> dict[bytes, Value]:
        told = read_fetch(response)
        return told | {b"UID": b"9223372036854775807"} if response.number == 2 else told

    box.append(range(3))
    monkeypatch.setattr(session_of, "read_fetch", of_another_world)
    report = box.pull()
    assert (report.state, report.new) == ("incomplete", 2)


def test_a_lease_from_a_clock_that_ran_ahead_is_no_lease(box):
    box.append(range(2))
    far = clock.now() + timedelta(days=4000)
    with writing(box.house.engine) as session:
        session.connection().execute(update(SourceRow).values(lease_by="elsewhere:1:x", lease_until=far))
    assert not box.source.is_running
    assert box.pull().new == 2


def test_a_comparison_in_the_future_is_made_again(box):
    box.append(range(2))
    box.pull()
    far = clock.now() + timedelta(days=4000)
    with writing(box.house.engine) as session:
        session.connection().execute(update(FolderRow).values(reconciled_at=far))
    box.pull()
    assert box.folders["INBOX"].reconciled_at < clock.now() + timedelta(days=1)


def test_a_back_off_from_a_clock_that_ran_ahead_is_over(box):
    with writing(box.house.engine) as session:
        session.connection().execute(
            update(SourceRow).values(next_at=clock.now() + timedelta(days=4000), state=State.FAILING.value)
        )
    assert follow._is_wanted(box.source)


def test_a_run_that_was_killed_is_not_told_as_running_for_ever(box):
    box.append(range(2))
    with writing(box.house.engine) as session:
        begin(session, "Mail", "pull", source_id=box.source_id)
        begin(session, "/home/kasia/export.zip", "cli")
    assert box.pull().state == "complete"
    with reading(box.house.engine) as session:
        states = {one.place: one.state for one in imports(session, source_id=box.source_id)[1:]}
        assert states == {"Mail": "failed"}
        # One of somebody else is left alone.
        assert [one.state for one in imports(session) if one.actor == "cli"] == ["running"]


@pytest.mark.parametrize("name", ["password", "Password", "tokens"])
def test_a_password_among_the_settings_is_refused_and_not_repeated(box, name):
    settings = dict(box.source.settings) | {name: "streng geheim"}
    with pytest.raises(ConfigError, match="is no setting") as refused:
        sources.change(box.house, box.source_id, settings)
    assert "geheim" not in str(refused.value)
    assert name not in box.source.settings


def test_an_error_of_the_database_holds_nothing_of_what_was_written(box):
    def keep_twice() -> None:
        with writing(box.house.engine) as session:
            for _ in range(2):
                session.add(SourceRow(name="one", kind="imap", settings="geheim", created_at=clock.now()))
                session.flush()

    with pytest.raises(IntegrityError) as error:
        keep_twice()
    assert "geheim" not in str(error.value)
