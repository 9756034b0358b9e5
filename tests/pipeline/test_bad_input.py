"""Bad input says what, where and what to do; it is counted and kept, and costs the good files nothing."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from factories import installation
from ledger_check import assert_ledger_intact
from sqlmodel import select

from service.accounts.scope import EVERYTHING
from service.archive import imports
from service.archive.tables import MessageRow
from service.db.session import reading
from service.errors import ScriptaError
from service.ledger.store import log_size
from service.pipeline.ingest import Ingested, Wish, ingest
from service.search.find import find
from service.sources.formats.eml import SOURCE as EML

ROOT = Path(__file__).parents[2]
GOOD = ("first", "last")


def mail(key: str, **headers: str | None) -> bytes:
    plain = {
        "From": "Ewa <ewa@klos.example>",
        "To": "kasia@kreska.example",
        "Date": "Mon, 02 Mar 2026 10:00:00 +0100",
        "Message-ID": f"<{key}@klos.example>",
        "Subject": f"Temat {key}",
        "Content-Type": "text/plain; charset=utf-8",
    }
    chosen = plain | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\n" for name, value in chosen.items() if value is not None)
    return f"{head}\nwords{key}\n".encode()


def zipped(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("UP", "../"), content)
    return buffer.getvalue()


def mbox(*keys: str) -> bytes:
    return b"".join(b"From x@y Mon Mar  2 10:00:00 2026\n" + mail(key) + b"\n" for key in keys)


def telegram(count: int) -> bytes:
    messages = [
        {
            "id": number,
            "type": "message",
            "date": f"2026-03-02T10:{number:02}:00",
            "date_unixtime": str(1772442000 + 60 * number),
            "from": "Ewa",
            "from_id": "user1",
            "text": f"wordstelegram{number}",
            "text_entities": [],
        }
        for number in range(count)
    ]
    return json.dumps({"name": "Ewa", "type": "personal_chat", "id": 1, "messages": messages}).encode()


@dataclass(frozen=True)
class Bad:
    """A file that cannot be read, or not all of it."""

    name: str
    content: Callable[[], bytes]
    where: str
    """What the place ends with."""
    what: str
    todo: str
    also_kept: int = 0
    """Messages of it that could be read all the same."""


def broken_entry() -> bytes:
    content = zipped(**{"a.eml": mail("inzip"), "b.eml": b"".join(mail(str(n)) for n in range(30))})
    data = bytearray(content)
    start = content.index(b"b.eml") + 60
    data[start : start + 20] = bytes(20)
    return bytes(data)


UNREADABLE = [
    Bad("cut.zip", lambda: zipped(a=mail("a"), b=mail("b"))[:-40], "cut.zip", "cut short", "copy it again"),
    Bad(
        "up.zip",
        lambda: zipped(**{"UPx.eml": mail("x"), "y.eml": mail("y")}),
        "up.zip",
        "outside its folder",
        "unpack it yourself",
    ),
    Bad(
        "bomb.zip",
        lambda: zipped(**{"zeros.eml": bytes(101 << 20)}),
        "bomb.zip",
        "as in a bomb",
        "unpack it yourself",
    ),
    Bad(
        "one-bad-entry.zip",
        lambda: (
            zipped(**{"a.eml": mail("inzip"), "b.eml": mail("b") * 9}).replace(b"b.eml", b"b.eml", 1)[:0]
            or broken_entry()
        ),
        "one-bad-entry.zip!/b.eml",
        "entry is damaged",
        "the others were read",
        also_kept=1,
    ),
    Bad(
        "cut.mbox",
        lambda: mbox("one", "two")[:-30],
        "cut.mbox, end of mail 2",
        "in the middle of this mail",
        "export it again",
        also_kept=2,
    ),
    Bad(
        "result.json",
        lambda: telegram(4)[:-90],
        "result.json, byte 585",
        "without an end",
        "Export it again",
        also_kept=3,
    ),
    Bad("empty.eml", lambda: b"", "empty.eml", "is empty", "copy it again"),
    Bad("empty.zip", lambda: b"", "empty.zip", "is empty", "copy it again"),
]


def with_good(folder: Path, name: str, content: bytes) -> Path:
    """Write a bad file between two good ones."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a-first.eml").write_bytes(mail("first"))
    (folder / name).write_bytes(content)
    (folder / "z-last.eml").write_bytes(mail("last"))
    return folder


def assert_reconciled(report: Ingested) -> None:
    assert report.read == report.new + report.known + report.changed


def assert_found(house, *words: str) -> None:
    with reading(house.engine) as session:
        for word in words:
            assert len(find(session, word, scope=EVERYTHING).hits) == 1, word


