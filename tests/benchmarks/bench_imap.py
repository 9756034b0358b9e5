"""Measure a pull from a real Dovecot on loopback beside `mbsync`, which merely copies, in one run.

    PYTHONPATH=tests python tests/benchmarks/bench_imap.py [--count 20000] [--rounds 3]

Both read the same folder, without TLS, in turn; ours archives, hashes, records in the ledger and makes
searchable, mbsync (Debian's isync) writes a maildir. CPU seconds are the client's alone. Then: the check of
the unchanged folder, and the peak memory with one mail of 50 MB.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench_ingest import GENERATOR, SCRIPTA, Cost, run
from dovecot import Dovecot, run_dovecot

from service.config import load
from service.pipeline.installation import open_installation
from service.pipeline.pull import pull
from service.sources.imap.mailbox import Security

USER = "bench"
BATCH = 2000
LARGE = 50_000_000
CHECKS = 9


def fill(server: Dovecot, count: int, work: Path) -> None:
    """Append generated mails to INBOX."""
    mails = work / "mails"
    subprocess.run([sys.executable, GENERATOR, mails, "--count", str(count)], check=True)
    files = sorted(file for file in mails.rglob("*") if file.is_file())
    for start in range(0, len(files), BATCH):
        server.append(USER, "INBOX", [file.read_bytes() for file in files[start : start + BATCH]])
    shutil.rmtree(mails)


def mbsync(server: Dovecot, work: Path) -> Cost:
    """Copy INBOX into a new maildir."""
    home = work / "mbsync"
    shutil.rmtree(home, ignore_errors=True)
    (home / "mail").mkdir(parents=True)
    (home / "config").write_text(
        f"IMAPAccount a\nHost 127.0.0.1\nPort {server.port}\nUser {USER}\n"
        f"Pass {server.credentials(USER).password}\nSSLType None\nAuthMechs LOGIN\n\n"
        "IMAPStore far\nAccount a\n\n"
        f"MaildirStore near\nPath {home}/mail/\nInbox {home}/mail/INBOX\n\n"
        "Channel c\nFar :far:\nNear :near:\nPatterns INBOX\nSync Pull\nCreate Near\nSyncState *\n"
    )
    return run(["mbsync", "-q", "-c", str(home / "config"), "c"])


def begin(server: Dovecot, data: Path) -> None:
    """Add the mailbox to a new data folder."""
    shutil.rmtree(data, ignore_errors=True)
    where = server.server(Security.NONE)
    command = [SCRIPTA, "sources", "add-mailbox", f"{USER}@bench.example", "--data", data, "--name", "Mail"]
    command += ["--host", where.host, "--port", str(where.port), "--security", "none", "--user", USER]
    command += ["--password-file", "-"]
    subprocess.run(
        command, input=server.credentials(USER).password, text=True, check=True, stdout=subprocess.DEVNULL
    )


def pull_once(data: Path) -> Cost:
    """Pull everything that is new, without extraction: that follows in the background."""
    return run([str(SCRIPTA), "pull", "--no-extract", "--data", str(data)])


def check(data: Path) -> list[float]:
    """Return the seconds of checks of the unchanged mailbox by a running service: sign-in and all."""
    house = open_installation(load(data, {"SCRIPTA_DNS": "off"}))
    taken = []
    for _ in range(CHECKS):
        started = time.perf_counter()
        if pull(house, 1).state != "complete":
            sys.exit("the mailbox is not complete")
        taken.append(time.perf_counter() - started)
    house.engine.dispose()
    return taken


def show(name: str, costs: list[Cost], count: int) -> float:
    """Print a row of medians and return messages per second of wall time."""
    wall = statistics.median(cost.wall_s for cost in costs)
    cpu = statistics.median(cost.cpu_s for cost in costs)
    peak = max(cost.peak_mib for cost in costs)
    print(f"| {name} | {wall:.2f} | {count / wall:.0f} | {count / cpu:.0f} | {peak:.0f} |", flush=True)
    return count / wall


def large_mail(server: Dovecot) -> None:
    """Append one mail of 50 MB."""
    line = b"QUJD" * 19 + b"\r\n"
    head = (
        b"From: a@b.example\r\nDate: Mon, 02 Mar 2026 10:00:00 +0100\r\nMessage-ID: <large@b.example>\r\n"
        b"Subject: film\r\nMIME-Version: 1.0\r\nContent-Type: video/mp4; name=film.mp4\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    server.append(USER, "INBOX", [head + line * (LARGE // len(line))])


def main() -> None:
    """Run everything and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if shutil.which("mbsync") is None:
        sys.exit("mbsync is missing: apt-get install isync")
    os.environ.pop("SCRIPTA_DATA", None)
    with contextlib.contextmanager(_servers)() as server, tempfile.TemporaryDirectory() as folder:
        work, data = Path(folder), Path(folder) / "data"
        server.user(USER)
        fill(server, options.count, work)
        ours, theirs = [], []
        for _ in range(options.rounds):
            theirs.append(mbsync(server, work))
            begin(server, data)
            ours.append(pull_once(data))
        print("| what | wall s | msg/s | msg/CPU-s | peak MiB |\n|---|---:|---:|---:|---:|")
        copied = show("mbsync: copied", theirs, options.count)
        archived = show("scripta pull: archived and searchable", ours, options.count)
        print(f"scripta / mbsync: {archived / copied:.2f} of wall time")
        checks = check(data)
        print(f"nothing new: {statistics.median(checks):.3f} s, slowest of {CHECKS} {max(checks):.3f} s")
        large_mail(server)
        print(f"peak with one mail of 50 MB: {pull_once(data).peak_mib:.0f} MiB")


def _servers() -> Iterator[Dovecot]:
    yield from run_dovecot()


if __name__ == "__main__":
    main()
