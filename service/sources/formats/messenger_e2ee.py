"""Messenger's end-to-end encrypted chats, as messenger.com/secure_storage/dyi gives them.

In: one `<Title>_<n>.json`; its media lie in `media` beside it. Out: one record per message or call.
Never: "repairs" a text: unlike Meta's other exports this one is right UTF-8.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.sources.json_records import Layout, Piece
from service.sources.json_values import number, objects, seconds, unix_time, word
from service.sources.linked_files import attach_linked, without_signatures
from service.sources.meta_text import Generated, generated
from service.sources.meta_threads import oldest_first
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

_SIGNS = (
    re.compile(rb'"threadName"\s*:'),
    re.compile(rb'"participants"\s*:\s*\[\s*(?:"|\])'),
    re.compile(rb'"messages"\s*:\s*\[\s*\{[^}]*"(?:senderName|isUnsent)"\s*:'),
)
_LAYOUT = Layout(
    arrays=frozenset({("messages",)}),
    element=re.compile(rb'\{\s*"(?:isUnsent|senderName|timestamp|media)"\s*:'),
    array=re.compile(rb'"messages"\s*:\s*\['),
)
_KNOWN = frozenset({"text", "media", "link", "placeholder", ""})
_NUMBER = re.compile(r"_\d+$")


class MessengerE2ee:
    """Times are exact; there are no ids, no replies and no edits."""

    name = "messenger_e2ee"
    label = "Messenger, end-to-end encrypted (JSON)"
    channel = "messenger"

    def score(self, sample: Sample) -> float:
        """Look for keys in camel case, which no other export of Meta has."""
        found = sum(sign.search(sample.head) is not None for sign in _SIGNS)
        return 0.95 if found >= 2 else 0.0

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the folder of media, which all chats of an export share."""
        return beside.is_dir() and beside.name == "media" and beside.parent == export.parent

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every message from the oldest on."""
        pieces = oldest_first(export.path, _LAYOUT, lambda raw: number(raw.get("timestamp")))
        for position, piece in enumerate(pieces):
            where = f"{export.place}, byte {piece.start}"
            if piece.error is not None:
                yield Unreadable(where, piece.error, piece.original)
            elif not isinstance(piece.value, dict):
                yield Unreadable(where, "a record that is no JSON object", piece.original)
            else:
                yield _message(piece, position, export)


SOURCE = MessengerE2ee()


def _message(piece: Piece, position: int, export: Export) -> RawMessage:
    raw: dict[str, Any] = piece.value
    sender, text = word(raw.get("senderName")), without_signatures(word(raw.get("text")))
    attachments = tuple(_attachments(raw, export.root))
    meant = _meant(raw, text, sender) if not attachments else None
    kind = meant.kind if meant else _kind(raw, attachments)
    title = word(piece.owner.get("threadName")) or export.path.stem
    return RawMessage(
        format=MessengerE2ee.name,
        channel=MessengerE2ee.channel,
        kind=kind,
        original=piece.original or b"",
        position=position,
        external_id="",
        author=RawAddress(AddressKind.FACEBOOK, sender, sender) if sender else None,
        sent_at=unix_time(raw.get("timestamp"), per_second=1000),
        text=meant.emoji if meant else text,
        conversation=RawConversation(title, _NUMBER.sub("", title)),
        attachments=attachments,
        duration_for=seconds(raw.get("duration")) if kind == Kind.CALL else None,
        reactions=tuple(_reactions(raw)),
        detail=meant.detail if meant else _detail(raw, kind),
    )


def _meant(raw: dict[str, Any], text: str, sender: str) -> Generated | None:
    """Return what the platform says here; people's own words are none of it."""
    said = generated(text, sender) if raw.get("isUnsent") is not True else None
    if "call" in _type(raw):
        return Generated(Kind.CALL, said.detail if said and said.kind == Kind.CALL else text or _type(raw))
    return said


def _kind(raw: dict[str, Any], attachments: tuple[RawAttachment, ...]) -> Kind:
    if raw.get("isUnsent") is True or _type(raw) == "placeholder":
        return Kind.DELETED
    if _type(raw) not in _KNOWN:
        return Kind.UNKNOWN
    families = {one.media_type.partition("/")[0] for one in attachments}
    if not families:
        return Kind.FILE if _type(raw) == "media" else Kind.TEXT
    if "audio" in families:
        return Kind.VOICE
    return Kind.IMAGE if families == {"image"} else Kind.FILE


def _type(raw: dict[str, Any]) -> str:
    return word(raw.get("type")).lower()


def _detail(raw: dict[str, Any], kind: Kind) -> str:
    if kind == Kind.UNKNOWN:
        return _type(raw)
    if kind == Kind.DELETED:
        return "unsent" if raw.get("isUnsent") is True else "placeholder"
    return ""


def _attachments(raw: dict[str, Any], root: Path) -> Iterator[RawAttachment]:
    for one in objects(raw.get("media")):
        address = word(one.get("uri"))
        if "/" in address or "." in address:
            yield attach_linked(root, address)
        elif address:
            # The place of the path then holds a sentence: "Failed to download media".
            yield RawAttachment("", "application/octet-stream", missing=f"the export says: {address[:200]}")


def _reactions(raw: dict[str, Any]) -> Iterator[RawReaction]:
    for one in objects(raw.get("reactions")):
        actor = word(one.get("actor"))
        if emoji := word(one.get("reaction")):
            yield RawReaction(emoji, RawAddress(AddressKind.FACEBOOK, actor, actor) if actor else None)
