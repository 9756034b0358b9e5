"""A mailbox is added, read, mended and removed by commands; a password is on no output of theirs."""

import io
import json
import re
import sys

import pytest
import stamina
from added_mailbox import mail
from command import assert_refused, scripta

from service.config import load
from service.pipeline import sync_folder
from service.pipeline.installation import open_installation
from service.sources.imap.mailbox import Security

ANNA = "anna@kreska.example"
FOLDER = ("name", "on_server", "archived", "known", "refused", "failed", "missing", "gone")


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@pytest.fixture
def anna(dovecot) -> str:
    """A user with three mails."""
    dovecot.user(ANNA)
    dovecot.append(ANNA, "INBOX", [mail(number) for number in range(3)])
    return ANNA


@pytest.fixture
def password(dovecot, anna) -> str:
    return dovecot.credentials(anna).password


@pytest.fixture
def run(run_here, monkeypatch, tmp_path, password):
    """Run a command on a data folder of this test; what it prints holds no password."""
    said = []

    def run(*arguments, sent=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(sent))
        monkeypatch.setenv("COLUMNS", "200")
        ended = run_here(*arguments, "--data", tmp_path / "data")
        said.append(ended.out + ended.err)
        return ended

    yield run
    for secret in {password, "not the password"}:
        assert secret not in "".join(said)


@pytest.fixture
def add(run, dovecot, anna, password):
    """Add Anna's mailbox; TLS with the server's own certificate unless said otherwise."""

    def add(*more, password=password):
        where = dovecot.server()
        return run(
            *("sources", "add-mailbox", anna, "--host", where.host, "--port", where.port),
            *("--ca-file", where.ca_file, "--password-file", "-", *more),
            sent=password + "\n",
        )

    return add


def test_a_mailbox_is_added_listed_and_read(run, add, anna):
    added = add()
    assert (added.code, added.out) == (0, f"{anna} was added.\n")
    listed = run("sources")
    assert (listed.code, listed.out) == (0, f"{anna} (imap): new\n")
    pulled = run("pull")
    assert pulled.code == 0, pulled
    assert pulled.out.startswith(f"{anna}: complete; 3 read, 3 new, 0 known")
    assert re.match(rf"{anna} \(imap\): complete, \w.* 20\d\d-\d\d-\d\d", run("sources").out)
    shown = run("sources", "show", anna)
    assert shown.code == 0
    assert shown.out.splitlines()[1].split() == [
        "folder",
        "on",
        "server",
        "archived",
        "known",
        "refused",
        "failed",
        "missing",
        "gone",
    ]
    assert ["INBOX", "3", "3", "0", "0", "0", "0", "0"] in [line.split() for line in shown.out.splitlines()]
    again = run("pull", anna.upper())
    assert (again.code, "0 read" in again.out) == (0, True)


def test_the_same_for_other_programs(run, add):
    added = json.loads(add("--json", "--name", "Anna").out)
    assert added == {"id": added["id"], "name": "Anna"}
    (new,) = json.loads(run("sources", "--json").out)
    assert (new["id"], new["name"], new["kind"], new["state"]) == (added["id"], "Anna", "imap", "new")
    (report,) = json.loads(run("pull", "--json", "anna").out)
    assert {
        "source": "Anna",
        "state": "complete",
        "detail": "",
        "read": 3,
        "new": 3,
    }.items() <= report.items()
    shown = json.loads(run("sources", "show", "Anna", "--json").out)
    assert shown["state"] == "complete"
    (inbox,) = [one for one in shown["folders"] if one["name"] == "INBOX"]
    assert [inbox[name] for name in FOLDER] == ["INBOX", 3, 3, 0, 0, 0, 0, 0]
    assert json.loads(run("sources", "pause", "Anna", "--json").out) == {"id": added["id"], "paused": True}
    assert json.loads(run("sources", "resume", "Anna", "--json").out) == {"id": added["id"], "paused": False}
    assert json.loads(run("sources", "remove", "Anna", "--json").out) == {"id": added["id"], "removed": True}
    assert json.loads(run("sources", "--json").out) == []


def test_a_wrong_password_is_told_and_mended(run, add, anna, password):
    add(password="not the password")
    pulled = run("pull")
    assert pulled.code == 3
    assert f"{anna}: sign in" in pulled.out
    assert f"does not let {anna} in" in pulled.out
    listed = run("sources")
    assert listed.code == 3
    assert f"scripta sources sign-in {anna}" in listed.out
    (plain,) = json.loads(run("sources", "--json").out)
    assert plain["state"] == "sign_in"
    signed = run("sources", "sign-in", anna, "--password-file", "-", sent=password)
    assert (signed.code, signed.out) == (0, f"{anna} is read from now on.\n")
    assert run("pull").code == 0
    assert run("sources").code == 0


def test_a_password_may_come_from_a_file(run, dovecot, anna, tmp_path):
    kept = tmp_path / "password"
    kept.write_text(dovecot.credentials(anna).password + "\n")
    where = dovecot.server()
    place = ("--host", "localhost", "--port", where.port, "--ca-file", where.ca_file)
    assert run("sources", "add-mailbox", anna, *place, "--password-file", kept).code == 0
    assert run("pull").code == 0


