"""Each command does what it says, in a process of its own, for people and for other programs."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from command import SCRIPTA, scripta

from service.ledger.verify import main as verify_offline

ROOT = Path(__file__).parents[2]
KEYS_OF_A_REPORT = [
    "path",
    "format",
    "records",
    "messages",
    "service",
    "calls",
    "voice",
    "edited",
    "deleted",
    "replies",
    "attachments",
    "unreadable",
    "authors",
    "first_at",
    "last_at",
    "zone",
    "warnings",
]
KEYS_OF_A_RECORD = [
    "id",
    "kind",
    "author",
    "sent_at",
    "text",
    "subject",
    "from",
    "to",
    "message_id",
    "reply_to",
    "attachments",
]
TALK = {
    "id": "talk-1",
    "channel": "telegram",
    "timezone": "Europe/Warsaw",
    "participants": [
        {"id": "kasia", "name": "Kasia", "side": "agency"},
        {"id": "ewa", "name": "Ewa", "side": "client"},
    ],
    "messages": [
        {
            "id": "m1",
            "author": "kasia",
            "sent_at": "2026-03-02T10:00:00+01:00",
            "text": "Proponuję 400 zł do piątku. Akceptujesz?",
        },
        {"id": "m2", "author": "ewa", "sent_at": "2026-03-02T10:05:00+01:00", "text": "Akceptuję."},
    ],
    "gold": {"statements": "not to be looked at"},
}


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_ingest_counts_what_it_read_and_ends_with_3_where_something_was_not(data):
    mails = data.parent / "mails"
    again = scripta("ingest", mails, "--data", data, "--json")
    assert (again.code, again.err) == (0, "")
    told = json.loads(again.out)
    assert (told["files"], told["read"], told["new"], told["known"]) == (5, 5, 0, 5)
    assert told["unreadable"] == told["passed_over"] == told["repaired"] == []

    (mails / "empty.eml").touch()
    (mails / "noise.bin").write_bytes(bytes(range(256)))
    (mails / "bare.eml").write_text("From: a@b.example\nSubject: x\n\nhello\n")
    partly = scripta("ingest", mails, "--data", data)
    assert (partly.code, partly.err) == (3, "")
    first, *rest = partly.out.splitlines()
    assert first == "6 read from 6 files: 1 new, 5 already kept, 0 changed, 1 unreadable"
    assert f"  unreadable  {mails}/empty.eml: is empty; export or copy it again" in rest
    assert f"  passed over {mails}/noise.bin: no format recognises it" in rest
    assert f"  repaired    {mails}/bare.eml, record 1: no Date (1 ×)" in rest


def test_inspect_reports_each_file_and_stores_nothing(tmp_path):
    folder = ROOT / "deploy" / "sample" / "whatsapp"
    ended = scripta(
        "inspect", folder, tmp_path / "missing.eml", "--json", SCRIPTA_DATA=str(tmp_path / "data")
    )
    assert ended.code == 3
    reports = lines(ended.out)
    assert [list(report) for report in reports] == [KEYS_OF_A_REPORT] * 3
    assert [report["format"] for report in reports] == ["whatsapp", "whatsapp", None]
    assert reports[-1]["warnings"] == ["does not exist; check the name"]
    assert not (tmp_path / "data").exists()
    plain = scripta("inspect", folder)
    assert plain.code == 0
    assert plain.out.count(": whatsapp, ") == 2


def test_inspect_shows_records_one_a_line(data):
    empty = data.parent / "mails" / "z-empty.eml"
    empty.touch()
    ended = scripta("inspect", data.parent / "mails", "--records")
    assert ended.code == 3
    records = lines(ended.out)
    assert [list(record) for record in records] == [KEYS_OF_A_RECORD] * 5
    assert records[0]["from"] == "olga@agency.example"
    assert ended.err == f"unreadable  {empty}: is empty; export or copy it again\n"


def test_search_finds_words_in_any_form(data):
    plain = scripta("search", "approve payment", "--data", data)
    assert (plain.code, plain.out) == (0, "")
    plain = scripta("search", "payments", "--data", data)
    assert plain.out.startswith("2026-03-05 15:00  Olga Levina: ")
    as_json = scripta("search", "payments", "--data", data, "--json")
    (hit,) = lines(as_json.out)
    assert hit["sent_at"] == "2026-03-05T15:00:00+00:00"
    start, end = hit["snippet"]["marks"][0]
    assert hit["snippet"]["text"][start:end] == "payment"


def test_verify_says_that_all_is_well_and_export_lets_others_say_so(data, tmp_path, capsys):
    told = json.loads(scripta("verify", "--data", data, "--json").out)
    assert told["fault"] is None
    assert told["entries"] >= 5
    file = tmp_path / "ledger.jsonl"
    written = json.loads(scripta("export", "--data", data, "--to", file, "--json").out)
    assert written == {"file": str(file), "key": told["key"]}
    assert file.read_text("utf-8") == scripta("export", "--data", data).out
    assert verify_offline([str(file), "--key", told["key"]]) == 0
    file.write_text(file.read_text("utf-8").replace("messages.archived", "messages.forgotten", 1), "utf-8")
    assert verify_offline([str(file), "--key", told["key"]]) == 1
    capsys.readouterr()


def test_accounts_can_be_made_granted_given_tokens_and_shut_out(run_here, data):
    def said(*arguments: str) -> dict:
        ended = run_here(*arguments, "--data", data, "--json")
        assert (ended.code, ended.err) == (0, "")
        return json.loads(ended.out)

    assert said("user", "list") == {"names": []}
    assert said("user", "add", "Anna", "--password", "correct horse battery")["name"] == "Anna"
    assert said("user", "list") == {"names": ["anna"]}
    assert said("project", "Clinic site", "--client", "Clinic", "--domain", "clinic.example")["filed"] == 2
    assert said("user", "grant", "anna", "Clinic site") == {"name": "anna", "project": "Clinic site"}
    token = said("user", "token", "anna", "--label", "crm", "--write")
    assert token["token"].startswith("scripta_")
    assert said("user", "revoke", "anna", "--label", "other")["revoked"] == 0
    assert said("user", "revoke", "anna")["revoked"] == 1
    assert said("user", "disable", "anna") == {"name": "anna", "disabled": True}


def test_a_password_is_asked_for_twice_and_never_shown(data):
    password = "correct horse battery"
    ended = scripta("user", "add", "anna", "--data", data, sent=f"{password}\n{password}\n")
    assert ended.code == 0, ended
    assert "anna may sign in." in ended.out
    assert password not in ended.out + ended.err
    mistyped = scripta("user", "add", "jan", "--data", data, sent=f"{password}\nother\n")
    assert mistyped.code == 1
    assert "Traceback" not in mistyped.err


def test_sides_change_what_was_agreed(data):
    for side, domain in (("agency", "@agency.example"), ("client", "@clinic.example")):
        ended = scripta("side", side, domain, "--data", data, "--json")
        assert json.loads(ended.out) == {"side": side, "moved": 1}
    again = scripta("side", "client", "@clinic.example", "--data", data)
    assert again.out.startswith("0 people changed to the client side")


def test_extract_reads_files_and_standard_input_alike(tmp_path):
    one, many = tmp_path / "one.json", tmp_path / "many.jsonl"
    one.write_text(json.dumps(TALK, indent=2), "utf-8")
    many.write_text("".join(json.dumps(TALK | {"id": key}) + "\n" for key in "ab"), "utf-8")
    from_files = scripta("extract", one, many, "--jsonl")
    assert (from_files.code, from_files.err) == (0, "")
    found = lines(from_files.out)
    assert [one["id"] for one in found] == ["talk-1", "a", "b"]
    assert {str(one["statements"]) for one in found} == {str(found[0]["statements"])}
    piped = scripta("extract", "--jsonl", sent=json.dumps([TALK, TALK | {"id": "a"}]))
    assert lines(piped.out) == found[:2]


def test_extract_prints_what_the_score_reads():
    (found,) = lines(scripta("extract", sent=json.dumps(TALK)).out)
    assert list(found) == ["id", "statements", "agreements", "verbal"]
    by_message = {message["id"]: message["text"] for message in TALK["messages"]}
    assert found["statements"]
    for statement in found["statements"]:
        words = by_message[statement["message"]]
        assert words[statement["start"] : statement["end"]] == statement["quote"]
        assert 0 <= statement["confidence"] <= 1
    (agreement,) = found["agreements"]
    assert (agreement["status"], agreement["evidence"]) == ("agreed", ["m1", "m2"])


def test_nothing_to_extract_is_nothing_and_no_error():
    assert scripta("extract", sent="").code == 0
    assert scripta("extract", sent=" \n[]\n").out == ""


def test_a_reader_that_stops_early_is_no_error(data):
    command = f"'{SCRIPTA}' export --data '{data}' | head -c 10"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_demo_tells_its_story_and_leaves_the_users_own_things_alone(tmp_path):
    before = set(Path(tempfile.gettempdir()).glob("scripta-demo-*"))
    ended = scripta(
        "demo",
        "--no-serve",
        SCRIPTA_DATA=str(tmp_path / "mine"),
        SCRIPTA_DATABASE_URL=f"sqlite:///{tmp_path}/mine/own.db",
        SCRIPTA_NOTIFY_URL="console:",
    )
    assert (ended.code, ended.err) == (0, "")
    counts = {what: int(number) for number, what in re.findall(r"^(\d+) (\w+)", ended.out, re.MULTILINE)}
    assert counts["agreements"] >= 10
    assert counts["decisions"] >= 3
    assert counts["alerts"] >= 1
    assert "0 unreadable" in ended.out
    assert "Not in writing" not in ended.out
    assert not (tmp_path / "mine").exists()
    assert set(Path(tempfile.gettempdir()).glob("scripta-demo-*")) <= before
