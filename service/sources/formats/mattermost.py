"""Mattermost: the bulk export (`mmctl export`, JSON Lines), and posts as the API gives them.

In: an `import.jsonl` with `data/` beside it, or an array of `mmctl post list --json`. Out: one record for
each post and each reply. Never: drops a type it does not know, follows a path out of the export.

Format: https://docs.mattermost.com/administration-guide/onboard/bulk-loading-data.html, version 1.
"""

import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from service.sources.json_lines import read_lines
from service.sources.json_records import Layout, Piece, pieces_in, read_pieces, with_utf8
from service.sources.json_values import byte_count, members, word
from service.sources.mattermost_post import (
    FORMAT,
    MattermostChat,
    MattermostDirectory,
    full_name,
    name_of,
    post_id,
    read_post,
)
from service.sources.media import attach, find
from service.sources.raw_message import (
    Kind,
    RawAttachment,
    RawConversation,
    RawMessage,
    Record,
    Unreadable,
)
from service.sources.source import Export, Sample

_POSTS = frozenset({"post", "direct_post"})
_OTHERS = frozenset(
    {"version", "info", "scheme", "role", "emoji", "team", "channel", "user", "bot", "direct_channel"}
)
"""Lines that say who and what there is, and hold nothing that anybody wrote."""
_API = re.compile(rb'"create_at"\s*:\s*\d{13}')
_REPLIES = Layout(
    arrays=frozenset({("post", "replies"), ("direct_post", "replies")}),
    element=re.compile(rb'\{\s*"user"\s*:'),
    array=re.compile(rb'"replies"\s*:\s*\['),
    repair=with_utf8,
)
_ARRAY = Layout(
    arrays=frozenset({()}),
    element=re.compile(rb'\{\s*"id"\s*:\s*"[a-z0-9]{26}"\s*,\s*"create_at"'),
    array=re.compile(rb'"posts"\s*:\s*\['),
    repair=with_utf8,
)


class Mattermost:
    """Every version of the bulk format so far; times are instants in milliseconds."""

    name = FORMAT
    label = "Mattermost (bulk export, mmctl)"
    channel = FORMAT

    def score(self, sample: Sample) -> float:
        """Look for the version that the first line states, or for a post."""
        head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if head.startswith(b"["):
            ours = _API.search(head) and b'"channel_id"' in head and b'"user_id"' in head
            return 0.9 if ours else 0.0
        try:
            line = members(json.loads(head.partition(b"\n")[0]))
        except (ValueError, RecursionError):
            # A post with its thread may be longer than the sample.
            return 0.8 if re.match(rb'\{"type":\s*"(?:direct_)?post",\s*"(?:direct_)?post":', head) else 0.0
        type_ = word(line.get("type"))
        if type_ == "version" and "version" in line:
            return 0.95
        return 0.9 if type_ in _POSTS | _OTHERS and isinstance(line.get(type_), dict) else 0.0

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the folders that hold the files of an export."""
        return beside.is_dir() and beside.name in ("data", "exported_emoji")

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every post, and its replies behind it."""
        with export.path.open("rb") as file:
            is_array = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
        reading = _Reading(export)
        if is_array:
            for piece in read_pieces(export.path, _ARRAY):
                yield reading.api_post(piece)
        else:
            for piece in read_lines(export.path):
                yield from reading.line(piece)


SOURCE = Mattermost()


class _Reading:
    """One export while it is being read; keeps only names."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.positions = count()
        self.names: dict[str, str] = {}
        self.channels: dict[str, RawConversation] = {}
        self.directory = MattermostDirectory(self.names)

    def line(self, piece: Piece) -> Iterator[Record]:
        """Yield what a line of the bulk export holds."""
        where = f"{self.export.place}, byte {piece.start}"
        if piece.error is not None or not isinstance(piece.value, dict):
            yield Unreadable(where, piece.error or "a line that is no JSON object", piece.original)
            return
        line: dict[str, Any] = piece.value
        type_ = word(line.get("type"))
        if type_ in _OTHERS:
            self._learn(type_, members(line.get(type_)))
        elif type_ not in _POSTS:
            yield self._unknown(piece, type_)
        elif not isinstance(post := line.get(type_), dict):
            yield Unreadable(where, f"a line of type {type_} without one", piece.original)
        else:
            chat = MattermostChat(self._conversation(post), self.directory, self._attach)
            yield read_post(post, piece.original or b"", next(self.positions), chat, warnings=piece.repairs)
            if post.get("replies"):
                yield from self._replies(piece, chat, post_id(post))

    def api_post(self, piece: Piece) -> Record:
        """Return what an element of an array of posts holds."""
        if piece.error is not None or not isinstance(piece.value, dict):
            where = f"{self.export.place}, byte {piece.start}"
            return Unreadable(where, piece.error or "a record that is no JSON object", piece.original)
        channel = word(piece.value.get("channel_id")) or self.export.path.stem
        chat = MattermostChat(RawConversation(channel, channel), self.directory, self._attach)
        original = piece.original or b""
        return read_post(piece.value, original, next(self.positions), chat, warnings=piece.repairs)

    def _learn(self, type_: str, said: dict[str, Any]) -> None:
        if type_ in {"user", "bot"} and (username := word(said.get("username"))):
            self.names[username] = word(said.get("display_name")) or full_name(said)
        elif type_ == "channel":
            key = f"{word(said.get('team'))}/{word(said.get('name'))}"
            self.channels[key] = RawConversation(key, word(said.get("display_name")) or key)

    def _replies(self, line: Piece, chat: MattermostChat, root: str) -> Iterator[Record]:
        for piece in pieces_in(line.original or b"", _REPLIES):
            if isinstance(piece.value, dict):
                original = piece.original or b""
                yield read_post(piece.value, original, next(self.positions), chat, root=root)
            else:
                where = f"{self.export.place}, byte {line.start + piece.start}"
                yield Unreadable(where, piece.error or "a reply that is no JSON object", piece.original)

    def _conversation(self, post: dict[str, Any]) -> RawConversation:
        if channel := word(post.get("channel")):
            key = f"{word(post.get('team'))}/{channel}"
            return self.channels.get(key) or RawConversation(key, channel)
        within = post.get("channel_members")
        # A talk with oneself names its only member twice.
        people = sorted({word(one) for one in within if word(one)} if isinstance(within, list) else ())
        title = ", ".join(self.names.get(one) or one for one in people)
        unnamed = self.export.path.stem
        return RawConversation(",".join(people) or unnamed, title or unnamed)

    def _attach(self, file: dict[str, Any]) -> RawAttachment | None:
        path = word(file.get("path"))
        for there in (f"data/{path}", path) if path else ():
            if find(self.export.root, there):
                return attach(self.export.root, there, shown=name_of(file), size=byte_count(file.get("size")))
        return None

    def _unknown(self, piece: Piece, type_: str) -> RawMessage:
        return RawMessage(
            format=FORMAT,
            channel=FORMAT,
            kind=Kind.UNKNOWN,
            original=piece.original or b"",
            position=next(self.positions),
            external_id="",
            author=None,
            sent_at=None,
            text="",
            detail=type_ or "unknown",
        )
