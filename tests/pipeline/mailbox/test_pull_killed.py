"""kill -9 at any point of a pull: after the next run everything is here, found, and nothing twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from added_mailbox import Box
from sqlmodel import func, select

from service.archive.tables import MessageRow
from service.config import load
from service.db.session import reading
from service.pipeline.installation import open_installation

ROOT = Path(__file__).parents[3]
KILLS = 20
MAILS = 30
"""That arrive before each kill."""
PULL = """
from service.cli.app import main
from service.pipeline import fetch_ahead
fetch_ahead.BATCH_MESSAGES = 7
main()
"""
"""The command, with small batches, so that there are many points between them."""


def count(house) -> int:
    with reading(house.engine) as session:
        return session.exec(select(func.count()).select_from(MessageRow)).one()


def kill_somewhere(house, data: Path, chance: random.Random) -> bool:
    """Pull in a process that is killed once a random share of the new messages is here."""
    enough = count(house) + chance.randrange(MAILS)
    command = [sys.executable, "-c", PULL, "pull", "--no-extract", "--data", str(data)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "SCRIPTA_DNS": "off"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None and count(house) < enough:
            time.sleep(0.001)
        time.sleep(chance.random() * 0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return process.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_a_pull_killed_twenty_times_loses_and_repeats_nothing(dovecot, tmp_path):
    data = tmp_path / "data"
    house = open_installation(load(data, {"SCRIPTA_DNS": "off"}))
    box = Box(dovecot, house)
    box.add()
    chance = random.Random(20261121)
    killed = 0
    for number in range(KILLS):
        box.append(range(number * MAILS, (number + 1) * MAILS))
        killed += kill_somewhere(house, data, chance)
    report = box.pull()
    assert report.state == "complete"
    assert killed > KILLS // 2
    box.assert_whole(KILLS * MAILS)
    state = box.folders["INBOX"]
    assert (state.archived, state.known, state.failed) == (KILLS * MAILS, 0, 0)
    house.engine.dispose()
