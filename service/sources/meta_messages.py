"""Messages of Messenger and Instagram exports: both have one shape, and one mistake in their encoding.

In: a conversation's folder, a tree of them, or one `message_N.json`. Out: RawMessage, Unreadable.
Never: repairs a string that is not damaged, follows a link, keeps the IP addresses that the export has.

Meta documents none of this; keys are those that exports of 2014 to 2025 have.
"""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from service.sources.json_records import Layout, Piece
from service.sources.json_values import members, number, objects, seconds, unix_time, word
from service.sources.linked_files import attach_linked, without_signatures
from service.sources.media import media_type
from service.sources.meta_page import read_page
from service.sources.meta_text import Generated, as_typed, generated
from service.sources.meta_threads import (
    Platform,
    Thread,
    oldest_first,
    part_number,
    strange_files,
    threads_in,
)
from service.sources.raw_message import (
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    RawReaction,
    Record,
    Unreadable,
)
from service.sources.source import Export

_LAYOUT = Layout(
    arrays=frozenset({("messages",)}),
    element=re.compile(rb'\{\s*"(?:sender_name|sender_id_INTERNAL|timestamp(?:_ms)?)"\s*:'),
    array=re.compile(rb'"messages"\s*:\s*\['),
)
_SIDE_FILES = frozenset(
    {
        "autofill_information.json",
        "secret_conversations.json",
        "secret_groups.json",
        "community_chats_settings.json",
        "encrypted_messaging_backup_settings.json",
        "messaging_settings.json",
        "support_messages.json",
        "your_chat_settings_on_web.json",
        "your_responsiveness_in_messaging.json",
        "your_messenger_app_install_information.json",
        "reported_conversations.json",
        "messenger_active_status_platform_settings.json",
    }
)
"""Settings that Meta puts beside the conversations: nobody's words."""
_MEMBERSHIP = frozenset({"Subscribe", "Unsubscribe"})
_TYPES = frozenset({"Generic", "Share", "Call", "Payment", "Plan", "Story", "XMA", "DirectMessage", ""})
_FILES = (("photos", "image/jpeg"), ("videos", "video/mp4"), ("gifs", "image/gif"), ("files", None))
_AUDIO = {".mp4": "audio/mp4", ".aac": "audio/aac", ".wav": "audio/wav", ".m4a": "audio/mp4"}


def read_threads(export: Export, platform: Platform) -> Iterator[Record]:
    """Yield every message of every conversation, each conversation from its oldest message on."""
    positions = count()
    if export.path.suffix.lower() == ".html":
        yield from read_page(export.path, export.place, export, platform, positions)
        return
    whole = export.path.is_dir()
    threads = threads_in(export.path) if whole else iter([Thread(export.path.parent, (export.path,))])
    if whole and not any(export.wants(part) for thread in threads_in(export.path) for part in thread.parts):
        return
    for thread in threads:
        for part in thread.parts:
            place = f"{export.place}/{part.relative_to(export.path)}" if whole else export.place
            yield from _read_part(part, place, export.root, platform, positions)
    for strange in strange_files(export.path, _SIDE_FILES) if whole else ():
        where = f"{export.place}/{strange.relative_to(export.path)}"
        yield Unreadable(where, "lies among the conversations, but is none; the conversations were read")


def _read_part(
    part: Path, place: str, root: Path, platform: Platform, positions: "count[int]"
) -> Iterator[Record]:
    try:
        for piece in oldest_first(part, _LAYOUT, _milliseconds):
            where = f"{place}, byte {piece.start}"
            position = next(positions)
            if piece.error is not None:
                yield Unreadable(where, piece.error, piece.original)
            elif not isinstance(piece.value, dict):
                yield Unreadable(where, "a record that is no JSON object", piece.original)
            else:
                yield _Reader(piece, platform, root, part).message(position)
    except OSError as error:
        yield Unreadable(
            place, f"cannot be read: {error.strerror or error}; let this user read it, run again"
        )


