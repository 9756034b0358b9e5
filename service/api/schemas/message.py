"""Messages and conversations on the wire."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from service.api.schemas.origin import OriginOut
from service.archive.history import Correspondent, Deletion, OtherText, Reaction
from service.archive.store import Attachment, Sighting, Stored, Summary
from service.attachments.attachment_text import TextState
from service.attachments.store import Known, Place
from service.origin.signature import Origin


class PersonOut(BaseModel):
    """Somebody who wrote or received."""

    name: str = Field(examples=["Ewa Rutka"])
    address: str = Field(examples=["ewa@zlotyklos.example"])
    side: str = Field(examples=["client"], description="agency, client or other")

    @classmethod
    def of(cls, person: Correspondent) -> Self:
        """Return what goes over the wire."""
        return cls(name=person.name, address=person.address, side=person.side)


class AttachmentOut(BaseModel):
    """A file of a message."""

    name: str = Field(examples=["Umowa.pdf"])
    media_type: str = Field(examples=["application/pdf"])
    size: int | None = Field(description="Bytes; null where the export does not say.")
    missing: str | None = Field(description="Why there are no bytes; null where there are.")
    text_state: TextState | None = Field(
        description="Whether its words can be searched; null for a file that is not read for them."
    )
    text_lacking: str = Field(
        examples=["is protected by a password"],
        description="What of its words cannot be searched, and why; empty where all of them can.",
    )
    from_image: bool = Field(description="True where its words are only in an image, and were recognised.")

    @classmethod
    def of(cls, attachment: Attachment, known: Known | None) -> Self:
        """Return what goes over the wire."""
        return cls(
            name=attachment.name,
            media_type=attachment.media_type,
            size=attachment.size,
            missing=attachment.missing,
            text_state=known.state if known else None,
            text_lacking=known.why if known else "",
            from_image=known is not None and known.from_image,
        )


class SightingOut(BaseModel):
    """A place where a message was found."""

    place: str
    format: str
    position: int
    assumed_zone: str | None = Field(description="The zone in which times without one were read.")

    @classmethod
    def of(cls, sighting: Sighting) -> Self:
        """Return what goes over the wire."""
        return cls(
            place=sighting.place,
            format=sighting.format,
            position=sighting.position,
            assumed_zone=sighting.zone,
        )


class TimesOut(BaseModel):
    """The times that are known of a message, and which of them counts."""

    rule: str = Field(
        examples=["claimed"],
        description="Which one `sent_at` is: claimed where plausible, else stamped, internal, seen.",
    )
    claimed_at: datetime | None = Field(description="The sender's own clock: the Date header of a mail.")
    stamped_at: datetime | None = Field(description="The first server of the reader that stamped it.")
    internal_at: datetime | None = Field(description="When a mailbox took it in (INTERNALDATE).")
    seen_at: datetime = Field(description="When it was archived.")

    @classmethod
    def of(cls, message: Stored) -> Self:
        """Return what goes over the wire."""
        return cls(
            rule=message.time_rule,
            claimed_at=message.claimed_at,
            stamped_at=message.stamped_at,
            internal_at=message.internal_at,
            seen_at=message.seen_at,
        )


class ReactionOut(BaseModel):
    """An emoji that somebody put on a message."""

    emoji: str = Field(examples=["👍"])
    actor: PersonOut | None = Field(description="Null where the export only counts.")
    count: int
    at: datetime | None = Field(description="Null where the export does not say.")
    gone_at: datetime | None = Field(description="When a later copy of the message no longer had it.")

    @classmethod
    def of(cls, reaction: Reaction) -> Self:
        """Return what goes over the wire."""
        return cls(
            emoji=reaction.emoji,
            actor=PersonOut.of(reaction.actor) if reaction.actor else None,
            count=reaction.count,
            at=reaction.at,
            gone_at=reaction.gone_at,
        )


class OtherTextOut(BaseModel):
    """A text that the message had before it was edited, or has in another export."""

    text: str
    at: datetime | None = Field(description="When it was written, where the export says.")
    seen_at: datetime | None = Field(
        description="When the export came that has it; null where the message's own export tells it."
    )
    record_sha256: str | None = Field(description="SHA-256 of the record that has it, where it has its own.")

    @classmethod
    def of(cls, other: OtherText) -> Self:
        """Return what goes over the wire."""
        return cls(text=other.text, at=other.at, seen_at=other.seen_at, record_sha256=other.blob_sha256)


class DeletionOut(BaseModel):
    """Somebody took the message back; it is kept all the same."""

    at: datetime | None = Field(description="When, where the platform says.")
    seen_at: datetime = Field(description="When the record came that shows it.")
    record_sha256: str

    @classmethod
    def of(cls, deletion: Deletion) -> Self:
        """Return what goes over the wire."""
        return cls(at=deletion.at, seen_at=deletion.seen_at, record_sha256=deletion.blob_sha256)


class MessageOut(BaseModel):
    """An archived message."""

    id: str
    conversation_id: str
    channel: str = Field(examples=["email"])
    kind: str = Field(examples=["text"])
    author: PersonOut | None
    to: list[PersonOut]
    sent_at: datetime = Field(description="The time that counts; `times` says which one it is.")
    offset_minutes: int | None
    times: TimesOut
    subject: str | None
    text: str = Field(examples=["Zatwierdzam projekt etykiety, proszę drukować."])
    duration_s: int | None
    edited: bool
    detail: str = Field(
        examples=["signed-smime"],
        description="Of a call its outcome; of a meeting method, start, key, answer or guests, summary; of a "
        "mail auto-reply, auto-generated, delivery-report, read-receipt, or how it is signed or encrypted.",
    )
    external_id: str
    format: str
    original_sha256: str = Field(description="SHA-256 of the exact bytes; GET .../original returns them.")
    attachments: list[AttachmentOut]
    origin: OriginOut | None = Field(description="What its signatures say; null for anything but mail.")
    sightings: list[SightingOut] = []
    reply_to: str | None = Field(None, description="Id of the message that it answers, where that is kept.")
    thread: str | None = Field(None, description="Id of the message that opened its thread in a chat.")
    forwarded_from: str | None = Field(
        None, description="Whose words they are where the author only passed them on."
    )
    edited_at: datetime | None = None
    reactions: list[ReactionOut] = []
    other_texts: list[OtherTextOut] = Field(
        [], description="What it said before it was edited, and what other exports say in its place."
    )
    deletion: DeletionOut | None = Field(None, description="Set where somebody took it back.")

    @classmethod
    def of(
        cls,
        message: Stored,
        origin: Origin | None,
        texts: Mapping[Place, Known],
        sightings: Sequence[Sighting] = (),
    ) -> Self:
        """Return what goes over the wire."""
        return cls(
            id=str(message.id),
            conversation_id=str(message.conversation_id),
            channel=message.channel,
            kind=message.kind,
            author=PersonOut.of(message.author) if message.author else None,
            to=[PersonOut.of(one) for one in message.to],
            sent_at=message.sent_at,
            offset_minutes=message.offset_minutes,
            times=TimesOut.of(message),
            subject=message.subject,
            text=message.text,
            duration_s=message.duration_s,
            edited=message.edited,
            detail=message.detail,
            external_id=message.external_id,
            format=message.format,
            original_sha256=message.blob_sha256,
            attachments=[
                AttachmentOut.of(one, texts.get((message.id, one.position))) for one in message.attachments
            ],
            origin=OriginOut.of(origin) if message.channel == "email" else None,
            sightings=[SightingOut.of(one) for one in sightings],
            reply_to=str(message.reply_to) if message.reply_to else None,
            thread=str(message.thread) if message.thread else None,
            forwarded_from=message.forwarded_from,
            edited_at=message.edited_at,
            reactions=[ReactionOut.of(one) for one in message.reactions],
            other_texts=[OtherTextOut.of(one) for one in message.other_texts],
            deletion=DeletionOut.of(message.deletion) if message.deletion else None,
        )


class ConversationOut(BaseModel):
    """A chat or a thread of mails."""

    id: str
    channel: str
    title: str
    project: str | None
    client: str | None
    first_at: datetime
    last_at: datetime

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """Return what goes over the wire."""
        return cls(
            id=str(summary.id),
            channel=summary.channel,
            title=summary.title,
            project=summary.project,
            client=summary.client,
            first_at=summary.first_at,
            last_at=summary.last_at,
        )
