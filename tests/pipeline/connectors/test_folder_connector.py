"""What people drop into a watched folder is archived once it is whole, and nothing there is changed."""

import os
import threading
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from ledger_check import assert_ledger_intact
from smtp_mails import mail
from sqlmodel import select

from service.accounts.scope import EVERYTHING
from service.archive import imports
from service.archive.tables import AttachmentRow, MessageRow, UnreadableRow
from service.db.session import reading, writing
from service.errors import ArchiveError, ConfigError
from service.intake.folders import folder_states
from service.intake.lease import Lease
from service.intake.source import State
from service.intake.store import add_source
from service.ledger.store import log_size
from service.pipeline import archive_batch as archiving
from service.pipeline import read_folder
from service.pipeline.connectors import folder as connecting
from service.pipeline.connectors.folder import CONNECTOR, FolderConnection
from service.pipeline.pull import pull
from service.search.find import find
from service.sources import whole_file
from service.sources.formats import eml

CHAT = "[02.03.2026, 10:00:00] Ewa: slowo{}\n[02.03.2026, 10:01:00] Kasia: <attached: 1.jpg>\n"


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Watch:
    """A watched folder, followed by hand."""

    def __init__(self, house, root: Path, settings) -> None:
        root.mkdir()
        self.house, self.root, self.clock = house, root, Clock()
        with writing(house.engine) as session:
            self.source_id = add_source(session, "drop", "folder", {"path": str(root)} | settings)
        self.begin()

    def begin(self) -> None:
        """Begin as a new process does, that has seen nothing."""
        self.connection = FolderConnection(self.house, self.source_id)

    def put(self, name: str, content: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def pull(self, seconds: float = 2.0, *, once: bool = False):
        """Pull twice, so many seconds apart, as a service does; or once."""
        stopped = threading.Event()
        if not once:
            self._pull(stopped)
            self.clock.now += seconds
        return self._pull(stopped)

    def _pull(self, stop):
        found = pull(self.house, self.source_id, self.connection, stop=stop)
        if self.connection.watched is not None:
            self.connection.watched.clock = self.clock
        return found

    def state(self):
        with reading(self.house.engine) as session:
            (state,) = folder_states(session, self.source_id)
        return state

    def runs(self):
        with reading(self.house.engine) as session:
            return imports.imports(session, source_id=self.source_id)


@pytest.fixture(autouse=True)
def _no_time_to_lose(monkeypatch):
    """Take two looks of one run at once: the clock of the test says how far they lie apart."""
    monkeypatch.setattr(read_folder, "SETTLES_S", 0)
    monkeypatch.setattr(connecting, "SETTLES_S", 0.005)


@pytest.fixture
def watch(house, tmp_path) -> Watch:
    return begun(house, tmp_path)


def begun(house, tmp_path, **settings) -> Watch:
    watch = Watch(house, tmp_path / "drop", settings)
    watch.connection.settings = read_folder.FolderSettings.of({"path": str(watch.root)} | settings)
    watch.connection.watched = connecting._watched(watch.connection.settings)
    watch.connection.watched.clock = watch.clock
    return watch


def messages(house) -> list[str]:
    with reading(house.engine) as session:
        return sorted(session.exec(select(MessageRow.external_id)).all())


def test_mails_and_chats_are_archived_when_they_are_settled(house, watch):
    watch.put("1.eml", mail(1))
    watch.put("Chat/_chat.txt", CHAT.format(7).encode())
    watch.put("Chat/1.jpg", b"\xff\xd8\xff\xe0 a picture")
    found = watch.pull(once=True)
    assert (found.read, found.state) == (0, State.INCOMPLETE)
    assert "still being written" in found.detail
    watch.clock.now += 2
    found = watch.pull(once=True)
    assert (found.read, found.new, found.state) == (3, 3, State.COMPLETE)
    with reading(house.engine) as session:
        for word in ("slowo1", "slowo7"):
            assert len(find(session, word, scope=EVERYTHING).hits) == 1
        assert session.exec(select(AttachmentRow.missing)).all() == [None]
        assert_ledger_intact(session, log_size(session), house.key.verifier)
    state = watch.state()
    assert (state.on_server, state.archived, state.is_complete) == (3, 3, True)
    assert [run.state for run in watch.runs()] == ["done"]
    assert sorted(path.name for path in watch.root.rglob("*")) == ["1.eml", "1.jpg", "Chat", "_chat.txt"]


def test_a_run_alone_looks_twice(house, watch, monkeypatch):
    looks = count(0, 10)
    monkeypatch.setattr(watch.connection.watched, "clock", lambda: float(next(looks)))
    watch.put("1.eml", mail(1))
    found = pull(house, watch.source_id, watch.connection)
    assert (found.new, found.state) == (1, State.COMPLETE)


def test_what_was_read_is_not_read_again_also_by_another_process(watch, monkeypatch):
    watch.put("1.eml", mail(1))
    watch.put("2.eml", mail(2))
    assert watch.pull().new == 2
    read = []
    original = eml.Eml.read
    monkeypatch.setattr(
        eml.Eml, "read", lambda self, export: read.append(export.path) or original(self, export)
    )
    watch.begin()
    assert watch.pull().read == 0
    watch.put("3.eml", mail(3))
    assert watch.pull().new == 1
    assert [path.name for path in read] == ["3.eml"]
    assert len(watch.runs()) == 2


def test_a_file_that_grows_while_it_is_watched_is_read_when_it_is_whole(house, watch):
    box = watch.put("box.mbox", b"From a@b Mon Mar  2 10:00:00 2026\n" + mail(1))
    watch.put("9.eml", mail(9))
    for key in (2, 3):
        watch.pull(once=True)
        watch.clock.now += 10
        with box.open("ab") as file:
            file.write(b"From a@b Mon Mar  2 10:00:00 2026\n" + mail(key))
    found = watch.pull(once=True)
    assert found.state == State.INCOMPLETE
    assert "box.mbox" in found.detail
    assert messages(house) == ["9@klos.example"]
    assert not watch.state().is_complete
    found = watch.pull()
    assert (found.new, found.state) == (3, State.COMPLETE)


def test_a_file_that_changed_is_read_again_and_adds_only_what_is_new(house, watch):
    box = watch.put("box.mbox", b"From a@b Mon Mar  2 10:00:00 2026\n" + mail(1))
    watch.pull()
    with box.open("ab") as file:
        file.write(b"From a@b Mon Mar  2 10:00:00 2026\n" + mail(2))
    found = watch.pull()
    assert (found.new, found.known) == (1, 1)
    assert messages(house) == ["1@klos.example", "2@klos.example"]
    assert watch.state().on_server == watch.state().archived == 1


def test_a_maildir_is_read_mail_by_mail(house, watch):
    for folder in ("cur", "new", "tmp"):
        (watch.root / folder).mkdir()
    watch.put("new/1772442000.M1.host", mail(1))
    watch.put("cur/1772442001.M2.host:2,S", mail(2))
    watch.put("tmp/1772442002.M3.host", b"half")
    assert watch.pull().new == 2
    (watch.root / "tmp/1772442002.M3.host").write_bytes(mail(3))
    (watch.root / "tmp/1772442002.M3.host").rename(watch.root / "new/1772442002.M3.host")
    found = watch.pull()
    assert (found.read, found.new) == (1, 1)
    (watch.root / "new/1772442000.M1.host").rename(watch.root / "cur/1772442000.M1.host:2,S")
    found = watch.pull()
    assert (found.read, found.known, found.state) == (1, 1, State.COMPLETE)
    assert len(messages(house)) == 3


def test_what_is_taken_away_stays_here_and_is_counted_as_gone(house, watch):
    watch.put("1.eml", mail(1))
    watch.pull()
    (watch.root / "1.eml").unlink()
    found = watch.pull(once=True)
    assert (found.gone, found.state) == (1, State.COMPLETE)
    assert len(messages(house)) == 1
    state = watch.state()
    assert (state.on_server, state.archived, state.gone) == (0, 0, 1)


def test_links_are_told_and_nothing_outside_is_read(house, watch, tmp_path):
    (tmp_path / "outside.eml").write_bytes(mail(1))
    (watch.root / "link.eml").symlink_to(tmp_path / "outside.eml")
    watch.put("Folder/2.eml", mail(2))
    (watch.root / "Folder" / "link").symlink_to(tmp_path)
    found = watch.pull()
    assert (found.state, messages(house)) == (State.INCOMPLETE, ["2@klos.example"])
    assert "link.eml is a link" in found.detail


def test_a_file_that_cannot_be_read_is_told_and_tried_again(watch, monkeypatch):
    watch.put("1.eml", mail(1))
    watch.put("2.eml", mail(2))
    read = Path.read_bytes

    def refusing(path):
        if path.name == "1.eml":
            raise PermissionError(13, "Permission denied")
        return read(path)

    with monkeypatch.context() as closed:
        closed.setattr(Path, "read_bytes", refusing)
        found = watch.pull()
        assert (found.state, found.new, found.failed) == (State.INCOMPLETE, 1, 1)
        assert "1.eml: cannot be read: Permission denied" in found.detail
        assert watch.pull(once=True).failed == 1
    found = watch.pull(once=True)
    assert (found.state, found.new, found.failed) == (State.COMPLETE, 1, 0)


def test_a_file_that_is_too_large_is_told_at_every_run(watch, monkeypatch):
    monkeypatch.setattr(whole_file, "LARGEST_MAIL", 100)
    monkeypatch.setattr(whole_file, "WHOLE_FILE", 100)
    watch.put("1.eml", mail(1) + b"x" * 100)
    for _ in range(2):
        found = watch.pull()
        assert (found.state, found.failed) == (State.INCOMPLETE, 1)
        assert "1.eml: is too large for one mail" in found.detail


def test_what_is_no_mail_is_quarantined_once_and_strangers_are_counted(house, watch):
    watch.put("empty.eml", b"")
    watch.put("holiday.jpg", b"\xff\xd8\xff\xe0")
    found = watch.pull()
    assert (found.refused, found.failed, found.state) == (1, 0, State.COMPLETE)
    assert watch.pull().refused == 0
    state = watch.state()
    assert (state.on_server, state.refused, state.is_complete) == (2, 2, True)
    assert [run.state for run in watch.runs()] == ["incomplete"]
    with reading(house.engine) as session:
        (row,) = session.exec(select(UnreadableRow)).all()
        assert row.place == str(watch.root / "empty.eml")


@pytest.mark.parametrize("what", ["vanishes", "changes"])
def test_a_file_that_vanishes_or_changes_while_it_is_read_is_told(house, watch, monkeypatch, what):
    path = watch.put("1.eml", mail(1))
    read = eml.Eml.read

    def disturbed(self, export):
        yield from read(self, export)
        path.unlink()
        if what == "changes":
            path.write_bytes(mail(1) + b"more")

    with monkeypatch.context() as disturbing:
        disturbing.setattr(eml.Eml, "read", disturbed)
        found = watch.pull()
    assert found.state == State.INCOMPLETE
    assert "1.eml was changed or taken away while it was read" in found.detail
    assert watch.pull().state == State.COMPLETE
    assert len(messages(house)) == (2 if what == "changes" else 1)


def test_a_run_that_breaks_off_is_begun_again(house, watch, monkeypatch):
    for key in range(5):
        watch.put(f"{key}.eml", mail(key))
    left = [3]
    write = archiving.write

    def failing(session, documents):
        if not left[0]:
            raise ArchiveError("The disk is full.")
        left[0] -= 1
        return write(session, documents)

    with monkeypatch.context() as broken:
        broken.setattr(archiving, "write", failing)
        found = watch.pull()
    assert (found.state, found.detail, found.new) == (State.FAILING, "The disk is full.", 3)
    found = watch.pull(once=True)
    assert (found.state, found.new, found.known) == (State.COMPLETE, 2, 3)
    assert len(messages(house)) == 5


def test_a_run_that_lost_its_lease_writes_nothing(house, watch, monkeypatch):
    watch.put("1.eml", mail(1))
    monkeypatch.setattr(Lease, "assert_held", taken_over)
    found = watch.pull()
    assert (found.state, messages(house)) == (State.FAILING, [])


def taken_over(_lease, _session):
    raise ArchiveError("Another has taken over.")


def test_what_was_archived_is_moved_where_that_is_wanted(house, tmp_path):
    watch = begun(house, tmp_path, move_read=True)
    watch.put("read/1.eml", b"older")
    watch.put("1.eml", mail(1))
    watch.put("Chat/_chat.txt", CHAT.format(7).encode())
    watch.put("holiday.jpg", b"\xff\xd8\xff\xe0")
    watch.put("empty.eml", b"")
    found = watch.pull()
    assert (found.new, found.state) == (3, State.COMPLETE)
    left = sorted(path.relative_to(watch.root).as_posix() for path in watch.root.rglob("*") if path.is_file())
    assert left == ["empty.eml", "holiday.jpg", "read/1 2.eml", "read/1.eml", "read/Chat/_chat.txt"]
    assert (watch.root / "read/1.eml").read_bytes() == b"older"
    assert (watch.root / "read/1 2.eml").read_bytes() == mail(1)
    assert watch.pull().read == 0
    watch.put("1.eml", mail(3))
    watch.pull()
    assert (watch.root / "read/1 3.eml").read_bytes() == mail(3)


def test_a_move_that_a_killed_process_did_not_do_is_done_by_the_next(house, tmp_path, monkeypatch):
    watch = begun(house, tmp_path, move_read=True)
    watch.put("1.eml", mail(1))
    with monkeypatch.context() as killed:
        killed.setattr(read_folder, "_move_into", refused)
        found = watch.pull()
    assert (found.new, found.state) == (1, State.INCOMPLETE)
    assert "1.eml cannot be moved into read" in found.detail
    assert watch.pull(once=True).state == State.COMPLETE
    assert (watch.root / "read" / "1.eml").exists()


def refused(_folder, _entry):
    raise PermissionError(13, "Permission denied")


def test_mails_of_a_mail_program_are_never_moved(house, tmp_path):
    watch = begun(house, tmp_path, move_read=True)
    for folder in ("cur", "new"):
        (watch.root / "box" / folder).mkdir(parents=True)
    watch.put("box/new/1.M1.host", mail(1))
    assert watch.pull().new == 1
    assert (watch.root / "box/new/1.M1.host").exists()
    for folder in ("cur", "new"):
        (watch.root / folder).mkdir()
    found = watch.pull()
    assert found.state == State.FAILING
    assert "switch move_read off" in found.detail


def test_a_folder_that_is_not_there_is_a_state(watch):
    watch.root.rmdir()
    found = watch.pull(once=True)
    assert found.state == State.FAILING
    assert "cannot be read" in found.detail
    watch.root.mkdir()
    assert watch.pull(once=True).state == State.COMPLETE


@pytest.mark.parametrize("path", ["data", "data/originals", "."])
def test_the_data_folder_is_never_watched(house, tmp_path, path):
    with writing(house.engine) as session:
        key = add_source(session, "own", "folder", {"path": str(tmp_path / path)})
    found = pull(house, key)
    assert (found.state, "data folder" in found.detail) == (State.FAILING, True)


def test_a_chat_without_a_zone_is_read_in_the_folders(house, tmp_path):
    watch = begun(house, tmp_path, zone="America/New_York")
    watch.put("_chat.txt", CHAT.format(7).encode())
    watch.pull()
    with reading(house.engine) as session:
        first = session.exec(select(MessageRow.sent_at).order_by(MessageRow.id)).first()
    assert first == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def test_a_wait_ends_when_something_is_settled_or_gone_and_not_while_it_grows(watch):
    stop = threading.Event()
    path = watch.put("1.eml", mail(1))
    watch.pull()
    watch.connection.wait(stop, 0)
    grown = watch.put("2.eml", b"half")
    assert not watch.connection._is_news(watch.connection.watched.look())
    grown.write_bytes(mail(2))
    watch.clock.now += 60
    assert not watch.connection._is_news(watch.connection.watched.look())
    watch.clock.now += 2
    watch.connection.wait(stop, 60)
    assert watch.pull(once=True).new == 1
    path.unlink()
    watch.connection.wait(stop, 60)
    watch.pull(once=True)
    stop.set()
    watch.connection.wait(stop, 60)
    watch.connection.close()


def test_a_wait_ends_when_the_folder_is_gone(watch):
    watch.pull(once=True)
    watch.root.rmdir()
    watch.connection.wait(threading.Event(), 60)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"path": "exports"},
        {"path": "/srv", "zone": "Warsaw"},
        {"path": "/srv", "move_read": "yes"},
        {"path": "/srv", "date_order": "any"},
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused(settings):
    with pytest.raises(ConfigError):
        CONNECTOR.check(settings, "")


def test_settings_that_can_work_are_taken(tmp_path):
    CONNECTOR.check({"path": os.fspath(tmp_path)}, "")
    CONNECTOR.check(
        {"path": "/srv", "zone": "Europe/Warsaw", "move_read": True, "date_order": "day-first"}, ""
    )
