"""`/conversations/{id}`: the messages in order, with what was found in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from itertools import groupby

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from service.accounts.scope import Scope
from service.agreements import store as agreements
from service.agreements.agreement import VerbalEvent
from service.archive import store as archive
from service.archive.quoting import own_spans
from service.archive.store import Stored
from service.attachments import store as attachments
from service.db.session import Session, reading
from service.origin.store import origin_of
from service.sources.meeting import Meeting, meeting_of
from service.web.marks import Block, blocks
from service.web.visit import Id, Visited, not_found

ROUTER = APIRouter()
PAGE = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A message ready to be shown."""

    stored: Stored
    blocks: list[Block]
    talk: VerbalEvent | None
    """Where the message is, or mentions, a talk in which something may have been decided."""
    meeting: Meeting | None
    """What a mail about a meeting says of it."""
    begins_at: datetime | None


@ROUTER.get("/conversations/{conversation_id}")
def conversation(visit: Visited, conversation_id: Id, at: Id = 0, after: Id = 0) -> Response:
    """Show a part of a conversation: from its beginning, after a message, or around message `at`."""
    scope = visit.account.scope
    with reading(visit.house.engine) as session:
        summary = archive.summary(session, scope, conversation_id)
        if summary is None:
            raise not_found()
        if summary.id != conversation_id:
            # The thread was joined with another one since the link was made.
            return RedirectResponse(f"/conversations/{summary.id}?{visit.request.url.query}", 308)
        stored = _part(session, scope, conversation_id, at, after)
        shown = _shown(session, scope, conversation_id, stored[:PAGE])
        origins = origin_of(session, [one.id for one in stored[:PAGE]])
        texts = attachments.known_of(session, [one.id for one in stored[:PAGE]])
        matters = agreements.agreements(
            session, scope, agreements.Filter(conversation_id=conversation_id), limit=PAGE
        )
    zone = visit.reader.zone
    days = groupby(shown, key=lambda one: one.stored.sent_at.astimezone(zone).date())
    return visit.page(
        "conversation.html",
        summary=summary,
        days=[(day, list(messages)) for day, messages in days],
        matters=matters,
        origins=origins,
        texts=texts,
        at=at,
        is_start=not after and (not stored or stored[0].sent_at == summary.first_at),
        later=stored[PAGE - 1].id if len(stored) > PAGE else None,
    )


def _part(session: Session, scope: Scope, conversation_id: int, at: int, after: int) -> list[Stored]:
    stored = archive.messages_of(session, scope, conversation_id, after=after, limit=PAGE + 1)
    if at and stored and all(one.id != at for one in stored[:PAGE]):
        return archive.messages_of(session, scope, conversation_id, after=at - 1, limit=PAGE + 1)
    return stored


def _shown(session: Session, scope: Scope, conversation_id: int, stored: Sequence[Stored]) -> list[Shown]:
    found: dict[str, list[agreements.Found]] = {}
    for one in agreements.statements_in(session, scope, [message.id for message in stored]):
        found.setdefault(one.statement.message, []).append(one)
    talks = {one.message: one for one in agreements.verbal_events(session, scope, conversation_id)}
    return [_ready(one, found.get(str(one.id), ()), talks.get(str(one.id))) for one in stored]


def _ready(one: Stored, found: Sequence[agreements.Found], talk: VerbalEvent | None) -> Shown:
    meeting = meeting_of(one.detail) if one.kind == "meeting" else None
    return Shown(
        stored=one,
        blocks=blocks(one.text, own_spans(one.text), found),
        talk=talk,
        meeting=meeting,
        begins_at=meeting.starts_at(_clock_of(one)) if meeting else None,
    )


def _clock_of(one: Stored) -> tzinfo:
    """Return the sender's zone: a meeting's time may have none of its own."""
    return timezone(timedelta(minutes=one.offset_minutes or 0))
