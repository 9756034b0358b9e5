"""What of a message can be found by words. In: New. Out: Document. Never: markup."""

from service.archive.keep import New
from service.search.index import Document
from service.sources.raw_message import RawAddress


def document_of(new: New) -> Document:
    """Return the searchable words of a new message."""
    raw = new.raw
    people = [raw.author] if raw.author else []
    named = " ".join(_words(address) for address in (*people, *raw.to, *raw.cc, *raw.bcc))
    files = " ".join(attachment.name for attachment in raw.attachments)
    subject = raw.subject or (raw.conversation.title if raw.conversation else "")
    return Document(new.id, subject, f"{raw.text}\n{files}" if files else raw.text, named)


def _words(address: RawAddress) -> str:
    return f"{address.name} {address.value}" if address.name != address.value else address.value
