"""Telegram Desktop's machine-readable export (`result.json`): one chat, or a whole account.

In: a file of any year since 2018. Out: one record per message, service event or call.
Never: drops a record of an unknown type, trusts a path, takes the 1970 sentinel for an edit.

The writer is Telegram Desktop's export_output_json.cpp; what it got wrong in some versions is repaired
and noted.
"""

import mmap
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path, PurePosixPath
from typing import Any

from service.sources.json_records import Layout, Piece, read_pieces
from service.sources.json_values import number, objects, seconds, unix_time, word
from service.sources.media import attach, media_type
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    RawReaction,
    Record,
    Unreadable,
)
from service.sources.source import Export, Sample
from service.sources.telegram_words import CALLS, detail_of, rich_parts, written

_CHAT_TYPES = (
    rb'"type"\s*:\s*"(?:saved_messages|replies|verification_codes|personal_chat|bot_chat|private_group'
    rb'|private_supergroup|public_supergroup|private_channel|public_channel)"'
)
_SIGNS = (
    (re.compile(_CHAT_TYPES), 0.95),
    (re.compile(rb'"about"\s*:\s*"Here is the data you requested\. Remember: Telegram'), 0.95),
    (re.compile(rb'"personal_information"\s*:\s*\{\s*"user_id"'), 0.9),
    (re.compile(rb'"messages"\s*:\s*\[[^\]]*"(?:from_id|date_unixtime)"\s*:'), 0.8),
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
_PAGES = re.compile(r"messages\d{0,9}\.html|export_results\.html")
_MISSING = re.compile(r"^\(|\((?:File|Photo) (?:not included|exceeds maximum|unavailable)")
_OLD_USER, _OLD_CHAT, _OLD_END = 1 << 32, 2 << 32, 3 << 32
"""In 2020 and 2021 a peer was one number; its high bits said whether it was a user or a chat."""
_OLD_ID = re.compile(rb'"(?:from|actor)_id"\s*:\s*([\d"])')
_OLD_ID_WITHIN = 4 * 1024 * 1024
_MIGRATED = -1_000_000_000
"""Added to the ids of the group that a supergroup was made of; alone it is the id of no message."""
_MOST_IN_TOPICS = 50_000
_MOST_OF_A_KIND = 2**31 - 1


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
        """Claim the folders that the writer makes for media, and the pages that say the same in HTML."""
        if export.parent != beside.parent:
            return False
        if beside.is_dir():
            return beside.name in _FOLDERS
        return export.name == "result.json" and _PAGES.fullmatch(beside.name) is not None

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every element of every chat in file order."""
        chats = _Chats(export)
        for position, piece in enumerate(read_pieces(export.path, _LAYOUT)):
            where = f"{export.place}, byte {piece.start}"
            if piece.error is not None:
                yield Unreadable(where, piece.error, piece.original)
            elif not isinstance(piece.value, dict):
                yield Unreadable(where, "a record that is no JSON object", piece.original)
            else:
                yield chats.message(piece, position)


SOURCE = Telegram()


class _Chats:
    """One file while it is being read: what a record does not say itself comes from its chat."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.is_old = _has_old_ids(export.path)
        self.owner: dict[str, Any] | None = None
        self.topics: set[str] = set()
        self.topic_of: dict[str, str] = {}

    def message(self, piece: Piece, position: int) -> RawMessage:
        raw: dict[str, Any] = piece.value
        kind = _kind(raw)
        service = kind in (Kind.SYSTEM, Kind.CALL)
        sent_at = _time(raw.get("date"), raw.get("date_unixtime"))
        edited_at = _elsewhere(_time(raw.get("edited"), raw.get("edited_unixtime")), sent_at)
        reply_to = _reply_to(raw)
        thread = self._thread(raw, reply_to, piece.owner)
        return RawMessage(
            format=Telegram.name,
            channel=Telegram.channel,
            kind=kind,
            original=piece.original or b"",
            position=position,
            external_id=word(raw.get("id")),
            author=_person(raw, "actor" if service else "from"),
            sent_at=sent_at,
            text=written(raw, service=service),
            conversation=self._conversation(piece.owner),
            # What only names its topic answers nobody.
            reply_to=None if reply_to == thread else reply_to,
            thread=thread,
            attachments=_attachments(raw, self.export.root),
            duration_for=_duration(raw),
            edited=edited_at is not None,
            edited_at=edited_at,
            reactions=tuple(_reactions(raw, sent_at)),
            forwarded_from=_forwarded_from(raw),
            detail=detail_of(raw, kind),
            warnings=piece.repairs,
        )

    def _conversation(self, owner: dict[str, Any]) -> RawConversation:
        type_, number, name = word(owner.get("type")), owner.get("id"), word(owner.get("name"))
        if self.is_old and isinstance(number, int) and _OLD_USER <= number < _OLD_END:
            number %= _OLD_USER
        key = word(number)
        fallback = "Deleted Account" if owner.get("name", "") is None else self.export.path.stem
        title = name or _TITLES.get(type_) or (f"Chat {key}" if key and "name" not in owner else fallback)
        return RawConversation(key=key or title, title=title)

    def _thread(self, raw: dict[str, Any], reply_to: str | None, owner: dict[str, Any]) -> str | None:
        """Return the topic: the first messages of one answer its creation, others only one another."""
        if owner is not self.owner:
            self.owner, self.topics, self.topic_of = owner, set(), {}
        number = word(raw.get("id"))
        if raw.get("action") == "topic_created":
            self.topics.add(number)
            return number
        if reply_to is None or not self.topics:
            return None
        thread = reply_to if reply_to in self.topics else self.topic_of.get(reply_to)
        if thread is not None:
            self.topic_of[number] = thread
            if len(self.topic_of) > _MOST_IN_TOPICS:
                del self.topic_of[next(iter(self.topic_of))]
        return thread


def _has_old_ids(path: Path) -> bool:
    """Say whether people are plain numbers, as before 2021: then ids of chats may have high bits."""
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            found = _OLD_ID.search(data, 0, _OLD_ID_WITHIN)
            return found is not None and found[1] != b'"'


def _kind(raw: dict[str, Any]) -> Kind:
    # Some tools leave `type` out; only service records have an action.
    type_ = raw.get("type", "service" if "action" in raw else "message")
    if type_ == "service":
        return Kind.CALL if word(raw.get("action")) in CALLS else Kind.SYSTEM
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

    >>> _peer(44444444), _peer("channel123"), _peer((2 << 32) + 5)
    ('user44444444', 'channel123', 'channel5')
    """
    if not isinstance(number, int):
        return word(number)
    if _OLD_CHAT <= number < _OLD_END:
        return f"channel{number - _OLD_CHAT}"
    return f"user{number - _OLD_USER if _OLD_USER <= number < _OLD_CHAT else number}"


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


def _elsewhere(at: datetime | None, sent_at: datetime | None) -> datetime | None:
    """Return another time of a record: never where it is the epoch, which old versions wrote for that.

    Without an instant of its own it is taken to be in the zone of the record.
    """
    if at is None or at.year <= 1970:
        return None
    if at.tzinfo is None and sent_at is not None and sent_at.tzinfo is not None:
        return at.replace(tzinfo=sent_at.tzinfo)
    return at


def _duration(raw: dict[str, Any]) -> timedelta | None:
    return seconds(raw.get("duration_seconds", raw.get("duration")))


# Links between records.


def _reply_to(raw: dict[str, Any]) -> str | None:
    number = word(raw.get("reply_to_message_id"))
    if not number or number == str(_MIGRATED):
        return None
    chat = word(raw.get("reply_to_peer_id"))
    return f"{chat}/{number}" if chat else number


def _forwarded_from(raw: dict[str, Any]) -> str | None:
    """Return whose words they are; what was saved before 2018 says only from which chat."""
    if "forwarded_from" not in raw and "forwarded_from_id" not in raw:
        return word(raw.get("saved_from")) or None
    return word(raw.get("forwarded_from")) or word(raw.get("forwarded_from_id")) or "Deleted Account"


def _reactions(raw: dict[str, Any], sent_at: datetime | None) -> Iterator[RawReaction]:
    """Yield one for each person whom `recent` names, and one for all others."""
    for reaction in objects(raw.get("reactions")):
        emoji = _emoji(reaction)
        named = 0
        for one in objects(reaction.get("recent")):
            named += 1
            yield RawReaction(emoji, _person(one, "from"), _elsewhere(_time(one.get("date"), None), sent_at))
        others = (number(reaction.get("count")) or 0) - named
        if others > 0:
            yield RawReaction(emoji, count=min(others, _MOST_OF_A_KIND))


def _emoji(reaction: dict[str, Any]) -> str:
    """Return the emoji; of one that somebody drew only the name of its file is known.

    >>> _emoji({"type": "custom_emoji", "document_id": "stickers/party.tgs"}), _emoji({"type": "paid"})
    ('party', '⭐')
    """
    if emoji := word(reaction.get("emoji")):
        return emoji
    if reaction.get("type") == "paid":
        return "⭐"
    drawn = word(reaction.get("document_id"))
    return (PurePosixPath(drawn).stem if not _MISSING.search(drawn) else "") or "custom_emoji"


# Files.


def _attachments(raw: dict[str, Any], root: Path) -> tuple[RawAttachment, ...]:
    holders = (raw, *rich_parts(raw)) if "rich_message" in raw else (raw,)
    return tuple(found for holder in holders for found in _files(holder, root))


def _files(raw: dict[str, Any], root: Path) -> Iterator[RawAttachment]:
    shown = word(raw.get("file_name"))
    for path, type_, size in (
        (raw.get("photo"), "image/jpeg", raw.get("photo_file_size")),
        (raw.get("file"), word(raw.get("mime_type")), raw.get("file_size")),
        (raw.get("contact_vcard"), "text/vcard", raw.get("contact_vcard_file_size")),
    ):
        if name := word(path):
            yield _attachment(name, type_, size if isinstance(size, int) else None, shown, root)


def _attachment(path: str, type_: str, size: int | None, shown: str, root: Path) -> RawAttachment:
    if sentence := _MISSING.search(path):
        name = shown or path[: sentence.start()].strip()
        return RawAttachment(
            name, type_ or media_type(name), size, missing=path[sentence.start() :].strip("()")
        )
    return attach(root, path, shown=shown or None, type_=type_ or None, size=size)
