"""Read journal reports: mails that carry the copy of another one, and say who really got it.

In: the bytes of a mail. Out: Journaled, or None for any other mail. Never: changes the mail inside.

Exchange and Microsoft 365 send them (MS-XJRNL; learn.microsoft.com, "Understanding Journal Reports"): a mail
with the header X-MS-Journal-Report, whose first part has one line for each recipient of the envelope and
whose second part is the mail itself, unaltered. Only such a report tells of Bcc.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.sources.charsets import decode
from service.sources.mail_headers import addresses, read_header
from service.sources.mime_parts import Part, leaves, read_parts
from service.sources.raw_message import RawAddress

_MARK = b"x-ms-journal-report"
_RECIPIENT = re.compile(r"^(To|Cc|Bcc|Recipient)[ \t]*:[ \t]*(\S[^\r\n]*)$", re.IGNORECASE | re.MULTILINE)
_REDIRECTED = re.compile(r",[ \t]*(?:Expanded|Forwarded)[ \t]*:.*$", re.IGNORECASE)
"""How an address came to be one: a list that was expanded, a mailbox that forwards."""
_MOST_RECIPIENTS = 10_000


@dataclass(frozen=True, slots=True)
class Journaled:
    """The mail that a report carries, and the recipients of its envelope as the report sorts them."""

    mail: bytes
    to: tuple[RawAddress, ...] = ()
    cc: tuple[RawAddress, ...] = ()
    bcc: tuple[RawAddress, ...] = ()
    """Also those of whom Exchange knows no more than that they got it (`Recipient:`)."""


def read_journal(data: bytes) -> Journaled | None:
    """Return what a journal report carries; None for a mail that is none, or that carries nothing."""
    if _MARK not in read_header(data).fields:
        return None
    parts = list(leaves(read_parts(data)))
    mail = next((part.content() for part in parts if part.media_type == "message/rfc822"), b"")
    if not mail:
        return None
    envelope = next((_text(part) for part in parts if part.media_type == "text/plain"), "")
    found: dict[str, list[RawAddress]] = {"to": [], "cc": [], "bcc": []}
    for field, address in _recipients(envelope):
        found[field if field in found else "bcc"].append(address)
    return Journaled(mail, **{field: tuple(some) for field, some in found.items()})


def _recipients(envelope: str) -> Iterator[tuple[str, RawAddress]]:
    for count, line in enumerate(_RECIPIENT.finditer(envelope)):
        if count == _MOST_RECIPIENTS:
            return
        for address in addresses(_REDIRECTED.sub("", line[2])):
            if "@" in address.value:  # others are X.500 names of a directory that we cannot ask
                yield line[1].lower(), address


def _text(part: Part) -> str:
    return decode(part.content(), part.parameters.get("charset", ""))[0].replace("\r\n", "\n")
