"""A pull while the folders change: renamed, emptied, set back, numbered to the limit, full of twins."""

from dataclasses import replace

import pytest
from added_mailbox import Box, mail
from sqlalchemy import update

from service.db.session import writing
from service.intake.tables import FolderRow
from service.pipeline import fetch_ahead, sync_folder
from service.sources.imap import opened
from service.sources.imap.framing import read_internal_date
from service.sources.imap.session import Mailbox


@pytest.fixture
def small_batches(monkeypatch) -> None:
    monkeypatch.setattr(fetch_ahead, "BATCH_MESSAGES", 5)


@pytest.fixture
def at_fetch(monkeypatch):
    """Do something on the server before the so-manieth fetch."""

    def begin(number: int, act) -> None:
        real, fetches = Mailbox.fetch, []

        def fetch(mailbox, uids):
            fetches.append(uids)
            if len(fetches) == number:
                act()
            return real(mailbox, uids)

        monkeypatch.setattr(Mailbox, "fetch", fetch)

    return begin


def test_uids_up_to_the_last_one_are_archived(box):
    box.append(range(1))
    box.server.skip_uids(box.user, "INBOX", 4294967290)
    box.append(range(1, 4))
    assert box.pull().state == "complete"
    assert box.pull().read == 0
    box.append(range(4, 5))
    assert box.pull().new == 1
    box.assert_whole(5)


def test_names_that_differ_in_case_are_two_folders(box):
    box.append(range(3), "Klient")
    box.append(range(3, 5), "KLIENT")
    report = box.pull()
    assert (report.state, report.new) == ("complete", 5)
    assert {name: one.archived for name, one in box.folders.items()} == {"INBOX": 0, "Klient": 3, "KLIENT": 2}


def test_folders_that_swap_their_names_lose_and_repeat_nothing(box):
    box.append(range(3), "A")
    box.append(range(5), "B")
    box.pull()
    for _ in range(2):
        for old, new in (("A", "C"), ("B", "A"), ("C", "B")):
            box.server.rename(box.user, old, new)
        report = box.pull()
        assert (report.state, report.new, report.gone) == ("complete", 0, 0)
        assert all(one.is_complete for one in box.folders.values())
    assert {name: one.on_server for name, one in box.folders.items()} == {"INBOX": 0, "A": 3, "B": 5}
    box.assert_whole(8)


@pytest.mark.usefixtures("small_batches")
def test_a_folder_that_is_deleted_while_it_is_read_costs_no_other(box, at_fetch):
    box.append(range(30), "Klient")
    box.append(range(30, 40))
    at_fetch(4, lambda: box.server.delete(box.user, "Klient"))
    report = box.pull()
    while report.state != "complete":
        report = box.pull()
    assert set(box.folders) == {"INBOX"}
    assert box.folders["INBOX"].archived == 10


@pytest.mark.usefixtures("small_batches")
def test_a_folder_that_is_emptied_while_it_is_read_is_empty_and_complete(box, at_fetch):
    box.append(range(30))
    at_fetch(3, lambda: box.server.expunge(box.user, "INBOX", range(1, 31)))
    box.pull()
    report = box.pull()
    assert (report.state, report.detail) == ("complete", "")
    state = box.folders["INBOX"]
    assert (state.on_server, state.failed, state.missing) == (0, 0, 0)


@pytest.mark.usefixtures("small_batches")
def test_a_new_numbering_in_the_middle_of_a_run_loses_and_repeats_nothing(box, at_fetch):
    box.append(range(30))
    at_fetch(3, lambda: box.server.reset_uidvalidity(box.user, "INBOX"))
    for _ in range(3):
        report = box.pull()
    assert (report.state, report.detail) == ("complete", "")
    assert box.folders["INBOX"].accounted == 30
    box.assert_whole(30)


def test_twins_of_one_batch_are_one_message_and_namesakes_are_two(box):
    twin = mail(1)
    namesake = mail(1, "Proponujemy 900 zł.")
    box.server.append(box.user, "INBOX", [twin, twin, namesake, twin])
    report = box.pull()
    assert (report.state, report.new, report.known) == ("complete", 2, 2)
    state = box.folders["INBOX"]
    assert (state.archived, state.known, state.missing) == (2, 2, 0)


@pytest.mark.parametrize(
    "when", [b"01-Jan-0001 00:00:00 +1200", b"31-Dec-9999 23:59:59 -1200", b"01-Jan-2038 03:14:08 +0000"]
)
def test_a_mailbox_time_that_is_far_off_costs_no_mail(box, monkeypatch, when):
    monkeypatch.setattr(opened, "read_internal_date", lambda _: read_internal_date(when))
    box.append(range(3))
    report = box.pull()
    assert (report.state, report.new) == ("complete", 3)


def set_back(server, user: str, act) -> None:
    """Do something in a mailbox, and then put it back to what it was before, as from a backup."""
    server.stop()
    before = server.keep_copy(user)
    server.start()
    act()
    server.stop()
    server.put_back(user, before)
    server.start()


def test_a_server_that_was_set_back_hides_no_mail(own_dovecot, house, monkeypatch):
    """It comes back with its old UIDVALIDITY, and gives UIDs anew to what waited for it."""
    monkeypatch.setattr(sync_folder, "LOOKED_AT_AGAIN", 4)
    box = Box(own_dovecot, house)
    box.add()
    box.append(range(30))

    def go_on() -> None:
        box.append(range(30, 50))
        assert box.pull().new == 50

    set_back(own_dovecot, box.user, go_on)
    box.append(range(50, 65))
    report = box.pull()
    assert (report.state, report.new, report.gone) == ("complete", 15, 5)
    # One step of what had not changed shows that nothing below it has.
    assert report.read < 15 + 2 * 4
    state = box.folders["INBOX"]
    assert (state.on_server, state.accounted, state.archived) == (45, 45, 45)
    assert box.pull().read == 0
    box.append(range(65, 70))
    assert box.pull().new == 5
    assert box.pull().read == 0
    box.assert_whole(70)


def test_a_server_that_only_forgot_its_changes_is_not_read_again(box, monkeypatch):
    monkeypatch.setattr(sync_folder, "LOOKED_AT_AGAIN", 4)
    box.append(range(30))
    box.pull()
    with writing(box.house.engine) as session:
        session.connection().execute(update(FolderRow).values(modseq=2**40))
    report = box.pull()
    assert (report.state, report.new, report.read, report.gone) == ("complete", 0, 4, 0)
    assert box.folders["INBOX"].archived == 30
    assert box.pull().read == 0


def test_a_server_that_does_not_know_its_next_uid_is_not_read_again(box, monkeypatch):
    box.append(range(10))
    real = Mailbox.examine
    monkeypatch.setattr(Mailbox, "examine", lambda *given: replace(real(*given), uid_next=1))
    assert box.pull(reconcile=True).new == 10
    assert box.pull(reconcile=True).read == 0
    box.append(range(10, 12))
    report = box.pull(reconcile=True)
    assert (report.state, report.read, report.new) == ("complete", 2, 2)
