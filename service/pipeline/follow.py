"""Follow every added source while the service runs: pull, wait for more, pull again.

In: Installation. Never: two threads for one source, a thread that dies without a word. Each source has a
thread; a supervisor looks every few seconds which sources there are. What fails is told by the source's
state, and tried again at its `next_at`.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from service import clock
from service.db.session import reading
from service.errors import DatabaseError, SourceBusy, SourceError
from service.intake.source import AddedSource, State
from service.intake.store import find_source, sources
from service.pipeline.connector import Connection
from service.pipeline.installation import Installation
from service.pipeline.pull import connector_of, existing_source, pull

LOOK_S = 2.0
LONGEST_WAIT = timedelta(days=1)
"""Nobody is told to come again later than that: such a time is of a clock that ran ahead."""
POLL_S = 60.0
"""How long one wait lasts: folders that nobody pushes from are looked at this often."""
MOST = 200
"""Sources that are followed at once; each has a thread and a connection."""

log = logging.getLogger(__name__)


@contextmanager
def following(house: Installation, arrived: Callable[[], None], poll_s: float = POLL_S) -> Iterator[None]:
    """Follow all sources until the block ends; `arrived` is called when new messages were archived."""
    followers = _Followers(house, arrived, poll_s)
    supervisor = threading.Thread(target=followers.supervise, name="follow", daemon=True)
    supervisor.start()
    try:
        yield
    finally:
        followers.stop.set()
        supervisor.join()


@dataclass(slots=True)
class _Followers:
    house: Installation
    arrived: Callable[[], None]
    poll_s: float
    stop: threading.Event = field(default_factory=threading.Event)
    running: dict[int, Future[None]] = field(default_factory=dict)

    def supervise(self) -> None:
        """Keep one follower for each source that is wanted, and begin anew one that broke."""
        with ThreadPoolExecutor(MOST, thread_name_prefix="source") as pool:
            while not self.stop.is_set():
                self._reap()
                for source_id in self._wanted() - self.running.keys():
                    self.running[source_id] = pool.submit(self._follow, source_id)
                self.stop.wait(LOOK_S)

    def _reap(self) -> None:
        for source_id, future in list(self.running.items()):
            if future.done():
                del self.running[source_id]
                if error := future.exception():
                    log.error("Following source %d broke and begins anew", source_id, exc_info=error)

    def _wanted(self) -> set[int]:
        try:
            with reading(self.house.engine) as session:
                return {one.id for one in sources(session) if _is_wanted(one)}
        except DatabaseError as error:
            log.warning("%s", error)
            return set()

    def _follow(self, source_id: int) -> None:
        """Follow one source until it is removed, paused or changed, fails or needs a person."""
        source = existing_source(self.house, source_id)
        connection = connector_of(source.kind).connect(self.house, source_id)
        try:
            while not self.stop.is_set() and self._is_as(source) and self._once(source, connection):
                pass
        finally:
            connection.close()

    def _is_as(self, source: AddedSource) -> bool:
        with reading(self.house.engine) as session:
            now = find_source(session, source.id)
        return now is not None and _is_wanted(now) and now.settings == source.settings

    def _once(self, source: AddedSource, connection: Connection) -> bool:
        """Pull and wait; say whether to go on at once."""
        try:
            report = pull(self.house, source.id, connection, stop=self.stop)
        except SourceBusy:
            return not self.stop.wait(LOOK_S)
        if report.new or report.changed:
            self.arrived()
        if report.state not in {State.COMPLETE, State.INCOMPLETE}:
            return False  # its state and next_at say when it is wanted again
        if not self._is_as(source):
            return False
        began = time.monotonic()
        try:
            connection.wait(self.stop, self.poll_s)
        except SourceError as error:
            # The next pull meets the same trouble, and puts it into the source's state. A server that refuses
            # only the waiting must not be asked without a pause; one that broke off an IDLE is asked at once.
            log.info("Waiting for source %d broke off: %s", source.id, error)
            waited = time.monotonic() - began
            self.stop.wait(self.poll_s if waited < LOOK_S else LOOK_S)
        return True


def _is_wanted(source: AddedSource) -> bool:
    now = clock.now()
    waits = source.next_at is not None and now < source.next_at <= now + LONGEST_WAIT
    return source.state not in {State.PAUSED, State.SIGN_IN} and not waits
