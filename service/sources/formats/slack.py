"""Slack: a workspace's export, one of its folders or files, and what slackdump makes.

In: a folder, a day file or a dump of one conversation. Out: one record for each message, event or call.
Never: reads a day twice, drops what it does not know, loads a conversation whole.

Times are exact and in UTC: `ts` is an instant, whatever zone the workspace cuts its days in.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any

from service.sources.json_records import Layout, Piece, pieces_in, read_pieces, with_utf8
from service.sources.json_values import members, word
from service.sources.raw_message import RawConversation, Record, Unreadable
from service.sources.slack_export import (
    DAY,
    DUMP,
    LISTS,
    MEDIA,
    PEOPLE,
    History,
    Workspace,
    attach_file,
    conversation_named,
    histories,
    is_dump,
    may_be_of_slack,
    read_lists,
)
from service.sources.slack_message import FORMAT, SlackChat, read_message
from service.sources.source import SAMPLE_BYTES, Export, Sample

_TS = re.compile(rb'"ts"\s*:\s*"\d{9,11}\.\d{6}"')
_MESSAGE = re.compile(rb'"type"\s*:\s*"message"|"(?:subtype|text|user)"\s*:')
_LISTED = re.compile(rb'\s*\[\s*(?:\]|\{[^{}]*"id"\s*:\s*")')
_NO_MESSAGES = re.compile(rb'\s*(?:\[\s*\]|\{.*"messages"\s*:\s*(?:\[\s*\]|null).*\})\s*', re.DOTALL)
_LOOKED_AT = 20
"""Day files that are opened to recognise a folder: the first ones may be empty."""


_LAYOUT = Layout(
    arrays=frozenset({(), ("messages",)}),
    # Other objects of a message begin otherwise: blocks with another type, replies with user and ts.
    element=re.compile(
        rb'\{\s*"(?:client_msg_id"|subtype"|type"\s*:\s*"message"'
        rb'|(?:user|bot_id)"\s*:\s*(?:"[^"]*"|null)\s*,\s*"(?:type|subtype|text|upload)")'
    ),
    array=re.compile(rb'"messages"\s*:\s*\['),
    repair=with_utf8,
)
_REPLIES = Layout(
    arrays=frozenset({("slackdump_thread_replies",)}),
    element=_LAYOUT.element,
    array=re.compile(rb'"slackdump_thread_replies"\s*:\s*\['),
    repair=with_utf8,
)


class Slack:
    """Exports of every plan; names come from the lists beside the messages, where there are any."""

    name = FORMAT
    label = "Slack (export, slackdump)"
    channel = FORMAT

    def score(self, sample: Sample) -> float:
        """Look for Slack's `ts`, and in folders for day files beside Slack's lists."""
        if sample.is_folder:
            return _folder_score(sample.path)
        head = sample.head.lstrip(b"\xef\xbb\xbf \t\r\n")
        if not _TS.search(head) or not _MESSAGE.search(head):
            return 0.0
        if head.startswith(b"["):
            return 0.9
        return 0.9 if head.startswith(b"{") and b'"messages"' in head else 0.0

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the lists beside a single file, and the folders that slackdump makes for files."""
        if beside.is_file():
            return beside.name in (*LISTS, *PEOPLE)
        dump = DUMP.fullmatch(export.name)
        return beside.name in MEDIA or (dump is not None and beside.name == dump[1])

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every message, conversation by conversation and day by day."""
        positions = count()
        found = histories(export.path, export.place) if export.path.is_dir() else _single(export)
        for history in found:
            if isinstance(history, Unreadable):
                yield history
            elif export.wants(history.path):
                try:
                    yield from _File(history, export.root, positions).records()
                except OSError as error:
                    yield Unreadable(history.place, f"cannot be read: {error.strerror}")


SOURCE = Slack()


def _single(export: Export) -> Iterable[History | Unreadable]:
    """Return a file that was given alone, with the lists beside it."""
    folder, _, name = export.place.rpartition("/")
    workspace, damaged = read_lists(export.root, folder, Workspace())
    dump = DUMP.fullmatch(name)
    named = dump[1] if dump else folder.removesuffix("!").removesuffix(".zip").rpartition("/")[2]
    conversation = conversation_named(named or export.path.stem, workspace)
    return [*damaged, History(export.path, export.place, conversation, workspace)]


@dataclass(slots=True)
class _File:
    """One file of messages while it is being read."""

    history: History
    root: Path
    positions: Iterator[int]

    def records(self) -> Iterator[Record]:
        """Yield the messages, those inside threads of a dump behind what they answer."""
        shown_in_thread: set[str] = set()
        owner: dict[str, Any] = {}
        chat, empty = self._chat(owner), True
        for piece in read_pieces(self.history.path, _LAYOUT):
            empty = False
            if piece.owner is not owner:
                chat, owner = self._chat(piece.owner), piece.owner
            # A reply that was also sent to the channel is in both places of a dump.
            if word(members(piece.value).get("ts")) in shown_in_thread:
                continue
            yield self._record(piece, chat)
            if members(piece.value).get("slackdump_thread_replies"):
                for reply in pieces_in(piece.original or b"", _REPLIES):
                    if members(reply.value).get("subtype") == "thread_broadcast":
                        shown_in_thread.add(word(reply.value.get("ts")))
                    yield self._record(reply, chat, behind=piece.start)
        if empty and (why := _why_empty(self.history.path)):
            yield Unreadable(self.history.place, why)

    def _record(self, piece: Piece, chat: SlackChat, behind: int = 0) -> Record:
        where = f"{self.history.place}, byte {behind + piece.start}"
        if piece.error is not None:
            return Unreadable(where, piece.error, piece.original)
        if not isinstance(piece.value, dict):
            return Unreadable(where, "a record that is no JSON object", piece.original)
        return read_message(piece.value, piece.original or b"", next(self.positions), chat, piece.repairs)

    def _chat(self, owner: dict[str, Any]) -> SlackChat:
        """Return the conversation that a dump names in itself, else that of the file's place."""
        workspace, conversation = self.history.workspace, self.history.conversation
        if id_ := word(owner.get("channel_id")):
            named = RawConversation(id_, word(owner.get("name")) or id_)
            conversation = workspace.conversations.get(id_) or named
        return SlackChat(conversation, workspace.directory, partial(attach_file, self.root, self.history))


