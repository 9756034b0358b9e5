import gzip
import io
import tarfile
from pathlib import Path

import pytest

from service.errors import SourceError, UnsafeArchive
from service.sources.open import OpenedExport, PassedOver, open_exports
from service.sources.raw_message import Unreadable
from service.sources.unpack import Limits
from service.sources.untar import is_tar, untar

LIMITS = Limits()
CHAT = "14.03.2022, 21:05 - Анна: согласовано\n"


@pytest.fixture
def into(tmp_path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def tarred(path: Path, entries: dict[str, bytes | tarfile.TarInfo], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as file:
        for name, content in entries.items():
            entry = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            data = b"" if isinstance(content, tarfile.TarInfo) else content
            entry.size = len(data)
            file.addfile(entry, io.BytesIO(data))
    return path


def special(name: str, type_: bytes, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = type_, target
    return entry


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_file_comes_out(tmp_path, into, mode, form):
    path = tmp_path / "any.tar"
    long = "ж" * (40 if form == tarfile.USTAR_FORMAT else 90)
    with tarfile.open(path, mode, format=form) as file:
        for name, content in {"./a.txt": b"1", f"sub/{long}.txt": b"2" * 3000, "empty": b""}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))
        file.addfile(special("./", tarfile.DIRTYPE))
        file.addfile(special("folder/", tarfile.DIRTYPE))
    assert is_tar(path, path.read_bytes()[:512])
    assert untar(path, into, LIMITS) == []
    assert files_in(into) == {"a.txt": b"1", f"sub/{long}.txt": b"2" * 3000, "empty": b""}
    assert (into / "folder").is_dir()


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "a/../../evil.txt", "/evil.txt", "C:/evil.txt", "..\\evil.txt", "\\evil.txt", ".."],
)
def test_a_name_that_leaves_the_folder_is_refused_by_name(tmp_path, into, name):
    path = tarred(tmp_path / "any.tar", {name: b"2"})
    with pytest.raises(UnsafeArchive, match=r"evil|\.\."):
        untar(path, into, LIMITS)
    assert files_in(tmp_path).keys() == {"any.tar"}


