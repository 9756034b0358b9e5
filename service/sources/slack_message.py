"""Turn one message of Slack into a record: the same for exports and for the live API.

In: the object as Slack gives it, with its bytes. Out: RawMessage.
Never: drops a subtype it does not know, takes `ts` for a float, shows a token.

Sources: https://api.slack.com/events/message (subtypes); "How to read Slack data exports" in Slack's help.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service.sources.emoji_names import emoji_named
from service.sources.json_values import byte_count, members, number, objects, seconds, unix_time, word
from service.sources.media import media_type
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    RawReaction,
    RawRevision,
)
from service.sources.slack_directory import SLACKBOT, SlackDirectory, profile_name
from service.sources.slack_text import (
    attachment_text,
    mrkdwn_text,
    own_text,
    shared_text,
    without_tokens,
)

FORMAT = "slack"
_MICROSECONDS = 1_000_000

_WRITTEN = frozenset(
    {"", "assistant_app_thread", "bot_message", "ekm_access_denied", "file_comment", "file_share"}
    | {"me_message", "slackbot_response", "thread_broadcast"}
)
_EVENTS = ("message_changed", "message_deleted")
_CALLS = frozenset({"huddle_thread", "sh_room_created"})
_NOTICES = frozenset(
    {"file_mention", "message_replied", "pinned_item", "reply_broadcast", "sh_room_shared", "unpinned_item"}
    | {"joiner_notification", "joiner_notification_for_inviter", "reminder_add", "reminder_delete"}
    | {"tabbed_canvas_updated", "bot_add", "bot_remove", "bot_enable", "bot_disable"}
)
_NOTICES_OF = ("channel_", "group_", "mpim_", "im_", "app_conversation_", "huddle_", "canvas_", "list_")
_VOICE_SUFFIX = {".webm": "audio/webm", ".ogg": "audio/ogg", ".mp3": "audio/mpeg", ".wav": "audio/wav"}
_NO_BYTES = {
    "tombstone": "the file was deleted in Slack",
    "hidden_by_limit": "the file is hidden by the limit of Slack's free plan",
    "external": "the file is kept by another service; Slack has only a link to it",
}
_LINK_ONLY = "the export has only a link to this file"

AttachFile = Callable[[dict[str, Any], str, str], RawAttachment | None]
"""Given a file object, its name and media type: the file with its bytes; None where they are not at hand."""


def no_bytes(_file: dict[str, Any], _name: str, _type: str) -> None:
    """Have no files at hand."""


@dataclass(frozen=True, slots=True)
class SlackChat:
    """What a message does not say itself."""

    conversation: RawConversation
    directory: SlackDirectory = field(default_factory=SlackDirectory)
    attach: AttachFile = no_bytes


def read_message(
    raw: dict[str, Any], original: bytes, position: int, chat: SlackChat, warnings: tuple[str, ...] = ()
) -> RawMessage:
    """Return any object of a conversation's history as a record; `ts` is its id within the conversation."""
    subtype = word(raw.get("subtype"))
    if subtype in _EVENTS:
        return read_message(_target(raw), original, position, chat, warnings)
    kind = _kind(raw, subtype)
    written = kind not in (Kind.SYSTEM, Kind.CALL, Kind.DELETED)
    text, forwarded_from = _text(raw, chat.directory) if written else ("", None)
    edited = members(raw.get("edited")) if written else {}
    thread = word(raw.get("thread_ts")) or None
    ts = word(raw.get("ts"))
    call = _call(raw)
    return RawMessage(
        format=FORMAT,
        channel=FORMAT,
        kind=kind,
        original=original,
        position=position,
        external_id=ts,
        author=_author(raw, kind, chat.directory),
        sent_at=time_of(ts),
        text=text,
        conversation=chat.conversation,
        reply_to=thread if thread != ts else None,
        thread=thread,
        attachments=tuple(_attachments(raw, chat)),
        duration_for=_call_length(call) if kind == Kind.CALL else _voice_length(raw),
        edited=bool(edited),
        edited_at=time_of(word(edited.get("ts"))),
        revisions=_revisions(raw, chat.directory),
        reactions=tuple(_reactions(raw, chat.directory)),
        forwarded_from=forwarded_from,
        detail=_detail(raw, kind, chat.directory),
        warnings=warnings,
    )


def time_of(ts: str) -> datetime | None:
    """Return the instant of a `ts`, exact to the microsecond: as a float it would not be.

    >>> time_of("1452837318.000002").isoformat()
    '2016-01-15T05:55:18.000002+00:00'
    """
    whole, _, part = ts.partition(".")
    count = number(whole)
    if count is None or (part and not part.isdecimal()):
        return None
    return unix_time(count * _MICROSECONDS + int(f"{part:0<6}"[:6] or 0), _MICROSECONDS)


