"""A data folder that the command itself has filled, and one copy of it for each test."""

import shutil
from pathlib import Path

import pytest
from command import run_here, scripta
from factories import write_mails

__all__ = ["run_here"]


@pytest.fixture(scope="session")
def first_data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    write_mails(folder / "mails")
    ended = scripta("ingest", folder / "mails", "--data", folder / "data")
    assert ended.code == 0, ended
    return folder / "data"


@pytest.fixture
def data(first_data, tmp_path) -> Path:
    """A data folder with five mails; the mails themselves are beside it."""
    shutil.copytree(first_data, tmp_path / "data", dirs_exist_ok=True)
    shutil.copytree(first_data.parent / "mails", tmp_path / "mails")
    return tmp_path / "data"
