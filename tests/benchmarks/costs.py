"""What a command takes, measured from outside. In: a command. Out: Cost. Never: loads what it measures.

A child's peak memory begins with that of the process that started it, so this module must stay small.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took, its children included."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def run(command: Sequence[str], environment: dict[str, str] | None = None) -> Cost:
    """Run a command to its end and return what it took; a failure ends the benchmark."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, **(environment or {})}
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{output.read().decode()[-2000:]}")
    wall = time.perf_counter() - started
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files under a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def show(name: str, cost: Cost, count: int, size: int) -> float:
    """Print a row of the table and return messages per CPU-second."""
    rate = count / cost.cpu_s
    print(
        f"| {name} | {count / cost.wall_s:.0f} | {rate:.0f} | {cost.peak_mib:.0f} | {size / count:.0f} |",
        flush=True,
    )
    return rate
