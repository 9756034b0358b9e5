"""Read one event of Matrix: the same for an export and for a live connection.

In: an event as a client sees it (decrypted where it could be), its bytes, what is known of the room.
Out: RawMessage. Never: drops an event of an unknown type; puts mxc addresses or keys into text.

https://spec.matrix.org/latest/client-server-api/ and, for what came before it, the proposals named below.
An edit is read as a later version of the message that it replaces: a record with the same `external_id`.
`apply_edits` joins both where they are in reach.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from service.sources.json_values import members, number, objects, unix_time, word
from service.sources.matrix_room import MatrixRoom, remember, service_words
from service.sources.raw_message import (
    Kind,
    RawAttachment,
    RawMessage,
    RawRevision,
)

_CALL_PREFIXES = ("m.call.", "org.matrix.msc3401.call", "m.rtc.", "org.matrix.msc4075.rtc.")
_OUTCOMES = {"invite": "started", "answer": "answered", "hangup": "ended", "reject": "declined"}
_SIGNALLING = frozenset({"candidates", "negotiate", "select_answer", "sdp_stream_metadata_changed"})
_POLLS = ("m.poll.", "org.matrix.msc3381.poll.", "org.matrix.msc3381.v2.poll.")
_MEDIA = {"m.image": Kind.IMAGE, "m.file": Kind.FILE, "m.video": Kind.FILE, "m.audio": Kind.FILE}
_VOICE = ("org.matrix.msc3245.voice", "org.matrix.msc3245.voice.v2", "m.voice")
_REPLY_FALLBACK = re.compile(r"> (?:\* )?<[@!][^>\n]*>[^\n]*(?:\n>[^\n]*)*\n*")
_TEXTS = {
    "m.text": "",
    "m.notice": "notice",
    "m.emote": "emote",
    "m.location": "",
    "m.server_notice": "notice",
}
_DEFAULT_TYPES = {"m.image": "image/jpeg", "m.video": "video/mp4", "m.audio": "audio/ogg"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event came from."""

    format: str
    position: int
    original: bytes
    """The exact bytes of the event."""
    repairs: tuple[str, ...] = ()
    """What had to be mended to read it."""


def read_event(event: dict[str, Any], origin: Origin, room: MatrixRoom) -> RawMessage:
    """Return the record of one event, whatever its type."""
    conversation = room.conversation(event)
    room.learn(event)
    content, relation = _content(event), _relation(event)
    target = replaces(event)
    kind, text, detail = _what(event, content, room)
    sent_at = unix_time(event.get("origin_server_ts"), per_second=1000)
    message = RawMessage(
        format=origin.format,
        channel="matrix",
        kind=kind,
        original=origin.original,
        position=origin.position,
        external_id=target or word(event.get("event_id")),
        author=room.person(event.get("sender")),
        sent_at=sent_at,
        text=text,
        conversation=conversation,
        reply_to=_reply_to(event, relation),
        thread=word(relation.get("event_id")) or None if relation.get("rel_type") == "m.thread" else None,
        attachments=_attachments(event, content, room),
        duration_for=_duration(event, content, room, sent_at),
        edited=target is not None,
        edited_at=sent_at if target else None,
        detail=detail,
        warnings=origin.repairs,
    )
    return message if target else _with_bundled_edit(event, message)


def replaces(event: dict[str, Any]) -> str | None:
    """Return the id of the message that an event is a new version of; None for all other events."""
    relation = _relation(event)
    if relation.get("rel_type") != "m.replace" or "state_key" in event:
        return None
    if not isinstance(members(event.get("content")).get("m.new_content"), dict):
        return None
    return word(relation.get("event_id")) or None


def apply_edits(message: RawMessage, edits: Sequence[RawMessage]) -> RawMessage:
    """Return the newest version of a message, with the older ones as revisions and all the bytes.

    Edits by another sender count for nothing, as in every client; their bytes are kept all the same.
    """
    valid = [edit for edit in edits if _same_user(edit, message)]
    valid.sort(key=lambda edit: edit.sent_at.timestamp() if edit.sent_at else 0.0)
    original = b"\n".join([message.original, *(edit.original for edit in edits)])
    foreign = ("an edit by another sender was not applied",) if len(valid) < len(edits) else ()
    warnings = (*message.warnings, *foreign)
    if not valid or message.kind == Kind.DELETED:
        return replace(message, original=original, warnings=warnings)
    *older, newest = (message, *valid)
    return replace(
        message,
        original=original,
        text=newest.text,
        attachments=newest.attachments or message.attachments,
        edited=True,
        edited_at=newest.sent_at,
        revisions=tuple(RawRevision(one.text, one.sent_at) for one in older),
        warnings=warnings,
    )