@pytest.mark.parametrize("bad", UNREADABLE, ids=lambda bad: bad.name)
def test_what_cannot_be_read_is_told_and_kept_beside_the_good(house, tmp_path, bad):
    content = bad.content()
    folder = with_good(tmp_path / "in", bad.name, content)
    report = ingest(house, [folder], Wish())
    (refused,) = report.unreadable
    assert refused.where == f"{folder}/{bad.where}"
    assert bad.what in refused.why
    assert bad.todo in refused.why
    assert not report.complete
    assert_reconciled(report)
    assert report.new == len(GOOD) + bad.also_kept
    assert_found(house, "wordsfirst", "wordslast")
    with reading(house.engine) as session:
        (listed,) = imports.quarantined(session, report.import_id)
        run = imports.find(session, report.import_id)
        assert (listed.place, listed.why) == (refused.where, refused.why)
        assert (run.state, run.counts.unreadable, run.counts.new) == ("incomplete", 1, report.new)
        if content and listed.blob_sha256:
            assert house.blobs.read(session, listed.blob_sha256) in content
        assert bool(listed.blob_sha256) == (bool(content) and "end of mail" not in bad.where)
        assert_ledger_intact(session, log_size(session), house.key.verifier)


@pytest.mark.parametrize("bad", UNREADABLE, ids=lambda bad: bad.name)
def test_a_second_run_over_bad_input_adds_nothing(house, tmp_path, bad):
    folder = with_good(tmp_path / "in", bad.name, bad.content())
    first = ingest(house, [folder], Wish())
    with reading(house.engine) as session:
        entries = log_size(session)
    again = ingest(house, [folder], Wish())
    assert (again.new, again.changed, again.known, again.read) == (0, 0, first.read, first.read)
    assert len(again.unreadable) == 1
    with reading(house.engine) as session:
        assert len(imports.quarantined(session)) == 1
        assert_ledger_intact(session, entries, house.key.verifier)


