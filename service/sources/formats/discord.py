"""DiscordChatExporter's JSON: one channel, thread or direct chat, or one part of it.

In: a file of any version since 2.15 (2020). Out: one record per message, notice or call.
Never: believes `messageCount`, follows a link, drops a record whose type only has a number.

Discord's own data package holds nothing but its owner's words, so no conversation: it is recognised and
refused. The writer is the exporter's JsonMessageWriter.cs; types are those of Discord's message object.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from service.sources.discord_words import person, reactions_of, stickers_of, text_of
from service.sources.json_records import Layout, Piece, read_pieces
from service.sources.json_values import iso_time, members, number, objects, word
from service.sources.linked_files import attach_linked, without_signatures
from service.sources.raw_message import (
    Kind,
    RawAttachment,
    RawConversation,
    RawMessage,
    Record,
    Unreadable,
)
from service.sources.source import Export, Sample

_SIGNS = (
    (re.compile(rb'"guild"\s*:\s*\{\s*"id"\s*:\s*"?\d+.{0,4000}?"channel"\s*:\s*\{\s*"id"', re.DOTALL), 0.95),
    (
        re.compile(rb'"channel"\s*:\s*\{\s*"id"\s*:.{0,6000}?"(?:callEndedTimestamp|isPinned)"', re.DOTALL),
        0.9,
    ),
    (re.compile(rb'\{\s*"id"\s*:\s*"\d+"\s*,\s*"type"\s*:.{0,300}?"timestampEdited"\s*:', re.DOTALL), 0.9),
)
_OWN_PACKAGE = re.compile(
    rb'^\s*\[\s*\{\s*"ID"\s*:\s*"?\d+"?\s*,\s*"Timestamp"\s*:|^ID,Timestamp,Contents,Attachments'
)
_OWN_FOLDER = re.compile(r"c?\d{15,20}")
_ONLY_OWN = (
    "Discord's own data package holds only the messages of the person who asked for it, so no conversation "
    "can be read from it; export the channel with DiscordChatExporter (format JSON) instead"
)
_LAYOUT = Layout(
    arrays=frozenset({(), ("messages",)}),
    element=re.compile(rb'\{\s*"id"\s*:\s*"[^"]*"\s*,\s*"type"\s*:'),
    array=re.compile(rb'"messages"\s*:\s*\['),
)
_HEADER_BYTES = 262_144
_VOICE_FLAG = 1 << 13
"""IS_VOICE_MESSAGE of Discord's message flags; most versions of the exporter leave flags out."""
_WRITTEN = {0: "Default", 19: "Reply", 20: "ChatInputCommand", 23: "ContextMenuCommand"}
_NOTICES = {
    1: "RecipientAdd",
    2: "RecipientRemove",
    3: "Call",
    4: "ChannelNameChange",
    5: "ChannelIconChange",
    6: "ChannelPinnedMessage",
    7: "GuildMemberJoin",
    8: "GuildBoost",
    9: "GuildBoostTier1",
    10: "GuildBoostTier2",
    11: "GuildBoostTier3",
    12: "ChannelFollowAdd",
    18: "ThreadCreated",
    14: "GuildDiscoveryDisqualified",
    15: "GuildDiscoveryRequalified",
    21: "ThreadStarterMessage",
    16: "GuildDiscoveryGracePeriodInitialWarning",
    17: "GuildDiscoveryGracePeriodFinalWarning",
    22: "GuildInviteReminder",
    24: "AutoModerationAction",
    25: "RoleSubscriptionPurchase",
    26: "InteractionPremiumUpsell",
    27: "StageStart",
    28: "StageEnd",
    29: "StageSpeaker",
    31: "StageTopic",
    32: "GuildApplicationPremiumSubscription",
    36: "GuildIncidentAlertModeEnabled",
    37: "GuildIncidentAlertModeDisabled",
    38: "GuildIncidentReportRaid",
    46: "PollResult",
    39: "GuildIncidentReportFalseAlarm",
    44: "PurchaseNotification",
}
"""What the exporter does not know by name it writes as Discord's number (Message Types, API reference)."""
_KNOWN_NOTICES = frozenset(_NOTICES.values())
_KNOWN_WRITTEN = frozenset(_WRITTEN.values())
_STICKERS = {
    "png": "image/png",
    "apng": "image/apng",
    "pnganimated": "image/apng",
    "gif": "image/gif",
    "lottie": "application/json",
}