def _same_user(edit: RawMessage, message: RawMessage) -> bool:
    return bool(edit.author and message.author and edit.author.value == message.author.value)


def _with_bundled_edit(event: dict[str, Any], message: RawMessage) -> RawMessage:
    """Take the newest edit from where servers put it: with the original, in `unsigned`."""
    bundle = members(members(members(event.get("unsigned")).get("m.relations")).get("m.replace"))
    sender = word(bundle.get("sender"))
    at = unix_time(bundle.get("origin_server_ts"), per_second=1000)
    if not bundle or message.kind == Kind.DELETED or (sender and sender != word(event.get("sender"))):
        return message
    new = members(members(bundle.get("content")).get("m.new_content"))
    text = _written(new, is_answer=True) if new else message.text
    # Clients export the new text in place of the old one, which is then lost.
    old = (RawRevision(message.text, message.sent_at),) if text != message.text else ()
    return replace(message, text=text, edited=True, edited_at=at, revisions=old)


# What an event is.


_What = tuple[Kind, str, str]
"""Kind, text, detail."""


def _what(event: dict[str, Any], content: dict[str, Any], room: MatrixRoom) -> _What:
    type_ = word(event.get("type"))
    if type_ in _WRITTEN:
        return (Kind.DELETED, "", _reason(event)) if _is_redacted(event) else _WRITTEN[type_](event, content)
    if type_ == "m.reaction":
        emoji = word(_relation(event).get("key"))
        return (Kind.REACTION, emoji, "") if emoji else (Kind.SYSTEM, "", "a reaction was taken back")
    known = _call(type_, content) or _poll(type_, event, content, room)
    said = "" if known else service_words(event, room.names)
    return known or ((Kind.SYSTEM, "", said) if said else (Kind.UNKNOWN, "", type_ or "unknown"))


def _is_redacted(event: dict[str, Any]) -> bool:
    return not {"redacted_because", "redacted_by"}.isdisjoint(members(event.get("unsigned"))) or not members(
        event.get("content")
    )


def _sticker(_event: dict[str, Any], content: dict[str, Any]) -> _What:
    return Kind.FILE, "", word(content.get("body"))


def _encrypted(_event: dict[str, Any], content: dict[str, Any]) -> _What:
    scheme = word(content.get("algorithm")) or "m.room.encrypted"
    return Kind.UNKNOWN, "", f"encrypted ({scheme}): there is no key for it"


def _message(event: dict[str, Any], content: dict[str, Any]) -> _What:
    type_ = word(content.get("msgtype"))
    if type_ == "m.bad.encrypted":
        return Kind.UNKNOWN, "", f"encrypted: {word(content.get('body')) or 'could not be decrypted'}"
    if type_ == "m.key.verification.request":
        return Kind.SYSTEM, "", "asked to verify a session"
    is_answer = "m.in_reply_to" in _relation(event) or replaces(event) is not None
    text = _written(content, is_answer=is_answer)
    if type_ in _MEDIA:
        voice = type_ == "m.audio" and any(key in content for key in _VOICE)
        return Kind.VOICE if voice else _MEDIA[type_], text, ""
    if type_ in _TEXTS:
        return Kind.TEXT, text, _TEXTS[type_]
    return (Kind.TEXT if text else Kind.UNKNOWN), text, type_ or "m.room.message without a type"


_WRITTEN: dict[str, Callable[[dict[str, Any], dict[str, Any]], _What]] = {
    "m.room.message": _message,
    "m.room.encrypted": _encrypted,
    "m.sticker": _sticker,
}


def _written(content: dict[str, Any], *, is_answer: bool) -> str:
    """Return the words of a message: of media only a caption, of an answer only what is new."""
    type_, body = word(content.get("msgtype")), word(content.get("body"))
    if type_ in _MEDIA:
        # Only where there is a file name too is the body a caption (MSC2530).
        filename = word(content.get("filename"))
        return body if filename and filename != body else ""
    if type_ == "m.location":
        place = word(content.get("geo_uri")).removeprefix("geo:")
        return "\n".join(filter(None, (body, place)))
    fallback = _REPLY_FALLBACK.match(body) if is_answer else None
    return body[fallback.end() :] if fallback else body


def _reason(event: dict[str, Any]) -> str:
    because = members(members(event.get("unsigned")).get("redacted_because"))
    return word(members(because.get("content")).get("reason"))


def _call(type_: str, content: dict[str, Any]) -> tuple[Kind, str, str] | None:
    if not type_.startswith(_CALL_PREFIXES):
        return None
    step = type_.rpartition(".")[2]
    if step in _SIGNALLING:
        return Kind.SYSTEM, "", type_
    outcome = _OUTCOMES.get(step, type_)
    reason = word(content.get("reason"))
    if step == "hangup" and reason == "invite_timeout":
        outcome, reason = "missed", ""
    return Kind.CALL, "", ": ".join(filter(None, (outcome, reason)))


