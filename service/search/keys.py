"""What a message is found by. In: RawMessage. Out: Keys. Never: touches the database.

Apart from the index, so that it can be made where there is none: in the process that reads.
"""

from dataclasses import dataclass

from service.extraction.lemmas import search_keys
from service.sources.raw_message import RawAddress, RawMessage


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the words of a message, with blanks between them and in their order."""

    subject: str
    body: str
    people: str
    """Of names and addresses of the author and of everybody it was sent to."""


def keys_of(raw: RawMessage) -> Keys:
    """Gather what can be found of a message: names of attachments count as its text."""
    people = ((raw.author,) if raw.author else ()) + raw.to + raw.cc + raw.bcc
    files = (attachment.name for attachment in raw.attachments)
    return find_keys(raw.subject, "\n".join((raw.text, *files)), "\n".join(map(_described, people)))


def find_keys(subject: str | None, body: str, people: str) -> Keys:
    """Find the keys of these words."""
    return Keys(search_keys(subject or ""), search_keys(body), search_keys(people))


def _described(address: RawAddress) -> str:
    return f"{address.name}\n{address.value}"