STRANGE = {
    "unknown charset": mail("odd", Content_Type="text/plain; charset=x-nonsense") + "żółć\n".encode("cp1250"),
    "NUL bytes": mail("odd", Subject="Te\0mat") + b"a\0b\n",
    "no Date": mail("odd", Date=None),
    "no Message-ID": mail("odd", Message_ID=None),
    "neither": mail("odd", Date=None, Message_ID=None),
    "a Date that is no time": mail("odd", Date="soon"),
    "a Date before mail": mail("odd", Date="Thu, 01 Jan 1970 00:00:00 +0000"),
    "a Message-ID of 8 KB": mail("odd", Message_ID=f"<{'g' * 8192}@klos.example>"),
    "References of 100 KB": mail("odd", References=" ".join(f"<{n}@klos.example>" for n in range(6000))),
    "a subject of 100 KB": mail("odd", Subject="Umowa " * 16_000),
    "lone surrogates": mail("odd") + b"\xed\xa0\x80\n",
    "no author": mail("odd", From=None),
    "an author of 20 KB": mail("odd", From=f"{'e' * 20_000} <{'e' * 2000}@klos.example>"),
    "a name with NUL": mail("odd", From='"E\0wa" <ewa@klos.example>'),
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_a_strange_mail_is_kept_found_and_comes_back_byte_for_byte(house, tmp_path, content):
    folder = with_good(tmp_path / "in", "odd.eml", content)
    report = ingest(house, [folder], Wish())
    assert (report.new, report.unreadable) == (3, [])
    assert_found(house, "wordsfirst", "wordsodd", "wordslast")
    again = ingest(house, [folder], Wish())
    assert (again.new, again.known) == (0, 3)
    with reading(house.engine) as session:
        kept = [
            house.blobs.read(session, row.blob_sha256)
            for row in session.exec(select(MessageRow))
            if "wordsodd" in row.text
        ]
        assert kept == [content]
        assert_ledger_intact(session, log_size(session), house.key.verifier)


def test_what_was_repaired_is_told_with_its_place(house, tmp_path):
    folder = with_good(tmp_path / "in", "odd.eml", STRANGE["unknown charset"])
    (folder / "bare.eml").write_bytes(mail("bare", Message_ID=None))
    report = ingest(house, [folder], Wish())
    assert report.repairs["no Message-ID"].times == 1
    (charset,) = [why for why in report.repairs if "x-nonsense" in why]
    assert report.repairs[charset].where == f"{folder}/odd.eml, record 1"
    with reading(house.engine) as session:
        assert f"1 × {charset}" in imports.find(session, report.import_id).detail


@pytest.mark.parametrize("name", ["нет.eml", "a\udcff\udcfe.eml", "x" * 240 + ".eml"])
def test_any_name_of_a_file_can_be_imported(house, tmp_path, name):
    folder = with_good(tmp_path / "in", name, mail("odd"))
    assert ingest(house, [folder], Wish()).new == 3
    assert ingest(house, [folder], Wish()).known == 3


def test_a_chat_may_be_named_by_any_bytes(house, tmp_path):
    chat = b"02.03.26, 10:01 - Ewa: wordschat\n02.03.26, 10:02 - Kasia: dobrze\n" * 3
    folder = with_good(tmp_path / "in", "WhatsApp Chat with \udcff\udcfe.txt", chat)
    report = ingest(house, [folder], Wish(date_order="day-first"))
    assert (report.new, report.unreadable) == (8, [])
    again = ingest(house, [folder], Wish(date_order="day-first"))
    assert (again.new, again.known) == (0, 8)


@pytest.mark.parametrize(
    "content", [b"", b'{"messages": nope}', bytes(range(256))], ids=["empty", "json", "noise"]
)
def test_a_named_file_that_nothing_recognises_is_refused_with_what_to_do(house, tmp_path, content):
    path = tmp_path / "thing.json"
    path.write_bytes(content)
    report = ingest(house, [path, tmp_path / "missing.mbox"], Wish())
    assert [one.where for one in report.unreadable] == [str(path), str(tmp_path / "missing.mbox")]
    assert "again" in report.unreadable[0].why
    assert report.unreadable[1].why == "does not exist; check the name"
    with reading(house.engine) as session:
        kept = {one.place: one.blob_sha256 for one in imports.quarantined(session)}
        if content:
            assert house.blobs.read(session, kept[str(path)]) == content
        assert kept[str(tmp_path / "missing.mbox")] is None


def test_a_file_that_breaks_off_while_it_is_read_costs_only_its_rest(house, tmp_path, monkeypatch):
    folder = with_good(tmp_path / "in", "m.eml", mail("odd"))
    read = type(EML).read

    def breaking(source, export):
        if export.path.name == "m.eml":
            raise OSError(5, "Input/output error")
        return read(source, export)

    monkeypatch.setattr(type(EML), "read", breaking)
    report = ingest(house, [folder], Wish())
    assert report.new == 2
    (refused,) = report.unreadable
    assert refused.why == "stopped being readable: Input/output error; check the disk and import it again"


@pytest.mark.parametrize("limit", [1, 300])
def test_a_zip_over_the_configured_limit_is_refused(engine, tmp_path, limit):
    house = installation(engine, tmp_path / "data", unpack_limit=limit)
    folder = with_good(tmp_path / "in", "big.zip", zipped(**{"a.eml": mail("a"), "b.eml": mail("b")}))
    report = ingest(house, [folder], Wish())
    assert report.new == 2
    assert f"larger than {limit} bytes unpacked" in report.unreadable[0].why


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish(format_name="nope"), "no format 'nope'"),
        (Wish(zone="Mars/Phobos"), "'Mars/Phobos' is no time zone"),
        (Wish(date_order="sideways"), "day-first or month-first"),
    ],
)
def test_a_wish_that_cannot_be_met_begins_no_import(house, tmp_path, wish, why):
    with pytest.raises(ScriptaError, match=why):
        ingest(house, [tmp_path], wish)
    with reading(house.engine) as session:
        assert imports.imports(session) == []


def test_a_locked_folder_is_named_and_the_rest_is_read(tmp_path):
    folder = with_good(tmp_path / "in", "m.eml", mail("odd"))
    (folder / "locked").mkdir()
    (folder / "locked" / "x.eml").write_bytes(mail("x"))
    for closed in (folder / "locked", folder / "m.eml"):
        closed.chmod(0)
    done = run_bound_by_permissions(tmp_path, "ingest", str(folder), "--no-extract", "--json")
    (folder / "locked").chmod(0o700)
    assert done.returncode == 3, done.stderr
    told = json.loads(done.stdout)
    assert told["new"] == 2
    assert {one["where"] for one in told["unreadable"]} == {f"{folder}/locked", f"{folder}/m.eml"}
    assert all(
        "give the account that runs Scripta the right to read it" in one["why"] for one in told["unreadable"]
    )


UNPRIVILEGED = """
import ctypes, os, sys
PR_CAPBSET_DROP, DAC_OVERRIDE, DAC_READ_SEARCH = 24, 1, 2
if os.geteuid() == 0:
    for capability in (DAC_OVERRIDE, DAC_READ_SEARCH):
        assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0
command = "from service.cli.app import main; main()"
os.execv(sys.executable, [sys.executable, "-c", command, *sys.argv[1:]])
"""
"""Runs the command where permissions bind: root may read anything, unless it has given that up for good."""


def run_bound_by_permissions(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, *arguments, "--data", str(folder / "data")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