class Discord:
    """Times have the exporter's offset; a message taken back is not in the export."""

    name = "discord"
    label = "Discord (DiscordChatExporter JSON)"
    channel = "discord"

    def score(self, sample: Sample) -> float:
        """Look for the exporter's head or messages, and for Discord's own package, which is refused."""
        if sample.is_folder:
            return 0.9 if _is_own_package(sample.path) else 0.0
        head = sample.head.removeprefix(b"\xef\xbb\xbf")
        if _OWN_PACKAGE.match(head):
            return 0.9
        if not head.lstrip().startswith((b"{", b"[")):
            return 0.0
        return max((sure for sign, sure in _SIGNS if sign.search(head)), default=0.0)

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the folder into which the exporter puts the media of this file."""
        return beside.is_dir() and beside.name == f"{export.name}_Files"

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every message in file order."""
        head = b"" if export.path.is_dir() else _head(export.path)
        if export.path.is_dir() or _OWN_PACKAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
            yield Unreadable(export.place, _ONLY_OWN)
            return
        chat = _chat(head, export)
        for position, piece in enumerate(read_pieces(export.path, _LAYOUT)):
            where = f"{export.place}, byte {piece.start}"
            if piece.error is not None:
                yield Unreadable(where, piece.error, piece.original)
            elif not isinstance(piece.value, dict):
                yield Unreadable(where, "a record that is no JSON object", piece.original)
            else:
                yield _message(piece, position, chat)


SOURCE = Discord()


@dataclass(frozen=True, slots=True)
class _Chat:
    """What the head of a file says of all its messages."""

    conversation: RawConversation
    thread: str | None
    """A thread has the id of the message that opened it."""
    root: Path


def _is_own_package(folder: Path) -> bool:
    """Say whether a folder is the package, or its `messages`: `index.json` beside one folder per channel."""
    for inside in (folder, folder / "messages", folder / "Messages"):
        try:
            if (inside / "index.json").is_file() and any(
                entry.is_dir() and _OWN_FOLDER.fullmatch(entry.name) for entry in inside.iterdir()
            ):
                return True
        except OSError:
            continue
    return False


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEADER_BYTES)


def _chat(head: bytes, export: Export) -> _Chat:
    before = head.partition(b'"messages"')[0].decode(errors="replace")
    guild, channel = _object(before, "guild"), _object(before, "channel")
    server = word(guild.get("name")) if word(guild.get("id")) not in ("", "0") else ""
    is_thread = "Thread" in word(channel.get("type"))
    parent = word(channel.get("category")) if is_thread else ""
    name = word(channel.get("name")) or export.path.stem
    title = " / ".join(filter(None, (server, parent, name)))
    number_ = word(channel.get("id"))
    return _Chat(RawConversation(number_ or title, title), number_ if is_thread else None, export.root)


def _object(text: str, key: str) -> dict[str, Any]:
    """Read one object of a head that is cut off somewhere behind it."""
    start = re.search(rf'"{key}"\s*:\s*(?=\{{)', text)
    try:
        return members(json.JSONDecoder().raw_decode(text, start.end())[0]) if start else {}
    except (ValueError, RecursionError):
        return {}


def _message(piece: Piece, position: int, chat: _Chat) -> RawMessage:
    raw: dict[str, Any] = piece.value
    type_, forward = _type(raw), members(raw.get("forwardedMessage"))
    attachments = (*_attachments(raw, chat.root), *_attachments(forward, chat.root))
    kind = _kind(raw, type_, attachments)
    sent_at, edited_at = iso_time(raw.get("timestamp")), iso_time(raw.get("timestampEdited"))
    ended_at = iso_time(raw.get("callEndedTimestamp"))
    is_call = kind == Kind.CALL
    id_ = word(raw.get("id"))
    return RawMessage(
        format=Discord.name,
        channel=Discord.channel,
        kind=kind,
        original=piece.original or b"",
        position=position,
        external_id=id_,
        author=person(raw.get("author")) or person({"id": raw.get("authorId")}),
        sent_at=sent_at,
        text=_text(raw, forward, kind),
        conversation=chat.conversation,
        reply_to=_reply_to(raw, kind, forward),
        thread=chat.thread if chat.thread != id_ else None,
        attachments=attachments,
        duration_for=_between(sent_at, ended_at) if is_call else None,
        edited=edited_at is not None,
        edited_at=edited_at,
        reactions=tuple(reactions_of(raw)),
        forwarded_from="unknown" if forward or _is_forward(raw) else None,
        detail=_detail(raw, type_, kind, has_ended=ended_at is not None),
        warnings=piece.repairs,
    )


