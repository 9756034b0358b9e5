"""Runs `scripta` as people do, and as quickly as tests need."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
import typer

from service.cli.app import app, main

SCRIPTA = Path(sys.executable).parent / "scripta"


def _named(group: click.Group, before: str = "") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= _named(command, f"{before}{name} ")
        else:
            found[before + name] = command
    return found


COMMANDS = _named(typer.main.get_command(app))
"""Every command by its full name: `ingest`, `user add`."""


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str


def scripta(*arguments: object, sent: str | bytes = "", **environment: str) -> Ended:
    """Run the installed command in a process of its own."""
    done = subprocess.run(
        [SCRIPTA, *map(str, arguments)],
        input=sent if isinstance(sent, bytes) else sent.encode(),
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "COLUMNS": "200"} | environment,
        capture_output=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def run_here(monkeypatch, capsys) -> Callable[..., Ended]:
    """Run the same function in this process: most of a short command is its start."""

    def run(*arguments: object, **environment: str) -> Ended:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["scripta", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)

    return run


def assert_refused(ended: Ended, *words: str) -> None:
    """Assert that a command ended with one line that says why, and nothing else."""
    assert ended.code == 1, ended
    assert ended.out == ""
    assert ended.err.startswith("scripta: ")
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err
