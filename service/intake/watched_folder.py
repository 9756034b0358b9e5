"""Look at a folder that people and programs fill. In: a path. Out: Look. Never: opens a file, follows a link.

A file is settled when it was the same at two looks that lie `SETTLES_S` apart; what belongs together (a
folder with a chat and its photos) settles together. What a mail program has put into a maildir is whole at
once, and is looked at by itself.
"""

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path, PurePosixPath

SETTLES_S = 2.0
_ALONE = (".eml", ".mbox", ".mbx", ".msg", ".pst", ".zip")
"""Files that need no other: each settles by itself, also beside one that grows for an hour."""
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp")
"""What browsers and copying programs call a file until it is whole."""
_MAILDIR = frozenset({"cur", "new"})


@dataclass(frozen=True, slots=True)
class Look:
    """What was there, by path below the folder, with `/` between names."""

    files: dict[str, int]
    """A number for each file that changes with its size, time or inode."""
    settled: frozenset[str]
    troubles: tuple[str, ...]
    """What could not be looked at, for people."""


@dataclass(slots=True)
class WatchedFolder:
    """A folder, and since when each of its files has looked as it does."""

    root: Path
    skipped: frozenset[str] = frozenset()
    """Names in the folder itself that are left out."""
    clock: Callable[[], float] = time.monotonic
    _since: dict[str, tuple[int, float]] = field(default_factory=dict)

    def look(self) -> Look:
        """Look once. Raises OSError where the folder itself cannot be listed."""
        now = self.clock()
        files: dict[str, int] = {}
        troubles: list[str] = []
        for found in _walk(self.root, "", self.skipped):
            if isinstance(found, str):
                troubles.append(found)
            else:
                files[found[0]] = found[1]
        since = {}
        for name, number in files.items():
            before = self._since.get(name)
            since[name] = before if before and before[0] == number else (number, now)
        self._since = since
        return Look(files, self._settled(now), tuple(troubles))

    def _settled(self, now: float) -> frozenset[str]:
        calm = {
            name
            for name, (_, since) in self._since.items()
            if now - since >= SETTLES_S and not name.lower().endswith(_UNFINISHED)
        }
        restless = {group_of(name) for name in self._since.keys() - calm}
        return frozenset(name for name in calm if _is_calm(group_of(name), restless))


def group_of(name: str) -> str:
    """Return what a file settles with: itself, the folder in the watched one, or `` for loose files.

    >>> group_of("a.eml"), group_of("Chat/photos/1.jpg"), group_of("_chat.txt"), group_of("box/new/17.M3")
    ('a.eml', 'Chat/', '', 'box/new/17.M3')
    """
    path = PurePosixPath(name)
    if is_delivered(name):
        return name
    if len(path.parts) > 1:
        return f"{path.parts[0]}/"
    return name if path.suffix.lower() in _ALONE else ""


def is_delivered(name: str) -> bool:
    """Say whether a file is a mail in a maildir: its program moves it and renames it as people read."""
    return PurePosixPath(name).parent.name in _MAILDIR


def is_maildir(folder: Path) -> bool:
    """Say whether a mail program keeps its mails in a folder, one file each."""
    return all((folder / part).is_dir() for part in _MAILDIR)


def _is_calm(group: str, restless: set[str]) -> bool:
    if group:
        return group not in restless
    # Loose files of a chat may have their photos in folders beside them.
    return not any(other == "" or other.endswith("/") for other in restless)


def _walk(folder: Path, prefix: str, skipped: frozenset[str]) -> Iterator[tuple[str, int] | str]:
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    names = {entry.name for entry in entries}
    for entry in entries:
        if entry.name in skipped or (entry.name == "tmp" and names >= _MAILDIR):
            continue  # mails in tmp are still being delivered
        name = prefix + entry.name
        try:
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISLNK(found.st_mode):
                yield f"{name} is a link: put what it leads to into the folder itself."
            elif stat.S_ISDIR(found.st_mode):
                yield from _walk(Path(entry.path), f"{name}/", frozenset())
            elif stat.S_ISREG(found.st_mode):
                yield name, _number(name, found)
            else:
                yield f"{name} is neither a file nor a folder: take it away."
        except FileNotFoundError:
            continue  # taken away while we looked
        except OSError as error:
            yield f"{name} cannot be looked at: {error.strerror or error}; let this account read it."


def _number(name: str, found: os.stat_result) -> int:
    text = f"{name}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ino}"
    # 63 bits: what both databases hold without a sign.
    return int.from_bytes(blake2b(os.fsencode(text), digest_size=8).digest()) >> 1
