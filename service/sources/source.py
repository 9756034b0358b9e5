"""The contract that a format fulfils; one file in `formats/` with `SOURCE = MyFormat()` is a complete format.

class MyFormat:
    name = "myformat"
    label = "My messenger (JSON)"
    channel = "mymessenger"

    def score(self, sample: Sample) -> float:
        return 0.9 if b'"my_export"' in sample.head else 0.0

    def read(self, export: Export) -> Iterator[Record]:
        for position, raw in enumerate(...):
            yield RawMessage(format=self.name, ...)   # or Unreadable(where, why, bytes)

SOURCE = MyFormat()
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from service.sources.raw_message import Record

SAMPLE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Sample:
    """What a format may look at to recognise an input: its content first, its name only as a hint."""

    path: Path
    head: bytes
    """The first 64 KiB of a file; empty for a folder."""
    is_folder: bool = False


Wants = Callable[[Path], bool]
"""Says of a file whether it is to be read: one that was read before and has not changed is not."""


def everything(_path: Path) -> bool:
    """Want every file."""
    return True


@dataclass(frozen=True, slots=True)
class Export:
    """One input in a known format: a file, or a folder that is itself a format (maildir)."""

    path: Path
    root: Path
    """The folder in which media paths of the export may be resolved, and nothing outside it."""
    place: str
    """What people see: `chats.zip!/_chat.txt`, `mail/inbox.mbox`."""
    date_order: str | None = None
    """`day-first` or `month-first`, where a person said so; asked for when the file does not show it."""
    wants: Wants = field(default=everything, compare=False)
    """Asked by formats that are folders, for each of their files."""


class Source(Protocol):
    """A format: recognises its exports by content and reads them as a stream."""

    name: str
    label: str
    channel: str

    def score(self, sample: Sample) -> float:
        """Say how sure this format is that it can read the sample: 0 to 1."""

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every record in file order; memory does not grow with the size of the file.

        A broken record is yielded as Unreadable and reading goes on. Raises SourceError only
        when nothing at all can be read.
        """


@runtime_checkable
class ClaimsMedia(Protocol):
    """What a format adds when its exports have media beside them: those are no inputs of their own."""

    def claims(self, export: Path, beside: Path) -> bool:
        """Say whether `beside`, a file or folder next to the export, belongs to it."""


@runtime_checkable
class HoldsOpen(Protocol):
    """What a format adds whose attachments are loaded from a file that it keeps open."""

    holds_open: bool
    """Says that its records mean nothing in another process than the one that reads them."""
