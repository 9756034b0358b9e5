"""kill -9 at any point of a pull of chats: after the next run everything is here, and nothing twice."""

import contextlib
import multiprocessing
import random
import signal
import sqlite3
import time

import pytest
from killed_chats import pull_slowly
from live_source import Live

from service.config import load
from service.intake.source import State
from service.pipeline.installation import open_installation

KILLS = 8
FORKS = multiprocessing.get_context("forkserver")
"""Forks of a process without threads that has all loaded: a fork of this one could stand still for ever."""
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Klinika"}
EWA = {"id": 4815, "first_name": "Ewa"}


def say_in_telegram(server, number):
    told = {"message_id": number, "from": EWA, "chat": GROUP, "date": 1_772_445_600 + number}
    server.add(message=told | {"text": f"slowo{number}"})


def say_in_mattermost(server, number):
    server.post("klinika", number)


def say_in_matrix(server, number):
    server.send("!klinika:klos.example", content={"msgtype": "m.text", "body": f"slowo{number}"})


def count(data) -> int:
    with contextlib.closing(sqlite3.connect(data / "scripta.db", timeout=30)) as database:
        return database.execute("SELECT count(*) FROM message").fetchone()[0]


def kill_somewhere(data, source_id: int, enough: int) -> bool:
    """Pull in a process that is killed once so many messages are here."""
    process = FORKS.Process(target=pull_slowly, args=(data, source_id))
    process.start()
    end = time.monotonic() + 60
    while process.is_alive() and count(data) < enough:
        assert time.monotonic() < end, "the pull stands still"
        time.sleep(0.001)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "say"),
    [("telegram_bot", say_in_telegram), ("mattermost", say_in_mattermost), ("matrix", say_in_matrix)],
)
def test_a_pull_that_is_killed_again_and_again_loses_and_repeats_nothing(request, tmp_path, kind, say):
    server = request.getfixturevalue(kind.removesuffix("_bot"))
    if kind == "mattermost":
        server.channel("klinika")
    house = open_installation(load(tmp_path / "data", {"SCRIPTA_DNS": "off"}))
    live = Live(house, server, kind)
    live.add()
    FORKS.set_forkserver_preload(["killed_chats"])
    chance = random.Random(20261122)
    sent = killed = 0
    for _ in range(KILLS):
        before = sent
        for _ in range(250):
            sent += 1
            say(server, sent)
        killed += kill_somewhere(tmp_path / "data", live.source_id, chance.randrange(before, sent))
    assert live.pull().state == State.COMPLETE
    assert live.texts() == [f"slowo{number}" for number in range(1, sent + 1)]
    assert killed >= KILLS // 2, "a run that always ends before it is killed shows nothing"
    live.assert_whole()
    live.close()
    house.engine.dispose()
