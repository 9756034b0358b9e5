"""`scripta ingest` asks for what an export does not say, where somebody can answer, and shows a bar."""

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from command import SCRIPTA, assert_refused, run_here, scripta

from service.archive.organise import projects, who_wrote
from service.config import load
from service.db.session import reading
from service.pipeline.installation import open_existing

__all__ = ["run_here"]
CHAT = "02.03.26, 10:01 - Ewa: dzień dobry\n02.03.26, 10:02 - Kasia: dobrze\n"


@pytest.fixture
def chat(tmp_path) -> Path:
    path = tmp_path / "_chat.txt"
    path.write_text(CHAT, "utf-8")
    return path


@pytest.fixture
def unclear(tmp_path) -> Path:
    path = tmp_path / "WhatsApp.txt"
    path.write_text(CHAT.replace(".", "/"), "utf-8")
    return path


def opened(data: Path):
    return open_existing(load(data, environment={}))


def at_terminal(*arguments: object, answers: dict[str, str]) -> tuple[int, str]:
    """Run the command at a terminal, answer each question once, and return its code and all it showed."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "150"}
    command = [SCRIPTA, *map(str, arguments)]
    shown = ""
    with (
        os.fdopen(ours, "rb+", buffering=0) as terminal,
        subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as run,
    ):
        os.close(theirs)
        while True:
            try:
                shown += terminal.read(4096).decode("utf-8", "replace")
            except OSError:
                # How Linux says that nobody is on the other side any more.
                break
            for question in [one for one in answers if one in shown]:
                terminal.write(f"{answers.pop(question)}\n".encode())
    assert answers == {}, shown
    return run.returncode, shown


def test_at_a_terminal_it_asks_for_the_order_of_dates_and_the_zone(tmp_path, unclear):
    answers = {
        "(day/month)": "sideways",
        "write day-first or month-first": "m",
        "They are those of [UTC]": "Mars/Phobos",
        "'Mars/Phobos' is no time zone": "Europe/Moscow",
    }
    code, shown = at_terminal("ingest", unclear, "--data", tmp_path / "data", answers=answers)
    assert code == 0
    assert re.search(r"day-first:\s+02 March 2026", shown)
    assert re.search(r"month-first:\s+03 February 2026", shown)
    for phase in ("Looking into it", "Reading", "2 messages", "Finding agreements"):
        assert phase in shown
    assert "2 read from 1 files: 2 new" in shown
    assert "assumed" not in shown


def test_at_a_terminal_nothing_is_asked_that_is_known(tmp_path, chat):
    given = ("--zone", "Europe/Warsaw", "--date-order", "day-first")
    code, shown = at_terminal("ingest", chat, "--data", tmp_path / "data", *given, answers={})
    assert code == 0
    assert "Looking into it" not in shown


def test_without_a_terminal_it_says_which_option_to_give(tmp_path, chat, unclear):
    where = ("--data", tmp_path / "data")
    ended = scripta("ingest", unclear, *where)
    assert ended.code == 3
    assert "--date-order day-first or --date-order month-first" in ended.out
    ended = scripta("ingest", chat, *where)
    assert ended.code == 0
    assert "2 times are printed without a zone" in ended.out
    assert "UTC; --zone says another" in ended.out
    assert ended.err == ""
    told = json.loads(scripta("ingest", chat, *where, "--zone", "UTC", "--json").out)
    assert (told["known"], told["without_zone"], told["bytes"]) == (2, 2, len(CHAT.encode()))


def test_project_and_sides_are_said_with_the_import(run_here, tmp_path, chat):
    data = tmp_path / "data"
    sides = ("--side", "Ewa=agency", "--side", "kasia=client", "--side", "@klos.example=client")
    ended = run_here("ingest", chat, "--data", data, "--project", "Strona", *sides, "--no-extract")
    assert ended.code == 0, ended
    house = opened(data)
    with reading(house.engine) as session:
        assert {one.name: one.side for one in who_wrote(session)} == {"Ewa": "agency", "Kasia": "client"}
        assert {one.name: one.conversations for one in projects(session)} == {"Strona": 1}
    house.engine.dispose()


@pytest.mark.parametrize("side", ["Ewa", "Ewa=enemy", "=client", " =client"])
def test_a_side_that_cannot_be_meant_is_refused(run_here, tmp_path, side):
    assert_refused(run_here("ingest", tmp_path, "--data", tmp_path / "d", "--side", side), "NAME=SIDE")
    assert not (tmp_path / "d").exists()


def test_a_pipe_gets_no_bar(tmp_path, chat):
    ended = scripta("ingest", chat, "--data", tmp_path / "data", "--zone", "UTC")
    assert ended.err == ""
    assert "\x1b" not in ended.out
