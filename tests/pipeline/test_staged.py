"""An upload waits for a person's choice, is imported once, and survives a service that stops."""

import json
import os
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlmodel import select

from service.archive import imports
from service.archive.imports import State
from service.archive.message import Side
from service.archive.organise import create_project, put_on_side
from service.archive.tables import AttachmentRow, ConversationRow, PersonRow, ProjectRow, SourceFileRow
from service.db.session import reading, writing
from service.errors import ArchiveError, ConfigError, DatabaseError, SourceError, TooManyUploads
from service.pipeline import import_queue, staged
from service.pipeline.import_queue import ImportQueue
from service.pipeline.ingest import Wish
from service.pipeline.preview import TwoWays, preview
from service.pipeline.previews import Previews
from service.pipeline.staged import (
    Choice,
    Key,
    choose,
    discard,
    expect_room,
    files_of,
    next_queued,
    run_staged,
    stage,
)
from service.pipeline.tidy_uploads import tidy_uploads

CHAT = "02.03.26, 10:01 - Ewa: dzień dobry\n02.03.26, 10:02 - Kasia: dobrze\n02.03.26, 10:03 - Ewa: super\n"


@pytest.fixture
def upload(house):
    def make(token: str = "abc", key: str | None = None, text: str = CHAT) -> int:
        folder = house.settings.data / "uploads" / token
        (folder / "files").mkdir(parents=True)
        (folder / "files" / "_chat.txt").write_text(text)
        return stage(house, folder, ("_chat.txt",), "anna", Key(key, str(len(text))) if key else None)[0]

    return make


def one(house, import_id):
    with reading(house.engine) as session:
        return imports.find(session, import_id)


def folders(house):
    return sorted(path.name for path in (house.settings.data / "uploads").iterdir())


def test_an_upload_waits_for_a_choice(house, upload):
    number = upload()
    found = one(house, number)
    assert (found.state, found.place, found.actor, found.total_bytes) == (
        "staged",
        "_chat.txt",
        "anna",
        len(CHAT.encode()),
    )
    assert next_queued(house) is None
    with pytest.raises(ConfigError, match="zone"):
        choose(house, number, Choice(zone="Mars/Base"))
    choose(house, number, Choice(date_order="day-first"))
    assert next_queued(house).id == number
    with pytest.raises(ArchiveError, match="queued"):
        choose(house, number, Choice())


def test_what_was_chosen_holds(house, upload):
    number = upload()
    sides = (("name", "Kasia", Side.CLIENT),)
    choose(house, number, Choice("Europe/Warsaw", "day-first", None, "Strona", sides))
    report = run_staged(house, next_queued(house))
    assert (report.import_id, report.read, report.new) == (number, 3, 3)
    assert report.done_bytes == report.total_bytes == len(CHAT.encode())
    found = one(house, number)
    assert (found.state, found.counts.new, found.folder) == ("done", 3, None)
    assert folders(house) == []
    with reading(house.engine) as session:
        [talk] = session.exec(select(ConversationRow)).all()
        assert session.get(ProjectRow, talk.project_id).name == "Strona"
        sides = dict(session.exec(select(PersonRow.name, PersonRow.side)).all())
        assert sides == {"Ewa": "other", "Kasia": "client"}
    with pytest.raises(ArchiveError, match="in the archive"):
        files_of(house, found)


def test_media_that_are_sent_beside_a_chat_belong_to_it(house):
    folder = house.settings.data / "uploads" / "abc"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "_chat.txt").write_text(
        CHAT + "02.03.26, 10:04 - Kasia: IMG-20260302-WA0001.jpg (file attached)\n"
    )
    for name in ("IMG-20260302-WA0001.jpg", "notes.bin"):
        (folder / "files" / name).write_bytes(b"\xff\xd8\xff\xe0 bytes")
    number, _ = stage(house, folder, ("_chat.txt", "IMG-20260302-WA0001.jpg", "notes.bin"), "anna")
    seen = preview(house, files_of(house, one(house, number)))
    assert ([file.place for file in seen.files], seen.unreadable) == (["_chat.txt"], [])
    assert [passed.place for passed in seen.passed_over] == ["notes.bin"]
    choose(house, number, Choice(date_order="day-first"))
    report = run_staged(house, next_queued(house))
    assert (report.new, report.unreadable) == (4, [])
    assert [passed.place for passed in report.passed_over] == [f"upload {number}/notes.bin"]
    with reading(house.engine) as session:
        assert [file.missing for file in session.exec(select(AttachmentRow))] == [None]


