"""Mails that were accepted and are not archived yet, on disk. In: bytes. Out: Spooled. Never: loses one.

A mail is one file: a line of JSON (the envelope), then its bytes as they came. It has its name only when all
of it is on the disk, and loses it when the archive has it: a process that is killed in between leaves either
a whole mail, or a draft for which nobody was told that it was accepted.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

RESERVE = 256 * 1024 * 1024
"""Bytes that stay free on the disk: the database beside the spool needs room to archive it."""
_DONE, _DRAFT = ".mail", ".part"
_MILLISECOND = timedelta(milliseconds=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a server was told around a mail: it need not be in the mail's header (RFC 5321, 2.3.1)."""

    sender: str
    """Empty for reports (RFC 5321, 4.5.5)."""
    recipients: tuple[str, ...]
    peer: str
    """The IP address that it came from."""
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Spooled:
    """A mail that waits to be archived."""

    number: int
    """Milliseconds since 1970 at which it came, unique in its spool."""
    data: bytes
    envelope: Envelope | None
    """None where the file is damaged; `data` is then all of it."""


@dataclass(slots=True)
class Spool:
    """The folder of one intake; one process writes to it."""

    folder: Path
    _last: int = 0
    _naming: Lock = field(default_factory=Lock)

    def clear_drafts(self) -> None:
        """Make the folder, and remove what a killed process had not accepted yet. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for draft in self.folder.glob(f"*{_DRAFT}"):
            draft.unlink()

    def keep(self, envelope: Envelope, data: bytes) -> int:
        """Put a mail on the disk and return its number. Raises OSError, and keeps nothing then."""
        if shutil.disk_usage(self.folder).free < RESERVE + len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.folder))
        number = self._number(envelope.received_at)
        draft = self._path(number, _DRAFT)
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(_head(envelope))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._path(number, _DONE))
            self._sync()
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        return number

    def waiting(self) -> list[int]:
        """Return the numbers of the mails that wait, in the order in which they came. Raises OSError."""
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        return sorted(int(name.removesuffix(_DONE)) for name in names if _is_whole(name))

    def read(self, number: int) -> Spooled:
        """Return one mail. Raises OSError."""
        content = self._path(number, _DONE).read_bytes()
        head, _, data = content.partition(b"\n")
        envelope = _envelope(head)
        return Spooled(number, content if envelope is None else data, envelope)

    def batches(self, most: int, most_bytes: int) -> Iterator[list[int]]:
        """Cut what waits into batches of so many mails and, where one mail is not larger, so many bytes."""
        batch: list[int] = []
        size = 0
        for number in self.waiting():
            own = self._path(number, _DONE).stat().st_size
            if batch and (len(batch) >= most or size + own > most_bytes):
                yield batch
                batch, size = [], 0
            batch.append(number)
            size += own
        if batch:
            yield batch

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove mails that the archive has. Raises OSError; what stays is archived again, as known."""
        for number in numbers:
            self._path(number, _DONE).unlink(missing_ok=True)

    def _number(self, at: datetime) -> int:
        with self._naming:
            number = max((at - _BEGINNING) // _MILLISECOND, self._last + 1)
            while self._path(number, _DONE).exists():
                number += 1
            self._last = number
            return number

    def _path(self, number: int, ending: str) -> Path:
        return self.folder / f"{number:015d}{ending}"

    def _sync(self) -> None:
        # A name is safe only when its folder is on the disk too (fsync(2)).
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _is_whole(name: str) -> bool:
    return name.endswith(_DONE) and name.removesuffix(_DONE).isdigit()


def _head(envelope: Envelope) -> bytes:
    body = {
        "sender": envelope.sender,
        "recipients": envelope.recipients,
        "peer": envelope.peer,
        "received_at": envelope.received_at.isoformat(),
    }
    return json.dumps(body).encode() + b"\n"


def _envelope(head: bytes) -> Envelope | None:
    try:
        body = json.loads(head)
        return Envelope(
            sender=str(body["sender"]),
            recipients=tuple(str(one) for one in body["recipients"]),
            peer=str(body["peer"]),
            received_at=datetime.fromisoformat(body["received_at"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
