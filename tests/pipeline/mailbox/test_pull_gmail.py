"""Gmail has every message once, in All Mail; its labels are kept and follow what is done there."""

import json

import pytest
from added_mailbox import mail
from imap_meddler import Gmail, meddling
from sqlmodel import select

from service.archive.tables import SightingRow
from service.db.session import reading
from service.intake.tables import FolderMessageRow, FolderRow

ALL, SPAM, TRASH = "[Gmail]/All Mail", "[Gmail]/Spam", "[Gmail]/Trash"
LABELS = {
    1: (rb"\\Inbox", b"Klienci/Acme", b"&BB8EQAQ+BDUEOgRC-"),
    2: (rb"\\Sent",),
    3: (),
    4: (rb"\\Draft",),
}
"""By UID of All Mail."""


@pytest.fixture
def labels():
    return Gmail(LABELS)


@pytest.fixture
def gmail(dovecot, box, labels):
    """The mailbox as Gmail shows it: labels are folders with copies, All Mail has everything."""
    for folder in (ALL, SPAM, TRASH, "Klienci/Acme"):
        box.create(folder)
    box.append(range(1, 5), ALL)
    for folder in ("INBOX", "Klienci/Acme"):
        dovecot.append(box.user, folder, [mail(1, folder="[gmail]/allmail")])
    box.append(range(50, 52), SPAM)
    box.append(range(60, 61), TRASH)
    with meddling(dovecot.port, labels) as server:
        box.go_to(server)
        yield box


def noted(box):
    """Return labels and thread by UID of All Mail."""
    with reading(box.house.engine) as session:
        rows = session.exec(
            select(FolderMessageRow)
            .join(FolderRow)
            .where(FolderRow.name == ALL)
            .order_by(FolderMessageRow.uid)
        ).all()
        return {row.uid: (row.labels and json.loads(row.labels), row.thread, row.outcome) for row in rows}


def test_a_mail_with_three_labels_is_one_message(gmail):
    report = gmail.pull()
    assert (report.state, report.new) == ("complete", 3)
    gmail.assert_whole(3)
    assert set(gmail.folders) == {ALL}
    with reading(gmail.house.engine) as session:
        assert len(session.exec(select(SightingRow)).all()) == 3
    assert noted(gmail) == {
        1: (["\\Inbox", "Klienci/Acme", "Проект"], 1_000_001, "archived"),
        2: (["\\Sent"], 1_000_002, "archived"),
        3: ([], 1_000_003, "archived"),
        4: (None, None, "refused"),
    }


def test_labels_that_change_on_the_server_change_here(gmail, labels, dovecot):
    gmail.pull()
    labels.labels[1] = (b"Umowy", rb"\\Important")
    labels.labels[3] = (b"Klienci/Acme",)
    dovecot.add_flags(gmail.user, ALL, "\\Flagged", [1, 3])
    report = gmail.pull()
    assert (report.state, report.read) == ("complete", 0)
    now = noted(gmail)
    assert [now[uid][0] for uid in (1, 2, 3)] == [["Umowy", "\\Important"], ["\\Sent"], ["Klienci/Acme"]]
    assert gmail.pull().read == 0


def test_what_is_deleted_on_gmail_is_gone_there_and_kept_here(gmail, dovecot):
    gmail.pull()
    dovecot.expunge(gmail.user, ALL, [2])
    report = gmail.pull()
    assert (report.state, report.gone) == ("complete", 1)
    gmail.assert_whole(3)


@pytest.mark.parametrize(("wish", "more"), [({"junk": True}, 3), ({"drafts": True}, 1)])
def test_spam_trash_and_drafts_come_when_they_are_asked_for(gmail, wish, more):
    gmail.set(**wish)
    report = gmail.pull()
    assert (report.state, report.new) == ("complete", 3 + more)
    gmail.assert_whole(3 + more)


def test_where_all_mail_is_hidden_labels_are_folders(gmail, dovecot):
    for folder in (ALL, SPAM, TRASH):
        dovecot.delete(gmail.user, folder)
    report = gmail.pull()
    assert (report.state, report.new, report.known) == ("complete", 1, 1)
    gmail.assert_whole(1)
