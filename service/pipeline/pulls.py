"""Pulls that a person asked for, in the background. In: a source's id. Out: Asked. Never: two for one source.

They live in memory and die with the process: whatever was committed stays, and the next run goes on. Beside
them, `follow.py` reads every source by itself; the lease keeps the two apart.
"""

import threading
from dataclasses import dataclass

from service.errors import ScriptaError
from service.pipeline.installation import Installation
from service.pipeline.pull import pull
from service.pipeline.read import read_waiting
from service.pipeline.run import Pulled
from service.pipeline.watch import watch


@dataclass(slots=True)
class Asked:
    """One pull that somebody asked for."""

    report: Pulled | None = None
    """None while it has not begun."""
    trouble: str = ""
    """Why it could not be done at all: another run has the source, the disk is full."""
    is_active: bool = True


class Pulls:
    """The pulls of one process, one thread for each while it lasts."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._lock = threading.Lock()
        self._asked: dict[int, Asked] = {}
        self._threads: dict[int, threading.Thread] = {}

    def begin(self, source_id: int, *, reconcile: bool = False) -> None:
        """Begin to pull a source; nothing happens where that is under way already."""
        with self._lock:
            known = self._asked.get(source_id)
            if known is not None and known.is_active:
                return
            asked = self._asked[source_id] = Asked()
            thread = threading.Thread(
                target=self._run, args=(source_id, asked, reconcile), name=f"pull-{source_id}", daemon=True
            )
            self._threads[source_id] = thread
            thread.start()

    def latest(self, source_id: int) -> Asked | None:
        """Return what became of the latest pull of a source that was asked for here."""
        with self._lock:
            return self._asked.get(source_id)

    def wait(self, seconds: float) -> None:
        """Wait until the pulls that were begun have ended."""
        with self._lock:
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(seconds)

    def _run(self, source_id: int, asked: Asked, reconcile: bool) -> None:
        def note(report: Pulled) -> None:
            asked.report = report

        try:
            asked.report = pull(self._house, source_id, reconcile=reconcile, progress=note)
            if asked.report.new or asked.report.changed:
                read_waiting(self._house)
            watch(self._house)
        except (ScriptaError, OSError) as error:
            asked.trouble = str(error)
        finally:
            asked.is_active = False
