"""Whether the ledger can be trusted, verified again and again beside the page. Out: one bool. Never: repairs.

A page cannot verify the whole log; it shows what the last verification said. A broken ledger stays broken
until the process is started again: nothing here may make the warning go away.
"""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from service.db.session import reading
from service.ledger.store import verify_log
from service.ledger.verdict import Problem, Verdict
from service.pipeline.installation import Installation

EVERY_S = 3600.0


class Integrity:
    """The last verification of an installation's ledger."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._stop = threading.Event()
        self.is_intact = True

    def verify(self) -> Verdict:
        """Verify the whole log now, and remember a fault."""
        with reading(self._house.engine) as session:
            verdict = verify_log(session, self._house.key.verifier)
        # What nobody has signed yet was written since the last checkpoint: no sign of tampering.
        if verdict.fault and verdict.fault.problem is not Problem.BEYOND:
            self.is_intact = False
        return verdict

    @asynccontextmanager
    async def watching(self, _app: FastAPI) -> AsyncIterator[None]:
        """Verify at once and then every hour, while the application runs (ASGI lifespan)."""
        thread = threading.Thread(target=self._rounds, name="integrity", daemon=True)
        thread.start()
        yield
        self._stop.set()
        await run_in_threadpool(thread.join)

    def _rounds(self) -> None:
        while not self._stop.is_set() and self.is_intact:
            self.verify()
            self._stop.wait(EVERY_S)
