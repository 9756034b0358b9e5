"""What the tests of IMAP share: a real server, and one in front of it that lies."""

import contextlib

import pytest
from imap_meddler import meddling

from service.sources.imap.mailbox import Folder, Security
from service.sources.imap.session import Mailbox

ANNA = "anna@studio.pl"
INBOX = Folder("INBOX")


@pytest.fixture
def anna(dovecot) -> str:
    """A user with an empty mailbox."""
    dovecot.user(ANNA)
    return ANNA


@pytest.fixture
def connect(dovecot, anna):
    """Sign Anna in."""
    with contextlib.ExitStack() as stack:

        def connect(security=Security.TLS):
            return stack.enter_context(
                Mailbox.open(dovecot.server(security), dovecot.credentials(anna), timeout_s=30)
            )

        yield connect


@pytest.fixture
def connect_through(dovecot, anna):
    """Sign Anna in through a proxy that meddles."""
    with contextlib.ExitStack() as stack:

        def connect(what, timeout_s=30):
            server = stack.enter_context(meddling(dovecot.port, what))
            mailbox = Mailbox.open(server, dovecot.credentials(anna), timeout_s=timeout_s)
            return stack.enter_context(mailbox)

        yield connect


@pytest.fixture
def mails():
    """Make small mails."""

    def mails(count, first=1):
        return [
            b"Message-ID: <%d@studio.pl>\r\n\r\nNumber %d\r\n" % (n, n) for n in range(first, first + count)
        ]

    return mails
