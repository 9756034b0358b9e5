"""Import what was uploaded, one upload after the other. In: Received. Out: Jobs to show. Never: two at once.

Jobs live in memory: the archive's book of imports is what lasts. A crash leaves the upload's folder, whose
files can be sent again; whatever was archived until then is kept, and nothing twice.
"""

import shutil
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from service import clock
from service.errors import ScriptaError
from service.pipeline.ingest import Ingested, Wish, ingest
from service.pipeline.installation import Installation
from service.pipeline.read import read_waiting
from service.pipeline.watch import watch
from service.web.receive import Received

REMEMBERED = 20


class State(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    READING = "reading"
    EXTRACTING = "extracting"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Job:
    """One upload on its way into the archive."""

    names: tuple[str, ...]
    wish: Wish
    received: Received | None = None
    state: State = State.WAITING
    at: datetime = field(default_factory=clock.now)
    report: Ingested | None = None
    extracted: int = 0
    waiting: int = 0
    trouble: str = ""

    @property
    def is_active(self) -> bool:
        """Say whether it still changes."""
        return self.state not in {State.DONE, State.FAILED}


class Uploads:
    """The queue of uploads, worked off by a thread that lives while there is something to do."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._known: deque[Job] = deque(maxlen=REMEMBERED)
        self._worker: threading.Thread | None = None

    def jobs(self) -> list[Job]:
        """Return the latest jobs, the newest first."""
        with self._lock:
            return list(reversed(self._known))

    def add(self, received: Received, wish: Wish) -> None:
        """Queue an upload."""
        self._queue(Job(received.names, wish, received))

    def read_again(self) -> None:
        """Queue the finding of agreements alone: sides or projects have changed."""
        self._queue(Job((), Wish()))

    def refuse(self, trouble: str) -> None:
        """Show an upload that could not be taken."""
        with self._lock:
            self._known.append(Job((), Wish(), state=State.FAILED, trouble=trouble))

    def wait(self, seconds: float) -> None:
        """Wait until the queue is empty."""
        worker = self._worker
        if worker is not None:
            worker.join(seconds)

    def _queue(self, job: Job) -> None:
        with self._lock:
            self._known.append(job)
            self._waiting.append(job)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="uploads", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._worker = None
                    return
                job = self._waiting.popleft()
            _run(self._house, job)


def _run(house: Installation, job: Job) -> None:
    def note(report: Ingested) -> None:
        job.report = report

    def count(done: int, total: int) -> None:
        job.extracted, job.waiting = done, total

    ended = State.FAILED
    try:
        if job.received is not None:
            job.state = State.READING
            job.report = ingest(house, [job.received.path], job.wish, note)
        job.state = State.EXTRACTING
        read_waiting(house, count)
        watch(house)
        ended = State.DONE
    except (ScriptaError, OSError) as error:
        job.trouble = str(error)
    finally:
        job.state = ended
        if job.received is not None:
            shutil.rmtree(job.received.folder, ignore_errors=True)
