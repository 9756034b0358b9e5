"""Imports on the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from service.archive.imports import Import, Quarantined
from service.archive.message import Side
from service.pipeline.preview import Preview, PreviewedFile, Writer
from service.pipeline.staged import Choice

MOST_SIDES = 500
_Line = Annotated[str, Field(max_length=320, pattern=r"^[^\x00]*$")]
"""Without NUL, which PostgreSQL cannot hold."""


class UnreadableOut(BaseModel):
    """Something that could not be read."""

    place: str
    why: str
    original_sha256: str | None

    @classmethod
    def of(cls, found: Quarantined) -> Self:
        """Return what goes over the wire."""
        return cls(place=found.place, why=found.why, original_sha256=found.blob_sha256)


class ImportOut(BaseModel):
    """One run of ingest: `read == new + known + changed`."""

    id: str
    place: str
    actor: str
    state: str = Field(
        description="staged (waits for a choice), queued, running, done, incomplete (something was "
        "unreadable), failed or discarded"
    )
    detail: str
    started_at: datetime
    finished_at: datetime | None
    total_bytes: int | None = Field(description="What there is to read; null where nobody knows.")
    done_bytes: int | None = Field(description="What is read of that, roughly: for progress bars.")
    read: int
    new: int
    known: int
    changed: int
    unreadable: int
    passed_over: int
    reasons: list[UnreadableOut] = []

    @classmethod
    def of(cls, run: Import, reasons: list[Quarantined] | None = None) -> Self:
        """Return what goes over the wire."""
        counts = run.counts
        return cls(
            id=str(run.id),
            place=run.place,
            actor=run.actor,
            state=run.state,
            detail=run.detail,
            started_at=run.started_at,
            finished_at=run.finished_at,
            total_bytes=run.total_bytes,
            done_bytes=run.done_bytes,
            read=counts.read,
            new=counts.new,
            known=counts.known,
            changed=counts.changed,
            unreadable=counts.unreadable,
            passed_over=counts.passed_over,
            reasons=[UnreadableOut.of(one) for one in reasons or ()],
        )


class SideIn(BaseModel):
    """Who is on which side; a rule, which also holds for what comes later."""

    kind: str = Field(
        description="`address`, or `name` as a messenger shows it, or `domain`", examples=["name"]
    )
    value: _Line = Field(examples=["Ewa Kłos"])
    side: Side


class ChoiceIn(BaseModel):
    """What is chosen for an upload; all of it may be left out."""

    zone: str | None = Field(
        default=None, description="Zone of times without one.", examples=["Europe/Warsaw"]
    )
    date_order: str | None = Field(
        default=None,
        description="`day-first` or `month-first`, where the export does not show it.",
        examples=["day-first"],
    )
    format: str | None = Field(default=None, description="Read as this format.", examples=["whatsapp"])
    project: _Line = Field(
        default="",
        description="Conversations that have no project belong to this one; made where there is none.",
        examples=["New site"],
    )
    sides: list[SideIn] = Field(default=[], max_length=MOST_SIDES)

    def choice(self) -> Choice:
        """Return it as the pipeline takes it. Raises ConfigError for what cannot be meant."""
        sides = tuple((one.kind, one.value, one.side) for one in self.sides)
        made = Choice(self.zone or None, self.date_order or None, self.format or None, self.project, sides)
        made.check()
        return made


class WriterOut(BaseModel):
    """Somebody who wrote, and the side that they are on or are taken for."""

    kind: str = Field(examples=["whatsapp"])
    value: str = Field(examples=["Ewa Kłos"])
    name: str = Field(examples=["Ewa Kłos"])
    messages: int
    side: str = Field(examples=["client"])
    is_guess: bool = Field(description="Nobody said so: somebody of this name is on that side elsewhere.")

    @classmethod
    def of(cls, writer: Writer) -> Self:
        """Return what goes over the wire."""
        address = writer.address
        return cls(
            kind=address.kind,
            value=address.value,
            name=address.name,
            messages=writer.messages,
            side=writer.side,
            is_guess=writer.is_guess,
        )


class PreviewedFileOut(BaseModel):
    """One export of an upload."""

    place: str
    format: str
    channel: str
    records: int
    messages: int
    calls: int
    voice: int
    chats: list[str]
    first_at: str | None = Field(description="ISO 8601; without an offset where the export prints none")
    last_at: str | None
    is_whole: bool = Field(description="False where it has more than was looked at.")
    has_no_zone: bool
    is_undecided: bool = Field(description="Nothing in it shows whether the day or the month comes first.")
    troubles: list[str]

    @classmethod
    def of(cls, file: PreviewedFile) -> Self:
        """Return what goes over the wire."""
        return cls(
            place=file.place,
            format=file.label,
            channel=file.channel,
            records=file.records,
            messages=file.messages,
            calls=file.calls,
            voice=file.voice,
            chats=file.chats,
            first_at=file.first_at.isoformat() if file.first_at else None,
            last_at=file.last_at.isoformat() if file.last_at else None,
            is_whole=file.is_whole,
            has_no_zone=file.has_no_zone,
            is_undecided=file.is_undecided,
            troubles=file.troubles,
        )


class NotReadOut(BaseModel):
    """A file in which nothing was recognised, or that cannot be opened."""

    place: str
    why: str


class PreviewOut(BaseModel):
    """What an upload holds, and what is to be chosen for it."""

    files: list[PreviewedFileOut]
    writers: list[WriterOut] = Field(description="The busiest first.")
    unreadable: list[NotReadOut]
    passed_over: list[NotReadOut]
    is_whole: bool = Field(description="False where there is more than was looked at.")
    needs_zone: bool = Field(description="Times are printed without a zone: `zone` says which one it is.")
    needs_date_order: bool = Field(description="`date_order` must say whether the day or the month leads.")

    @classmethod
    def of(cls, seen: Preview) -> Self:
        """Return what goes over the wire."""
        return cls(
            files=[PreviewedFileOut.of(one) for one in seen.files],
            writers=[WriterOut.of(one) for one in seen.writers],
            unreadable=[NotReadOut(place=one.where, why=one.why) for one in seen.unreadable],
            passed_over=[NotReadOut(place=one.place, why=one.why) for one in seen.passed_over],
            is_whole=seen.is_whole,
            needs_zone=seen.has_no_zone,
            needs_date_order=seen.is_undecided,
        )
