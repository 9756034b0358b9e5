"""Show what was found. In: message ids. Out: Hits with marks. Never: decides what is found."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Select, select
from sqlmodel import Session, col

from service.archive.tables import AddressRow, ConversationRow, MessageRow, PersonRow, ProjectRow
from service.attachments.attachment_text import AttachmentText
from service.attachments.store import texts_of
from service.search.hit import Hit
from service.search.match import Needle
from service.search.snippet import mark, named_snippet, snippet

_ROWS: Select[*tuple[Any, ...]] = (
    select(
        col(MessageRow.id),
        col(MessageRow.conversation_id),
        col(ConversationRow.channel),
        col(ConversationRow.title),
        col(ProjectRow.name).label("project"),
        col(ProjectRow.client),
        col(PersonRow.name).label("author"),
        col(PersonRow.side),
        col(MessageRow.sent_at),
        col(MessageRow.offset_minutes),
        col(MessageRow.kind),
        col(MessageRow.subject),
        col(MessageRow.text),
    )
    .join(ConversationRow, col(ConversationRow.id) == col(MessageRow.conversation_id))
    .outerjoin(ProjectRow, col(ProjectRow.id) == col(ConversationRow.project_id))
    .outerjoin(AddressRow, col(AddressRow.id) == col(MessageRow.author_id))
    .outerjoin(PersonRow, col(PersonRow.id) == col(AddressRow.person_id))
)


def load(session: Session, ids: Sequence[int], needles: Collection[Needle]) -> tuple[Hit, ...]:
    """Return a hit for each message, in the order of `ids`, with the found words marked."""
    if not ids:
        return ()
    rows = session.connection().execute(_ROWS.where(col(MessageRow.id).in_(ids)))
    hits = {row.id: _hit(row, needles) for row in rows}
    unmarked = [hit.message_id for hit in hits.values() if needles and not hit.snippet.marks]
    for message_id, texts in texts_of(session, unmarked).items():
        hits[message_id] = _through_attachments(hits[message_id], texts, needles)
    return tuple(hits[message_id] for message_id in ids)


def _through_attachments(hit: Hit, texts: Sequence[AttachmentText], needles: Collection[Needle]) -> Hit:
    """Show the first attachment that holds what was searched for, if one does."""
    found = (named_snippet(one.name, one.text, needles) for one in texts)
    shown = next(filter(None, found), None)
    return replace(hit, snippet=shown) if shown else hit


def _hit(row: Row[*tuple[Any, ...]], needles: Collection[Needle]) -> Hit:
    return Hit(
        message_id=row.id,
        conversation_id=row.conversation_id,
        channel=row.channel,
        title=row.title,
        project=row.project,
        client=row.client,
        author=row.author,
        side=row.side,
        sent_at=row.sent_at,
        offset_minutes=row.offset_minutes,
        kind=row.kind,
        subject=mark(row.subject or "", needles),
        snippet=snippet(row.text, needles),
    )
