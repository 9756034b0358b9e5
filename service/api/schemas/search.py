"""Search results on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from service.search.hit import Hit, Marked, Page


class MarkedOut(BaseModel):
    """A plain text and the places to highlight in it."""

    text: str
    marks: list[tuple[int, int]] = Field(description="Start and end of each found word, in characters.")

    @classmethod
    def of(cls, marked: Marked) -> Self:
        """Return what goes over the wire."""
        return cls(text=marked.text, marks=list(marked.marks))


class HitOut(BaseModel):
    """One message that a query found."""

    message_id: str
    conversation_id: str
    channel: str
    title: str
    project: str | None
    client: str | None
    author: str | None
    side: str | None
    sent_at: datetime
    offset_minutes: int | None
    kind: str
    subject: MarkedOut
    snippet: MarkedOut

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """Return what goes over the wire."""
        return cls(
            message_id=str(hit.message_id),
            conversation_id=str(hit.conversation_id),
            channel=hit.channel,
            title=hit.title,
            project=hit.project,
            client=hit.client,
            author=hit.author,
            side=hit.side,
            sent_at=hit.sent_at,
            offset_minutes=hit.offset_minutes,
            kind=hit.kind,
            subject=MarkedOut.of(hit.subject),
            snippet=MarkedOut.of(hit.snippet),
        )


class SearchOut(BaseModel):
    """A page of hits."""

    items: list[HitOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page) -> Self:
        """Return what goes over the wire."""
        return cls(items=[HitOut.of(hit) for hit in page.hits], next_cursor=page.next_cursor)
