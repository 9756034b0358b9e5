"""What the tests of IMAP share: a real server."""

from dovecot import dovecot, own_dovecot

__all__ = ["dovecot", "own_dovecot"]
