"""The fields of the search grammar as data: parser, help, completion and documentation read this table.

Out: FIELDS, one `Field` for each `name:` that a query may hold. Never: parses, touches the archive.
"""

from dataclasses import dataclass
from enum import StrEnum

from service.agreements.agreement import Status
from service.extraction.statement import StatementKind


class FieldName(StrEnum):
    """What may stand before the colon."""

    FROM = "from"
    TO = "to"
    CLIENT = "client"
    PROJECT = "project"
    IN = "in"
    KIND = "kind"
    STATUS = "status"
    HAS = "has"
    BEFORE = "before"
    AFTER = "after"


class Has(StrEnum):
    """What `has:` can ask of a message."""

    ATTACHMENT = "attachment"
    CALL = "call"
    VOICE = "voice"
    STATEMENT = "statement"
    AGREEMENT = "agreement"
    GAP = "gap"


DATE_FIELDS = frozenset({FieldName.BEFORE, FieldName.AFTER})


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its place in the help, and the values it takes."""

    name: FieldName
    explain: str
    """What a message must be for the field to let it through, in one sentence."""
    example: str
    values: tuple[str, ...] = ()
    """The only values allowed; empty where any text (or date) will do."""


FIELDS: dict[FieldName, Field] = {
    field.name: field
    for field in (
        Field(
            FieldName.FROM, "written by a person whose name or address holds this", "from:anna@work.example"
        ),
        Field(FieldName.TO, "sent to a person whose name or address holds this", 'to:"Igor Petrov"'),
        Field(FieldName.CLIENT, "belongs to a client whose name holds this", 'client:"Blue Door"'),
        Field(FieldName.PROJECT, "belongs to a project whose name holds this", "project:website"),
        Field(FieldName.IN, "in a conversation with this in its title, or on this channel", "in:telegram"),
        Field(
            FieldName.KIND,
            "holds a statement of this kind",
            "kind:approval",
            tuple(StatementKind),
        ),
        Field(
            FieldName.STATUS,
            "is evidence of an agreement that stands so",
            "status:verbal_only",
            tuple(Status),
        ),
        Field(
            FieldName.HAS,
            "carries this, or this was found in it",
            "has:attachment",
            tuple(Has),
        ),
        Field(FieldName.BEFORE, "sent before the first day of this day, month or year", "before:2026-10-15"),
        Field(FieldName.AFTER, "sent on or after the first day of this day, month or year", "after:2026-10"),
    )
}