# What a record is.


def _type(raw: dict[str, Any]) -> str:
    """Return a type by its name, also where the exporter only has Discord's number for it."""
    type_ = raw.get("type", 0)
    known = number(type_) if isinstance(type_, int) or word(type_).isdigit() else None
    return (_WRITTEN.get(known) or _NOTICES.get(known) if known is not None else None) or word(type_)


def _kind(raw: dict[str, Any], type_: str, attachments: tuple[RawAttachment, ...]) -> Kind:
    if type_ == "Call":
        return Kind.CALL
    if type_ not in _KNOWN_WRITTEN:
        return Kind.SYSTEM if type_ in _KNOWN_NOTICES else Kind.UNKNOWN
    if not attachments:
        return Kind.TEXT
    if _is_voice(raw, attachments):
        return Kind.VOICE
    images = all(one.media_type.startswith("image/") for one in attachments)
    return Kind.IMAGE if images and not stickers_of(raw) else Kind.FILE


def _is_voice(raw: dict[str, Any], attachments: tuple[RawAttachment, ...]) -> bool:
    """Say whether it was spoken: Discord allows a voice message no text and no second file."""
    if len(attachments) != 1 or not attachments[0].media_type.startswith("audio/"):
        return False
    flags = raw.get("flags")
    if isinstance(flags, int) and flags & _VOICE_FLAG:
        return True
    name = attachments[0].name.lower()
    return not word(raw.get("content")) and (name.startswith("voice-message") or name.endswith(".ogg"))


def _text(raw: dict[str, Any], forward: dict[str, Any], kind: Kind) -> str:
    if kind in (Kind.CALL, Kind.SYSTEM):
        return ""  # the exporter's own sentence, in English whatever people spoke: see detail
    is_bot = members(raw.get("author")).get("isBot") is True
    # What is passed on is kept whole: there is nobody whose own words a preview could be mistaken for.
    parts = (text_of(raw, is_bot=is_bot), text_of(forward, is_bot=True))
    return "\n".join(filter(None, parts))


def _detail(raw: dict[str, Any], type_: str, kind: Kind, *, has_ended: bool) -> str:
    if kind == Kind.UNKNOWN:
        return type_ or "unknown"
    if kind == Kind.CALL:
        return "ended" if has_ended else "started"
    if kind == Kind.SYSTEM:
        return ": ".join(filter(None, (type_, without_signatures(word(raw.get("content"))))))
    if command := members(raw.get("interaction")):
        user = person(command.get("user"))
        return f"/{word(command.get('name'))}" + (f", asked by {user.name or user.value}" if user else "")
    return stickers_of(raw)


def _is_forward(raw: dict[str, Any]) -> bool:
    return word(members(raw.get("reference")).get("type")) in ("Forward", "1")


def _reply_to(raw: dict[str, Any], kind: Kind, forward: dict[str, Any]) -> str | None:
    """Return what is answered: notices refer to a message too, such as the one that was pinned."""
    if kind in (Kind.CALL, Kind.SYSTEM) or forward or _is_forward(raw):
        return None
    answered = word(members(raw.get("reference")).get("messageId"))
    return answered if answered != "0" and answered else None


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    if start is None or end is None or (start.tzinfo is None) != (end.tzinfo is None):
        return None
    return max(end - start, timedelta(0))


# Files.


def _attachments(raw: dict[str, Any], root: Path) -> Iterator[RawAttachment]:
    for one in objects(raw.get("attachments")):
        size = one.get("fileSizeBytes")
        name, address = word(one.get("fileName")), word(one.get("url"))
        if name or address:
            size = size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None
            yield attach_linked(root, address or name, shown=name, size=size)
    for sticker in objects(raw.get("stickers")):
        name, form = word(sticker.get("name")), word(sticker.get("format")).lower()
        if address := word(sticker.get("sourceUrl")):
            yield attach_linked(root, address, shown=name, type_=_STICKERS.get(form, "image/png"))
