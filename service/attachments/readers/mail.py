"""A mail attached to a mail. Out: its subject, people, text and the names of its attachments."""

import re
from collections.abc import Iterator

from service.attachments.looks import is_text
from service.attachments.reader import Given, Words
from service.sources.mime import read_mail
from service.sources.raw_message import RawAddress, Unreadable

_HEADERS = re.compile(
    rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*(?:from|date|message-id|received|return-path|mime-version):",
    re.IGNORECASE,
)
_HEADERS_WITHIN = 32 * 1024


class MailReader:
    """Reads `message/rfc822` and `.eml`; what is attached to it in turn is only named."""

    name = "mail-1"
    media_types = frozenset({"message/rfc822", "message/global"})
    endings = frozenset({".eml"})

    def fits(self, content: bytes) -> bool:
        """Say whether it begins with headers of which every mail has one."""
        return is_text(content) and _HEADERS.match(content.lstrip(), 0, _HEADERS_WITHIN) is not None

    def read(self, given: Given) -> Iterator[Words]:
        """Yield all of it."""
        mail = read_mail(given.content, format_name="eml", position=0, where=given.name)
        if isinstance(mail, Unreadable):
            yield Words("", lacking=mail.why)
            return
        people = map(_described, ((mail.author,) if mail.author else ()) + mail.to + mail.cc + mail.bcc)
        files = (attachment.name for attachment in mail.attachments)
        yield Words("\n".join((mail.subject or "", *people, mail.text, *files)))


def _described(person: RawAddress) -> str:
    return f"{person.name} {person.value}".strip()


READER = MailReader()
