"""What cannot be done is refused in one line that says what, where and what to do: never with a traceback."""

import json
import os
import signal
import socket
import subprocess
import time

import httpx
import pytest
from command import COMMANDS, SCRIPTA, assert_refused, scripta

SETTINGS = {
    "SCRIPTA_PORT": (["abc", "0", "65536", "-1", "1_000", "9" * 5000, "٣"], "whole number from 1 to 65535"),
    "SCRIPTA_ZONE": (["Mars/Phobos", "../../etc/passwd", "Europe"], "is no time zone; write one like"),
    "SCRIPTA_LANGUAGE": (["de", "EN"], "write one of en, ru, pl"),
    "SCRIPTA_CONFIRM_WITHIN_DAYS": (["91", "1.5", "-1"], "whole number from 0 to 90"),
    "SCRIPTA_UPLOAD_LIMIT": (["0", "2GB"], "whole number from 1"),
    "SCRIPTA_UNPACK_LIMIT": (["0", "2GB"], "whole number from 1"),
    "SCRIPTA_DATABASE_URL": (["nonsense", "mysql://root@localhost/x"], ""),
    "SCRIPTA_ORIGINALS_URL": (["nonsense://x", "http://[x"], "originals"),
}
NEEDS_DATA = [
    ("search", "words"),
    ("verify",),
    ("export",),
    ("user", "list"),
    ("user", "token", "anna"),
    ("user", "grant", "anna", "Sklep"),
    ("user", "revoke", "anna"),
    ("user", "disable", "anna"),
]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [(name, value, why) for name, (values, why) in SETTINGS.items() for value in values],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(run_here, tmp_path, name, value, why):
    ended = run_here("ingest", tmp_path, "--data", tmp_path / "data", **{name: value})
    assert_refused(ended, why)
    if name not in {"SCRIPTA_DATABASE_URL", "SCRIPTA_ORIGINALS_URL"}:
        assert name in ended.err


def test_an_empty_setting_is_one_that_is_not_set(run_here, data, monkeypatch):
    monkeypatch.chdir(data.parent)
    ended = run_here("verify", SCRIPTA_DATA="", **dict.fromkeys(SETTINGS, ""))
    assert ended.code == 0, ended


@pytest.mark.parametrize("arguments", NEEDS_DATA, ids=" ".join)
def test_a_mistyped_data_folder_is_not_begun_anew(run_here, tmp_path, arguments):
    ended = run_here(*arguments, "--data", tmp_path / "typo")
    assert_refused(ended, str(tmp_path / "typo"), "--data or SCRIPTA_DATA")
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nowhere"])
def test_a_folder_that_cannot_be_made_is_named(run_here, tmp_path, place):
    (tmp_path / "file").touch()
    assert_refused(run_here("ingest", tmp_path, "--data", tmp_path / place), place, "may write to")


def test_a_file_that_is_no_database_is_named(run_here, data):
    (data / "scripta.db").write_bytes(b"not a database " * 500)
    assert_refused(run_here("verify", "--data", data), "scripta.db", "not a database")


def test_a_folder_in_the_place_of_the_database_is_named(data):
    (data / "scripta.db").rename(data / "old.db")
    (data / "scripta.db").mkdir()
    assert_refused(scripta("verify", "--data", data), "scripta.db", "unable to open database file")


def test_a_database_that_is_not_there_is_named_without_its_password(run_here, data):
    url = "postgresql://anna:s3cret@127.0.0.1:9/scripta"
    ended = run_here("verify", "--data", data, SCRIPTA_DATABASE_URL=url)
    assert_refused(ended, "127.0.0.1:9/scripta", "Check that it runs")
    assert "s3cret" not in ended.err


def test_a_ledger_whose_key_is_gone_is_not_given_another(data):
    (data / "ledger.key").unlink()
    for arguments in (("verify",), ("ingest", data.parent / "mails")):
        ended = scripta(*arguments, "--data", data)
        assert_refused(ended, "entries", "ledger.key is gone", "restore it from your backup")
    assert not (data / "ledger.key").exists()


def test_a_key_that_others_can_read_is_not_used(run_here, data):
    (data / "ledger.key").chmod(0o644)
    assert_refused(run_here("verify", "--data", data), "open to other users", f"chmod 600 {data}/ledger.key")


