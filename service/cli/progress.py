"""Show how far a command is. In: numbers. Out: a bar on standard error. Never: anything into a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from service.pipeline.ingest import Ingested


class Bar:
    """One line, for the phase that a command is in."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._phase = ""
        self._task: TaskID | None = None
        self._began = monotonic()

    def show(self, phase: str, done: int = 0, total: int | None = None, said: str = "") -> None:
        """Show a phase, how far it is and what is to be said of it; without a total nobody knows how far."""
        if phase != self._phase or self._task is None:
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._phase, self._began = phase, monotonic()
            self._task = self._progress.add_task(phase, said="")
        self._progress.update(self._task, completed=done, total=total, said=said)

    def reading(self, report: "Ingested") -> None:
        """Show an import: bytes, messages and their rate."""
        from rich.filesize import decimal

        total = report.total_bytes or None
        rate = report.read / max(monotonic() - self._began, 1)
        size = f"{decimal(report.done_bytes)} of {decimal(total)}, " if total else ""
        said = f"{size}{report.read:,} messages, {rate:,.0f}/s"
        self.show("Reading", min(report.done_bytes, total or 0), total, said)

    def agreements(self, done: int, total: int) -> None:
        """Show the finding of agreements."""
        self.show("Finding agreements", done, total, f"{done:,} of {total:,} conversations")

    def attachments(self, done: int, total: int) -> None:
        """Show the reading of attachments."""
        self.show("Reading attachments", done, total, f"{done:,} of {total:,}")

    def signatures(self, done: int) -> None:
        """Show the checking of signatures."""
        self.show("Checking signatures", said=f"{done:,} mails")


@contextmanager
def bar() -> Iterator[Bar]:
    """Show a bar until the block ends; where standard error is no terminal, nothing is shown."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(compact=True),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        yield Bar(progress)
