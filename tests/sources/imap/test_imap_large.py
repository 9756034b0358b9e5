"""A folder of 150,000 messages is listed in bounded memory, and costs nothing when nothing is new."""

import tracemalloc
from itertools import islice

import pytest

from service.sources.imap.mailbox import Folder
from service.sources.imap.session import WINDOW, Mailbox

INBOX = Folder("INBOX")
MANY = 150_000


@pytest.fixture
def large(dovecot):
    """A mailbox whose answer to UID SEARCH ALL is longer than the million bytes that imaplib takes."""
    dovecot.user("archive@studio.pl")
    dovecot.append("archive@studio.pl", "INBOX", (b"Subject: %d\r\n\r\nhi\r\n" % n for n in range(MANY)))
    with Mailbox.open(dovecot.server(), dovecot.credentials("archive@studio.pl")) as mailbox:
        yield mailbox


@pytest.mark.slow
def test_every_message_is_listed_once_in_bounded_memory(large):
    assert large.statuses([INBOX])["INBOX"].messages == large.examine(INBOX).messages == MANY
    listing = large.listing()
    tracemalloc.start()
    try:
        first = sum(listed.uid == MANY - place for place, listed in enumerate(islice(listing, 40_000)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Kept together, 40,000 records of about 100 bytes would take more.
    assert peak < 3_000_000
    assert first == 40_000
    assert [listed.uid for listed in listing] == list(range(MANY - 40_000, 0, -1))
    assert sum(1 for _ in large.listing(above=MANY - 1)) == 1


@pytest.mark.slow
def test_a_large_sparse_folder_is_listed_and_its_holes_told(dovecot, large):
    modseq = large.examine(INBOX).modseq
    gone = range(1, MANY, 2)
    for first in range(0, len(gone), 15_000):
        dovecot.expunge("archive@studio.pl", "INBOX", gone[first : first + 15_000])
    assert large.examine(INBOX).messages == MANY // 2
    assert large.changes(modseq).vanished >= set(gone)
    uids = [listed.uid for listed in large.listing()]
    assert uids == list(range(MANY, 0, -2))
    # All that is above a UID comes from the first windows alone.
    assert [listed.uid for listed in large.listing(above=MANY - WINDOW)] == uids[: WINDOW // 2]
