"""Read what Telegram's Bot API gives as the records that an export of the same chat would hold.

In: objects of an Update (https://core.telegram.org/bots/api#update). Out: RawMessage. Never: drops an unknown
message, repeats an identity for two messages.

Ids. Channels and supergroups number their messages for everybody, and Telegram Desktop writes their id
without the Bot API's `-100`: the same chat has the same key here and there, so a message is the same message
whether a bot or an export brought it. In private chats and small groups each account numbers for itself:
there the key names the account whose numbers they are (`4815@bot77`, `4815@user12`), and the archive finds by
time and words that an export is of the same chat.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from service.sources.json_values import members, number, objects, seconds, unix_time, word
from service.sources.live.chat import Chat, position
from service.sources.media import media_type
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
)

NAME = "telegram-bot"
CHANNEL = "telegram"
LARGEST_FILE = 20 * 1024 * 1024
"""Bytes that a bot may fetch (https://core.telegram.org/bots/api#getfile)."""

TOO_LARGE = "larger than the 20 MB that a bot may fetch; an export of the chat has it"

Load = Callable[[str], bytes]
"""Fetches a file by its `file_id`."""

_NEVER = datetime.fromtimestamp(0, UTC)
_BYTES = "application/octet-stream"
_SHARED = 10**12
"""Ids of channels and supergroups are below `-10**12`."""
_MEDIA = {
    "animation": ("animation.mp4", "video/mp4"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "document": ("document", ""),
    "sticker": ("sticker.webp", "image/webp"),
    "video": ("video.mp4", "video/mp4"),
    "video_note": ("video_note.mp4", "video/mp4"),
    "voice": ("voice.ogg", "audio/ogg"),
}
"""A name and a type for each medium that has none of its own."""
_SAID = frozenset({"text", "caption", "photo", "poll", "contact", "location", "venue", "dice", "game"})
_SAID_OTHERWISE = _SAID | {"invoice", "paid_media", "story", "checklist", "giveaway", "rich_message"}
_ACTIONS = {
    "new_chat_members": "invite_members",
    "left_chat_member": "remove_members",
    "new_chat_title": "edit_group_title",
    "new_chat_photo": "edit_group_photo",
    "delete_chat_photo": "delete_group_photo",
    "group_chat_created": "create_group",
    "supergroup_chat_created": "create_group",
    "channel_chat_created": "create_channel",
    "message_auto_delete_timer_changed": "set_messages_ttl",
    "migrate_to_chat_id": "migrate_to_supergroup",
    "migrate_from_chat_id": "migrate_from_group",
    "pinned_message": "pin_message",
    "successful_payment": "send_payment",
    "refunded_payment": "refunded_payment",
    "users_shared": "requested_peer",
    "chat_shared": "requested_peer",
    "connected_website": "connected_website",
    "write_access_allowed": "allow_sending_messages",
    "proximity_alert_triggered": "proximity_reached",
    "boost_added": "boost_apply",
    "chat_background_set": "set_chat_wallpaper",
    "forum_topic_created": "topic_created",
    "forum_topic_edited": "topic_edit",
    "forum_topic_closed": "topic_closed",
    "forum_topic_reopened": "topic_reopened",
    "general_forum_topic_hidden": "topic_hidden",
    "general_forum_topic_unhidden": "topic_unhidden",
    "giveaway_created": "giveaway_launch",
    "giveaway_completed": "giveaway_results",
    "web_app_data": "web_app_data",
    "passport_data": "passport_data",
    "gift": "send_star_gift",
    "unique_gift": "send_star_gift",
    "checklist_tasks_done": "checklist_tasks_done",
    "checklist_tasks_added": "checklist_tasks_added",
}
"""Service messages, in the words of Telegram Desktop's export."""
_CALLS = {
    "video_chat_started": "group_call",
    "video_chat_ended": "group_call",
    "video_chat_scheduled": "group_call_scheduled",
    "video_chat_participants_invited": "invite_to_group_call",
}


@dataclass(frozen=True, slots=True)
class Owner:
    """The account whose numbers a chat uses where every account counts for itself."""

    name: str
    """`bot77`, or `user12` for a business connection."""


def read_chat(raw: Mapping[str, Any], owner: Owner) -> Chat:
    """Return the chat of an update.

    >>> read_chat({"id": -1001234567890, "title": "Klinika"}, Owner("bot77")).key
    '1234567890'
    >>> read_chat({"id": 4815, "first_name": "Ewa"}, Owner("user12")).key
    '4815@user12'
    """
    id_ = number(raw.get("id")) or 0
    is_shared = id_ < -_SHARED
    key = str(-id_ - _SHARED) if is_shared else f"{abs(id_)}@{owner.name}"
    title = word(raw.get("title")) or _full_name(raw) or word(raw.get("username")) or f"Chat {abs(id_)}"
    return Chat(key, title, f"telegram:{owner.name}/{id_}")


def read_message(raw: Mapping[str, Any], chat: Chat, load: Load) -> RawMessage:
    """Return a message as it now is: new, or edited."""
    kind = _kind(raw)
    sent_at = unix_time(raw.get("date"))
    edited_at = unix_time(raw.get("edit_date"))
    is_service = kind in (Kind.SYSTEM, Kind.CALL)
    return RawMessage(
        format=NAME,
        channel=CHANNEL,
        kind=kind,
        original=_bytes(raw),
        position=position(sent_at or _NEVER, number(raw.get("message_id")) or 0),
        external_id=word(raw.get("message_id")),
        author=_author(raw),
        sent_at=sent_at,
        text="" if is_service else _text(raw),
        conversation=RawConversation(chat.key, chat.title),
        reply_to=_reply_to(raw),
        thread=word(raw.get("message_thread_id")) or None if raw.get("is_topic_message") else None,
        attachments=tuple(_attachments(raw, load)),
        duration_for=_duration(raw),
        edited=edited_at is not None,
        edited_at=edited_at,
        forwarded_from=_forwarded_from(raw),
        detail=_detail(raw, kind),
    )


@dataclass(frozen=True, slots=True)
class Reacted:
    """What somebody did to the reactions of a message."""

    message_id: str
    author: RawAddress | None
    added: tuple[RawMessage, ...]
    taken_back: tuple[str, ...]
    """Emoji; of which records, Telegram does not say."""
    at: datetime | None


def read_reaction(raw: Mapping[str, Any], chat: Chat) -> Reacted:
    """Return the change of somebody's reactions to a message."""
    at, answered = unix_time(raw.get("date")), word(raw.get("message_id"))
    author = _person(members(raw.get("user"))) or _peer(members(raw.get("actor_chat")))
    old, new = (_emoji(raw.get(key)) for key in ("old_reaction", "new_reaction"))
    who = author.value if author else ""
    added = (
        RawMessage(
            format=NAME,
            channel=CHANNEL,
            kind=Kind.REACTION,
            original=_bytes(raw),
            position=position(at or _NEVER),
            external_id=f"reaction/{answered}/{who}/{one}/{word(raw.get('date'))}",
            author=author,
            sent_at=at,
            text=one,
            conversation=RawConversation(chat.key, chat.title),
            reply_to=answered,
        )
        for one in new
        if one not in old
    )
    return Reacted(answered, author, tuple(added), tuple(one for one in old if one not in new), at)


def read_deletion(id_: str, chat: Chat, sent_at: datetime, deleted_at: datetime | None) -> RawMessage:
    """Return the record of a message or reaction that was taken back; Telegram tells no more than that."""
    told = {"chat": chat.key, "deleted": id_, "at": deleted_at.isoformat() if deleted_at else None}
    return RawMessage(
        format=NAME,
        channel=CHANNEL,
        kind=Kind.DELETED,
        original=_bytes(told),
        position=position(sent_at, number(id_) or 0),
        external_id=id_,
        author=None,
        sent_at=sent_at,
        text="",
        edited_at=deleted_at,
        conversation=RawConversation(chat.key, chat.title),
    )


def _bytes(raw: Mapping[str, Any]) -> bytes:
    # The object as Telegram gave it, key by key; only the spaces between are ours.
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _kind(raw: Mapping[str, Any]) -> Kind:
    if not raw.keys().isdisjoint(_CALLS):
        return Kind.CALL
    if not raw.keys().isdisjoint(_ACTIONS):
        return Kind.SYSTEM
    if "voice" in raw or "video_note" in raw:
        return Kind.VOICE
    if "photo" in raw:
        return Kind.IMAGE
    medium = next((key for key in _MEDIA if key in raw), None)
    if medium is not None:
        is_image = word(members(raw[medium]).get("mime_type")).startswith("image/")
        return Kind.IMAGE if is_image and medium == "document" else Kind.FILE
    return Kind.UNKNOWN if raw.keys().isdisjoint(_SAID_OTHERWISE) else Kind.TEXT


# People


def _author(raw: Mapping[str, Any]) -> RawAddress | None:
    """Return who wrote: a chat where somebody speaks as one, else the person."""
    return _peer(members(raw.get("sender_chat"))) or _person(members(raw.get("from")))


def _person(raw: Mapping[str, Any]) -> RawAddress | None:
    id_ = word(raw.get("id"))
    return RawAddress(AddressKind.TELEGRAM, f"user{id_}", _full_name(raw)) if id_ else None


def _peer(raw: Mapping[str, Any]) -> RawAddress | None:
    id_ = number(raw.get("id"))
    if id_ is None:
        return None
    value = f"channel{-id_ - _SHARED}" if id_ < -_SHARED else f"chat{abs(id_)}"
    return RawAddress(AddressKind.TELEGRAM, value, word(raw.get("title")))


def _full_name(raw: Mapping[str, Any]) -> str:
    return f"{word(raw.get('first_name'))} {word(raw.get('last_name'))}".strip()


def _forwarded_from(raw: Mapping[str, Any]) -> str | None:
    origin = members(raw.get("forward_origin"))
    if not origin:
        return None
    names = (
        _full_name(members(origin.get("sender_user"))),
        word(origin.get("sender_user_name")),
        *(word(members(origin.get(key)).get("title")) for key in ("sender_chat", "chat")),
    )
    return next(filter(None, names), "unknown")


# Words


def _text(raw: Mapping[str, Any]) -> str:
    said = (word(raw.get("text")), word(raw.get("caption")), *_said_otherwise(raw))
    return "\n".join(filter(None, said))


def _said_otherwise(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a message says by other means than text, in the words of an export."""
    poll, contact, venue = (members(raw.get(key)) for key in ("poll", "contact", "venue"))
    place = members(raw.get("location")) or members(venue.get("location"))
    options = [
        f"- {word(one.get('text'))} ({word(one.get('voter_count')) or 0})"
        for one in objects(poll.get("options"))
    ]
    named = [members(raw.get(key)) for key in ("game", "invoice", "checklist")]
    return (
        "\n".join([word(poll.get("question")), *options]) if poll else "",
        ", ".join(filter(None, (_full_name(contact), word(contact.get("phone_number"))))),
        *(word(venue.get(key)) for key in ("title", "address")),
        f"{word(place.get('latitude'))}, {word(place.get('longitude'))}" if place else "",
        *(word(one.get(key)) for one in named for key in ("title", "description")),
        *(f"- {word(one.get('text'))}" for one in objects(named[2].get("tasks"))),
        " ".join(filter(None, (word(members(raw.get("dice")).get(key)) for key in ("emoji", "value")))),
    )


def _detail(raw: Mapping[str, Any], kind: Kind) -> str:
    if kind == Kind.UNKNOWN:
        plain = {"message_id", "from", "chat", "date", "sender_chat", "message_thread_id"}
        return ", ".join(sorted(word(key) for key in raw.keys() - plain)) or "unknown"
    action = next((key for key in raw if key in _ACTIONS or key in _CALLS), "")
    if kind not in (Kind.SYSTEM, Kind.CALL):
        return word(raw.get("author_signature")) or word(members(raw.get("sticker")).get("emoji"))
    about = raw[action]
    people = [_full_name(one) for one in objects(about if isinstance(about, list) else [about])]
    named = word(about) or word(members(about).get("name")) or ", ".join(filter(None, people))
    return ": ".join(filter(None, (_ACTIONS.get(action) or _CALLS[action], named)))


def _reply_to(raw: Mapping[str, Any]) -> str | None:
    here = word(members(raw.get("reply_to_message")).get("message_id"))
    if here:
        return here
    elsewhere = members(raw.get("external_reply"))
    id_, other = word(elsewhere.get("message_id")), _peer(members(elsewhere.get("chat")))
    return f"{other.value}/{id_}" if id_ and other else None


def _emoji(reactions: Any) -> list[str]:
    """Return the emoji of a list of reactions: `emoji`, `custom_emoji` or `paid`."""
    signs = (
        word(one.get("emoji")) or word(one.get("custom_emoji_id")) or word(one.get("type"))
        for one in objects(reactions)
    )
    return [one for one in signs if one]


# Files


def _attachments(raw: Mapping[str, Any], load: Load) -> list[RawAttachment]:
    found = []
    sizes = sorted(objects(raw.get("photo")), key=lambda one: number(one.get("width")) or 0)
    if sizes:
        found.append(_attachment(sizes[-1], "photo.jpg", "image/jpeg", load))
    for medium, (name, type_) in _MEDIA.items():
        # An animation is told as a document as well, for old programs.
        if medium in raw and not (medium == "document" and "animation" in raw):
            found.append(_attachment(members(raw[medium]), name, type_, load))
    paid = objects(members(raw.get("paid_media")).get("paid_media"))
    found.extend(RawAttachment(f"paid {word(one.get('type'))}", _BYTES, missing="paid for") for one in paid)
    return found


def _attachment(raw: Mapping[str, Any], fallback: str, type_: str, load: Load) -> RawAttachment:
    name = word(raw.get("file_name")) or fallback
    kind = word(raw.get("mime_type")) or type_ or media_type(name)
    size, id_ = number(raw.get("file_size")), word(raw.get("file_id"))
    if not id_:
        return RawAttachment(name, kind, size, missing="Telegram does not say how to fetch it")
    if (size or 0) > LARGEST_FILE:
        return RawAttachment(
            name, kind, size, missing="larger than the 20 MB that a bot may fetch; export the chat to have it"
        )
    return RawAttachment(name, kind, size, partial(load, id_))


def _duration(raw: Mapping[str, Any]) -> Any:
    for key in ("voice", "video_note", "audio", "video", "video_chat_ended"):
        if isinstance(raw.get(key), dict):
            return seconds(raw[key].get("duration"))
    return None