# What it is.


def _kind(raw: dict[str, Any], subtype: str) -> Kind:
    if word(raw.get("type")) not in ("message", ""):
        return Kind.UNKNOWN
    if subtype == "tombstone":
        return Kind.DELETED
    if subtype in _CALLS or _call(raw):
        return Kind.CALL
    if subtype in _WRITTEN:
        return _written_kind(list(_files(raw)))
    notice = subtype in _NOTICES or subtype.startswith(_NOTICES_OF)
    return Kind.SYSTEM if notice else Kind.UNKNOWN


def _written_kind(files: list[dict[str, Any]]) -> Kind:
    if any(_is_voice(file) or word(file.get("subtype")) == "slack_video" for file in files):
        return Kind.VOICE
    if not files:
        return Kind.TEXT
    return Kind.IMAGE if all(_type_of(file).startswith("image/") for file in files) else Kind.FILE


def _target(event: dict[str, Any]) -> dict[str, Any]:
    """Return the message that an event changed or deleted, as it is since then."""
    before = _before(event)
    if event.get("subtype") == "message_changed":
        now = members(event.get("message")) or {**before, **event, "subtype": before.get("subtype")}
        subtype = None if now.get("subtype") in _EVENTS else now.get("subtype")
        ts = now.get("ts") or before.get("ts") or event.get("ts")
        edited = now.get("edited") or {"ts": event.get("ts")}
        return {**now, "subtype": subtype, "ts": ts, "edited": edited, "previous": before}
    ts = event.get("deleted_ts") or before.get("ts") or event.get("ts")
    kept = {key: before.get(key, event.get(key)) for key in ("user", "bot_id", "username", "thread_ts")}
    return {**kept, "type": "message", "subtype": "tombstone", "ts": ts, "previous": before}


