"""Gmail's labels and threads come with the messages, which All Mail has once."""

import pytest
from imap_meddler import Gmail

from service.sources.imap.mailbox import Choice, Folder

ALL_MAIL = Folder("[Gmail]/All Mail", "all")
LABELS = {1: (rb"\\Inbox", b"Klienci/Acme"), 2: (rb"\\Sent", b"&BB8EQAQ+BDUEOgRC-", b'a \\"b\\" (c)'), 3: ()}


@pytest.fixture
def gmail(dovecot, anna, mails):
    for name in ("[Gmail]/All Mail", "[Gmail]/Spam", "[Gmail]/Trash", "Klienci/Acme"):
        dovecot.create(anna, name)
    dovecot.append(anna, ALL_MAIL.name, mails(3))
    return Gmail(LABELS)


def test_all_mail_is_the_only_folder_but_for_junk(gmail, connect_through):
    mailbox = connect_through(gmail)
    assert mailbox.is_gmail()
    assert mailbox.folders(Choice()) == [ALL_MAIL]
    assert {folder.special for folder in mailbox.folders(Choice(junk=True))} == {"all", "junk", "trash"}
    assert mailbox.statuses([ALL_MAIL])[ALL_MAIL.name].messages == 3


def test_messages_have_labels_and_threads(gmail, connect_through, mails):
    mailbox = connect_through(gmail)
    mailbox.examine(ALL_MAIL)
    fetched = list(mailbox.fetch([1, 2, 3]))
    assert [message.body for message in fetched] == mails(3)
    assert [message.labels for message in fetched] == [
        ("\\Inbox", "Klienci/Acme"),
        ("\\Sent", "Проект", 'a "b" (c)'),
        (),
    ]
    assert [message.thread for message in fetched] == [1_000_001, 1_000_002, 1_000_003]


def test_labels_that_changed_are_told_though_gmail_has_no_qresync(dovecot, anna, gmail, connect_through):
    before = connect_through(gmail).examine(ALL_MAIL).modseq
    gmail.labels[2] = (b"Umowy",)
    dovecot.add_flags(anna, ALL_MAIL.name, "\\Flagged", [2])
    mailbox = connect_through(gmail)
    mailbox.examine(ALL_MAIL)
    changes = mailbox.changes(before)
    assert changes.labels == {2: ("Umowy",)}
    assert changes.vanished == frozenset()


def test_other_servers_are_no_gmail(dovecot, anna, connect, mails):
    dovecot.append(anna, "INBOX", mails(1))
    mailbox = connect()
    assert not mailbox.is_gmail()
    mailbox.examine(Folder("INBOX"))
    (message,) = mailbox.fetch([1])
    assert (message.labels, message.thread) == (None, None)
