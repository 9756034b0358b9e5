"""Turn one message of Rocket.Chat into a record: of a room's export, of the database, of the REST API.

In: the object as Rocket.Chat gives it, with its bytes. Out: RawMessage.
Never: drops a type it does not know, takes words that a message quotes for its own.

Sources: exportRoomMessagesToFile.ts (a room's export) and IMessage.ts (everything else) of Rocket.Chat.

People are known by username: reactions and a room's export have nothing else.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.sources.emoji_names import emoji_named, with_emoji
from service.sources.json_values import byte_count, iso_time, members, objects, unix_time, word
from service.sources.media import media_type
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    RawReaction,
)
from service.sources.slack_directory import SlackDirectory
from service.sources.slack_text import attachment_text

FORMAT = "rocketchat"
_MILLISECONDS = 1000
_ENCRYPTED = frozenset({"e2e", "otr"})
_CALLS = frozenset(
    {"videoconf", "jitsi_call_started", "livechat_video_call", "livechat_webrtc_video_call", "rtc"}
    | {"voip-call-started", "voip-call-declined"}
)
"""One type for each call: the other `voip-call-*` tell of the same one."""
_NOTICES = frozenset(
    {"au", "ru", "uj", "ujt", "ul", "ult", "ui", "uir", "ut", "wm", "r", "command", "mute_unmute", "otr-ack"}
    | {
        "discussion-created",
        "message_pinned",
        "message_pinned_e2e",
        "message_snippeted",
        "abac-removed-user-from-room",
    }
    | {"new-owner", "owner-removed", "new-moderator", "moderator-removed", "new-leader", "leader-removed"}
    | {"thread-created", "thread-welcome"}
)
_NOTICES_OF = (
    *("room-", "room_", "user-", "user_", "subscription-role-", "livechat", "omnichannel", "voip-call-"),
    *("added-user-to-", "removed-user-from-"),
)
_QUOTE = re.compile(r"\[ ?\]\(https?://[^)\s]*?[?&]msg=([\w-]+)[^)\s]*\)\s*")
_VOICE = re.compile(r"audio[ _-]?record|voice[ _-]?(?:message|note)", re.IGNORECASE)
_MEDIA = ("image", "audio", "video")
_LINK_ONLY = "the export has only a link to this file"
_NOBODY = SlackDirectory()


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message, as any of the shapes names it."""

    id: str
    name: str
    media_type: str
    size: int | None


AttachFile = Callable[[File], RawAttachment | None]
"""Given a file of a message: the file with its bytes, or None where they are not at hand."""


def no_bytes(_file: File) -> None:
    """Have no files at hand."""


@dataclass(frozen=True, slots=True)
class RocketChatRoom:
    """What a message does not say itself."""

    conversation: RawConversation
    attach: AttachFile = no_bytes


def plain(value: Any) -> Any:
    """Return what MongoDB's Extended JSON wraps: ids, numbers; dates stay counts or ISO 8601.

    >>> plain({"$date": {"$numberLong": "1741000000000"}}), plain({"$oid": "65e4"}), plain("x")
    ('1741000000000', '65e4', 'x')
    """
    for key in ("$date", "$oid", "$numberLong", "$numberInt", "$numberDouble"):
        if isinstance(value, dict) and key in value:
            value = value[key]
    return value


def time_of(value: Any) -> datetime | None:
    """Return an instant from ISO 8601 or milliseconds, wrapped or not."""
    at = iso_time(plain(value))
    return at if at is not None and at.tzinfo else unix_time(plain(value), _MILLISECONDS)


def read_message(
    raw: dict[str, Any], original: bytes, position: int, room: RocketChatRoom, warnings: tuple[str, ...] = ()
) -> RawMessage:
    """Return a message of any shape as a record; a room's export has no ids, threads and reactions."""
    type_ = word(raw.get("t")) or word(raw.get("type"))
    files = list(_files(raw))
    kind = _kind(type_, files)
    written = kind not in (Kind.SYSTEM, Kind.CALL, Kind.DELETED)
    said, quoted = _split(with_emoji(word(raw.get("msg"))))
    text, forwarded_from = _text(raw, said) if written and type_ not in _ENCRYPTED else ("", None)
    thread = word(raw.get("tmid")) or None
    edited_at = time_of(raw.get("editedAt")) if written else None
    return RawMessage(
        format=FORMAT,
        channel=FORMAT,
        kind=kind,
        original=original,
        position=position,
        # With the setting to keep history, an earlier text is a hidden copy with an id of its own.
        external_id=word(raw.get("parent")) or word(plain(raw.get("_id"))),
        author=_author(raw),
        sent_at=time_of(raw.get("ts")),
        text=text,
        conversation=room.conversation,
        reply_to=(None if forwarded_from else quoted) or thread,
        thread=thread,
        attachments=tuple(_attached(file, room.attach) for file in files),
        edited=edited_at is not None,
        edited_at=edited_at,
        reactions=tuple(_reactions(raw)),
        forwarded_from=forwarded_from,
        detail=_detail(type_, kind, said),
        warnings=(*warnings, "the text is encrypted") if written and type_ in _ENCRYPTED else warnings,
    )


# What it is.


