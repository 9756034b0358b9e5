"""One IMAP mailbox as a source: what a server has, and the exact bytes of it; never changes the mailbox."""
