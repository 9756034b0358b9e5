"""Import staged uploads one after the other while the service runs. Never: two at once, loses one on restart.

The book of imports is the queue, and a lock on the folder of uploads keeps a second service from working on
it. A service that stopped in the middle of an import goes on with it: what was archived until then is known
the second time.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from service.errors import DatabaseError, RunStopped, ScriptaError
from service.pipeline.installation import Installation
from service.pipeline.read import read_waiting
from service.pipeline.staged import UPLOADS, next_queued, run_staged
from service.pipeline.tidy_uploads import tidy_uploads
from service.pipeline.watch import watch
from service.sources.open import PassedOver

LOOK_S = 30.0
"""Another process may have queued something, or may have ended and left its work to this one."""
LOCK = ".lock"
REMEMBERED = 20
"""Imports of which it is remembered what was passed over: the book of imports has only its number."""
MOST_PASSED = 200

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Reading:
    """How far the finding of agreements is."""

    done: int = 0
    total: int = 0
    trouble: str = ""
    """Why the last round of it failed; empty while all is well."""


@dataclass(slots=True)
class ImportQueue:
    """One thread that imports what is queued, and then finds what was agreed in it."""

    house: Installation
    reading: Reading = field(default_factory=Reading)
    unread: set[int] = field(default_factory=set)
    """Imports that are under way, or in which agreements are still to be found."""
    _passed: dict[int, list[PassedOver]] = field(default_factory=dict)
    _wake: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _idle: threading.Condition = field(default_factory=threading.Condition)
    _wanted: int = 1
    """Rounds that were asked for; the first is that of the start."""
    _done: int = 0

    def wake(self) -> None:
        """Look into the queue now; also after sides or projects have changed."""
        with self._idle:
            self._wanted += 1
        self._wake.set()

    def wait(self, seconds: float) -> bool:
        """Wait until everything that was asked for is done; return whether it is."""
        with self._idle:
            return self._idle.wait_for(lambda: self._done >= self._wanted, seconds)

    def passed_over(self, import_id: int) -> list[PassedOver]:
        """Return what one of the latest imports passed over, as far as that is remembered."""
        return self._passed.get(import_id, [])

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work until the block ends; an import that runs then goes on at the next start."""
        thread = threading.Thread(target=self._work, name="imports", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._wake.set()
            thread.join(LOOK_S)

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            with self._idle:
                wanted = self._wanted
            try:
                self._round()
            except Exception:
                # The edge of the background work: nobody would see a dead thread, and the next round may
                # find mended what broke this one (a full disk, a lost database).
                log.exception("A round of imports failed; it is tried again in %.0f s", LOOK_S)
            with self._idle:
                self._done = wanted
                self._idle.notify_all()
            self._wake.wait(LOOK_S)

    def _round(self) -> None:
        with _alone(self.house.settings.data / UPLOADS) as alone:
            if alone:
                tidy_uploads(self.house)
                self._import()
        self._read()

    def _import(self) -> None:
        while not self._stop.is_set() and (one := next_queued(self.house)) is not None:
            self.unread.add(one.id)
            try:
                report = run_staged(self.house, one, lambda _report: self._go_on())
            except (DatabaseError, RunStopped) as error:
                log.warning("Import %d stopped, and goes on later: %s", one.id, error)
                return
            except (ScriptaError, OSError) as error:
                # The book of imports says so to whoever looks; the next upload is no worse for it.
                log.warning("Import %d failed: %s", one.id, error)
            else:
                self._passed[one.id] = report.passed_over[:MOST_PASSED]
                for old in sorted(self._passed)[:-REMEMBERED]:
                    del self._passed[old]

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise RunStopped("The service ends; what is under way goes on at its next start.")

    def _read(self) -> None:
        def count(done: int, total: int) -> None:
            self.reading = Reading(done, total)
            self._go_on()

        try:
            read_waiting(self.house, count)
            watch(self.house)
        except ScriptaError as error:
            self.reading = Reading(trouble=str(error))
        else:
            self.reading = Reading()
            self.unread.clear()


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Say whether no other process works on this folder, and keep others from it until the block ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK).open("wb") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