# Recognition.


def _folder_score(folder: Path) -> float:
    try:
        entries = [folder / name for name in _names(folder)]
        lists = [entry for entry in entries if entry.name in LISTS]
        dumps = [entry for entry in entries if is_dump(entry)]
        if any(_LISTED.match(_head(entry)) for entry in lists):
            inside = any(entry.is_dir() and _days(entry) for entry in entries)
            return 0.95 if inside or _is_history(dumps) else 0.0
        if any(entry.is_file() and not may_be_of_slack(entry) for entry in entries):
            return 0.0
        own = {*MEDIA, *(dump.name.partition(".")[0].partition("-")[0] for dump in dumps)}
        folders = [one for one in entries if one.is_dir() and one.name not in own and _names(one)]
        days = [_days(inside) for inside in folders[:_LOOKED_AT]]
        found = [*dumps, *_days(folder), *chain.from_iterable(days)]
        return 0.9 if all(days) and _is_history(found) else 0.0
    except OSError:
        return 0.0


def _days(folder: Path) -> list[Path]:
    return [folder / name for name in _names(folder) if DAY.fullmatch(name)]


def _names(folder: Path) -> list[str]:
    # Every folder that is walked through is asked, also those of 100,000 mails.
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries)


def _is_history(files: list[Path]) -> bool:
    return any(_TS.search(_head(file)) for file in files[:_LOOKED_AT])


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(SAMPLE_BYTES)


def _why_empty(path: Path) -> str | None:
    """Say what is wrong with a file without a message; nothing where it says itself that it has none."""
    head = _head(path).removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        return "is empty; export it again"
    return None if _NO_MESSAGES.fullmatch(head) else "holds no messages of Slack; export it again"