def test_a_server_that_is_not_there_ends_with_3_and_says_where(run, anna):
    run("sources", "add-mailbox", anna, "--host", "127.0.0.1", "--port", 1, "--password-file", "-", sent="x")
    pulled = run("pull")
    assert pulled.code == 3
    assert "127.0.0.1:1 takes no connections; check host and port" in pulled.out
    assert run("sources").code == 3


def test_a_certificate_that_nobody_trusts_is_told_with_what_to_do(run, anna, dovecot):
    where = dovecot.server()
    place = ("--host", where.host, "--port", where.port, "--password-file", "-")
    run("sources", "add-mailbox", anna, *place, sent="not the password")
    pulled = run("pull")
    assert pulled.code == 3
    assert "give its authority's file as ca_file" in pulled.out


def test_in_clear_only_on_this_machine(run, anna, dovecot, password):
    port = dovecot.server(Security.NONE).port
    place = ("--host", "127.0.0.1", "--port", port, "--security", "none", "--password-file", "-")
    assert run("sources", "add-mailbox", anna, *place, sent=password).code == 0
    assert run("pull").code == 0
    elsewhere = ("--host", "192.0.2.1", "--security", "none", "--password-file", "-", "--name", "Elsewhere")
    run("sources", "add-mailbox", anna, *elsewhere, sent="not the password")
    refused = run("pull", "Elsewhere")
    assert refused.code == 3
    assert "clear" in refused.out


def test_pausing_resuming_and_removing(run, add, anna):
    add()
    assert run("sources", "pause", anna).out == f"{anna} is paused.\n"
    listed = run("sources")
    assert (listed.code, listed.out) == (0, f"{anna} (imap): paused\n")
    assert_refused(run("pull"), "paused", "scripta sources resume")
    assert run("sources", "resume", anna).out == f"{anna} is read again.\n"
    assert run("pull").code == 0
    removed = run("sources", "remove", anna)
    assert (removed.code, removed.out) == (0, f"{anna} is no longer read; its messages stay.\n")
    assert "add-mailbox" in run("sources").out
    assert run("search", "slowo1").code == 0


@pytest.mark.parametrize(
    "command", [("pull",), *(("sources", verb) for verb in ("show", "pause", "resume", "remove", "sign-in"))]
)
def test_an_unknown_name_is_refused_with_those_that_there_are(run, add, anna, command):
    add()
    assert_refused(run(*command, "Nobody"), "There is no source 'Nobody'", anna)


def test_what_cannot_work_is_refused_when_it_is_added(run, add):
    nowhere = ("sources", "add-mailbox", "olga", "--password-file", "-")
    assert_refused(run(*nowhere, sent="x"), "host")
    assert_refused(add("--security", "maybe"), "security is tls, starttls or none")
    assert_refused(add("--provider", "myspace"), "myspace")
    assert add().code == 0
    assert_refused(add(), "There is a source", "another name")


def test_a_password_file_that_is_not_there_is_named(run, anna, tmp_path):
    ended = run("sources", "add-mailbox", anna, "--host", "localhost", "--password-file", tmp_path / "typo")
    assert_refused(ended, str(tmp_path / "typo"))


def test_without_a_terminal_nobody_is_asked(run, add, anna):
    assert_refused(run("sources", "add-mailbox", anna, "--host", "localhost"), "--password-file")
    add()
    assert_refused(run("sources", "sign-in", anna), "--password-file")


def test_an_empty_password_is_refused(run, add, anna):
    assert_refused(add(password=""), "Standard input is empty: write the password into it")
    add()
    assert_refused(run("sources", "sign-in", anna, "--password-file", "-"), "is empty")
    assert run("pull").code == 0


def test_a_password_file_in_another_encoding_is_refused_without_quoting_it(run, anna, tmp_path):
    kept = tmp_path / "password"
    kept.write_bytes("not the passwordżó".encode("iso-8859-2"))
    ended = run("sources", "add-mailbox", anna, "--host", "localhost", "--password-file", kept)
    assert_refused(ended, str(kept), "UTF-8")


def test_without_anything_there_is_told_what_to_do(run, tmp_path):
    assert_refused(run("sources"), "scripta ingest")
    open_installation(load(tmp_path / "data", {})).engine.dispose()
    listed = run("sources")
    assert listed.code == 0
    assert "scripta sources add-mailbox" in listed.out
    assert_refused(run("pull"), "scripta sources add-mailbox")


def test_a_folder_that_is_not_complete_ends_with_3(run, add, anna, monkeypatch):
    monkeypatch.setattr(sync_folder, "LARGEST_MAIL", 10)
    add()
    pulled = run("pull")
    assert pulled.code == 3
    assert "INBOX: 3 messages could not be fetched" in pulled.out
    shown = run("sources", "show", anna)
    assert shown.code == 3
    assert json.loads(run("sources", "show", anna, "--json").out)["state"] == "incomplete"


def test_the_installed_command_reads_a_password_from_standard_input(dovecot, anna, tmp_path):
    where, password = dovecot.server(), dovecot.credentials(anna).password
    data = ("--data", tmp_path / "data")
    place = ("--host", where.host, "--port", where.port, "--ca-file", where.ca_file)
    added = scripta("sources", "add-mailbox", anna, *place, "--password-file", "-", *data, sent=password)
    assert (added.code, added.err) == (0, "")
    pulled = scripta("pull", *data)
    assert pulled.code == 0, pulled
    assert password not in added.out + pulled.out + pulled.err
