"""Have attachments read by a child process that may hang, swell or die. In: Given. Out: Reading.

Never: waits longer than it is told to, runs in this process what a stranger's file can break. The size of a
file says nothing about it: there are PDFs of 5 MB that keep a reader busy for ever.
"""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from threading import Thread, Timer
from typing import IO

from service.attachments import child
from service.attachments.attachment_text import MOST_TEXT, Reading, TextState
from service.attachments.frames import receive_json, send, send_json
from service.attachments.reader import Given
from service.errors import ScriptaError

PROGRAM = (sys.executable, "-I", "-B", "-m", child.__name__)
"""Isolated: no module of the working folder, no variable of ours."""
ENVIRONMENT = {"OMP_THREAD_LIMIT": "1"}
"""Nothing of ours, among it no password; tesseract is slower with threads than without on small machines."""
TRIES = 2
"""The first may have failed of what its process had read before."""
STARTS_WITHIN_S = 60.0
PIPE_BYTES = 4096
MOST_FRAME = 16 * child.PIECE
"""Bytes of one answer: letters take up to six in JSON."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one attachment may cost."""

    seconds: float = 30.0
    """Without a sign that it goes on: a page, a part of the text."""
    memory: int = 1024**3
    """Bytes of address space, of the child and of each process that it starts."""
    jobs: int = 200
    """Attachments after which the child is replaced, with whatever its libraries have not given back."""


class _Died(Exception):
    """The child is gone, or was sent away; the message says why."""


@contextmanager
def supervised(limits: Limits, program: Sequence[str] = PROGRAM) -> Iterator["Supervisor"]:
    """Give out a supervisor whose child, if it ever needed one, is gone at the end."""
    supervisor = Supervisor(limits, program)
    try:
        yield supervisor
    finally:
        supervisor.stop()


class Supervisor:
    """Keeps one child, and gives it one attachment at a time."""

    def __init__(self, limits: Limits, program: Sequence[str]) -> None:
        self._limits = limits
        self._command = [*program, str(limits.memory), str(limits.seconds)]
        self._child: _Child | None = None

    def read(self, given: Given) -> Reading:
        """Read one attachment. Raises ScriptaError where no child can be started at all."""
        why = ""
        for _ in range(TRIES):
            if self._child is None or self._child.jobs >= self._limits.jobs:
                self.stop()
                self._child = _Child(self._command, self._limits)
            try:
                return self._child.read(given)
            except _Died as died:
                why = str(died)
                self.stop()
        return Reading(TextState.FAILED, why=why)

    def stop(self) -> None:
        """Send the child away; the next attachment starts another."""
        if self._child is not None:
            self._child.stop()
            self._child = None


class _Child:
    """One running process."""

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        self.jobs = 0
        self._is_late = False
        self._limits = limits
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            cwd=Path("/"),
            start_new_session=True,
        )
        self._jobs = _present(self._process.stdin)
        self._answers = _present(self._process.stdout)
        self._errors = _present(self._process.stderr)
        self._said: deque[bytes] = deque(maxlen=2)
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()
        with self._watched(STARTS_WITHIN_S):
            ready = receive_json(self._answers, MOST_FRAME)
        if ready is None:
            said = self._last_words()
            self.stop()
            raise ScriptaError(f"The process that reads attachments does not start: {said}")

    def read(self, given: Given) -> Reading:
        self.jobs += 1
        order = {"name": given.name, "media_type": given.media_type}
        tesseract = asdict(given.tesseract) if given.tesseract else None
        with self._watched(self._limits.seconds), suppress(BrokenPipeError):
            send_json(self._jobs, order | {"tesseract": tesseract})
            send(self._jobs, given.content)
        pieces: list[str] = []
        left = MOST_TEXT
        while left >= 0:
            with self._watched(self._limits.seconds):
                answer = receive_json(self._answers, MOST_FRAME)
            if answer is None:
                raise self._died()
            if "end" in answer:
                return child.reading_of(answer["end"], "".join(pieces))
            pieces.append(answer["text"])
            left -= len(pieces[-1])
        raise _Died("its reader does not stop")

    def stop(self) -> None:
        """End the process, and what it has started."""
        self._kill()
        self._process.wait()
        with suppress(BrokenPipeError):
            self._jobs.close()
        self._listener.join()
        self._answers.close()
        self._errors.close()

    @contextmanager
    def _watched(self, seconds: float) -> Iterator[None]:
        """Kill the process if the block takes longer: whoever reads from it then finds its end."""
        timer = Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self._is_late = True
        self._kill()

    def _kill(self) -> None:
        # Until it is waited for, its number belongs to nobody else.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _died(self) -> _Died:
        with self._watched(self._limits.seconds):
            status = self._process.wait()
        said = self._last_words()
        if self._is_late or status == -signal.SIGXCPU:
            return _Died(f"takes longer than {self._limits.seconds:.0f} s to read: open it to see its words")
        if "memory" in said.lower():
            return _Died(
                f"takes more than {self._limits.memory // 1024**2} MiB to read: open it to see its words"
            )
        return _Died(f"broke its reader: {said or signal.strsignal(max(0, -status)) or status}")

    def _last_words(self) -> str:
        """Return the last line that it wrote to its standard error; it has ended, or does now."""
        self._kill()
        self._listener.join()
        lines = b"".join(self._said).decode(errors="replace").strip().splitlines()
        return lines[-1][-200:] if lines else ""

    def _listen(self) -> None:
        """Hear its standard error to the end, and remember the last of it: a full pipe would stop it."""
        self._said.extend(iter(partial(os.read, self._errors.fileno(), PIPE_BYTES), b""))


def _present(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
