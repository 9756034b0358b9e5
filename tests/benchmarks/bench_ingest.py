"""Measure ingest and search beside `notmuch new` and `mu index`, on the same mails, in one run.

    python tests/benchmarks/bench_ingest.py [--count 20000] [--extract-count 2000]

CPU seconds are user + system of the whole process with its children: wall time says little on a shared
machine. Peers come from Debian (notmuch, maildir-utils); a missing one is left out and named.
"""

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from costs import Cost, run, show, size_of

from service.extraction.extract import VERSION

GENERATOR = Path(__file__).with_name("generate_mails.py")
SCRIPTA = Path(sys.executable).with_name("scripta")
PASSWORD = "benchmark-only-password"
QUERIES = (
    *("согласовано", "макет", "завтра", "договор", "termin", "faktura", "zatwierdzam", "strona", "approved"),
    *("budget", "tomorrow", "invoice", "срок", "баннер", "projekt", "deadline", "логотип", "umowa"),
    *("макет завтра", "termin umowa", "budget approved", "договор срок", "faktura projekt"),
    *('"до пятницы"', '"do piątku"', '"by Friday"', '"на следующей неделе"', '"w tym tygodniu"'),
    *("from:kasia termin", "from:olga макет", "from:dan invoice", "from:kreska срок"),
    *("соглас*", "zatwier*", "approv*", "дизайн*"),
    *("before:2023-02 макет", "before:2023-02 budget", "kreska", "макет -логотип", "termin -faktura"),
)


def peers(mails: Path, work: Path) -> Iterator[tuple[str, Cost, int]]:
    """Index the same mails with the peers."""
    if shutil.which("notmuch"):
        config = work / "notmuch-config"
        config.write_text(f"[database]\npath={mails}\n[new]\ntags=new\n[maildir]\nsynchronize_flags=false\n")
        yield (
            "notmuch new",
            run(["notmuch", "new", "--quiet"], {"NOTMUCH_CONFIG": str(config)}),
            size_of(mails / ".notmuch"),
        )
        shutil.rmtree(mails / ".notmuch")
    if shutil.which("mu"):
        home = work / "mu"
        run(["mu", "init", f"--muhome={home}", f"--maildir={mails}", "--quiet"])
        yield "mu index", run(["mu", "index", f"--muhome={home}", "--quiet"]), size_of(home)


@contextmanager
def served(data: Path, port: int) -> Iterator[httpx.Client]:
    """Serve a data folder and give a client with a token."""
    environment = {**os.environ, "SCRIPTA_DATA": str(data)}
    subprocess.run(
        [SCRIPTA, "user", "add", "bench", "--admin", "--password", PASSWORD], env=environment, check=True
    )
    token = subprocess.run(
        [SCRIPTA, "user", "token", "bench"], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()
    process = subprocess.Popen([SCRIPTA, "serve", "--port", str(port)], env=environment)
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    try:
        _wait(client)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait()


def forget_backlog(data: Path) -> None:
    """Say that all was read: a serving process would extract from 20,000 mails while searches are timed."""
    with sqlite3.connect(data / "scripta.db") as database:
        database.execute("UPDATE conversation SET extracted_by = ?", (VERSION,))


def search_times(client: httpx.Client, rounds: int) -> list[float]:
    """Return the median milliseconds of each query over several rounds."""
    taken: dict[str, list[float]] = {query: [] for query in QUERIES}
    for _ in range(rounds):
        for query in QUERIES:
            started = time.perf_counter()
            client.get("/api/v1/search", params={"q": query}).raise_for_status()
            taken[query].append((time.perf_counter() - started) * 1000)
    return sorted(statistics.median(times) for times in taken.values())


def _wait(client: httpx.Client) -> None:
    for _ in range(100):
        try:
            client.get("/api/v1/search", params={"q": "warm"}).raise_for_status()
        except httpx.ConnectError:
            time.sleep(0.2)
        else:
            return
    sys.exit("scripta serve did not start")


def main() -> None:
    """Run everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--extract-count", type=int, default=2000)
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scripta-bench-") as folder:
        work = Path(folder)
        mails, few = work / "mails", work / "few"
        # In a process of its own: a child's peak memory begins with that of the parent that started it.
        for folder_of_mails, count in ((mails, options.count), (few, options.extract_count)):
            subprocess.run([sys.executable, GENERATOR, folder_of_mails, "--count", str(count)], check=True)
        print("| what | wall msg/s | msg/CPU-s | peak MiB | bytes/msg |\n|---|---:|---:|---:|---:|")
        data = work / "data"
        ours = run([str(SCRIPTA), "ingest", str(mails), "--no-extract", "--data", str(data)])
        rates = {"ours": show("archive and search", ours, options.count, size_of(data))}
        read = run([str(SCRIPTA), "ingest", str(few), "--data", str(work / "read")])
        show("with extraction and agreements", read, options.extract_count, size_of(work / "read"))
        for name, cost, kept in peers(mails, work):
            rates[name] = show(name, cost, options.count, kept)
        for name in rates.keys() - {"ours"}:
            print(f"ours / {name}: {rates['ours'] / rates[name]:.1f} per CPU-second")
        forget_backlog(data)
        with served(data, options.port) as client:
            times = search_times(client, rounds=5)
        p95 = times[int(len(times) * 0.95)]
        print(f"search over HTTP, ms: p50 {statistics.median(times):.1f}, p95 {p95:.1f}, max {times[-1]:.1f}")


if __name__ == "__main__":
    main()
