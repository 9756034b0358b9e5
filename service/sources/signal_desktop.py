"""Read a message as Signal Desktop keeps it in its database. In: its JSON. Out: the parts of a record.

Never: follows the paths of attachments, which lead into the folder of Signal itself.

sigtop (`export-messages -f json`) writes these objects as they are. They changed over the years: people were
`source` (telephone), then `sourceUuid`, then `sourceServiceId`; calls had their outcome inside until 2023.
"""

from datetime import timedelta
from typing import Any

from service.sources.json_values import members, number, objects, unix_time, word
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawReaction,
    RawRevision,
)

_VOICE = 1
"""The flag of AttachmentPointer in SignalService.proto."""
_CALL_TYPES = frozenset({"call-history", "call-history-event"})
_SERVICE = frozenset(
    {"change-number-notification", "chat-session-refreshed", "contact-removed-notification"}
    | {"conversation-merge", "delivery-issue", "group-v1-migration", "group-v2-change", "keychange"}
    | {"joined-signal-notification", "message-history-unsynced", "message-request-response-event"}
    | {"phone-number-discovery", "pinned-message-notification", "poll-terminate", "profile-change"}
    | {"timer-notification", "title-transition-notification", "universal-timer-notification"}
    | {"verified-change", "group"}
)


def author_of(raw: dict[str, Any]) -> RawAddress | None:
    """Return who wrote it; the owner of the database has no id in it."""
    if raw.get("type") == "outgoing":
        return RawAddress(AddressKind.SIGNAL, "You", "You")
    aci = word(raw.get("sourceServiceId")) or word(raw.get("sourceUuid"))
    if aci:
        return RawAddress(AddressKind.SIGNAL, aci.lower())
    phone = word(raw.get("source"))
    return RawAddress(AddressKind.PHONE, phone) if phone else None


def kind_of(raw: dict[str, Any]) -> tuple[Kind, str]:
    """Return the kind and the detail."""
    type_ = word(raw.get("type"))
    if type_ in _CALL_TYPES:
        return Kind.CALL, _call(members(raw.get("callHistoryDetails")))
    if type_ in ("incoming", "outgoing", "story"):
        return _written(raw)
    return (Kind.SYSTEM if type_ in _SERVICE else Kind.UNKNOWN), type_ or "unknown"


def text_of(raw: dict[str, Any]) -> str:
    """Return the words, with polls and contacts in words too."""
    poll = members(raw.get("poll"))
    votes = [
        word(choice) for vote in objects(poll.get("votes")) for choice in _list(vote.get("optionIndexes"))
    ]
    options = [
        f"- {word(option)} ({votes.count(str(place))})"
        for place, option in enumerate(_list(poll.get("options")))
    ]
    contacts = (word(members(one.get("name")).get("displayName")) for one in objects(raw.get("contact")))
    lines = (_with_names(raw), word(poll.get("question")), *options, *contacts)
    return "\n".join(filter(None, lines))


def attachments_of(raw: dict[str, Any]) -> tuple[RawAttachment, ...]:
    """Return the files, all of them missing: the database never had them."""
    named = list(objects(raw.get("attachments")))
    sticker = members(members(raw.get("sticker")).get("data"))
    return tuple(
        RawAttachment(
            word(one.get("fileName")) or "attachment",
            word(one.get("contentType")) or "application/octet-stream",
            number(one.get("size")),
            missing="the export of messages does not hold files",
        )
        for one in (*named, *([sticker] if sticker else []))
    )


def reactions_of(raw: dict[str, Any]) -> tuple[RawReaction, ...]:
    """Return the reactions; their actors are known by the number of a chat only."""
    return tuple(
        RawReaction(
            word(one.get("emoji")),
            RawAddress(AddressKind.SIGNAL, word(one.get("fromId"))) if word(one.get("fromId")) else None,
            unix_time(one.get("timestamp"), per_second=1000),
        )
        for one in objects(raw.get("reactions"))
        if word(one.get("emoji")) and one.get("remove") is not True
    )


def revisions_of(raw: dict[str, Any]) -> tuple[RawRevision, ...]:
    """Return the earlier texts; the database has the newest version first, and again as the message."""
    versions = list(objects(raw.get("editHistory")))[1:]
    return tuple(
        RawRevision(word(one.get("body")), unix_time(one.get("timestamp"), per_second=1000))
        for one in reversed(versions)
    )


def duration_of(raw: dict[str, Any]) -> timedelta | None:
    """Return how long a call lasted, where the message itself says so."""
    call = members(raw.get("callHistoryDetails"))
    began = unix_time(call.get("acceptedTime") or call.get("timestamp"), per_second=1000)
    ended = unix_time(call.get("endedTime") or call.get("endedTimestamp"), per_second=1000)
    return (
        ended - began if began and ended and ended > began and call.get("wasDeclined") is not True else None
    )


def _written(raw: dict[str, Any]) -> tuple[Kind, str]:
    attached = list(objects(raw.get("attachments")))
    if raw.get("deletedForEveryone") is True:
        return Kind.DELETED, ""
    if any((number(one.get("flags")) or 0) & _VOICE for one in attached):
        return Kind.VOICE, ""
    if isinstance(sticker := raw.get("sticker"), dict):
        return Kind.FILE, word(sticker.get("emoji")) or "sticker"
    detail = "view once" if raw.get("isViewOnce") is True or raw.get("isViewOnce") == 1 else ""
    if not attached:
        return Kind.TEXT, detail
    image = word(attached[0].get("contentType")).startswith("image/")
    return (Kind.IMAGE if image else Kind.FILE), detail


def _call(call: dict[str, Any]) -> str:
    if not call:
        return "call"
    incoming = call.get("wasIncoming") is True or call.get("direction") == "Incoming"
    if status := word(call.get("status")):
        outcome = status.lower()
    elif call.get("wasDeclined") is True:
        outcome = "declined"
    else:
        outcome = "accepted" if call.get("acceptedTime") else "missed"
    video = call.get("wasVideoCall") is True or word(call.get("type")) == "Video"
    return f"{outcome}, {'incoming' if incoming else 'outgoing'}, {'video' if video else 'audio'}"


def _with_names(raw: dict[str, Any]) -> str:
    """Return the body with people in the place of mentions; places are counted in UTF-16 units."""
    body = word(raw.get("body"))
    units = body.encode("utf-16-le")
    ranges = sorted(
        objects(raw.get("bodyRanges")), key=lambda one: number(one.get("start")) or 0, reverse=True
    )
    for one in ranges:
        name = word(one.get("replacementText"))
        start, length = number(one.get("start")) or 0, number(one.get("length")) or 0
        if name and 0 <= start <= start + length <= len(units) // 2:
            mention = f"@{name}".encode("utf-16-le", "replace")
            units = units[: start * 2] + mention + units[(start + length) * 2 :]
    return units.decode("utf-16-le", "replace")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
