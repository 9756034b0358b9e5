"""Ingest is a stream that loses nothing: in any order, twice, at once, stopped and begun again."""

import random
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ledger_check import assert_ledger_intact
from sqlmodel import select

from service.accounts.scope import EVERYTHING
from service.archive import imports
from service.archive.organise import add_project_rule, create_project
from service.archive.store import conversations, sightings
from service.archive.tables import ConversationRow, MessageRow, SourceFileRow
from service.db.session import reading, writing
from service.errors import ArchiveError, DatabaseError
from service.ledger.store import log_size, read_entries
from service.pipeline import archive_batch as archiving
from service.pipeline import ingest as stage
from service.pipeline import prepared
from service.pipeline.ingest import Wish, ingest
from service.pipeline.installation import recording
from service.search.find import find

THREADS = {
    "umowa": ("1", "2", "3", "4"),
    "logo": ("5", "6"),
    "faktura": ("7",),
}


def write_threads(folder: Path) -> list[Path]:
    """Write mails, each answering the one before, and the last of a thread only the first."""
    folder.mkdir(parents=True)
    paths = []
    for subject, keys in THREADS.items():
        for place, key in enumerate(keys):
            answered = keys[0] if place == len(keys) - 1 else keys[place - 1]
            known = " ".join(f"<{earlier}@klos.example>" for earlier in keys[:place])
            links = f"In-Reply-To: <{answered}@klos.example>\nReferences: {known}\n" if place else ""
            path = folder / f"{key}.eml"
            path.write_text(
                f"From: Ewa <ewa@klos.example>\nTo: kasia@kreska.example\n"
                f"Date: Mon, 02 Mar 2026 10:{int(key):02}:00 +0100\nMessage-ID: <{key}@klos.example>\n{links}"
                f"Subject: {'Re: ' * bool(place)}{subject}\n\nslowo{key}\n"
            )
            paths.append(path)
    return paths


def talks(house) -> set[frozenset[str]]:
    """Return which mails are one conversation."""
    found: dict[int, set[str]] = {}
    with reading(house.engine) as session:
        for row in session.exec(select(MessageRow)):
            found.setdefault(row.conversation_id, set()).add(row.external_id.partition("@")[0])
    return {frozenset(keys) for keys in found.values()}


def assert_whole(house) -> None:
    """Every mail is there once, findable, and the ledger holds."""
    keys = [key for thread in THREADS.values() for key in thread]
    with reading(house.engine) as session:
        assert len(session.exec(select(MessageRow.id)).all()) == len(keys)
        for key in keys:
            assert len(find(session, f"slowo{key}", scope=EVERYTHING).hits) == 1
        assert_ledger_intact(session, log_size(session), house.key.verifier)
        recorded = [
            original
            for entry in read_entries(session)
            if entry.kind == "messages.archived"
            for original in entry.body["originals"]
        ]
        kept = session.exec(select(MessageRow.blob_sha256)).all()
    assert sorted(recorded) == sorted(kept)


@pytest.mark.parametrize("order", ["reversed", 1, 2])
@pytest.mark.parametrize("together", [True, False])
def test_conversations_do_not_depend_on_the_order_of_files(house, tmp_path, order, together):
    paths = write_threads(tmp_path / "in")
    if order == "reversed":
        paths.reverse()
    else:
        random.Random(order).shuffle(paths)
    for batch in [paths] if together else [[path] for path in paths]:
        ingest(house, batch, Wish())
    assert talks(house) == {frozenset(keys) for keys in THREADS.values()}
    with reading(house.engine) as session:
        assert len(conversations(session, EVERYTHING)) == len(THREADS)
    assert_whole(house)


def test_projects_do_not_depend_on_the_order_of_files(house, tmp_path):
    with writing(house.engine) as session:
        key = create_project(session, "Sklep", "")
        add_project_rule(session, key, "domain", "klos.example")
    for path in reversed(write_threads(tmp_path / "in")):
        ingest(house, [path], Wish())
    with reading(house.engine) as session:
        assert {one.project for one in conversations(session, EVERYTHING)} == {"Sklep"}


