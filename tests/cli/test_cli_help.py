"""Every command explains itself, and the README knows them all."""

import re
from pathlib import Path

import pytest
from command import COMMANDS, scripta

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
WITHOUT_JSON = {
    "demo": "tells a story to people",
    "serve": "prints nothing",
    "extract": "prints JSON alone",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_a_command_does_and_does_nothing(name, tmp_path):
    ended = scripta(*name.split(), "--help", SCRIPTA_DATA=str(tmp_path / "data"))
    assert (ended.code, ended.err) == (0, "")
    assert f"Usage: scripta {name}" in ended.out
    assert COMMANDS[name].help.split(";")[0].split("\n")[0][:40] in ended.out
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_answer_other_programs(name):
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert ("--json" in options) != (name in WITHOUT_JSON)


def documented() -> set[str]:
    table = README.partition("## Commands")[2].partition("\n## ")[0]
    first_columns = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    return {word for column in first_columns for word in re.findall(r"`scripta (\w+)", column)}


def test_the_readme_documents_the_commands_that_there_are():
    assert documented() == {name.split()[0] for name in COMMANDS}


def used_in_blocks() -> list[str]:
    return re.findall(r"^\.venv/bin/scripta (.+?)(?:\s+#.*)?$", README, re.MULTILINE)


@pytest.mark.parametrize("line", used_in_blocks())
def test_a_line_that_the_readme_shows_names_real_options(line):
    words = line.split()
    name = next(name for name in COMMANDS if words[: len(name.split())] == name.split())
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("arguments", [(), ("user",)])
def test_no_command_at_all_shows_what_there_is(arguments):
    ended = scripta(*arguments)
    assert ended.code == 2
    for name in COMMANDS:
        if name.split()[:-1] == list(arguments):
            assert name.split()[-1] in ended.out + ended.err