def test_a_discarded_upload_leaves_nothing(house, upload):
    number = upload()
    discard(house, number)
    assert one(house, number).state == State.DISCARDED
    assert folders(house) == []
    assert next_queued(house) is None
    with pytest.raises(ArchiveError, match="no such upload"):
        choose(house, number, Choice())


def test_the_same_key_is_the_same_import(house, upload):
    first = upload(key="anna:1")
    assert upload("other", key="anna:1") == first
    assert upload("third", key="anna:2") != first
    assert folders(house) == ["abc", "third"]


def test_the_same_key_with_other_content_is_refused(house, upload):
    upload(key="anna:1")
    with pytest.raises(SourceError, match="other content"):
        upload("other", key="anna:1", text=CHAT * 2)
    assert folders(house) == ["abc"]


def test_so_many_wait_that_no_more_are_taken(house, upload, monkeypatch):
    monkeypatch.setattr(staged, "MOST_WAITING", 2)
    first = upload("a")
    expect_room(house)
    upload("b")
    with pytest.raises(TooManyUploads, match="2 uploads wait"):
        expect_room(house)
    discard(house, first)
    expect_room(house)


def test_an_upload_that_nobody_comes_back_for_is_removed(house, upload):
    week = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with time_machine.travel(week, tick=False):
        forgotten, queued = upload("forgotten"), upload("queued")
        choose(house, queued, Choice())
    recent = upload("recent")
    with time_machine.travel(week + timedelta(days=8), tick=False):
        tidy_uploads(house)
    states = [one(house, number).state for number in (forgotten, queued, recent)]
    assert states == ["discarded", "queued", "staged"]
    assert folders(house) == ["queued", "recent"]


def test_a_folder_that_no_import_knows_is_removed_once_nothing_more_comes(house, upload):
    upload("known")
    for name in ("orphan", "arriving", "bare"):
        (house.settings.data / "uploads" / name).mkdir()
    for name in ("orphan", "arriving"):
        (house.settings.data / "uploads" / name / "files").mkdir()
    (house.settings.data / "uploads" / "arriving" / "files" / "now.zip").touch()
    for name in ("known/files", "known", "orphan/files", "orphan", "arriving/files", "arriving", "bare"):
        os.utime(house.settings.data / "uploads" / name, (0, 0))
    tidy_uploads(house)
    assert folders(house) == ["arriving", "known"]


def test_an_upload_goes_on_when_a_lost_database_is_back(house, upload, monkeypatch):
    number = upload()
    choose(house, number, Choice(date_order="day-first"))

    def lose(*_args):
        raise DatabaseError("The database is gone.")

    with monkeypatch.context() as patched:
        patched.setattr(staged, "ingest", lose)
        with pytest.raises(DatabaseError):
            run_staged(house, next_queued(house))
    run_staged(house, next_queued(house))
    assert one(house, number).state == State.DONE


def test_a_second_service_leaves_the_queue_to_the_first(house, upload):
    number = upload()
    choose(house, number, Choice(date_order="day-first"))
    queue = ImportQueue(house)
    with import_queue._alone(house.settings.data / "uploads") as first, queue.working():
        assert first
        assert queue.wait(60)
        assert one(house, number).state == State.QUEUED
    queue = ImportQueue(house)
    with queue.working():
        assert queue.wait(60)
    assert one(house, number).state == State.DONE


def test_an_import_that_was_interrupted_goes_on_first(house, upload):
    later, interrupted = upload(), upload("other")
    choose(house, later, Choice(date_order="day-first"))
    choose(house, interrupted, Choice(date_order="day-first"))
    with writing(house.engine) as session:
        imports.move_on(session, interrupted, State.RUNNING)
    assert next_queued(house).id == interrupted


def test_equal_names_of_two_uploads_are_two_files(house, upload):
    for token, text in (("a", CHAT), ("b", CHAT.replace("Ewa", "Ola"))):
        number = upload(token, text=text)
        choose(house, number, Choice(date_order="day-first"))
        run_staged(house, next_queued(house))
    with reading(house.engine) as session:
        places = {file.place for file in session.exec(select(imports.SourceFileRow))}
    assert len(places) == 2