def test_a_damaged_key_is_refused_without_repeating_it(run_here, data):
    secret = (data / "ledger.key").read_text()
    (data / "ledger.key").write_text(secret[:-8])
    ended = run_here("verify", "--data", data)
    assert_refused(ended, "restore it from your backup")
    assert secret[-40:-10] not in ended.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("search", "("), ["parenthesis", "not closed"]),
        (("search", "kind:nonsense", "--json"), ["does not know 'nonsense'", "approval"]),
        (("export", "--to", "/nowhere/ledger.jsonl"), ["/nowhere/ledger.jsonl", "No such file"]),
        (("verify", "--checkpoint", "/nowhere/note"), ["/nowhere/note", "No such file"]),
        (("user", "token", "nobody"), ["no account 'nobody'"]),
        (("user", "grant", "nobody", "Sklep"), ["no project 'Sklep'"]),
        (("user", "revoke", "nobody"), ["no account 'nobody'"]),
        (("user", "disable", "nobody"), ["no account 'nobody'"]),
        (("user", "add", "anna", "--password", "short"), ["at least 10 characters"]),
        (("side", "client", "@"), ["Give a value"]),
        (("project", " "), ["needs a name"]),
        (("project", "Sklep", "--title", ""), ["an empty one would fit all"]),
        (("ingest", "/nowhere", "--format", "nope"), ["no format 'nope'", "mbox"]),
        (("ingest", "/nowhere", "--zone", "Mars/Phobos"), ["'Mars/Phobos' is no time zone"]),
        (("ingest", "/nowhere", "--date-order", "sideways"), ["day-first or month-first"]),
        (("serve", "--port", "8001"), ["SCRIPTA_NOTIFY_URL"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_what_cannot_be_done_is_said_in_one_line(run_here, data, arguments, words):
    assert_refused(run_here(*arguments, "--data", data, SCRIPTA_NOTIFY_URL="nothing-known://x"), *words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not json", ["line 1 is not JSON"]),
        (b'\n\n{"id": ', ["line 3 is not JSON"]),
        (b"\xff\xfe", ["is not UTF-8", "save it as UTF-8"]),
        (b"[1, 2]", ["no conversation"]),
        (b'"text"', ["no conversation"]),
        (b'{"id": "1"}', ["messages"]),
        (b'{"id": "1", "messages": [{"id": "1"}]}', ["sent_at"]),
        (b'{"id": "1", "messages": [{"id": "1", "sent_at": "soon"}]}', ["soon"]),
        (b'{"id": "1", "messages": 7}', ["messages"]),
        (b"[" * 100_000, ["nested too deeply"]),
    ],
)
def test_a_conversation_that_cannot_be_read_is_refused(run_here, tmp_path, content, words):
    path = tmp_path / "conversations.json"
    path.write_bytes(content)
    assert_refused(run_here("extract", path, "--jsonl"), *words)


def test_a_missing_file_of_conversations_is_named(run_here):
    assert_refused(run_here("extract", "/nowhere/x.json"), "/nowhere/x.json: No such file or directory")


@pytest.mark.parametrize(
    "arguments",
    [
        ("ingest",),
        ("inspect",),
        ("search",),
        ("search", "x", "--limit", "0"),
        ("side", "enemy", "@x.example"),
        ("side", "client"),
        ("serve", "--port", "70000"),
        ("ingest", "x", "--no-such-option"),
        ("no-such-command",),
        ("user", "no-such-command"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_code_2_and_says_how_to_ask(run_here, arguments):
    ended = run_here(*arguments)
    assert ended.code == 2
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_reads_a_broken_environment_with_a_traceback(run_here, name):
    # A number is also a word: it is taken by whatever a command requires.
    required = ["1"] * sum(parameter.required for parameter in COMMANDS[name].params)
    if name == "side":
        required = ["client", "x"]
    more = ["--password", "correct horse battery"] if name == "user add" else []
    more += ["--no-serve"] if name == "demo" else []
    if name in {"demo", "inspect", "extract"}:  # they need no settings
        return
    assert_refused(run_here(*name.split(), *required, *more, SCRIPTA_PORT="abc"), "SCRIPTA_PORT='abc'")


def test_serving_answers_until_it_is_interrupted(data):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [SCRIPTA, "serve", "--data", data, "--port", str(port)],
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        answer = None
        while answer is None and process.poll() is None:
            try:
                answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/alerts")
            except httpx.TransportError:
                time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGINT)
        _, told = process.communicate()
    assert answer is not None, told
    assert answer.status_code == 401
    assert json.loads(answer.content)["title"] == "Unauthorized"
    assert b"Traceback" not in told