def _poll(type_: str, event: dict[str, Any], content: dict[str, Any], room: MatrixRoom) -> _What | None:
    step = next((type_.removeprefix(one) for one in _POLLS if type_.startswith(one)), "")
    if step == "start":
        return _poll_start(event, content, room)
    if step == "response":
        poll = _first(content, "m.poll.response", *(f"{one}response" for one in _POLLS))
        chosen = poll.get("answers", content.get("m.selections"))
        known = room.polls.get(word(_relation(event).get("event_id")), {})
        ids = [word(one) for one in chosen] if isinstance(chosen, list) else []
        return Kind.REACTION, ", ".join(known.get(one, one) for one in ids), "vote"
    if not step:
        return None
    return Kind.SYSTEM, "", "the poll was ended" if step == "end" else type_


def _poll_start(event: dict[str, Any], content: dict[str, Any], room: MatrixRoom) -> _What:
    poll = _first(content, "m.poll.start", "m.poll", *(f"{one}start" for one in _POLLS))
    if not poll:
        return Kind.DELETED, "", _reason(event)
    options = list(objects(poll.get("answers")))
    remember(room.polls, word(event.get("event_id")), {_id(one): _plain(one) for one in options})
    lines = (_plain(members(poll.get("question"))), *(f"- {_plain(one)}" for one in options))
    return Kind.TEXT, "\n".join(lines), "poll"


def _first(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    return next((content[key] for key in keys if isinstance(content.get(key), dict)), {})


def _id(answer: dict[str, Any]) -> str:
    return word(answer.get("id")) or word(answer.get("m.id"))


def _plain(value: dict[str, Any]) -> str:
    """Return extensible text: `m.text` is a string, or a list with one per media type (MSC1767)."""
    for key in ("m.text", "org.matrix.msc1767.text", "body"):
        found = value.get(key)
        if isinstance(found, list):
            found = next((one.get("body") for one in objects(found)), "")
        if text := word(found):
            return text
    return ""


# What an event refers to.


def _content(event: dict[str, Any]) -> dict[str, Any]:
    """Return the content, of an edit the new one."""
    content = members(event.get("content"))
    return members(content.get("m.new_content")) if replaces(event) else content


def _relation(event: dict[str, Any]) -> dict[str, Any]:
    return members(members(event.get("content")).get("m.relates_to"))


def _reply_to(event: dict[str, Any], relation: dict[str, Any]) -> str | None:
    if event.get("type") == "m.room.redaction":
        content = members(event.get("content"))
        return word(event.get("redacts")) or word(content.get("redacts")) or None
    if relation.get("rel_type") in ("m.annotation", "m.reference"):
        return word(relation.get("event_id")) or None
    # In a thread, clients that know none are told to show an answer to the latest message.
    if relation.get("rel_type") == "m.thread" and relation.get("is_falling_back") is True:
        return None
    return word(members(relation.get("m.in_reply_to")).get("event_id")) or None


# Files and lengths of time.


def _attachments(
    event: dict[str, Any], content: dict[str, Any], room: MatrixRoom
) -> tuple[RawAttachment, ...]:
    type_ = word(content.get("msgtype"))
    if type_ not in _MEDIA and event.get("type") != "m.sticker":
        return ()
    if "url" not in content and "file" not in content:
        return ()
    info = members(content.get("info"))
    named = RawAttachment(
        name=word(content.get("filename")) or word(content.get("body")) or "file",
        media_type=word(info.get("mimetype")) or _DEFAULT_TYPES.get(type_, "application/octet-stream"),
        size=number(info.get("size")),
        missing="the file is on the Matrix server; the export does not hold it",
    )
    return (room.attach(event, named),)


def _duration(
    event: dict[str, Any], content: dict[str, Any], room: MatrixRoom, at: datetime | None
) -> timedelta | None:
    type_ = word(event.get("type"))
    if type_ == "m.call.answer" and at is not None:
        remember(room.answered, word(content.get("call_id")), at)
    if type_ == "m.call.hangup" and at is not None:
        since = room.answered.pop(word(content.get("call_id")), at)
        return at - since if at > since else None
    info = members(content.get("info"))
    length = number(info.get("duration", members(content.get("org.matrix.msc1767.audio")).get("duration")))
    return _milliseconds(length) if content.get("msgtype") in ("m.audio", "m.video") else None


def _milliseconds(length: int | None) -> timedelta | None:
    try:
        return timedelta(milliseconds=length) if length is not None and length >= 0 else None
    except OverflowError:
        return None
