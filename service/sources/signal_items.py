"""Read what a chat item of Signal says. In: the item, people and files of the export. Out: Said.

Never: puts a quoted message's words among those of the one that quotes it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from service.sources.json_values import members, number, objects, storable, word
from service.sources.raw_message import Kind, RawAddress, RawAttachment
from service.sources.signal_files import SignalFiles
from service.sources.signal_people import People, service_id
from service.sources.signal_updates import read_update

_ABOUT_THE_ITEM = frozenset(
    {"chatId", "authorId", "dateSent", "expireStartDate", "expiresInMs", "revisions", "sms", "pinDetails"}
    | {"incoming", "outgoing", "directionless", "reactions"}
)


@dataclass(frozen=True, slots=True)
class Said:
    """What an item says, whatever its type."""

    kind: Kind
    text: str = ""
    detail: str = ""
    attachments: tuple[RawAttachment, ...] = ()
    reactions: tuple[dict[str, Any], ...] = ()
    about: tuple[Any, RawAddress | None] | None = None
    """Time and author of the message that it answers or is about."""
    lasted: timedelta | None = None


def read_item(item: dict[str, Any], people: People, files: SignalFiles) -> Said:
    """Return what an item says; an item of an unknown type is named by its key."""
    for key, reader in _READERS.items():
        if isinstance(value := item.get(key), dict):
            return reader(value, people, files)
    unknown = next((key for key in item if key not in _ABOUT_THE_ITEM), "an empty item")
    return Said(Kind.UNKNOWN, detail=storable(unknown))


def _standard(value: dict[str, Any], people: People, files: SignalFiles) -> Said:
    attached = list(objects(value.get("attachments")))
    captions = (word(members(one.get("pointer")).get("caption")) for one in attached)
    return Said(
        kind=_kind_of(attached),
        text="\n".join(filter(None, (_text(value, people, files), *captions))),
        attachments=tuple(_attachment(one, files) for one in attached),
        reactions=_reactions(value),
        about=_quoted(value, people),
    )


def _view_once(value: dict[str, Any], _people: People, files: SignalFiles) -> Said:
    if isinstance(one := value.get("attachment"), dict):
        return Said(_kind_of([one]), "", "view once", (_attachment(one, files),), _reactions(value))
    gone = RawAttachment("view once", "application/octet-stream", missing="it was viewed once and is gone")
    return Said(Kind.IMAGE, "", "view once", (gone,), _reactions(value))


def _sticker(value: dict[str, Any], _people: People, files: SignalFiles) -> Said:
    sticker = members(value.get("sticker"))
    pointer = sticker.get("data")
    attached = (files.attachment(pointer, "sticker"),) if isinstance(pointer, dict) else ()
    return Said(Kind.FILE, "", word(sticker.get("emoji")) or "sticker", attached, _reactions(value))


def _contact(value: dict[str, Any], _people: People, _files: SignalFiles) -> Said:
    # The writers of 2024 had an array here.
    contacts = [members(value.get("contact")), *objects(value.get("contact"))]
    lines = [", ".join(_card(contact)) for contact in contacts]
    return Said(Kind.TEXT, "\n".join(filter(None, lines)), "contact", (), _reactions(value))


def _card(contact: dict[str, Any]) -> Iterator[str]:
    name = members(contact.get("name"))
    parts = (word(name.get(key)) for key in ("prefix", "givenName", "middleName", "familyName", "suffix"))
    yield from filter(None, [" ".join(filter(None, parts)) or word(name.get("nickname"))])
    yield from filter(None, [word(contact.get("organization"))])
    for key in ("number", "email"):
        yield from filter(None, (word(one.get("value")) for one in objects(contact.get(key))))


def _deleted(_value: dict[str, Any], _people: People, _files: SignalFiles) -> Said:
    return Said(Kind.DELETED)


def _deleted_by_admin(value: dict[str, Any], people: People, _files: SignalFiles) -> Said:
    admin = people.person(value.get("adminId"))
    return Said(Kind.DELETED, detail=f"deleted by {admin.name if admin else 'an admin'}")


def _payment(value: dict[str, Any], _people: People, _files: SignalFiles) -> Said:
    amount = word(value.get("amountMob"))
    lines = (f"{amount} MOB" if amount else "", word(value.get("note")))
    return Said(Kind.TEXT, "\n".join(filter(None, lines)), "payment")


def _gift(_value: dict[str, Any], _people: People, _files: SignalFiles) -> Said:
    return Said(Kind.TEXT, detail="a donation badge as a gift")


def _story_reply(value: dict[str, Any], people: People, files: SignalFiles) -> Said:
    text = _text(members(value.get("textReply")), people, files) or word(value.get("emoji"))
    return Said(Kind.TEXT, text, "answer to a story", (), _reactions(value))


def _poll(value: dict[str, Any], _people: People, _files: SignalFiles) -> Said:
    options = (
        f"- {word(option.get('option'))} ({len(list(objects(option.get('votes'))))})"
        for option in objects(value.get("options"))
    )
    detail = "poll, ended" if value.get("hasEnded") is True else "poll"
    return Said(Kind.TEXT, "\n".join((word(value.get("question")), *options)), detail, (), _reactions(value))


def _update(value: dict[str, Any], people: People, _files: SignalFiles) -> Said:
    update = read_update(value, people)
    return Said(update.kind, detail=update.detail, about=update.about, lasted=update.lasted)


_READERS: dict[str, Callable[[dict[str, Any], People, SignalFiles], Said]] = {
    "standardMessage": _standard,
    "viewOnceMessage": _view_once,
    "stickerMessage": _sticker,
    "contactMessage": _contact,
    "remoteDeletedMessage": _deleted,
    "adminDeletedMessage": _deleted_by_admin,
    "paymentNotification": _payment,
    "giftBadge": _gift,
    "directStoryReplyMessage": _story_reply,
    "poll": _poll,
    "updateMessage": _update,
}


# Words.


def _text(value: dict[str, Any], people: People, files: SignalFiles) -> str:
    """Return the words of a message, with people in the place of mentions."""
    text = members(value.get("text"))
    body = word(text.get("body"))
    # The field holds the first 2 KB of a long message; the file has all of it.
    whole = storable(files.text(value.get("longText")))
    body = whole if whole.startswith(body) else body
    mentions = [one for one in objects(text.get("bodyRanges")) if word(one.get("mentionAci"))]
    return _with_names(body, mentions, people) if mentions else body


def _with_names(body: str, mentions: list[dict[str, Any]], people: People) -> str:
    units = body.encode("utf-16-le")
    for one in sorted(mentions, key=lambda one: number(one.get("start")) or 0, reverse=True):
        start, length = number(one.get("start")) or 0, number(one.get("length")) or 0
        if not 0 <= start <= start + length <= len(units) // 2:
            continue
        who = service_id(one.get("mentionAci"))
        name = f"@{people.names.get(who, who)}".encode("utf-16-le", "replace")
        units = units[: start * 2] + name + units[(start + length) * 2 :]
    return units.decode("utf-16-le", "replace")


def _quoted(value: dict[str, Any], people: People) -> tuple[Any, RawAddress | None] | None:
    quote = members(value.get("quote"))
    at = quote.get("targetSentTimestamp")
    return (at, people.person(quote.get("authorId"))) if number(at) else None


def _reactions(value: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return tuple(one for one in objects(value.get("reactions")) if word(one.get("emoji")))


# Files.


def _kind_of(attached: list[dict[str, Any]]) -> Kind:
    if not attached:
        return Kind.TEXT
    if any(one.get("flag") in ("VOICE_MESSAGE", 1) for one in attached):
        return Kind.VOICE
    type_ = word(members(attached[0].get("pointer")).get("contentType"))
    return Kind.IMAGE if type_.startswith("image/") else Kind.FILE


def _attachment(one: dict[str, Any], files: SignalFiles) -> RawAttachment:
    fallback = "voice message" if one.get("flag") in ("VOICE_MESSAGE", 1) else "attachment"
    return files.attachment(members(one.get("pointer")), fallback)
