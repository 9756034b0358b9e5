"""Another process that reads while this one archives: `python -m service.pipeline.reading_process`.

In: work, a function of a module and its arguments. Out: what it yields, in order.
Never: touches the database, outlives its parent, whose end of the pipe closes with it.

Reading a mail and finding its keys are more than half of what archiving it takes, and one Python process uses
one core. Both ends are the same program and nobody else can write to the pipe, so pickle is safe here;
`multiprocessing` is not used, since it runs the main module again.
"""

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import IO, Any, Self, TypeVar

from service.errors import ScriptaError

END = "end"
MORE = "more"
PROGRAM = (sys.executable, "-I", "-m", "service.pipeline.reading_process")
OBJECTS_BETWEEN_COLLECTIONS = 50_000

Result = TypeVar("Result")


class ReadingProcess:
    """Does one piece of work after the other; starts with the first, since not everything is worth it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, work: Callable[..., Iterable[Result]], *arguments: object) -> Iterator[Result]:
        """Yield what `work(*arguments)` yields over there; it runs ahead by what the pipe holds.

        The work must be a function that a module names, and everything that goes over picklable. To be taken
        to its end before the next. Raises ScriptaError where the process died.
        """
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump((work, arguments), process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            while (answer := pickle.load(process.stdout))[0] == MORE:
                yield answer[1]
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            code = process.wait()
            raise ScriptaError(
                f"The process that reads what is archived ended before its work (exit status {code}). What "
                "was archived stays; run it again, with more memory if it was short."
            ) from error

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._process


def main() -> None:
    """Serve work until the parent closes its end."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
    # Whatever prints something must not break what the parent reads.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with suppress(BrokenPipeError, KeyboardInterrupt):
        serve(sys.stdin.buffer, answers)
    # What is left in its buffer has no reader.
    os._exit(0)


def serve(jobs: IO[bytes], answers: IO[bytes]) -> None:
    """Answer each piece of work with its results and an end."""
    while True:
        try:
            work, arguments = pickle.load(jobs)
        except EOFError:
            return
        for result in work(*arguments):
            _answer(answers, MORE, result)
        _answer(answers, END, None)


def _answer(answers: IO[bytes], kind: str, result: Any) -> None:
    _Sender(answers, pickle.HIGHEST_PROTOCOL).dump((kind, result))
    answers.flush()


class _Sender(pickle.Pickler):
    """Sends a record as the values that it is made of.

    By itself a frozen dataclass with slots asks for its fields anew for each object, here and there, which
    takes a third of the time.
    """

    def reducer_override(self, sent: Any) -> Any:
        kind = type(sent)
        return (kind, _values_of(kind)(sent)) if is_dataclass(kind) else NotImplemented


@cache
def _values_of(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    names = [field.name for field in fields(kind)]
    if len(names) == 1:
        return lambda sent: (getattr(sent, names[0]),)
    return attrgetter(*names)


if __name__ == "__main__":
    main()
