"""Say whether bytes look like mail. In: the start of a file. Out: how sure, 0 to 1. Never: looks at the name.

A chat line (`12.03.25, 10:00 - Ivan: ok`), a note or a Markdown file can hold `Word: text`: people's fields
prove little, those that only programs write prove much.
"""

import re

from service.sources.mail_headers import read_header, read_time

LARGEST_MAIL = 256 * 1024 * 1024
"""Bytes: mail servers refuse far smaller ones, so more than this is no mail but a broken file."""

_BY_PEOPLE = (b"from", b"to", b"subject", b"cc", b"sender", b"reply-to")
_BY_PROGRAMS = (
    b"message-id",
    b"received",
    b"mime-version",
    b"return-path",
    b"dkim-signature",
    b"delivered-to",
)
_ENVELOPE = re.compile(rb"From ([^\r\n]*)\r?\n(?=>From |[!-9;-~]+[ \t]*:|\Z)")
_ENVELOPE_DATE = re.compile(
    rb"[A-Z][a-z]{2},?\s+[A-Z][a-z]{2}\s+\d{1,2}\s+\d\d?:\d\d"  # Mon Feb  3 09:15, as C's asctime prints it
    rb"|\b\d{1,2} [A-Z][a-z]{2} \d{4} \d\d?:\d\d"
    rb"|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d"
)


def mail_likeness(head: bytes) -> float:
    """Score the header at the start of `head`."""
    header = read_header(head)
    people = sum(name in header.fields for name in _BY_PEOPLE)
    programs = sum(name in header.fields for name in _BY_PROGRAMS)
    programs += read_time(header.raw(b"date")) is not None
    if people + programs < 2:
        return 0.0
    return min(0.9, 0.05 + 0.1 * people + 0.25 * programs)


def is_envelope(line_and_next: bytes) -> bool:
    r"""Say whether this is the `From ` line of an mbox and the start of a header after it.

    >>> is_envelope(b"From a@b.pl Mon Feb  3 09:15:00 2025\nReceived: x")
    True
    >>> is_envelope(b"From now on we write everything down.\nNote: it is agreed.")
    False
    """
    found = _ENVELOPE.match(line_and_next)
    if found is None:
        return False
    words = found[1].split()
    if len(words) < 2:
        return not words or b"@" in words[0] or words[0] in {b"-", b"MAILER-DAEMON"}
    return _ENVELOPE_DATE.search(found[1]) is not None
