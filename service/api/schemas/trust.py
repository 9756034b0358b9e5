"""What the exports of a chat say against each other, on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from service.archive.trust import Differing, ExportSeen, Missing, TakenBack, Trust


class ExportOut(BaseModel):
    """A file in which messages of the chat were found."""

    id: str
    place: str = Field(examples=["WhatsApp Chat with Anna.zip!/_chat.txt"])
    format: str = Field(examples=["whatsapp"])
    assumed_zone: str | None = Field(description="The zone in which times without one were read.")
    imported_at: datetime = Field(description="When it was last imported.")
    first_at: datetime
    last_at: datetime
    messages: int
    new: int = Field(description="Messages that it was the first to bring.")

    @classmethod
    def of(cls, export: ExportSeen) -> Self:
        """Return what goes over the wire."""
        return cls(
            id=str(export.file_id),
            place=export.place,
            format=export.format,
            assumed_zone=export.zone,
            imported_at=export.imported_at,
            first_at=export.first_at,
            last_at=export.last_at,
            messages=export.messages,
            new=export.new,
        )


class MissingOut(BaseModel):
    """Messages that one export has and another lacks, within the time of both: deleted, or left out."""

    seen_in: str = Field(description="Id of the export that has them.")
    missing_in: str
    count: int
    messages: list[str] = Field(description="Ids of the first of them, in order of time.")

    @classmethod
    def of(cls, missing: Missing) -> Self:
        """Return what goes over the wire."""
        return cls(
            seen_in=str(missing.seen_in),
            missing_in=str(missing.missing_in),
            count=missing.count,
            messages=[str(one) for one in missing.message_ids],
        )


class DifferingOut(BaseModel):
    """A message whose copies have other words."""

    message: str
    first_in: str | None = Field(description="The export that brought the kept text.")
    text: str
    other_in: str | None = Field(description="Null where its export was imported again with other words.")
    other_text: str
    seen_at: datetime = Field(description="When the other text came.")

    @classmethod
    def of(cls, differing: Differing) -> Self:
        """Return what goes over the wire."""
        return cls(
            message=str(differing.message_id),
            first_in=_id(differing.first_in),
            text=differing.text,
            other_in=_id(differing.other_in),
            other_text=differing.other_text,
            seen_at=differing.seen_at,
        )


class TakenBackOut(BaseModel):
    """A kept message that an export shows as deleted."""

    message: str
    shown_in: str | None
    at: datetime | None = Field(description="When it was deleted, where the platform says.")
    seen_at: datetime = Field(description="When the record came that shows it.")

    @classmethod
    def of(cls, found: TakenBack) -> Self:
        """Return what goes over the wire."""
        shown_in = _id(found.shown_in)
        return cls(message=str(found.message_id), shown_in=shown_in, at=found.at, seen_at=found.seen_at)


class TrustOut(BaseModel):
    """The exports of a chat, and where they do not agree. Nothing of it was deleted here."""

    conversation_id: str
    exports: list[ExportOut] = Field(description="In the order in which they first came; none for mail.")
    missing: list[MissingOut]
    differing: list[DifferingOut]
    taken_back: list[TakenBackOut]

    @classmethod
    def of(cls, trust: Trust) -> Self:
        """Return what goes over the wire."""
        return cls(
            conversation_id=str(trust.conversation_id),
            exports=[ExportOut.of(one) for one in trust.exports],
            missing=[MissingOut.of(one) for one in trust.missing],
            differing=[DifferingOut.of(one) for one in trust.differing],
            taken_back=[TakenBackOut.of(one) for one in trust.taken_back],
        )


def _id(file_id: int | None) -> str | None:
    return None if file_id is None else str(file_id)
