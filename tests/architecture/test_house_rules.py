"""Rules of the house that no linter knows. Each list of exceptions has a reason beside every line."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "service").rglob("*.py"))
NAMES_OF_NOTHING = {"utils", "helpers", "common", "core", "base_utils", "manager", "models", "service"}

LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
MOST_PARAMETERS = 6
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
MANY_PARAMETERS = {
    "service/cli/ingest.py:ingest_command": "each is an option of the command",
    "service/cli/organise.py:project": "each is an option of the command",
    "service/cli/sources.py:add_folder": "each is an option of the command",
    "service/cli/sources.py:add_mailbox": "each is an option of the command",
    "service/cli/chat_sources.py:add_mattermost": "each is an option of the command",
    "service/cli/sources.py:add_smtp": "each is an option of the command",
    "service/api/routes/agreements.py:list_agreements": "each is a parameter of the route",
}
BROAD_EXCEPT = {
    "service/pipeline/import_queue.py": "the edge of the background work: a round of imports",
    "service/pipeline/tick.py": "the edge of the background work: a round",
    "service/pipeline/read.py": "the edge of the background work: a conversation",
}


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_module_is_named_after_nothing():
    assert [place(path) for path in MODULES if path.stem in NAMES_OF_NOTHING] == []


def test_no_module_is_too_long():
    long = {place(path) for path in MODULES if len(path.read_text("utf-8").splitlines()) > LONGEST_MODULE}
    assert long == set(LONG_MODULES)


def test_no_function_is_too_long():
    long = {
        f"{place(path)}:{node.name}"
        for path in MODULES
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }
    assert long == set(LONG_FUNCTIONS)


def test_no_function_takes_too_many_parameters():
    many = {
        f"{place(path)}:{node.name}"
        for path in MODULES
        for node in functions(path)
        if len([*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs])
        > MOST_PARAMETERS + (node.args.args[:1] != [] and node.args.args[0].arg in {"self", "cls"})
    }
    assert many == set(MANY_PARAMETERS)


def test_only_the_session_commits():
    commits = {
        place(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    # migrate.py commits a whole upgrade, before there is anything to put in a session.
    assert commits == {"service/db/session.py", "service/db/migrate.py"}


def test_only_the_clock_asks_for_the_time():
    asking = {
        place(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    }
    assert asking == {"service/clock.py"}


def test_broad_excepts_stand_only_at_the_edges():
    broad = {
        place(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    }
    assert broad == set(BROAD_EXCEPT)


def test_packages_hold_only_a_docstring():
    filled = [
        place(path)
        for path in MODULES
        if path.name == "__init__.py" and len(ast.parse(path.read_text("utf-8")).body) != 1
    ]
    assert filled == []


def test_every_module_says_what_it_is():
    assert [
        place(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ] == []


def test_every_setting_is_documented():
    names = set(re.findall(r"SCRIPTA_[A-Z_]+", (ROOT / "service" / "config.py").read_text("utf-8")))
    listed = set(re.findall(r"SCRIPTA_[A-Z_]+", (ROOT / "deploy" / "env.example").read_text("utf-8")))
    assert names == listed


def test_the_newest_version_has_its_changelog():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert version is not None
    assert f"## {version.group(1)}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("module", ["service.ledger.verify"])
def test_the_verifier_runs_without_what_we_installed(module):
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import {module}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
