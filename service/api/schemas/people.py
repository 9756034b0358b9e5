"""People on the wire. Never: an address that the reader may not see."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from service.archive.message import Side
from service.archive.one_person import Merged
from service.archive.people_known import MaybeOne, PersonDetail, PersonKnown, Spoken

IdIn = Annotated[str, Field(pattern=r"^\d{1,9}$", examples=["17"])]
"""The id of a person, as it was given out."""


class MergeIn(BaseModel):
    """Two people who are one."""

    model_config = ConfigDict(extra="forbid")

    kept: IdIn
    merged: IdIn = Field(description="Whose addresses move to `kept`.")
    side: Side | None = Field(
        default=None, description="Which side holds; needed where they are on two: without it, 409."
    )


class DistinctIn(BaseModel):
    """Two people who are not one, though they look it."""

    model_config = ConfigDict(extra="forbid")

    one: IdIn
    other: IdIn


class PersonChange(BaseModel):
    """What to change of a person; what is not named stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=320, pattern=r"^[^\x00]*$", examples=["Ewa Rutka"])
    side: Side | None = Field(
        default=None, description="Holds for every address, also later ones, before any rule."
    )


class AddressOut(BaseModel):
    """A way to reach somebody."""

    id: str
    kind: str = Field(examples=["mail"], description="mail, phone, or the messenger")
    value: str = Field(examples=["ewa@zlotyklos.example"])
    name: str = Field(description="The name that came with it.")


class SpokenOut(BaseModel):
    """How much somebody wrote somewhere."""

    name: str = Field(examples=["email"])
    messages: int

    @classmethod
    def of(cls, one: Spoken) -> Self:
        """Return what goes over the wire."""
        return cls(name=one.name, messages=one.messages)


class MergeOut(BaseModel):
    """Two people who were made one."""

    id: str
    kept: str
    merged: str
    name: str = Field(description="What the merged one was called.")
    addresses: list[str] = Field(description="Ids of the addresses that moved.")
    actor: str
    merged_at: datetime

    @classmethod
    def of(cls, one: Merged) -> Self:
        """Return what goes over the wire."""
        return cls(
            id=str(one.id),
            kept=str(one.kept),
            merged=str(one.merged),
            name=one.name,
            addresses=[str(key) for key in one.addresses],
            actor=one.actor,
            merged_at=one.at,
        )


class KnownPersonOut(BaseModel):
    """Somebody with their addresses, as far as the reader may see them."""

    id: str
    name: str = Field(examples=["Ewa Rutka"])
    side: Side
    addresses: list[AddressOut]
    messages: int = Field(description="That they wrote.")
    first_at: datetime | None = Field(description="null for whoever only received.")
    last_at: datetime | None

    @classmethod
    def of(cls, one: PersonKnown) -> Self:
        """Return what goes over the wire."""
        return cls(
            id=str(one.id),
            name=one.name,
            side=one.side,
            addresses=[
                AddressOut(id=str(address.id), kind=address.kind, value=address.value, name=address.name)
                for address in one.addresses
            ],
            messages=one.messages,
            first_at=one.first_at,
            last_at=one.last_at,
        )


class PersonDetailOut(KnownPersonOut):
    """Somebody in full."""

    channels: list[SpokenOut]
    projects: list[SpokenOut] = Field(description="Named by the project; an empty name: in none.")
    merges: list[MergeOut] = Field(description="The latest first; for administrators.")

    @classmethod
    def in_full(cls, one: PersonDetail) -> Self:
        """Return what goes over the wire."""
        return cls(
            **KnownPersonOut.of(one.person).model_dump(),
            channels=[SpokenOut.of(some) for some in one.channels],
            projects=[SpokenOut.of(some) for some in one.projects],
            merges=[MergeOut.of(some) for some in one.merges],
        )


class ReasonOut(BaseModel):
    """Why two people may be one."""

    kind: str = Field(examples=["same_name"])
    words: str = Field(examples=["same name: Anna Kłos = Анна Клос"])
    count: int = Field(description="How many messages two exports show as theirs; 1 for other reasons.")


class SuggestionOut(BaseModel):
    """Two people who may be one."""

    kept: KnownPersonOut = Field(description="Whose name and side say more.")
    merged: KnownPersonOut
    strength: float = Field(examples=[0.95], description="0 to 1; nothing is merged by itself.")
    reasons: list[ReasonOut] = Field(description="The strongest first.")

    @classmethod
    def of(cls, one: MaybeOne) -> Self:
        """Return what goes over the wire."""
        return cls(
            kept=KnownPersonOut.of(one.kept),
            merged=KnownPersonOut.of(one.merged),
            strength=one.suggestion.strength,
            reasons=[
                ReasonOut(kind=reason.why, words=str(reason), count=reason.count)
                for reason in one.suggestion.reasons
            ],
        )
