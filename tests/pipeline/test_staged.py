"""An upload waits for a person's choice, is imported once, and survives a service that stops."""

import json

import pytest
from sqlmodel import select

from service.archive import imports
from service.archive.imports import State
from service.archive.message import Side
from service.archive.organise import put_on_side
from service.archive.tables import ConversationRow, PersonRow, ProjectRow
from service.db.session import reading, writing
from service.errors import ArchiveError, ConfigError
from service.pipeline.import_queue import ImportQueue
from service.pipeline.preview import preview
from service.pipeline.staged import Choice, choose, discard, files_of, next_queued, run_staged, stage

CHAT = "02.03.26, 10:01 - Ewa: dzień dobry\n02.03.26, 10:02 - Kasia: dobrze\n02.03.26, 10:03 - Ewa: super\n"


@pytest.fixture
def upload(house):
    def make(token: str = "abc", key: str | None = None, text: str = CHAT) -> int:
        folder = house.settings.data / "uploads" / token
        (folder / "files").mkdir(parents=True)
        (folder / "files" / "_chat.txt").write_text(text)
        return stage(house, folder, ("_chat.txt",), "anna", key)

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
    assert one(house, number).state == State.FAILED
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
