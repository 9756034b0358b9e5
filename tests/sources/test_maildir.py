import os
from pathlib import Path

import pytest

from service.sources.formats.maildir import SOURCE
from service.sources.raw_message import RawMessage, Unreadable
from service.sources.source import Export, Sample

MAIL = b"From: anna@client.example.pl\nSubject: %b\nDate: Mon, 3 Feb 2025 09:15:00 +0100\n\nhi\n"


@pytest.fixture
def box(tmp_path):
    for folder in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new", "Plain/cur", "Plain/new", "other"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def put(box: Path, name: str):
    (box / name).write_bytes(MAIL % name.encode())


def read(box):
    return list(SOURCE.read(Export(box, box, "box")))


def test_mails_come_in_the_order_of_delivery_then_those_of_subfolders(box):
    for name in (
        "new/1.a",
        "cur/2.b:2,S",
        ".Sent/cur/0.c",
        "Plain/new/0.d",
        "tmp/9.e",
        "cur/.hidden",
        "other/8.f",
    ):
        put(box, name)
    records = read(box)
    assert [record.subject for record in records] == [
        "new/1.a",
        "cur/2.b:2,S",
        ".Sent/cur/0.c",
        "Plain/new/0.d",
    ]
    assert [record.position for record in records] == [0, 1, 2, 3]


def test_a_link_is_named_and_not_followed(box, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_bytes(MAIL % b"secret")
    (box / "cur" / "1.link").symlink_to(secret)
    (record,) = read(box)
    assert record == Unreadable("box/cur/1.link", "is a link; put the mail itself there")


def test_a_folder_without_permission_is_named_and_the_others_are_read(box, monkeypatch):
    put(box, "new/1.a")
    scandir = os.scandir

    def deny(path):
        if Path(path).name == "cur":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", deny)
    denied, mail, *_ = read(box)
    assert (denied.where, "Permission denied" in denied.why) == ("box/cur", True)
    assert isinstance(mail, RawMessage)


def test_a_file_without_permission_is_named(box, monkeypatch):
    put(box, "new/1.a")

    def deny(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", deny)
    (record,) = read(box)
    assert record.where == "box/new/1.a"


def test_only_a_folder_with_cur_and_new_is_a_maildir(box):
    assert SOURCE.score(Sample(box, b"", is_folder=True)) > 0.9
    assert SOURCE.score(Sample(box / "other", b"", is_folder=True)) == 0
    assert SOURCE.score(Sample(box / "cur", b"")) == 0
