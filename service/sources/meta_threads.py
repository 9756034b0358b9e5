"""Find the conversations of a Meta export, and read each from its oldest message on.

In: a folder anywhere in the tree, or one `message_N.json`. Out: Thread, Piece. Never: loads a file.

A conversation is a folder of `message_1.json`, `message_2.json` …, the newest in the first, and the newest
message first in each; `message.json` until 2019.
"""

import json
import os
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.sources.json_records import Layout, Piece, read_pieces
from service.sources.raw_message import AddressKind

TREES = frozenset(
    {"inbox", "archived_threads", "filtered_threads", "message_requests", "e2ee_cutover", "ai_conversations"}
)
"""The folders in which Meta sorts conversations; the same one moves between them."""
MEDIA = frozenset({"photos", "videos", "audio", "files", "gifs", "stickers_used", "stickers", "media"})

_PART = re.compile(r"message(?:_(\d{1,9}))?\.json", re.IGNORECASE)
_NO_TIME = -(1 << 62)
_HEAD_BYTES = 65_536
_FEW = 50
"""Conversations of a tree that are looked at: of a download in several zips, one may hold media alone."""


@dataclass(frozen=True, slots=True)
class Platform:
    """What differs between Messenger and Instagram."""

    format: str
    channel: str
    people: AddressKind


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation: its files, the one with the oldest messages first."""

    folder: Path
    parts: tuple[Path, ...]


def part_number(name: str) -> int | None:
    """Return which part of a conversation a file is; None for a file of another kind.

    >>> part_number("message_12.json"), part_number("messages.json")
    (12, None)
    """
    found = _PART.fullmatch(name)
    return int(found[1] or 1) if found else None


def threads_in(place: Path) -> Iterator[Thread]:
    """Yield every conversation at or below a folder, in the order of names."""
    for where, inside, names in os.walk(place):
        inside.sort()
        numbers = {name: number for name in names if (number := part_number(name)) is not None}
        if numbers:
            folder = Path(where)
            parts = sorted(numbers, key=lambda name: (-numbers[name], name))
            yield Thread(folder, tuple(folder / name for name in parts))


def strange_files(place: Path, known: frozenset[str]) -> Iterator[Path]:
    """Yield JSON and HTML files below a folder that are no part of a conversation and not `known` by name.

    What lies in the folders of media was sent by people, whatever it is called.
    """
    for where, inside, names in os.walk(place):
        inside[:] = sorted(set(inside) - MEDIA)
        for name in sorted(names):
            strange = part_number(name) is None and name.lower().endswith((".json", ".html"))
            if strange and name.lower() not in known:
                yield Path(where) / name


def head_of_first(place: Path) -> bytes:
    """Return the start of a conversation's file in a folder of Meta's tree; empty for any other folder.

    Looks no deeper than the tree is: a folder is judged before anybody knows that it is an export.
    """
    for folder in _where_threads_are(place):
        try:
            for entry in sorted(folder.iterdir(), key=lambda one: one.name):
                if part_number(entry.name) is not None and entry.is_file():
                    with entry.open("rb") as file:
                        return file.read(_HEAD_BYTES)
        except OSError:
            continue
    return b""


def _where_threads_are(place: Path) -> Iterator[Path]:
    """Yield the folder itself, or the first conversations where it is a tree or holds trees."""
    yield place
    trees = [place] if place.name in TREES else [place / tree for tree in sorted(TREES)]
    for tree in trees:
        try:
            yield from sorted(entry for entry in tree.iterdir() if entry.is_dir())[:_FEW]
        except OSError:
            continue


TimeOf = Callable[[dict[str, Any]], int | None]


def oldest_first(path: Path, layout: Layout, time_of: TimeOf) -> Iterator[Piece]:
    """Yield the elements of a file by time, the later ones first among equal times, as the file has them.

    Only places and times are kept in memory: 24 bytes a message. What cannot be read comes first.
    """
    starts, ends, times = array("q"), array("q"), array("q")
    owner: dict[str, Any] = {}
    for piece in read_pieces(path, layout):
        if piece.error is not None or piece.original is None or not isinstance(piece.value, dict):
            yield piece
            continue
        time = time_of(piece.value)
        starts.append(piece.start)
        ends.append(piece.end)
        times.append(time if time is not None and abs(time) < -_NO_TIME else _NO_TIME)
        owner = owner or piece.owner
    with path.open("rb") as file:
        for index in sorted(range(len(starts) - 1, -1, -1), key=times.__getitem__):
            file.seek(starts[index])
            original = file.read(ends[index] - starts[index])
            yield Piece(starts[index], ends[index], original, json.loads(original), owner)
