"""One message of a generic import, from its fields. GENERIC.md says what each field means.

In: fields by name, as JSON or a row of a table has them. Out: RawMessage. Never: drops one for lack of a
time or an author; reads a file outside the import's folder.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from service.sources.generic_fields import is_yes, kind_named, outcome_named
from service.sources.generic_times import exact_time, length_of, printed_time
from service.sources.json_values import members, number, word
from service.sources.linked_files import attach_linked
from service.sources.printed_times import Stamp
from service.sources.raw_message import (
    SERVICE_KINDS,
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    RawReaction,
)

_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_PHONE = re.compile(r"\+?\d[\d\s().-]{5,20}\d")
_LONGEST_ADDRESS = 254
"""Of a mail address (RFC 5321, 4.5.3.1.3)."""
_CHANNEL = re.compile(r"[\W_]+")
_DEFAULT_CHANNEL = "other"
_MOST_REACTIONS = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """What all records of a file have in common."""

    format: str
    root: Path
    stem: str
    """The file's name: the title of records that belong to no chat."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record as it stands in its file."""

    original: bytes
    position: int
    warnings: tuple[str, ...] = ()


def generic_message(
    fields: dict[str, Any], found: Found, source: Source, stamp_at: datetime | None = None
) -> RawMessage:
    """Return a message; `stamp_at` is its time where the whole file had to be seen to read it."""
    attachments = tuple(_attachments(fields.get("attachments"), source.root))
    kind, unknown = _kind(fields, attachments)
    text = word(fields.get("text"))
    sent_at = stamp_at or time_of(fields)
    edited_at = exact_time(fields.get("edited_at")) or _certain(printed_time(fields.get("edited_at")))
    return RawMessage(
        format=source.format,
        channel=_channel(fields),
        kind=kind,
        original=found.original,
        position=found.position,
        external_id=word(fields.get("id")),
        author=person(fields.get("author"), fields.get("author_id")),
        sent_at=sent_at,
        text="" if kind == Kind.SYSTEM else text,
        conversation=_conversation(fields, source),
        to=tuple(_people(fields.get("to"))),
        reply_to=word(fields.get("reply_to")) or None,
        thread=word(fields.get("thread")) or None,
        attachments=attachments,
        duration_for=length_of(fields.get("duration")),
        edited=edited_at is not None or is_yes(fields.get("edited_at")),
        edited_at=edited_at,
        reactions=tuple(_reactions(fields.get("reactions"))),
        forwarded_from=_forwarded_from(fields.get("forwarded_from")),
        detail=unknown or _detail(fields, kind, text),
        warnings=(*found.warnings, *_warnings(fields, sent_at)),
    )


def time_of(fields: dict[str, Any]) -> datetime | None:
    """Return the time of a record where it can be read in one way only."""
    value = time_value(fields)
    return exact_time(value) or _certain(printed_time(value))


def time_value(fields: dict[str, Any]) -> Any:
    """Return the time as it stands in the record: some tables part the day from the time of day."""
    day, time = word(fields.get("date")).strip(), word(fields.get("time")).strip()
    return f"{day} {time}" if day and time else fields.get("time") if time else fields.get("date")


def _certain(stamp: Stamp | None) -> datetime | None:
    """Return the time of a stamp that exists in one order only, or is the same in both."""
    if stamp is None:
        return None
    readings = {stamp.at(order) for order in stamp.day.days}
    return readings.pop() if len(readings) == 1 else None


def _warnings(fields: dict[str, Any], sent_at: datetime | None) -> Iterator[str]:
    if sent_at is None:
        shown = word(time_value(fields))[:60]
        yield f"a time that cannot be read: {shown}" if shown else "no time"


# What it is.


def _kind(fields: dict[str, Any], attachments: tuple[RawAttachment, ...]) -> tuple[Kind, str]:
    """Return the kind, and the word for it where nobody knows that word."""
    said = word(fields.get("kind")).strip()
    kind = kind_named(said) if said else None
    if said and kind is None and not said.isdigit():
        return Kind.UNKNOWN, said
    if is_yes(fields.get("deleted")) and (kind is None or kind not in SERVICE_KINDS):
        return Kind.DELETED, ""
    if kind in (None, Kind.TEXT) and attachments:
        images = all(one.media_type.startswith("image/") for one in attachments)
        return Kind.IMAGE if images else Kind.FILE, ""
    return kind or Kind.TEXT, ""


def _detail(fields: dict[str, Any], kind: Kind, text: str) -> str:
    if kind == Kind.SYSTEM:
        return text
    if kind == Kind.CALL:
        return outcome_named(word(fields.get("outcome")) or _missed(fields))
    return ""


def _missed(fields: dict[str, Any]) -> str:
    said = outcome_named(word(fields.get("kind")))
    return said if said == "missed" else ""


def _channel(fields: dict[str, Any]) -> str:
    """Return the messenger as a channel is written: `bitrix24`, `sms`."""
    return _CHANNEL.sub("-", word(fields.get("messenger")).lower()).strip("-")[:40] or _DEFAULT_CHANNEL


def _conversation(fields: dict[str, Any], source: Source) -> RawConversation:
    chat, title = word(fields.get("chat")).strip(), word(fields.get("chat_title")).strip()
    return RawConversation(chat or title or source.stem, title or chat or source.stem)


def _forwarded_from(value: Any) -> str | None:
    if value is True or (isinstance(value, str) and is_yes(value)):
        return "unknown"
    return word(value).strip() or None


# Who.


def person(name: Any, identity: Any = None) -> RawAddress | None:
    """Return a person by its id, or by the name alone; phone numbers and mail addresses are known as such.

    >>> person("Anna", "+48 600 100 200")
    RawAddress(kind=<AddressKind.PHONE: 'phone'>, value='+48600100200', name='Anna')
    """
    shown = word(name).strip()
    value = word(identity).strip() or shown
    if not value:
        return None
    if len(value) <= _LONGEST_ADDRESS and _MAIL.fullmatch(value):
        return RawAddress(AddressKind.MAIL, value.lower(), shown or value)
    if value.startswith("+") and _PHONE.fullmatch(value):
        return RawAddress(AddressKind.PHONE, "+" + re.sub(r"\D", "", value), shown or value)
    return RawAddress(AddressKind.OTHER, value, shown or value)


def _people(value: Any) -> Iterator[RawAddress]:
    for one in value if isinstance(value, list) else [value]:
        raw = members(one)
        if found := person(raw.get("author"), raw.get("author_id")) if raw else person(one):
            yield found


# What came with it.


def _attachments(value: Any, root: Path) -> Iterator[RawAttachment]:
    for one in value if isinstance(value, list) else [value]:
        raw = members(one)
        path, name = word(raw.get("path") if raw else one).strip(), word(raw.get("name")).strip()
        if path or name:
            size = raw.get("size")
            yield attach_linked(
                root,
                path or name,
                shown=name,
                type_=word(raw.get("media_type")) or None,
                size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
            )


def _reactions(value: Any) -> Iterator[RawReaction]:
    for one in (value if isinstance(value, list) else [value])[:_MOST_REACTIONS]:
        raw = members(one)
        if not (emoji := word(raw.get("emoji") if raw else one).strip()):
            continue
        actor = person(raw.get("author"), raw.get("author_id"))
        times = number(raw.get("count")) or 1
        yield RawReaction(emoji, actor, exact_time(raw.get("time")), 1 if actor else max(1, times))