def test_a_second_run_adds_nothing(house, tmp_path):
    write_threads(tmp_path / "in")
    first = ingest(house, [tmp_path / "in"], Wish())
    assert (first.files, first.read, first.new, first.known) == (7, 7, 7, 0)
    again = ingest(house, [tmp_path / "in"], Wish())
    assert (again.read, again.new, again.known, again.changed) == (7, 0, 7, 0)
    assert_whole(house)
    with reading(house.engine) as session:
        assert log_size(session) == 7
        states = [(run.state, run.counts.new, run.counts.known) for run in imports.imports(session)]
    assert states == [("done", 0, 7), ("done", 7, 0)]


def test_the_same_mail_in_two_places_is_kept_once_and_both_places_are_named(house, tmp_path):
    first = write_threads(tmp_path / "in")[0]
    copy = tmp_path / "copy.eml"
    copy.write_bytes(first.read_bytes())
    report = ingest(house, [first, copy], Wish())
    assert (report.new, report.known) == (1, 1)
    with reading(house.engine) as session:
        (message,) = session.exec(select(MessageRow.id)).all()
        assert {one.place for one in sightings(session, message)} == {str(first), str(copy)}


def test_two_imports_at_once_keep_each_mail_once(house, tmp_path):
    write_threads(tmp_path / "in")
    reports, errors = [], []

    def run() -> None:
        try:
            reports.append(ingest(house, [tmp_path / "in"], Wish()))
        except (ArchiveError, DatabaseError, ValueError) as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(report.new for report in reports) == 7
    assert sum(report.known for report in reports) == 14
    assert_whole(house)


@pytest.mark.parametrize("batch", [0, 3, 6])
def test_a_run_that_breaks_off_can_be_run_again(house, tmp_path, monkeypatch, batch):
    write_threads(tmp_path / "in")
    left = [batch]

    def failing(session, documents):
        if not left[0]:
            raise ArchiveError("The disk is full.")
        left[0] -= 1
        return write(session, documents)

    write = archiving.write
    with monkeypatch.context() as broken:
        broken.setattr(archiving, "write", failing)
        with pytest.raises(ArchiveError):
            ingest(house, [tmp_path / "in"], Wish())
    with reading(house.engine) as session:
        (run,) = imports.imports(session)
        assert (run.state, run.detail, run.counts.new) == ("failed", "The disk is full.", batch)
        assert run.finished_at is not None
        assert_ledger_intact(session, batch, house.key.verifier)
    report = ingest(house, [tmp_path / "in"], Wish())
    assert (report.new, report.known) == (7 - batch, batch)
    assert_whole(house)


