"""What of a message can be found once its attachments have words. In: message ids. Out: Documents.

Such a message has a second document: all of it again, with the words of its attachments, so that a query may
ask for words of both. It is made of what never changes once it is archived, and of the texts kept of its
attachments: so exactly what was written can be forgotten later, which SQLite needs to be told.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, select, union
from sqlmodel import Session, col

from service.archive.tables import AddressRow, MessageRow, RecipientRow
from service.attachments.attachment_text import AttachmentText
from service.attachments.store import texts_of
from service.db.bulk import chunks
from service.search.index import Document
from service.search.keys import find_keys
from service.search.write import forget, write

MOST_OWN = 200_000
"""Characters of the message's own text in it: a longer one has its own document to be found by."""


@contextmanager
def attachments_rewritten(session: Session, message_ids: Sequence[int]) -> Iterator[None]:
    """Keep the index in step with what the block does to texts of attachments, in the same transaction."""
    forget(session, documents_with_attachments(session, message_ids))
    yield
    write(session, documents_with_attachments(session, message_ids))


def documents_with_attachments(session: Session, message_ids: Sequence[int]) -> list[Document]:
    """Return the second documents of those messages whose attachments have words."""
    texts = texts_of(session, message_ids)
    people = _people(session, list(texts))
    key, subject, text = col(MessageRow.id), col(MessageRow.subject), col(MessageRow.text)
    documents = []
    for chunk in chunks(list(texts)):
        for row in session.connection().execute(select(key, subject, text).where(key.in_(chunk))):
            body = "\n".join((row.text[:MOST_OWN], *map(_told, texts[row.id])))
            names = "\n".join(people.get(row.id, ()))
            keys = find_keys(row.subject, body, names)
            documents.append(Document(row.id, keys, with_attachments=True))
    return documents


def _told(attachment: AttachmentText) -> str:
    return f"{attachment.name}\n{attachment.text}"


def _people(session: Session, message_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the names and addresses of those who wrote and received, as they were first seen."""
    written, author = col(MessageRow.id), col(MessageRow.author_id)
    sent, recipient = col(RecipientRow.message_id), col(RecipientRow.address_id)
    found: dict[int, list[str]] = {}
    for chunk in chunks(message_ids):
        wrote: Select[*tuple[Any, ...]] = select(written.label("message"), author.label("address")).where(
            written.in_(chunk)
        )
        received = select(sent, recipient).where(sent.in_(chunk))
        both = union(wrote, received).subquery()
        query = select(both.c.message, col(AddressRow.name), col(AddressRow.value)).join(
            AddressRow, col(AddressRow.id) == both.c.address
        )
        for message_id, name, value in session.connection().execute(query.order_by(col(AddressRow.id))):
            found.setdefault(message_id, []).append(f"{name}\n{value}")
    return found
