"""One run at a time for each source. In: a source's id. Out: Lease. Never: two holders at once.

Claimed by one conditional UPDATE and moved on by a heartbeat: a run that dies is seen when its lease is over,
not four months later.
"""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread

from sqlalchemy import ColumnElement, Engine, or_, update
from sqlmodel import Session, col

from service import clock
from service.db.session import reading, writing
from service.errors import DatabaseError, SourceBusy
from service.intake.tables import SourceRow

LASTS = timedelta(minutes=2)
BEAT_S = 30.0
LONGEST = timedelta(days=1)
"""A lease that ends later was given by a clock that ran ahead, and would lock the source for years."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to read a source, until it is given back or not moved on in time."""

    source_id: int
    holder: str

    def assert_held(self, session: Session) -> None:
        """Raise SourceBusy in a transaction of a run that lost its lease: nothing of it may be committed."""
        if session.get(SourceRow, self.source_id) is None:
            raise SourceBusy("The source was removed while it was read; what was committed stays.")
        if not self.is_held(session):
            raise SourceBusy(
                "This run was taken for dead and another has taken over; what it committed stays."
            )

    def is_held(self, session: Session) -> bool:
        """Say whether this run may still speak for the source."""
        row = session.get(SourceRow, self.source_id)
        return row is not None and row.lease_by == self.holder


@contextmanager
def leased(engine: Engine, source_id: int, beat_s: float = BEAT_S) -> Iterator[Lease]:
    """Hold the lease of a source for the block. Raises SourceBusy where another run has it."""
    lease = Lease(source_id, f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}")
    if not (_move_on(engine, lease, _is_free()) or _take_over(engine, lease)):
        raise SourceBusy("Another run is reading this source; it will be up to date in a moment.")
    stop = Event()
    heart = Thread(target=_beat, args=(engine, lease, stop, beat_s), name="heartbeat", daemon=True)
    heart.start()
    try:
        yield lease
    finally:
        stop.set()
        heart.join()
        _give_back(engine, lease)


def _is_free() -> ColumnElement[bool]:
    until = col(SourceRow.lease_until)
    now = clock.now()
    return or_(until.is_(None), until < now, until > now + LONGEST)


def _take_over(engine: Engine, lease: Lease) -> bool:
    """Take the lease of a process of this machine that is dead: nobody should wait for it after a crash."""
    with reading(engine) as session:
        row = session.get(SourceRow, lease.source_id)
        holder = row.lease_by if row and row.lease_by else ""
    host, _, rest = holder.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not rest.isdecimal() or _is_alive(int(rest)):
        return False
    return _move_on(engine, lease, col(SourceRow.lease_by) == holder)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's process, which may be ours under another account
    return True


def _move_on(engine: Engine, lease: Lease, condition: ColumnElement[bool]) -> bool:
    until = clock.now() + LASTS
    mine = col(SourceRow.id) == lease.source_id
    with writing(engine) as session:
        done = session.connection().execute(
            update(SourceRow).where(mine, condition).values(lease_by=lease.holder, lease_until=until)
        )
        return done.rowcount == 1


def _beat(engine: Engine, lease: Lease, stop: Event, beat_s: float) -> None:
    held = col(SourceRow.lease_by) == lease.holder
    while not stop.wait(beat_s):
        try:
            if not _move_on(engine, lease, held):
                return
        except DatabaseError:
            continue  # the run itself meets it, and says so


def _give_back(engine: Engine, lease: Lease) -> None:
    mine = (col(SourceRow.id) == lease.source_id) & (col(SourceRow.lease_by) == lease.holder)
    with writing(engine) as session:
        session.connection().execute(update(SourceRow).where(mine).values(lease_by=None, lease_until=None))
