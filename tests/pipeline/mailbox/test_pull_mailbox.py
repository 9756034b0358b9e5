"""A mailbox is archived completely and continuously, whatever happens on the server meanwhile."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from added_mailbox import Box
from sqlalchemy import update
from sqlmodel import select

from service.archive.imports import imports
from service.archive.tables import MessageRow, SightingRow
from service.db.session import reading, writing
from service.errors import SourceBusy, Unreachable
from service.intake.lease import leased
from service.intake.source import State
from service.intake.tables import SourceRow
from service.ledger.store import read_entries
from service.pipeline import fetch_ahead, sync_folder
from service.pipeline.connectors.imap import ImapConnection
from service.sources.imap.mailbox import Choice
from service.sources.imap.session import Mailbox


def entries(box, kind):
    with reading(box.house.engine) as session:
        return [one for one in read_entries(session) if one.kind == kind]


def test_everything_is_archived_once_and_accounted_for(box):
    box.append(range(30))
    box.append(range(30, 40), "Sent")
    box.append(range(5), "Klienci/Żółw & Ко")
    report = box.pull()
    assert (report.state, report.read, report.new, report.failed) == ("complete", 45, 45, 0)
    box.assert_whole(45)
    states = box.folders
    assert {name: (one.on_server, one.archived) for name, one in states.items() if one.on_server} == {
        "INBOX": (30, 30),
        "Sent": (10, 10),
        "Klienci/Żółw & Ко": (5, 5),
    }
    assert all(one.is_complete for one in states.values())
    assert box.source.state == State.COMPLETE


def test_a_second_pull_reads_only_what_is_new(box):
    box.append(range(10))
    box.pull()
    again = box.pull()
    assert (again.state, again.read, again.import_id) == ("complete", 0, None)
    box.append(range(10, 13))
    more = box.pull()
    assert (more.read, more.new) == (3, 3)
    box.assert_whole(13)
    with reading(box.house.engine) as session:
        assert [(run.state, run.counts.new) for run in imports(session, source_id=box.source_id)] == [
            ("done", 3),
            ("done", 10),
        ]


def test_the_same_mail_in_two_folders_is_one_message_with_two_sightings(box):
    box.append(range(4))
    box.create("Sent")
    box.server.append(box.user, "Sent", [fetch_all(box, "INBOX")[0]])
    report = box.pull()
    assert (report.new, report.known) == (4, 1)
    assert (box.folders["Sent"].known, box.folders["Sent"].archived) == (1, 0)
    with reading(box.house.engine) as session:
        assert len(session.exec(select(SightingRow)).all()) == 5
    box.assert_whole(4)


def fetch_all(box, folder):
    with Mailbox.open(box.server.server(), box.server.credentials(box.user)) as mailbox:
        (chosen,) = mailbox.folders(Choice(include=(folder,)))
        mailbox.examine(chosen)
        uids = sorted(one.uid for one in mailbox.listing())
        return [one.body for one in mailbox.fetch(uids)]


def test_the_exact_bytes_and_the_time_of_the_mailbox_are_kept(box):
    box.append(range(3))
    originals = fetch_all(box, "INBOX")
    box.pull()
    with reading(box.house.engine) as session:
        rows = session.exec(select(MessageRow).order_by(MessageRow.id)).all()
        assert [box.house.blobs.read(session, row.blob_sha256) for row in rows] == originals
        assert {row.time_rule for row in rows} == {"claimed"}
        assert all(row.internal_at is not None for row in rows)


def test_a_new_numbering_is_compared_by_content(box):
    box.append(range(20))
    box.pull()
    before = box.folders["INBOX"].uid_validity
    box.server.reset_uidvalidity(box.user, "INBOX")
    box.append(range(20, 22))
    report = box.pull()
    assert (report.state, report.new, report.known) == ("complete", 2, 20)
    box.assert_whole(22)
    state = box.folders["INBOX"]
    assert state.uid_validity != before
    assert (state.on_server, state.archived, state.known) == (22, 2, 20)


def test_deletions_on_the_server_are_recorded_and_delete_nothing(box):
    box.append(range(10))
    box.pull()
    uids = sorted(box.server.flags(box.user, "INBOX"))
    box.server.expunge(box.user, "INBOX", uids[2:5])
    report = box.pull()
    assert (report.state, report.gone, report.read) == ("complete", 3, 0)
    state = box.folders["INBOX"]
    assert (state.on_server, state.archived, state.gone, state.missing) == (7, 7, 3, 0)
    box.assert_whole(10)
    (entry,) = entries(box, "messages.gone")
    assert [uid for uid, _ in entry.body["messages"]] == uids[2:5]
    assert box.pull().gone == 0


def test_a_move_on_the_server_is_no_second_message(box):
    box.append(range(6))
    box.create("Archive")
    box.pull()
    uids = sorted(box.server.flags(box.user, "INBOX"))
    box.server.move(box.user, "INBOX", "Archive", uids[:2])
    report = box.pull()
    assert (report.state, report.new, report.known, report.gone) == ("complete", 0, 2, 2)
    assert (box.folders["Archive"].known, box.folders["INBOX"].gone) == (2, 2)
    box.assert_whole(6)


def test_nothing_of_the_mailbox_is_changed(box):
    box.append(range(5))
    before = box.server.flags(box.user, "INBOX"), box.server.status(box.user, "INBOX")
    box.pull()
    box.pull(reconcile=True)
    assert (box.server.flags(box.user, "INBOX"), box.server.status(box.user, "INBOX")) == before


def test_drafts_and_junk_are_left_out_unless_asked_for(box):
    for folder in ("Drafts", "Spam", "INBOX"):
        box.append(range(3), folder)
    box.pull()
    assert {name for name, one in box.folders.items() if one.archived} == {"INBOX"}


def test_a_folder_that_is_no_longer_there_has_ended_and_its_messages_stay(box):
    box.append(range(3), "Old")
    box.pull()
    box.server.delete(box.user, "Old")
    assert box.pull().state == "complete"
    assert "Old" not in box.folders
    box.assert_whole(3)


def test_what_the_mark_passed_over_is_found_by_the_daily_comparison(box, monkeypatch):
    box.append(range(10))
    real = Mailbox.listing
    with monkeypatch.context() as lying:
        lying.setattr(Mailbox, "listing", lambda mailbox, above=0: list(real(mailbox, above))[3:])
        report = box.pull()
    assert report.state == "incomplete"
    assert "says that it has 10 messages and lists 7" in report.detail
    assert box.folders["INBOX"].missing == 3
    report = box.pull()
    assert (report.state, report.new) == ("complete", 3)
    box.assert_whole(10)


def test_everything_is_compared_once_a_day(box):
    box.append(range(3))
    now = datetime.now(UTC)
    box.pull()
    first = box.folders["INBOX"].reconciled_at
    with time_machine.travel(now + timedelta(hours=20)):
        box.pull()
    assert box.folders["INBOX"].reconciled_at == first
    with time_machine.travel(now + timedelta(hours=25)):
        box.pull()
    assert box.folders["INBOX"].reconciled_at > first


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_connection_that_dies_in_a_batch_costs_no_message(box, monkeypatch, deaths):
    monkeypatch.setattr(fetch_ahead, "BATCH_MESSAGES", 10)
    box.append(range(60))
    left = [deaths]
    real = Mailbox.fetch

    def dying(mailbox, uids):
        for number, one in enumerate(real(mailbox, uids)):
            if 25 in uids and left[0] and number == 5:
                left[0] -= 1
                box.server.kick(box.user)
                raise Unreachable("the connection was cut")
            yield one

    monkeypatch.setattr(Mailbox, "fetch", dying)
    report = box.pull()
    assert (report.state, report.new) == ("complete", 60)
    box.assert_whole(60)


def test_one_message_that_kills_the_connection_sinks_nothing_else(box, monkeypatch):
    monkeypatch.setattr(fetch_ahead, "BATCH_MESSAGES", 10)
    box.append(range(30))
    poison = sorted(box.server.flags(box.user, "INBOX"))[14]
    real = Mailbox.fetch

    def dying(mailbox, uids):
        if poison in uids:
            mailbox.close()
            raise Unreachable("the connection was cut")
        yield from real(mailbox, uids)

    with monkeypatch.context() as poisoned:
        poisoned.setattr(Mailbox, "fetch", dying)
        report = box.pull()
    assert (report.state, report.new, report.failed) == ("incomplete", 29, 1)
    assert box.folders["INBOX"].failed == 1
    assert box.source.state == State.INCOMPLETE
    report = box.pull()
    assert (report.state, report.new) == ("complete", 1)
    box.assert_whole(30)


def test_a_message_that_the_server_does_not_give_is_named_and_tried_again(box, monkeypatch):
    box.append(range(5))
    third = sorted(box.server.flags(box.user, "INBOX"))[2]
    real = Mailbox.fetch
    with monkeypatch.context() as refusing:
        refusing.setattr(
            Mailbox,
            "fetch",
            lambda mailbox, uids: (one for one in real(mailbox, uids) if one.uid != third),
        )
        report = box.pull()
        assert (report.state, report.failed) == ("incomplete", 1)
        assert "INBOX: 1 messages could not be fetched" in report.detail
    assert box.pull().state == "complete"
    box.assert_whole(5)


def test_what_is_expunged_while_it_is_fetched_is_gone_not_failed(box, monkeypatch):
    monkeypatch.setattr(fetch_ahead, "BATCH_MESSAGES", 5)
    box.append(range(20))
    uids = sorted(box.server.flags(box.user, "INBOX"))
    real = Mailbox.fetch
    done = []

    def expunging(mailbox, wanted):
        if not done:
            done.append(True)
            box.server.expunge(box.user, "INBOX", uids[10:13])
        return real(mailbox, wanted)

    monkeypatch.setattr(Mailbox, "fetch", expunging)
    report = box.pull()
    assert (report.state, report.failed) == ("complete", 0)
    state = box.folders["INBOX"]
    assert (state.on_server, state.accounted) == (17, 17)


def test_what_is_no_mail_is_kept_in_quarantine_and_counted(box):
    box.server.append(box.user, "INBOX", [b"\r\n", b"no header at all\r\n"])
    box.append(range(2))
    report = box.pull()
    assert (report.state, report.new, report.refused) == ("complete", 2, 2)
    assert box.folders["INBOX"].refused == 2
    assert box.pull().read == 0


def test_a_message_that_is_too_large_is_named_not_fetched(box, monkeypatch):
    monkeypatch.setattr(sync_folder, "LARGEST_MAIL", 2000)
    box.append(range(2))
    box.server.append(box.user, "INBOX", [b"Subject: big\r\nFrom: a@b.pl\r\n\r\n" + b"x" * 3000])
    report = box.pull()
    assert (report.state, report.new, report.failed) == ("incomplete", 2, 1)


def test_a_refused_password_waits_for_a_person(box):
    box.append(range(2))
    password = box.server.credentials(box.user).password
    box.server.change_password(box.user, "another one")
    report = box.pull()
    assert report.state == "sign_in"
    assert password not in report.detail
    assert box.source.state == State.SIGN_IN
    box.sign_in("another one")
    assert box.source.state == State.NEW
    assert box.pull().new == 2


def test_a_server_that_is_down_is_tried_again_later_and_later(own_dovecot, house):
    box = Box(own_dovecot, house)
    box.add()
    box.append(range(3))
    own_dovecot.stop()
    first = box.pull()
    assert first.state == "failing"
    assert box.source.next_at > box.source.failing_since
    assert box.pull().state == "failing"
    assert box.source.failures == 2
    own_dovecot.start()
    assert box.pull().state == "complete"
    assert (box.source.failures, box.source.next_at, box.source.failing_since) == (0, None, None)
    box.assert_whole(3)


def test_two_runs_at_once_are_one(box):
    with leased(box.house.engine, box.source_id), pytest.raises(SourceBusy):
        box.pull()


def test_a_run_that_was_taken_for_dead_commits_nothing_more(box, monkeypatch):
    monkeypatch.setattr(fetch_ahead, "BATCH_MESSAGES", 5)
    box.append(range(20))
    real = Mailbox.fetch

    def usurped(mailbox, uids):
        if len(taken) == 2:
            with writing(box.house.engine) as session:
                session.connection().execute(update(SourceRow).values(lease_by="another"))
        taken.append(uids)
        return real(mailbox, uids)

    taken: list[object] = []
    monkeypatch.setattr(Mailbox, "fetch", usurped)
    report = box.pull()
    assert report.state == "failing"
    assert "taken for dead" in report.detail
    assert report.new < 20


def test_mail_that_arrives_ends_the_wait(box):
    box.append(range(1))
    connection = ImapConnection(box.house, box.source_id)
    try:
        box.pull(connection=connection)
        stop = threading.Event()
        sender = threading.Timer(0.3, box.append, [range(1, 2)])
        sender.start()
        connection.wait(stop, 60)
        sender.join()
        assert box.pull(connection=connection).new == 1
        box.append(range(2, 3))
        connection.wait(stop, 60)  # came before the wait began
        assert box.pull(connection=connection).new == 1
    finally:
        connection.close()


def test_a_stopped_service_breaks_off_and_goes_on_later(box, monkeypatch):
    monkeypatch.setattr(fetch_ahead, "BATCH_MESSAGES", 5)
    box.append(range(30))
    stop = threading.Event()
    report = box.pull(stop=stop, progress=lambda report: report.new >= 10 and stop.set())
    assert report.new == 10
    assert box.source.state == State.INCOMPLETE
    assert box.pull().new == 20
    box.assert_whole(30)
