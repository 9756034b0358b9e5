"""Telegram Desktop's machine-readable export (`result.json`): one chat, or a whole account.

In: a file of any year since 2018. Out: one record per message, service event or call.
Never: drops a record of an unknown type, trusts a path, takes the 1970 sentinel for an edit.

The writer is Telegram Desktop's export_output_json.cpp; what it got wrong in some versions is repaired
and noted.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from service.sources.json_records import Layout, Piece, read_pieces
from service.sources.json_values import storable, unix_time, word
from service.sources.media import attach, media_type
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    Record,
    Unreadable,
)
from service.sources.source import Export, Sample

_CHAT_TYPES = (
    rb'"type"\s*:\s*"(?:saved_messages|replies|verification_codes|personal_chat|bot_chat|private_group'
    rb'|private_supergroup|public_supergroup|private_channel|public_channel)"'
)
_SIGNS = (
    (re.compile(_CHAT_TYPES), 0.95),
    (re.compile(rb'"about"\s*:\s*"Here is the data you requested\. Remember: Telegram'), 0.95),
    (re.compile(rb'"personal_information"\s*:\s*\{\s*"user_id"'), 0.9),
    (re.compile(rb'"messages"\s*:\s*\[[^\]]*"from_id"\s*:'), 0.8),
)
_TITLES = {
    "saved_messages": "Saved Messages",
    "replies": "Replies",
    "verification_codes": "Verification Codes",
}
_FOLDERS = frozenset(
    {
        "chats",
        "photos",
        "video_files",
        "voice_messages",
        "round_video_messages",
        "stickers",
        "files",
        "contacts",
    }
    | {"profile_pictures", "stories", "animations", "images", "css", "js", "lists"}
)
_OTHERWISE = frozenset(
    {"poll", "contact_information", "location_information", "place_name", "address"}
    | {"game_title", "game_description", "invoice_information"}
)
_CALLS = frozenset({"phone_call", "group_call", "conference_call"})
_MISSING = re.compile(r"^\(|\((?:File|Photo) (?:not included|exceeds maximum|unavailable)")
_OLD_CHAT, _OLD_CHANNEL = 1 << 32, 2 << 32
"""Until 2021 a peer was one number; its high bits said whether it was a user, a group or a channel."""


def _repair(element: bytes) -> tuple[bytes, tuple[str, ...]]:
    r"""Mend what the writer got wrong: `\x0B` (not JSON), unquoted sticker paths of 4.1.1, broken UTF-8.

    >>> _repair(rb'{"text": "a\x0Bb"}')
    (b'{"text": "a\\u000Bb"}', ('control characters were written as \\x..',))
    """
    repairs = []
    fixed, count = re.subn(rb"(?<!\\)((?:\\\\)*)\\x([0-9A-Fa-f]{2})", rb"\1\\u00\2", element)
    if count:
        repairs.append(r"control characters were written as \x..")
    fixed, count = re.subn(rb'("document_id"\s*:\s*)([^"\s\d][^"\r\n]*?)(?=\s*[\r\n}])', rb'\1"\2"', fixed)
    if count:
        repairs.append("a value was written without quotes")
    if (replaced := fixed.decode(errors="replace").encode()) != fixed:
        repairs.append("bytes that are not UTF-8 were replaced")
    return replaced, tuple(repairs)


_LAYOUT = Layout(
    arrays=frozenset(
        {("messages",), ("chats", "list", "*", "messages"), ("left_chats", "list", "*", "messages")}
    ),
    element=re.compile(rb'\{\s*"id"\s*:'),
    array=re.compile(rb'"messages"\s*:\s*\['),
    repair=_repair,
)


class Telegram:
    """Both roots, all years; times are aware where the file has `date_unixtime` (since 2022), else naive."""

    name = "telegram"
    label = "Telegram Desktop (JSON)"
    channel = "telegram"

    def score(self, sample: Sample) -> float:
        """Look for the writer's own words; the name `result.json` is not needed."""
        if not sample.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return 0.0
        return max((sure for sign, sure in _SIGNS if sign.search(sample.head)), default=0.0)

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the folders that the writer makes for media."""
        return beside.is_dir() and beside.name in _FOLDERS and export.parent == beside.parent

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every element of every chat in file order."""
        for position, piece in enumerate(read_pieces(export.path, _LAYOUT)):
            where = f"{export.place}, byte {piece.start}"
            if piece.error is not None:
                yield Unreadable(where, piece.error, piece.original)
            elif not isinstance(piece.value, dict):
                yield Unreadable(where, "a record that is no JSON object", piece.original)
            else:
                yield _message(piece, position, export)


