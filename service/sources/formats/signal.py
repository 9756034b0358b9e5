"""Signal's own export in plain text (2025 and later): `main.jsonl` with `metadata.json` and `files/` beside.

In: the file of lines; each is a frame of Signal's Backups.proto. Out: one record per chat item or call.
Never: drops an item of an unknown type; keeps an edited message's old words apart from it.

The file is read twice: who is who may stand behind the messages. Order is that of the file.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from service.sources.json_lines import read_lines
from service.sources.json_records import Piece
from service.sources.json_values import members, number, objects, storable, unix_time, word
from service.sources.raw_message import (
    Kind,
    RawAddress,
    RawMessage,
    RawReaction,
    RawRevision,
    Record,
    Unreadable,
)
from service.sources.signal_files import SignalFiles
from service.sources.signal_items import read_item
from service.sources.signal_people import People
from service.sources.signal_updates import ad_hoc_call, disappears
from service.sources.source import Export, Sample

_SIGNS = (
    (re.compile(rb'\{\s*"chatItem"\s*:\s*\{[^\n]{0,4000}?"(?:dateSent|chatId|authorId)"\s*:\s*"?\d'), 0.95),
    (
        re.compile(rb'\{\s*"recipient"\s*:\s*\{[^\n]{0,4000}?"(?:contact|self|group|releaseNotes)"\s*:\s*\{'),
        0.9,
    ),
    (re.compile(rb'\{\s*"account"\s*:\s*\{[^\n]{0,4000}?"(?:profileKey|accountSettings)"\s*:'), 0.9),
)
_DEFINITIONS = re.compile(rb'\{\s*"(?:account|recipient|chat)"\s*:')
_SILENT = frozenset(
    {"account", "recipient", "chat", "stickerPack", "notificationProfile", "chatFolder"}
    | {"version", "backupTimeMs"}
)
"""Frames that are about the account and say nothing in a chat."""


class Signal:
    """Times are aware. An edited message has the time at which it was first sent."""

    name = "signal"
    label = "Signal (plain text export)"
    channel = "signal"

    def score(self, sample: Sample) -> float:
        """Look for frames; the name `main.jsonl` is not needed."""
        if not sample.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return 0.0
        return max((sure for sign, sure in _SIGNS if sign.search(sample.head)), default=0.0)

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim what Signal writes beside the messages."""
        if export.parent != beside.parent:
            return False
        return beside.name == "files" if beside.is_dir() else beside.name == "metadata.json"

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every chat item and every call by link in file order."""
        people = People()
        for piece in read_lines(export.path, _DEFINITIONS):
            if isinstance(piece.value, dict):
                people.take(piece.value)
        people.finish()
        reader = _Reader(people, SignalFiles(export.root))
        positions = count()
        for piece in read_lines(export.path):
            where = f"{export.place}, byte {piece.start}"
            if piece.error is not None:
                yield Unreadable(where, piece.error, piece.original)
            elif not isinstance(piece.value, dict):
                yield Unreadable(where, "a record that is no JSON object", piece.original)
            elif not piece.value or not _SILENT.issuperset(piece.value):
                yield reader.record(piece, next(positions))


SOURCE = Signal()


class _Reader:
    """Turns frames into records with what the first reading learned."""

    def __init__(self, people: People, files: SignalFiles) -> None:
        self.people = people
        self.files = files

    def record(self, piece: Piece, position: int) -> RawMessage:
        if isinstance(item := piece.value.get("chatItem"), dict):
            return self._message(item, piece, position)
        if isinstance(call := piece.value.get("adHocCall"), dict):
            return self._call(call, piece, position)
        return RawMessage(
            format=Signal.name,
            channel=Signal.channel,
            kind=Kind.UNKNOWN,
            original=piece.original or b"",
            position=position,
            external_id="",
            author=None,
            sent_at=None,
            text="",
            detail=storable(next((key for key in piece.value if key not in _SILENT), "an empty frame")),
            warnings=piece.repairs,
        )

    def _message(self, item: dict[str, Any], piece: Piece, position: int) -> RawMessage:
        author = self.people.person(item.get("authorId"))
        older = list(objects(item.get("revisions")))
        first = older[0].get("dateSent") if older else item.get("dateSent")
        said = read_item(item, self.people, self.files)
        return RawMessage(
            format=Signal.name,
            channel=Signal.channel,
            kind=said.kind,
            original=piece.original or b"",
            position=position,
            external_id=_identity(first, author),
            author=author,
            sent_at=_time(first),
            text=said.text,
            conversation=self.people.conversation(item.get("chatId")),
            stamped_at=_time(members(item.get("incoming")).get("dateServerSent")),
            reply_to=_identity(said.about[0], said.about[1] or author) or None if said.about else None,
            attachments=said.attachments,
            duration_for=said.lasted,
            edited=bool(older),
            edited_at=_time(item.get("dateSent")) if older else None,
            revisions=tuple(self._revision(one) for one in older),
            reactions=tuple(self._reaction(one) for one in said.reactions),
            detail="; ".join(filter(None, (said.detail, disappears(item.get("expiresInMs"))))),
            warnings=piece.repairs,
        )

    def _call(self, call: dict[str, Any], piece: Piece, position: int) -> RawMessage:
        link = self.people.person(call.get("recipientId"))
        at = call.get("callTimestamp")
        return RawMessage(
            format=Signal.name,
            channel=Signal.channel,
            kind=Kind.CALL,
            original=piece.original or b"",
            position=position,
            external_id=word(call.get("callId")) or _identity(at, link),
            author=None,
            sent_at=_time(at),
            text="",
            conversation=self.people.conversations.get(word(call.get("recipientId"))),
            detail=ad_hoc_call(call),
            warnings=piece.repairs,
        )

    def _revision(self, item: dict[str, Any]) -> RawRevision:
        return RawRevision(read_item(item, self.people, self.files).text, _time(item.get("dateSent")))

    def _reaction(self, reaction: dict[str, Any]) -> RawReaction:
        actor = self.people.person(reaction.get("authorId"))
        return RawReaction(word(reaction.get("emoji")), actor, _time(reaction.get("sentTimestamp")))


def _identity(at: Any, author: RawAddress | None) -> str:
    """Return the only id that Signal's messages have: when they were sent, and by whom."""
    time = number(at)
    return f"{time}/{author.value if author else ''}" if time else ""


def _time(milliseconds: Any) -> datetime | None:
    return unix_time(milliseconds, per_second=1000) if number(milliseconds) else None
