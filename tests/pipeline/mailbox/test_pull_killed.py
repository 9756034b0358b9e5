"""kill -9 at any point of a pull: after the next run everything is here, found, and nothing twice."""

import contextlib
import multiprocessing
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from added_mailbox import Box
from killed_pull import pull_alone

from service.config import load
from service.pipeline.installation import open_installation

KILLS = 20
MAILS = 40
"""That arrive before each kill."""
FORKS = multiprocessing.get_context("forkserver")
"""Forks of a process without threads that has all loaded: a fork of this one could stand still for ever."""


def count(data: Path) -> int:
    """Count what is archived, as quickly as one can look."""
    with contextlib.closing(sqlite3.connect(data / "scripta.db", timeout=30)) as database:
        return database.execute("SELECT count(*) FROM message").fetchone()[0]


def kill_somewhere(data: Path, source_id: int, chance: random.Random) -> bool:
    """Pull in a process that is killed once a random share of the new messages is here."""
    enough = count(data) + chance.randrange(MAILS)
    process = FORKS.Process(target=pull_alone, args=(data, source_id))
    process.start()
    end = time.monotonic() + 60
    while process.is_alive() and count(data) < enough:
        assert time.monotonic() < end, "the pull stands still"
        time.sleep(0.001)
    time.sleep(chance.random() * 0.02)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


@pytest.mark.slow
def test_a_pull_killed_twenty_times_loses_and_repeats_nothing(dovecot, tmp_path):
    data = tmp_path / "data"
    house = open_installation(load(data, {"SCRIPTA_DNS": "off"}))
    box = Box(dovecot, house)
    box.add()
    FORKS.set_forkserver_preload(["killed_pull"])
    chance = random.Random(20261121)
    killed = 0
    sent = 0
    while killed < KILLS and sent < 2 * KILLS * MAILS:
        box.append(range(sent, sent + MAILS))
        sent += MAILS
        killed += kill_somewhere(data, box.source_id, chance)
    report = box.pull()
    assert report.state == "complete"
    assert killed == KILLS
    box.assert_whole(sent)
    state = box.folders["INBOX"]
    assert (state.archived, state.known, state.failed) == (sent, 0, 0)
    house.engine.dispose()