SOURCE = Telegram()


def _message(piece: Piece, position: int, export: Export) -> RawMessage:
    raw: dict[str, Any] = piece.value
    kind = _kind(raw)
    service = kind in (Kind.SYSTEM, Kind.CALL)
    sent_at = _time(raw.get("date"), raw.get("date_unixtime"))
    edited_at = _edited_at(raw, sent_at)
    return RawMessage(
        format=Telegram.name,
        channel=Telegram.channel,
        kind=kind,
        original=piece.original or b"",
        position=position,
        external_id=word(raw.get("id")),
        author=_person(raw, "actor" if service else "from"),
        sent_at=sent_at,
        text=_text(raw, service=service),
        conversation=_conversation(piece.owner, export),
        reply_to=_reply_to(raw),
        attachments=_attachments(raw, export.root),
        duration_for=_duration(raw),
        edited=edited_at is not None,
        edited_at=edited_at,
        forwarded_from=_forwarded_from(raw),
        detail=_detail(raw, kind),
        warnings=piece.repairs,
    )


def _kind(raw: dict[str, Any]) -> Kind:
    # Some tools leave `type` out; only service records have an action.
    type_ = raw.get("type", "service" if "action" in raw else "message")
    if type_ == "service":
        return Kind.CALL if word(raw.get("action")) in _CALLS else Kind.SYSTEM
    if type_ != "message":
        return Kind.UNKNOWN
    media = raw.get("media_type")
    if media in ("voice_message", "video_message"):
        return Kind.VOICE
    if "photo" in raw:
        return Kind.IMAGE
    if "file" in raw:
        image = media is None and word(raw.get("mime_type")).startswith("image/")
        return Kind.IMAGE if image else Kind.FILE
    return Kind.TEXT


# People and chats.


def _person(raw: dict[str, Any], key: str) -> RawAddress | None:
    name, number = word(raw.get(key)), raw.get(f"{key}_id")
    if number is None or isinstance(number, bool):
        return RawAddress(AddressKind.TELEGRAM, name, name) if name else None
    return RawAddress(AddressKind.TELEGRAM, _peer(number), name)


def _peer(number: Any) -> str:
    """Return a peer as it is written since 2021.

    >>> _peer(44444444), _peer("channel123"), _peer((1 << 32) + 5)
    ('user44444444', 'channel123', 'chat5')
    """
    if not isinstance(number, int):
        return word(number)
    if _OLD_CHAT <= number < _OLD_CHANNEL:
        return f"chat{number - _OLD_CHAT}"
    if _OLD_CHANNEL <= number < _OLD_CHANNEL + _OLD_CHAT:
        return f"channel{number - _OLD_CHANNEL}"
    return f"user{number}"


def _conversation(owner: dict[str, Any], export: Export) -> RawConversation:
    type_, number, name = word(owner.get("type")), word(owner.get("id")), word(owner.get("name"))
    fallback = "Deleted Account" if owner.get("name", "") is None else export.path.stem
    title = name or _TITLES.get(type_) or (f"Chat {number}" if number and "name" not in owner else fallback)
    return RawConversation(key=number or title, title=title)


# Times.


def _time(local: Any, unix: Any) -> datetime | None:
    """Join the local clock time with the instant: their difference is the exporter's offset on that day.

    >>> _time("2016-02-10T21:55:03", "1455123303").isoformat()
    '2016-02-10T21:55:03+05:00'
    """
    clock = _clock(local)
    instant = unix_time(unix)
    if instant is None or clock is None:
        return instant or clock
    offset = timedelta(minutes=round((clock - instant.replace(tzinfo=None)).total_seconds() / 60))
    return instant.astimezone(timezone(offset)) if abs(offset) <= timedelta(hours=15) else instant


def _clock(value: Any) -> datetime | None:
    try:
        clock = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return clock.replace(tzinfo=None)


def _edited_at(raw: dict[str, Any], sent_at: datetime | None) -> datetime | None:
    """Return the last edit; old versions wrote the epoch in local time for "never"."""
    edited_at = _time(raw.get("edited"), raw.get("edited_unixtime"))
    if edited_at is None or edited_at.year <= 1970:
        return None
    if edited_at.tzinfo is None and sent_at is not None and sent_at.tzinfo is not None:
        return edited_at.replace(tzinfo=sent_at.tzinfo)
    return edited_at