class _Reader:
    """One record while it is being read."""

    def __init__(self, piece: Piece, platform: Platform, root: Path, part: Path) -> None:
        self.piece = piece
        self.raw: dict[str, Any] = piece.value
        self.platform = platform
        self.root = root
        self.part = part
        self.sender = _said(self.raw.get("sender_name"))
        self.content = without_signatures(_said(self.raw.get("content")))

    def message(self, position: int) -> RawMessage:
        attachments = tuple(self._attachments())
        meant = self._meant() if not attachments else None
        kind = meant.kind if meant else self._kind(attachments)
        return RawMessage(
            format=self.platform.format,
            channel=self.platform.channel,
            kind=kind,
            original=self.piece.original or b"",
            position=position,
            external_id="",
            author=self._person(self.sender),
            sent_at=unix_time(_milliseconds(self.raw), per_second=1000),
            text=meant.emoji if meant else self._text(),
            conversation=_conversation(self.piece.owner, self.part),
            attachments=attachments,
            duration_for=seconds(self.raw.get("call_duration")) if kind == Kind.CALL else None,
            reactions=tuple(self._reactions()),
            detail=meant.detail if meant else self._detail(kind),
        )

    def _person(self, name: str) -> RawAddress | None:
        return RawAddress(self.platform.people, name, name) if name else None

    def _meant(self) -> Generated | None:
        """Return what the platform says here: a call, who came and went, a sentence of its own."""
        type_ = word(self.raw.get("type"))
        if type_ == "Call" or "call_duration" in self.raw:
            return Generated(Kind.CALL, self._outcome())
        if type_ in _MEMBERSHIP:
            names = [_said(user.get("name")) for user in objects(self.raw.get("users"))]
            return Generated(Kind.SYSTEM, self.content or f"{type_}: {', '.join(filter(None, names))}")
        if type_ not in _TYPES:
            return None
        if self.raw.get("is_unsent") is True or self.raw.get("share"):
            return None
        return generated(self.content, self.sender)

    def _outcome(self) -> str:
        """Say how a call went; what nobody can tell from a sentence in some language is that sentence."""
        said = generated(self.content, self.sender)
        if self.raw.get("missed") is True or (said and said.detail == "missed"):
            return "missed"
        lasted = seconds(self.raw.get("call_duration"))
        if lasted is not None:
            return "ended" if lasted else "no_answer"
        return self.content or "call"

    def _kind(self, attachments: tuple[RawAttachment, ...]) -> Kind:
        if self.raw.get("is_unsent") is True:
            return Kind.DELETED
        if word(self.raw.get("type")) not in _TYPES:
            return Kind.UNKNOWN
        if not attachments:
            return Kind.TEXT
        if any(True for _ in objects(self.raw.get("audio_files"))):
            return Kind.VOICE
        images = all(key not in self.raw for key in ("videos", "gifs", "files", "sticker"))
        return Kind.IMAGE if images else Kind.FILE

    def _text(self) -> str:
        share = members(self.raw.get("share"))
        link = without_signatures(_said(share.get("link")))
        lines = [self.content, without_signatures(_said(share.get("share_text"))), _said(share.get("name"))]
        if link and not any(link in line for line in lines):
            lines.append(link)
        return "\n".join(dict.fromkeys(filter(None, lines)))

    def _detail(self, kind: Kind) -> str:
        if kind == Kind.UNKNOWN:
            return word(self.raw.get("type"))
        return "unsent" if kind == Kind.DELETED else ""

    def _reactions(self) -> Iterator[RawReaction]:
        for one in objects(self.raw.get("reactions")):
            if emoji := _said(one.get("reaction")):
                at = unix_time(one.get("timestamp"))
                yield RawReaction(emoji, self._person(_said(one.get("actor"))), at)

    def _attachments(self) -> Iterator[RawAttachment]:
        for one in objects(self.raw.get("audio_files")):
            if address := _said(one.get("uri")):
                suffix = Path(address.partition("?")[0]).suffix.lower()
                yield attach_linked(self.root, address, type_=_AUDIO.get(suffix))
        for key, usual in _FILES:
            for one in objects(self.raw.get(key)):
                if address := _said(one.get("uri")) or _said(one.get("link")):
                    yield attach_linked(self.root, address, type_=_known_type(address) or usual)
        if address := _said(members(self.raw.get("sticker")).get("uri")):
            yield attach_linked(self.root, address, type_=_known_type(address) or "image/png")


def _milliseconds(raw: dict[str, Any]) -> int | None:
    """Return the time of a message; exports of early 2018 count seconds."""
    exact, whole = number(raw.get("timestamp_ms")), number(raw.get("timestamp"))
    return whole * 1000 if exact is None and whole is not None else exact


def _said(value: Any) -> str:
    return as_typed(word(value))


def _known_type(address: str) -> str | None:
    guessed = media_type(address.partition("?")[0])
    return None if guessed == "application/octet-stream" else guessed


def _conversation(owner: dict[str, Any], part: Path) -> RawConversation:
    """Name a conversation by the end of its folder's name: the rest follows the title and the tree."""
    title = _said(owner.get("title"))
    folder = _said(owner.get("thread_path")).rstrip("/").rpartition("/")[2]
    if not folder and part_number(part.name) is not None and "_" in part.parent.name:
        folder = part.parent.name
    return RawConversation(folder.rpartition("_")[2] or title or part.stem, title or folder or part.stem)
