"""Read mails that a server gave, where many come in another process. In: Fetched. Out: Prepared, Unreadable.

Never: sends a large mail there and back; starts a process for the few mails of a usual day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from threading import Semaphore
from typing import Self

from service.pipeline.prepared import Prepared, prepare
from service.pipeline.reading_process import ReadingProcess
from service.sources.imap.mailbox import Fetched
from service.sources.mime import read_mail
from service.sources.raw_message import Unreadable

WORTH_A_PROCESS = 250
"""Mails of one batch: to start a process takes as long as reading a thousand."""
LARGE_BATCH = 8 * 1024 * 1024
"""Bytes of a batch beyond which it is read here: its copies would be in memory twice."""
MOST_PROCESSES = 1
"""Of all folders that are being read: each takes a core and 100 MiB."""

Body = tuple[int, bytes, datetime | None]
"""A UID, the bytes of the mail, and when the mailbox took it in."""

_free = Semaphore(MOST_PROCESSES)


class BodyReader:
    """Reads the batches of one folder, whose URL (RFC 5092) is `place`."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._process: ReadingProcess | None = None

    def read(self, fetched: Sequence[Fetched]) -> list[Prepared | Unreadable]:
        """Read a batch, in its order. Raises ScriptaError where the other process died."""
        bodies = [(one.uid, one.body, one.internal_at) for one in fetched]
        process = self._process_for(bodies)
        if process is None:
            return list(chain.from_iterable(read_bodies(self._place, bodies)))
        return list(chain.from_iterable(process.run(read_bodies, self._place, bodies)))

    def close(self) -> None:
        """End the other process, if there is one."""
        if self._process is not None:
            self._process.close()
            self._process = None
            _free.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _process_for(self, bodies: Sequence[Body]) -> ReadingProcess | None:
        if sum(len(body) for _, body, _ in bodies) > LARGE_BATCH:
            return None
        if self._process is None and len(bodies) >= WORTH_A_PROCESS and _free.acquire(blocking=False):
            self._process = ReadingProcess()
        return self._process


def read_bodies(place: str, bodies: Sequence[Body]) -> Iterator[list[Prepared | Unreadable]]:
    """Read a batch of mails of a folder: what another process is told to do."""
    yield [_read(place, *body) for body in bodies]


def _read(place: str, uid: int, body: bytes, internal_at: datetime | None) -> Prepared | Unreadable:
    found = read_mail(body, format_name="imap", position=uid, where=f"{place}/;UID={uid}")
    if isinstance(found, Unreadable):
        return found
    return prepare(replace(found, internal_at=internal_at))