def _duration(raw: dict[str, Any]) -> timedelta | None:
    seconds = raw.get("duration_seconds", raw.get("duration"))
    try:
        return timedelta(seconds=int(seconds)) if seconds is not None else None
    except (TypeError, ValueError, OverflowError):
        return None


# Words.


def _plain(value: Any, depth: int = 3) -> str:
    """Return the words of a `text`: a string, or a list of strings and marked-up parts.

    >>> _plain(["see ", {"type": "link", "text": "http://a.b"}])
    'see http://a.b'
    """
    if isinstance(value, list):
        return "".join(_plain(part, depth - 1) for part in value) if depth else ""
    if isinstance(value, dict):
        return _plain(value.get("text"), depth - 1) if depth else ""
    if value is None:
        return ""
    return storable(str(value))


def _text(raw: dict[str, Any], *, service: bool) -> str:
    text = _plain(raw.get("text"))
    if not text:
        text = _plain(raw.get("text_entities"))
    if service:
        return text
    if _OTHERWISE.isdisjoint(raw):
        return text
    return "\n".join(line for line in (text, *_said_otherwise(raw)) if line)


def _said_otherwise(raw: dict[str, Any]) -> Iterator[str]:
    """Yield what a message says by other means than text: polls, contacts, places, games, invoices."""
    if isinstance(poll := raw.get("poll"), dict):
        yield _plain(poll.get("question"))
        answers = poll.get("answers")
        for answer in answers if isinstance(answers, list) else ():
            yield (
                f"- {_plain(answer)} ({word(answer.get('voters')) or 0})" if isinstance(answer, dict) else ""
            )
    if isinstance(contact := raw.get("contact_information"), dict):
        name = f"{word(contact.get('first_name'))} {word(contact.get('last_name'))}".strip()
        yield ", ".join(filter(None, (name, word(contact.get("phone_number")))))
    yield from (word(raw.get(key)) for key in ("place_name", "address"))
    if isinstance(place := raw.get("location_information"), dict):
        yield f"{word(place.get('latitude'))}, {word(place.get('longitude'))}"
    yield from (word(raw.get(key)) for key in ("game_title", "game_description"))
    if isinstance(invoice := raw.get("invoice_information"), dict):
        yield from (word(invoice.get(key)) for key in ("title", "description"))


def _detail(raw: dict[str, Any], kind: Kind) -> str:
    if kind == Kind.UNKNOWN:
        return word(raw.get("type")) or "unknown"
    if kind == Kind.CALL:
        return word(raw.get("discard_reason")) or word(raw.get("action"))
    if kind == Kind.SYSTEM:
        members = raw.get("members")
        names = [word(name) or "Deleted Account" for name in members] if isinstance(members, list) else []
        said = [word(raw.get(key)) for key in ("title", "new_title", "information_text")]
        about = ", ".join(filter(None, [*said, *names]))
        return ": ".join(filter(None, (word(raw.get("action")), about)))
    # Who signed a channel's post, or what a sticker says.
    return word(raw.get("author")) or word(raw.get("sticker_emoji"))


def _reply_to(raw: dict[str, Any]) -> str | None:
    number = word(raw.get("reply_to_message_id"))
    chat = word(raw.get("reply_to_peer_id"))
    return f"{chat}/{number}" if chat and number else number or None


def _forwarded_from(raw: dict[str, Any]) -> str | None:
    if "forwarded_from" not in raw and "forwarded_from_id" not in raw:
        return None
    return word(raw.get("forwarded_from")) or word(raw.get("forwarded_from_id")) or "Deleted Account"


# Files.


def _attachments(raw: dict[str, Any], root: Path) -> tuple[RawAttachment, ...]:
    found = (
        (raw.get("photo"), "image/jpeg", raw.get("photo_file_size")),
        (raw.get("file"), word(raw.get("mime_type")), raw.get("file_size")),
        (raw.get("contact_vcard"), "text/vcard", raw.get("contact_vcard_file_size")),
    )
    shown = word(raw.get("file_name"))
    return tuple(
        _attachment(word(path), type_, size if isinstance(size, int) else None, shown, root)
        for path, type_, size in found
        if word(path)
    )


def _attachment(path: str, type_: str, size: int | None, shown: str, root: Path) -> RawAttachment:
    if sentence := _MISSING.search(path):
        name = shown or path[: sentence.start()].strip()
        return RawAttachment(
            name, type_ or media_type(name), size, missing=path[sentence.start() :].strip("()")
        )
    return attach(root, path, shown=shown or None, type_=type_ or None, size=size)