@pytest.mark.parametrize(
    ("type_", "what"),
    [
        (tarfile.SYMTYPE, "a link"),
        (tarfile.LNKTYPE, "a link"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (tarfile.FIFOTYPE, "a device or pipe"),
    ],
)
def test_what_is_neither_file_nor_folder_is_refused_by_name(tmp_path, into, type_, what):
    path = tarred(tmp_path / "any.tar", {"x": special("shortcut", type_, "/etc/passwd")})
    with pytest.raises(UnsafeArchive, match=f"'shortcut' is {what}"):
        untar(path, into, LIMITS)
    assert list(into.iterdir()) == []


def test_a_file_cannot_be_written_through_a_link_that_came_before(tmp_path, into):
    outside = tmp_path / "outside"
    outside.mkdir()
    link = special("way", tarfile.SYMTYPE, str(outside))
    with pytest.raises(UnsafeArchive, match="is a link"):
        untar(tarred(tmp_path / "any.tar", {"way": link, "way/evil.txt": b"x"}), into, LIMITS)
    assert list(outside.iterdir()) == []


def test_a_name_that_comes_twice_is_refused(tmp_path, into):
    path = tarred(tmp_path / "any.tar", {"a.txt": b"1", "./a.txt": b"2"})
    with pytest.raises(UnsafeArchive, match=r"'a\.txt' twice"):
        untar(path, into, LIMITS)


def test_a_packed_bomb_is_refused_while_it_unpacks(tmp_path, into):
    path = tarred(tmp_path / "any.tgz", {"zeros": bytes(4_000_000)}, "w:gz")
    with pytest.raises(UnsafeArchive, match="more than 200 times larger"):
        untar(path, into, Limits(ratio_from=1_000_000))
    assert list(into.iterdir()) == []


def test_a_sparse_file_that_declares_terabytes_is_refused(tmp_path, into):
    entry = tarfile.TarInfo("sparse")
    entry.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(entry.tobuf(tarfile.GNU_FORMAT))
    header[386:398] = b"%011o\0" % 0  # one piece, of nothing, at the start
    header[398:410] = b"%011o\0" % 0
    header[483:495] = b"%011o\0" % (8**11 - 1)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    path = tmp_path / "any.tar"
    path.write_bytes(header + bytes(1024))
    with pytest.raises(UnsafeArchive, match="'sparse' makes it"):
        untar(path, into, Limits(ratio_from=3_000_000))


def test_a_header_of_any_size_is_not_loaded(tmp_path, into):
    entry = tarfile.TarInfo("././@LongLink")
    entry.type, entry.size = tarfile.GNUTYPE_LONGNAME, 50_000_000
    path = tmp_path / "any.tar"
    with path.open("wb") as file:
        file.write(entry.tobuf(tarfile.GNU_FORMAT))
        file.truncate(51_000_000)
    with pytest.raises(UnsafeArchive, match="a header of"):
        untar(path, into, LIMITS)


def test_more_bytes_than_allowed_are_refused(tmp_path, into):
    path = tarred(tmp_path / "any.tar", {"a": b"x" * 600, "b": b"y" * 600})
    with pytest.raises(UnsafeArchive, match="'b' makes it larger than 1000 bytes"):
        untar(path, into, Limits(total_bytes=1000))


def test_more_entries_than_allowed_are_refused(tmp_path, into):
    with pytest.raises(UnsafeArchive, match="more than the 2 entries"):
        untar(tarred(tmp_path / "any.tar", {"a": b"", "b": b"", "c": b""}), into, Limits(entries=2))


def test_a_tar_cut_short_gives_what_is_whole_and_names_the_rest(tmp_path, into):
    path = tarred(tmp_path / "any.tar", {"a.txt": b"1" * 600, "b.txt": b"2" * 6000})
    path.write_bytes(path.read_bytes()[:3000])
    assert untar(path, into, LIMITS)[0].name == "b.txt"
    assert files_in(into) == {"a.txt": b"1" * 600}


def test_a_packed_tar_cut_short_says_so(tmp_path, into):
    path = tarred(tmp_path / "any.tgz", {"a.txt": bytes(range(256)) * 9}, "w:gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match="cut short or damaged"):
        untar(path, into, LIMITS)


def test_a_name_longer_than_disks_take_is_damage_of_that_entry(tmp_path, into):
    damaged = untar(tarred(tmp_path / "any.tar", {"x" * 300: b"1", "good.txt": b"2"}), into, LIMITS)
    assert [len(entry.name) for entry in damaged] == [300]
    assert files_in(into) == {"good.txt": b"2"}


def test_rights_and_owners_are_not_taken_over(tmp_path, into):
    entry = tarfile.TarInfo("tool")
    entry.mode, entry.uid = 0o4777, 0
    untar(tarred(tmp_path / "any.tar", {"tool": entry}), into, LIMITS)
    assert (into / "tool").stat().st_mode & 0o7111 == 0


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b\x08", gzip.compress(b"text", mtime=0), b"BZh9", b"\xfd7zXZ\x00", b"x"]
)
def test_what_is_no_tar_is_not_taken_for_one(tmp_path, content):
    path = tmp_path / "x.gz"
    path.write_bytes(content)
    assert not is_tar(path, content[:512])


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_read_through_and_leaves_nothing_behind(tmp_path, monkeypatch, mode):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    path = tarred(tmp_path / "chat.dat", {"_chat.txt": CHAT.encode()}, mode)
    (found,) = open_exports(path)
    assert isinstance(found, OpenedExport)
    assert (found.source.name, found.export.place) == ("whatsapp", f"{path}!/_chat.txt")
    assert list(temporary.iterdir()) == []


def test_a_hostile_tar_takes_nothing_else_with_it(tmp_path):
    tarred(tmp_path / "a.tar", {"_chat.txt": CHAT.encode(), "../evil.txt": b"x"})
    (tmp_path / "b.txt").write_text(CHAT)
    (tmp_path / "c.gz").write_bytes(gzip.compress(b"no tar"))
    refused, read, passed = open_exports(tmp_path)
    assert isinstance(refused, Unreadable)
    assert "evil.txt" in refused.why
    assert isinstance(read, OpenedExport)
    assert isinstance(passed, PassedOver)