def test_an_interrupted_run_does_not_stay_running(house, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    write_threads(tmp_path / "in")
    monkeypatch.setattr(archiving, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ingest(house, [tmp_path / "in"], Wish())
    with reading(house.engine) as session:
        (run,) = imports.imports(session)
    assert (run.state, run.detail) == ("failed", "The run was stopped before its end; run it again.")


def test_every_entry_is_signed_as_soon_as_it_is_committed(house, tmp_path):
    seen = []

    def verified(_report):
        with reading(house.engine) as session:
            seen.append(log_size(session))
            assert_ledger_intact(session, seen[-1], house.key.verifier)

    write_threads(tmp_path / "in")
    ingest(house, [tmp_path / "in"], Wish(), verified)
    assert max(seen) == 7


def test_an_exception_inside_a_recording_writes_and_signs_nothing(house):
    def broken() -> None:
        with recording(house) as session:
            imports.begin(session, "x", "test")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with reading(house.engine) as session:
        assert imports.imports(session) == []
        assert_ledger_intact(session, 0)


def test_batches_are_bounded_by_number_and_by_bytes(house, tmp_path, monkeypatch):
    sizes = []
    archive = stage.archive_batch
    monkeypatch.setattr(
        stage,
        "archive_batch",
        lambda session, keeper, batch: (sizes.append(len(batch)), archive(session, keeper, batch))[1],
    )
    box = tmp_path / "box.mbox"
    mails = [path.read_bytes() for path in write_threads(tmp_path / "in")]
    box.write_bytes(b"".join(b"From x@y Mon Mar  2 10:00:00 2026\n" + mail + b"\n" for mail in mails))
    monkeypatch.setattr(prepared, "BATCH_RECORDS", 3)
    ingest(house, [box], Wish())
    assert sizes == [3, 3, 1]
    sizes.clear()
    monkeypatch.setattr(prepared, "BATCH_BYTES", 1)
    ingest(house, [box], Wish())
    assert sizes == [1] * 7


def test_a_chat_export_is_also_kept_whole(house, tmp_path):
    chat = "02.03.26, 10:01 - Ewa: dzień dobry\n02.03.26, 10:02 - Kasia: dobrze\n" * 2
    path = tmp_path / "WhatsApp Chat with Ewa.txt"
    path.write_text(chat)
    ingest(house, [path], Wish(date_order="day-first", zone="Europe/Moscow"))
    with reading(house.engine) as session:
        row = session.exec(select(SourceFileRow)).one()
        assert house.blobs.read(session, row.blob_sha256) == chat.encode()
        assert (row.zone, row.read, row.new) == ("Europe/Moscow", 4, 4)
        times = session.exec(select(MessageRow.sent_at).order_by(MessageRow.id)).all()
    assert times[0] == datetime(2026, 3, 2, 7, 1, tzinfo=UTC)


def test_an_upload_is_known_by_its_name_and_not_by_its_temporary_folder(house, tmp_path):
    folder = tmp_path / "upload-x7f3"
    folder.mkdir()
    path = write_threads(tmp_path / "in")[0].rename(folder / "mail.eml")
    (folder / "empty.eml").touch()
    (folder / "noise.bin").write_bytes(bytes(range(256)))
    report = ingest(house, [folder, path], Wish(hidden=folder, actor="anna"))
    with reading(house.engine) as session:
        run = imports.find(session, report.import_id)
        places = [row.place for row in session.exec(select(SourceFileRow))]
        quarantined = [one.place for one in imports.quarantined(session)]
    told = [run.place, run.detail, *places, *quarantined, *(one.place for one in report.passed_over)]
    assert places == ["mail.eml"]
    assert quarantined == ["empty.eml"]
    assert run.actor == "anna"
    assert not any("x7f3/" in text for text in told)


def test_progress_is_told_and_never_goes_back(house, tmp_path):
    write_threads(tmp_path / "in")
    seen = []
    report = ingest(house, [tmp_path / "in"], Wish(), lambda told: seen.append((told.read, told.new)))
    assert seen == sorted(seen)
    assert seen[-1] == (report.read, report.new) == (7, 7)


def test_a_joined_thread_keeps_one_conversation_alive(house, tmp_path):
    paths = {path.stem: path for path in write_threads(tmp_path / "in")}
    # The first and the third of a thread come alone; the second shows that they are one.
    ingest(house, [paths["1"], paths["5"]], Wish())
    ingest(house, [paths["3"], paths["2"]], Wish())
    with reading(house.engine) as session:
        alive = [row for row in session.exec(select(ConversationRow)) if row.merged_into is None]
        assert len(alive) == 2
        assert {row.conversation_id for row in session.exec(select(MessageRow))} == {row.id for row in alive}


def test_an_export_that_holds_nothing_is_named(house, tmp_path):
    path = tmp_path / "result.json"
    path.write_text('{"name": "Ewa", "type": "personal_chat", "id": 1, "messages": []}')
    report = ingest(house, [path], Wish())
    [passed] = report.passed_over
    assert passed.place == str(path)
    assert "holds no message" in passed.why