def _kind(type_: str, files: list[File]) -> Kind:
    if not type_ or type_ in _ENCRYPTED:
        return _written_kind(files)
    if type_ == "rm":
        return Kind.DELETED
    if type_ in _CALLS:
        return Kind.CALL
    return Kind.SYSTEM if type_ in _NOTICES or type_.startswith(_NOTICES_OF) else Kind.UNKNOWN


def _written_kind(files: list[File]) -> Kind:
    if not files:
        return Kind.TEXT
    if any(_VOICE.search(file.name) and file.media_type.startswith("audio/") for file in files):
        return Kind.VOICE
    return Kind.IMAGE if all(file.media_type.startswith("image/") for file in files) else Kind.FILE


def _detail(type_: str, kind: Kind, said: str) -> str:
    if kind == Kind.CALL:
        return "declined" if type_ == "voip-call-declined" else "started"
    if kind == Kind.SYSTEM:
        return ": ".join(filter(None, (type_, said)))
    return "" if kind == Kind.DELETED else type_


# What it says.


def _split(said: str) -> tuple[str, str | None]:
    """Part a text from the links to what it quotes, which stand before it; return the first one's id.

    >>> _split("[ ](https://chat.example/channel/x?msg=abc) agreed")
    ('agreed', 'abc')
    """
    quoted = None
    while match := _QUOTE.match(said):
        quoted = quoted or match[1]
        said = said[match.end() :]
    return said, quoted


def _text(raw: dict[str, Any], said: str) -> tuple[str, str | None]:
    """Return the words, and whose they are where their author only passed them on."""
    parts, passed_on = [said], []
    for attachment in objects(raw.get("attachments")):
        if attachment.get("message_link"):
            passed_on.append(attachment)
        elif _is_file(attachment):
            parts.append(with_emoji(word(attachment.get("description"))))
        else:
            parts.append(attachment_text(attachment, _NOBODY))
    if point := _place(raw):
        parts.append(point)
    text = "\n".join(filter(None, parts))
    if text or not passed_on or list(_files(raw)):
        return text, None
    whose = next(filter(None, (word(one.get("author_name")) for one in passed_on)), "unknown")
    return "\n".join(filter(None, (with_emoji(word(one.get("text"))) for one in passed_on))), whose


def _place(raw: dict[str, Any]) -> str:
    point = members(raw.get("location")).get("coordinates")
    if not isinstance(point, list) or len(point) < 2:
        return ""
    longitude, latitude = (word(plain(one)) for one in point[:2])
    return f"{latitude}, {longitude}"


# Who wrote and reacted.


def _author(raw: dict[str, Any]) -> RawAddress | None:
    user = members(raw.get("u"))
    username = word(user.get("username")) or word(raw.get("username")) or word(plain(user.get("_id")))
    if not username:
        return None
    name = word(raw.get("alias")) or word(user.get("name")) or username
    return RawAddress(AddressKind.ROCKETCHAT, username, name)


def _reactions(raw: dict[str, Any]) -> Iterator[RawReaction]:
    for name, reaction in members(raw.get("reactions")).items():
        emoji = emoji_named(word(name)) or "?"
        usernames, names = (_words(members(reaction).get(key)) for key in ("usernames", "names"))
        named = names if len(names) == len(usernames) else usernames
        for username, shown in zip(usernames, named, strict=True):
            yield RawReaction(emoji, RawAddress(AddressKind.ROCKETCHAT, username, shown))


def _words(values: Any) -> list[str]:
    return [one for one in map(word, values) if one] if isinstance(values, list) else []


# Files.


def _is_file(attachment: dict[str, Any]) -> bool:
    linked = attachment.get("type") == "file" or any(attachment.get(f"{media}_url") for media in _MEDIA)
    return bool(linked or attachment.get("fileId")) and not attachment.get("message_link")


def _files(raw: dict[str, Any]) -> Iterator[File]:
    """Yield the files: by `files`, or `file` of older versions, or what the attachments link to."""
    found = list(objects(raw.get("files"))) or list(filter(None, [members(raw.get("file"))]))
    for file in found:
        if file.get("typeGroup") != "thumb":
            name, size = word(file.get("name")), byte_count(plain(file.get("size")))
            yield File(word(plain(file.get("_id"))), name, _type(word(file.get("type")), name), size)
    if not found:
        yield from map(_linked, filter(_is_file, objects(raw.get("attachments"))))


def _linked(attachment: dict[str, Any]) -> File:
    link = next((one for media in _MEDIA if (one := word(attachment.get(f"{media}_url")))), "")
    # A link may end in a token: a name never does.
    in_link = re.split(r"[?#]", link or word(attachment.get("title_link")))[0].rpartition("/")[2]
    name = word(attachment.get("fileName")) or word(attachment.get("title")) or in_link
    types = (word(attachment.get(f"{media}_type")) for media in _MEDIA)
    sizes = (byte_count(plain(attachment.get(f"{media}_size"))) for media in _MEDIA)
    size = next((one for one in sizes if one is not None), None)
    type_ = _type(next(filter(None, types), ""), name if "." in name else in_link)
    return File(word(attachment.get("fileId")), name, type_, size)


def _type(given: str, name: str) -> str:
    return given if "/" in given else media_type(name)


def _attached(file: File, attach: AttachFile) -> RawAttachment:
    return attach(file) or RawAttachment(file.name, file.media_type, file.size, missing=_LINK_ONLY)
