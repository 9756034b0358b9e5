"""A folder with one file per mail (maildir, and Maildir++ with its `.Sent` subfolders).

In: a folder. Out: RawMessage, Unreadable. Never: follows links, reads mails still being delivered (`tmp`).

Order: the folder itself, then its subfolders by name; within one by file name, which begins with the time of
delivery. A mail moved from `new` to `cur` keeps its name, so it keeps its place.
"""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from service.sources.mail_shape import LARGEST_MAIL
from service.sources.mime import read_mail
from service.sources.raw_message import Record, Unreadable
from service.sources.source import Export, Sample

_MAILS = ("cur", "new")
_OWN = frozenset({"cur", "new", "tmp"})


class Maildir:
    """A mailbox as Dovecot, Courier, mbsync and offlineimap keep it."""

    name = "maildir"
    label = "Mailbox in a folder (maildir)"
    channel = "email"

    def score(self, sample: Sample) -> float:
        """Score the two folders that every maildir has."""
        return 0.95 if sample.is_folder and _is_maildir(sample.path) else 0.0

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every mail of the folder and its subfolders."""
        positions = count()
        for folder in _folders(export.path):
            place = f"{export.place}/{folder.relative_to(export.path)}".removesuffix("/.")
            names: list[tuple[str, str]] = []
            for part in _MAILS:
                try:
                    names.extend((name, part) for name in _mails(folder / part))
                except OSError as error:
                    yield _denied(f"{place}/{part}", error, "folder")
            for name, part in sorted(names):
                position, path = next(positions), folder / part / name
                if export.wants(path):
                    yield self._read_one(path, f"{place}/{part}/{name}", position)

    def _read_one(self, path: Path, where: str, position: int) -> Record:
        try:
            if path.is_symlink():
                return Unreadable(where, "is a link; put the mail itself there")
            if (size := path.stat().st_size) > LARGEST_MAIL:
                return Unreadable(where, f"is too large for one mail: {size:,} bytes")
            data = path.read_bytes()
        except OSError as error:
            return _denied(where, error, "file")
        return read_mail(data, format_name=self.name, position=position, where=where)


def _is_maildir(folder: Path) -> bool:
    try:
        return all((folder / part).is_dir() for part in _MAILS)
    except OSError:
        return False


def _folders(folder: Path) -> Iterator[Path]:
    """Yield a maildir and those inside it: `.Sent` of Maildir++, `Sent` of Dovecot's fs layout."""
    yield folder
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return  # its own mails were readable or are reported; the names of subfolders are not
    for name in inside:
        if name not in _OWN and _is_maildir(folder / name):
            yield from _folders(folder / name)


def _mails(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and not entry.is_dir(follow_symlinks=False):
                yield entry.name


def _denied(where: str, error: OSError, what: str) -> Unreadable:
    return Unreadable(where, f"cannot be read: {error.strerror}; let this user read the {what} and run again")


SOURCE = Maildir()
