"""The book of imports forgets nothing and can hold any name."""

from datetime import UTC, datetime, timedelta

import pytest

from service import clock
from service.archive import imports
from service.archive.blobs import open_blobs
from service.archive.imports import Counts
from service.archive.tables import SourceFileRow
from service.errors import ArchiveError
from service.sources.raw_message import Unreadable

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOSTILE_NAMES = ["почта/входящие.mbox", "a\udcff\udcfe.eml", "nul\0.eml", "д" * 2000, "x" * 5000]


@pytest.fixture(autouse=True)
def _at(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def blobs(tmp_path):
    return open_blobs((tmp_path / "originals").as_uri())


def test_a_run_is_open_until_it_ends(session, monkeypatch):
    key = imports.begin(session, "inbox.mbox", "cli")
    run = imports.find(session, key)
    assert (run.state, run.started_at, run.finished_at, run.counts) == ("running", NOW, None, Counts())
    counts = Counts(read=6, new=3, known=2, changed=1, unreadable=4, passed_over=5)
    imports.note(session, key, counts, "running")
    assert imports.find(session, key).finished_at is None
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=1))
    imports.note(session, key, counts, "incomplete", "why")
    run = imports.find(session, key)
    assert (run.state, run.detail, run.counts) == ("incomplete", "why", counts)
    assert run.finished_at == NOW + timedelta(minutes=1)


def test_runs_are_listed_newest_first_in_pages(session):
    keys = [imports.begin(session, f"{number}", "cli") for number in range(5)]
    first = imports.imports(session, limit=2)
    rest = imports.imports(session, limit=9, before=first[-1].id)
    assert [run.id for run in first + rest] == keys[::-1]


def test_an_unknown_run_is_said_to_be_unknown(session):
    assert imports.find(session, 404) is None
    with pytest.raises(ArchiveError, match="no import 404"):
        imports.note(session, 404, Counts(), "done")
    with pytest.raises(ArchiveError, match="no source file 404"):
        imports.note_file(session, 404, 1, 1)


def test_a_file_is_one_row_however_often_it_is_read(session):
    first, second = (imports.begin(session, "inbox", "cli") for _ in range(2))
    key = imports.source_file(session, first, "inbox.mbox", "mbox", "UTC")
    imports.note_file(session, key, 10, 7)
    imports.note_file(session, key, 5, 5)
    assert (session.get(SourceFileRow, key).read, session.get(SourceFileRow, key).new) == (15, 12)
    assert imports.source_file(session, second, "inbox.mbox", "mbox", "Europe/Warsaw") == key
    row = session.get(SourceFileRow, key)
    assert (row.import_id, row.zone, row.read, row.new) == (second, "Europe/Warsaw", 0, 0)
    assert imports.source_file(session, second, "inbox.mbox", "eml", None) != key


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_any_name_of_a_file_can_be_kept_and_found_again(session, blobs, name):
    key = imports.begin(session, name, "cli")
    file_id = imports.source_file(session, key, name, "mbox", None)
    assert imports.source_file(session, key, name, "mbox", None) == file_id
    for _ in range(2):
        imports.quarantine(session, blobs, key, Unreadable(name, f"because of {name}", b"bytes"))
    assert len(imports.quarantined(session, key)) == 1


def test_long_names_that_begin_alike_stay_apart(session):
    key = imports.begin(session, "x", "cli")
    names = ["x" * 3000 + end for end in "ab"]
    assert len({imports.source_file(session, key, name, "mbox", None) for name in names}) == 2


def test_what_is_unreadable_is_kept_with_its_bytes(session, blobs):
    key = imports.begin(session, "inbox", "cli")
    imports.quarantine(session, blobs, key, Unreadable("inbox, mail 3", "cut short", b"From: \xff\0"))
    imports.quarantine(session, blobs, key, Unreadable("locked", "permission denied"))
    imports.quarantine(session, blobs, key, Unreadable("empty", "is empty", b""))
    found = {one.place: one for one in imports.quarantined(session, key)}
    assert blobs.read(session, found["inbox, mail 3"].blob_sha256) == b"From: \xff\0"
    assert (found["locked"].blob_sha256, found["empty"].blob_sha256) == (None, None)
    assert found["inbox, mail 3"].why == "cut short"


def test_the_same_trouble_again_is_listed_once_and_other_trouble_beside_it(session, blobs):
    first, second = (imports.begin(session, "inbox", "cli") for _ in range(2))
    imports.quarantine(session, blobs, first, Unreadable("inbox", "cut short", b"one"))
    imports.quarantine(session, blobs, second, Unreadable("inbox", "cut short", b"one"))
    imports.quarantine(session, blobs, second, Unreadable("inbox", "cut short", b"two"))
    assert len(imports.quarantined(session)) == 2
    assert len(imports.quarantined(session, second)) == 2
