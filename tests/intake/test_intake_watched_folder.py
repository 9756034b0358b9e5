"""A file is settled when it looked the same for two seconds; links and what is unreadable are told."""

import os
from pathlib import Path

import pytest

from service.intake import watched_folder as watching
from service.intake.watched_folder import WatchedFolder


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watched(tmp_path, clock) -> WatchedFolder:
    return WatchedFolder(tmp_path, clock=clock)


def write(folder: Path, name: str, content: bytes = b"x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def settled(watched, clock, seconds: float = 2.0) -> set[str]:
    watched.look()
    clock.now += seconds
    return set(watched.look().settled)


def test_a_file_settles_after_two_looks_and_two_seconds(tmp_path, watched, clock):
    write(tmp_path, "a.eml")
    assert watched.look().settled == frozenset()
    clock.now += 1.9
    assert watched.look().settled == frozenset()
    clock.now += 0.1
    assert watched.look().settled == {"a.eml"}


def test_a_file_that_grows_is_not_settled_and_keeps_no_other_mail_waiting(tmp_path, watched, clock):
    growing = write(tmp_path, "box.mbox")
    write(tmp_path, "a.eml")
    for _ in range(3):
        watched.look()
        clock.now += 5
        with growing.open("ab") as file:
            file.write(b"more")
        assert watched.look().settled == {"a.eml"}
    clock.now += 2
    assert watched.look().settled == {"a.eml", "box.mbox"}


@pytest.mark.parametrize("change", ["size", "time", "inode"])
def test_every_change_begins_the_wait_anew(tmp_path, watched, clock, change):
    path = write(tmp_path, "a.eml")
    before = path.stat()
    assert settled(watched, clock) == {"a.eml"}
    number = watched.look().files["a.eml"]
    if change == "size":
        path.write_bytes(b"xx")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "time":
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000))
    else:
        write(tmp_path, "b").replace(path)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    look = watched.look()
    assert look.settled == frozenset()
    assert look.files["a.eml"] != number
    assert 0 <= look.files["a.eml"] < 2**63


def test_a_folder_settles_as_a_whole_and_loose_files_after_the_folders(tmp_path, watched, clock):
    write(tmp_path, "Chat/result.json")
    write(tmp_path, "_chat.txt")
    write(tmp_path, "a.zip")
    assert settled(watched, clock) == {"Chat/result.json", "_chat.txt", "a.zip"}
    write(tmp_path, "Chat/photos/1.jpg")
    assert watched.look().settled == {"a.zip"}
    clock.now += 2
    assert len(watched.look().settled) == 4


def test_mails_of_a_maildir_settle_one_by_one_and_those_under_way_are_not_seen(tmp_path, watched, clock):
    for name in ("new/1.a", "cur/2.b:2,S", "tmp/3.c", ".Sent/new/4.d", ".Sent/cur/5.e", ".Sent/tmp/6.f"):
        write(tmp_path, name)
    seen = settled(watched, clock)
    assert seen == {"new/1.a", "cur/2.b:2,S", ".Sent/new/4.d", ".Sent/cur/5.e"}
    write(tmp_path, "new/7.g")
    assert watched.look().settled == seen


def test_what_a_browser_still_loads_never_settles(tmp_path, watched, clock):
    write(tmp_path, "export.zip.crdownload")
    write(tmp_path, "a.eml")
    assert settled(watched, clock, 60) == {"a.eml"}


def test_links_and_what_is_no_file_are_told_and_not_followed(tmp_path, clock):
    root = tmp_path / "watched"
    outside = write(tmp_path, "secret.eml")
    root.mkdir()
    (root / "link.eml").symlink_to(outside)
    (root / "folder").symlink_to(tmp_path)
    os.mkfifo(root / "pipe")
    look = WatchedFolder(root, clock=clock).look()
    assert look.files == {}
    assert [one.split(" ")[0] for one in look.troubles] == ["folder", "link.eml", "pipe"]


def test_a_folder_that_may_not_be_listed_is_told(tmp_path, watched, monkeypatch):
    write(tmp_path, "closed/a.eml")
    write(tmp_path, "b.eml")
    scan = os.scandir

    def refusing(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(watching.os, "scandir", refusing)
    look = watched.look()
    assert list(look.files) == ["b.eml"]
    assert look.troubles == ("closed cannot be looked at: Permission denied; let this account read it.",)


def test_names_that_are_no_text_are_seen(tmp_path, watched, clock):
    (tmp_path / os.fsdecode(b"\xff\xfe.eml")).write_bytes(b"x")
    assert len(settled(watched, clock)) == 1


def test_a_folder_that_is_gone_is_an_error(tmp_path, clock):
    with pytest.raises(FileNotFoundError):
        WatchedFolder(tmp_path / "none", clock=clock).look()