def test_an_import_that_cannot_be_ends_as_failed(house, upload):
    number = upload()
    choose(house, number, Choice())
    with writing(house.engine) as session:
        imports.move_on(session, number, State.QUEUED, choice=json.dumps({"zone": "Mars/Base"}))
    with pytest.raises(ConfigError):
        run_staged(house, next_queued(house))
    found = one(house, number)
    assert (found.state, found.folder) == (State.FAILED, None)
    assert "Mars/Base" in found.detail
    assert "send them again" in found.detail
    assert folders(house) == []


def test_the_queue_imports_what_is_chosen_and_goes_on_after_a_failure(house, upload):
    broken, good, waiting = upload("a"), upload("b"), upload("c")
    choose(house, broken, Choice())
    choose(house, good, Choice(date_order="day-first"))
    with writing(house.engine) as session:
        imports.move_on(session, broken, State.QUEUED, choice=json.dumps({"zone": "Mars/Base"}))
    queue = ImportQueue(house)
    with queue.working():
        queue.wake()
        assert queue.wait(60)
    states = [one(house, number).state for number in (broken, good, waiting)]
    assert states == ["failed", "done", "staged"]


def test_a_preview_shows_people_with_a_guess_and_what_to_ask(house, upload):
    with writing(house.engine) as session:
        put_on_side(session, "name", "Ewa", Side.AGENCY)
    number = upload(text=CHAT + "03.03.26, 10:03 - Kasia: Pominięto rozmowę\n")
    seen = preview(house, files_of(house, one(house, number)))
    [file] = seen.files
    assert (file.place, file.channel, file.records, len(file.chats)) == ("_chat.txt", "whatsapp", 4, 1)
    assert (file.first_at.isoformat(), file.is_whole) == ("2026-03-02T10:01:00", True)
    assert (seen.has_no_zone, seen.is_undecided) == (True, False)
    assert [(one.address.name, one.messages, one.side, one.is_guess) for one in seen.writers] == [
        ("Ewa", 2, Side.AGENCY, False),
        ("Kasia", 2, Side.OTHER, False),
    ]
    with reading(house.engine) as session:
        assert session.exec(select(ConversationRow)).all() == []


def test_a_preview_asks_for_the_order_of_dates_that_nothing_shows(house, upload):
    number = upload(text="02.03.2026, 10:01 - Ewa: ok\n".replace(".", "/"))
    seen = preview(house, files_of(house, one(house, number)))
    assert seen.is_undecided
    assert seen.files[0].example == TwoWays("02/03/2026", date(2026, 3, 2), date(2026, 2, 3))
    said = preview(house, files_of(house, one(house, number)), Wish(date_order="month-first"))
    assert (said.is_undecided, said.files[0].first_at.date()) == (False, date(2026, 2, 3))


def test_previews_are_made_once_and_know_who_is_who_by_now(house, upload):
    previews = Previews(house)
    found = one(house, upload())
    first = previews.of(found, wait_s=60).preview
    assert {writer.side for writer in first.writers} == {"other"}
    with writing(house.engine) as session:
        put_on_side(session, "name", "Kasia", Side.CLIENT)
    again = previews.of(found, wait_s=60).preview
    assert again.files is first.files
    assert {writer.address.name: writer.side for writer in again.writers}["Kasia"] == "client"
    previews.forget(found.id)
    assert previews.of(found, wait_s=60).preview.files is not first.files
    with pytest.raises(ConfigError):
        previews.of(found, Wish(date_order="sideways"))
    discard(house, found.id)
    assert "discarded" in previews.of(one(house, found.id), Wish("whatsapp"), wait_s=60).trouble


def test_times_without_a_zone_are_read_in_the_zone_of_the_project(house, upload):
    with writing(house.engine) as session:
        create_project(session, "Strona", "", "Asia/Tokyo")
    number = upload()
    choose(house, number, Choice(date_order="day-first", project="Strona"))
    run_staged(house, next_queued(house))
    with reading(house.engine) as session:
        assert session.exec(select(ConversationRow.first_at)).one().hour == 1
        assert session.exec(select(SourceFileRow.zone)).one() == "Asia/Tokyo"