def _before(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a message before its edit or deletion, which only exports of plans that keep those have."""
    return next(
        (one for key in ("previous_message", "original", "previous") if (one := members(raw.get(key)))), {}
    )


def _revisions(raw: dict[str, Any], directory: SlackDirectory) -> tuple[RawRevision, ...]:
    earlier = _before(raw)
    if not earlier:
        return ()
    written = members(earlier.get("edited")) or earlier
    return (RawRevision(_text(earlier, directory)[0], time_of(word(written.get("ts")))),)


# What it says.


def _text(raw: dict[str, Any], directory: SlackDirectory) -> tuple[str, str | None]:
    """Return the words, and whose they are where their author only passed them on."""
    text = _said_with_file(raw, own_text(raw, directory), directory)
    parts, quoted, whose = [text], [], None
    for attachment in objects(raw.get("attachments")):
        if attachment.get("is_msg_unfurl") or attachment.get("is_share"):
            whose = whose or _whose(attachment, directory)
            quoted.append(shared_text(attachment, directory))
        elif not (attachment.get("from_url") or attachment.get("original_url")):
            parts.append(attachment_text(attachment, directory))
    said = "\n".join(filter(None, parts))
    if quoted and not said:
        return "\n".join(filter(None, quoted)), whose or "unknown"
    # Words of somebody else that a message answers are marked, as mail marks them.
    return "\n".join([said, *(f"> {line}" for one in quoted for line in one.split("\n"))]), None


def _said_with_file(raw: dict[str, Any], text: str, directory: SlackDirectory) -> str:
    """Return what a person wrote beside a file; until 2018 Slack wrapped it in a sentence of its own."""
    subtype, file = word(raw.get("subtype")), members(raw.get("file"))
    if subtype == "file_comment":
        return mrkdwn_text(word(members(raw.get("comment")).get("comment")), directory) or text
    if subtype == "file_share" and file and " uploaded a file" in text:
        return mrkdwn_text(word(members(file.get("initial_comment")).get("comment")), directory)
    if not text:
        # A mail that was forwarded to a channel.
        return without_tokens("\n".join(filter(None, (word(one.get("plain_text")) for one in _files(raw)))))
    return text


def _whose(attachment: dict[str, Any], directory: SlackDirectory) -> str:
    named = (word(attachment.get(key)) for key in ("author_name", "author_subname"))
    return directory.user(word(attachment.get("author_id"))) or without_tokens(next(filter(None, named), ""))


def _detail(raw: dict[str, Any], kind: Kind, directory: SlackDirectory) -> str:
    subtype = word(raw.get("subtype"))
    if kind == Kind.CALL:
        return _outcome(_call(raw))
    if kind == Kind.UNKNOWN:
        return subtype or word(raw.get("type"))
    if kind == Kind.SYSTEM:
        return ": ".join(filter(None, (subtype, own_text(raw, directory))))
    if kind == Kind.DELETED:
        return own_text(raw, directory)
    # What Slack understood of a voice message: its words, not written ones.
    previews = (members(members(file.get("transcription")).get("preview")) for file in _files(raw))
    return without_tokens("\n".join(filter(None, (word(preview.get("content")) for preview in previews))))


# Who wrote and reacted.


def _author(raw: dict[str, Any], kind: Kind, directory: SlackDirectory) -> RawAddress | None:
    user, bot = word(raw.get("user")), word(raw.get("bot_id"))
    if kind == Kind.CALL:
        # Slackbot posts the huddle that somebody starts, a bot the call of another service.
        user = word(_call(raw).get("created_by")) or user
    elif kind == Kind.DELETED and user == SLACKBOT:
        return None
    elif raw.get("subtype") == "file_comment":
        user = word(members(raw.get("comment")).get("user")) or user
    given = word(raw.get("username")) or word(members(raw.get("bot_profile")).get("name"))
    if raw.get("subtype") == "bot_message" or not user:
        value, name = user or bot or given, given or directory.user(user or bot)
    else:
        value, name = user, directory.user(user) or profile_name(members(raw.get("user_profile"))) or given
    return RawAddress(AddressKind.SLACK, value, without_tokens(name)) if value else None


def _reactions(raw: dict[str, Any], directory: SlackDirectory) -> Iterator[RawReaction]:
    for reaction in objects(raw.get("reactions")):
        emoji = emoji_named(word(reaction.get("name"))) or "?"
        listed = reaction.get("users")
        users = [one for one in map(word, listed) if one] if isinstance(listed, list) else []
        for user in users:
            yield RawReaction(emoji, RawAddress(AddressKind.SLACK, user, directory.user(user)))
        # Slack names some of the people only, where there are many.
        unnamed = (number(reaction.get("count")) or 0) - len(users)
        if unnamed > 0:
            yield RawReaction(emoji, count=unnamed)


# Calls: huddles, and those that apps such as Zoom post (https://api.slack.com/apis/calls).


def _call(raw: dict[str, Any]) -> dict[str, Any]:
    if room := members(raw.get("room")):
        return room
    for block in objects(raw.get("blocks")):
        if block.get("type") == "call":
            return members(members(block.get("call")).get("v1")) or block
    return {}


def _call_length(call: dict[str, Any]) -> timedelta | None:
    start, end = number(call.get("date_start")), number(call.get("date_end"))
    return seconds(end - start) if start and end else None


def _outcome(call: dict[str, Any]) -> str:
    if call.get("was_missed") is True:
        return "missed"
    if call.get("was_rejected") is True:
        return "declined"
    return "ended" if call.get("has_ended") is True or number(call.get("date_end")) else "ongoing"


# Files.


def _files(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the files; before 2018 a message had one, under another key."""
    found = list(objects(raw.get("files")))
    yield from found or filter(None, [members(raw.get("file"))])


def _is_voice(file: dict[str, Any]) -> bool:
    return word(file.get("subtype")) == "slack_audio"


def _name_of(file: dict[str, Any]) -> str:
    return without_tokens(word(file.get("name")) or word(file.get("title")) or word(file.get("id")))


def _type_of(file: dict[str, Any]) -> str:
    """Return the media type; some clients send voice messages as video/mp4."""
    name, type_ = _name_of(file), word(file.get("mimetype"))
    if _is_voice(file) and not type_.startswith("audio/"):
        return next((type_ for end, type_ in _VOICE_SUFFIX.items() if name.endswith(end)), "audio/mp4")
    return type_ if "/" in type_ else media_type(name)


def _voice_length(raw: dict[str, Any]) -> timedelta | None:
    lengths = (number(file.get("duration_ms")) for file in _files(raw) if file.get("subtype"))
    return next((seconds(length / 1000) for length in lengths if length), None)


def _attachments(raw: dict[str, Any], chat: SlackChat) -> Iterator[RawAttachment]:
    for file in _files(raw):
        name, type_, size = _name_of(file), _type_of(file), byte_count(file.get("size"))
        why = _NO_BYTES.get(word(file.get("mode")), _LINK_ONLY)
        yield chat.attach(file, name, type_) or RawAttachment(name, type_, size, missing=why)
