"""What happens by the clock: all that ingest leaves for later, each part in its turn.

Signatures are checked, conversations read, alerts judged, the ledger signed, attachments read. One
thread of the serving process; a failed round is logged and tried again at the next one.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from service.pipeline.installation import Installation
from service.pipeline.prove_origin import SLICE, prove_origins
from service.pipeline.read import read_waiting
from service.pipeline.read_attachments import read_attachments
from service.pipeline.watch import watch

EVERY_S = 60.0
ATTACHMENTS_S = 20.0
"""Of each round, for words of attachments: conversations and alerts must not wait for a folder of scans."""

log = logging.getLogger(__name__)


@contextmanager
def ticking(house: Installation, every_s: float = EVERY_S) -> Iterator[Callable[[], None]]:
    """Run a round at once and then every `every_s` seconds, until the block ends.

    Yields what begins the next round sooner: something has come.
    """
    stop, wake = threading.Event(), threading.Event()
    thread = threading.Thread(target=_rounds, args=(house, every_s, stop, wake), name="tick", daemon=True)
    thread.start()
    try:
        yield wake.set
    finally:
        stop.set()
        wake.set()
        thread.join()


def _rounds(house: Installation, every_s: float, stop: threading.Event, wake: threading.Event) -> None:
    while not stop.is_set():
        wake.clear()
        try:
            prove_origins(house, most=SLICE)
            read_waiting(house)
            watch(house)
            read_attachments(house, goes_on=_until(stop))
        except Exception:
            # The edge of the background work: whatever broke (a full disk, a lost database) may be
            # mended by the next round, and nobody would see a dead thread.
            log.exception("A round of background work failed; it is tried again in %.0f s", every_s)
        if not stop.is_set():
            wake.wait(every_s)


def _until(stop: threading.Event) -> Callable[[], bool]:
    """Return what says whether there is time for one more attachment in this round."""
    end = monotonic() + ATTACHMENTS_S
    return lambda: not stop.is_set() and monotonic() < end
