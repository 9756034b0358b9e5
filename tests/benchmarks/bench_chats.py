"""Measure the import of one large chat: archive and search, without extraction.

    python tests/benchmarks/bench_chats.py [--count 1000000] [--app telegram ...]

Each export is generated, imported into a folder of its own and deleted. CPU seconds are user + system of the
process with its children; memory is the peak of that process alone.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from costs import run, show, size_of

GENERATOR = Path(__file__).with_name("generate_chats.py")
SCRIPTA = Path(sys.executable).with_name("scripta")
FILES = {"telegram": "result.json", "whatsapp": "WhatsApp Chat with Launch.txt", "slack": "slack"}
"""What each app calls its export."""


def measure(app: str, count: int, work: Path) -> None:
    """Generate an export, import it and print its row."""
    export, data = work / FILES[app], work / "data"
    # In a process of its own: a child's peak memory begins with that of the parent that started it.
    subprocess.run([sys.executable, GENERATOR, app, export, "--count", str(count)], check=True)
    size = size_of(export)
    cost = run([str(SCRIPTA), "ingest", str(export), "--no-extract", "--data", str(data)])
    show(f"{app}, {size / 1e6:.0f} MB", cost, count, size_of(data))


def main() -> None:
    """Measure what the command line asks for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--app", choices=FILES, action="append")
    options = parser.parse_args()
    print("| what | wall msg/s | msg/CPU-s | peak MiB | bytes/msg |\n|---|---:|---:|---:|---:|")
    for app in options.app or FILES:
        with tempfile.TemporaryDirectory(prefix="scripta-bench-") as folder:
            measure(app, options.count, Path(folder))


if __name__ == "__main__":
    main()
