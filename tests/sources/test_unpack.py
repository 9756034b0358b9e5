import stat
import struct
import zipfile
from pathlib import Path

import pytest

from service.errors import SourceError, UnsafeArchive
from service.sources.unpack import Limits, repaired_name, unpack

LIMITS = Limits()


@pytest.fixture
def into(tmp_path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def zipped(folder: Path, entries: dict[str, bytes]) -> Path:
    path = folder / "any.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return path


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_entry_comes_out(tmp_path, into):
    assert unpack(zipped(tmp_path, {"a.txt": b"1", "sub/b.txt": b"2", "empty/": b""}), into, LIMITS) == []
    assert files_in(into) == {"a.txt": b"1", "sub/b.txt": b"2"}


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "a/../../evil.txt",
        "/evil.txt",
        "C:/evil.txt",
        "c:evil.txt",
        "..\\evil.txt",
        "\\evil.txt",
        "..",
    ],
)
def test_a_name_that_leaves_the_folder_is_refused_by_name(tmp_path, into, name):
    path = zipped(tmp_path, {"good.txt": b"1", name: b"2"})
    with pytest.raises(UnsafeArchive, match=r"evil|\.\."):
        unpack(path, into, LIMITS)
    assert files_in(tmp_path).keys() == {"any.zip"}


def test_a_link_is_refused_by_name(tmp_path, into):
    path = tmp_path / "link.zip"
    link = zipfile.ZipInfo("shortcut")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeArchive, match="'shortcut' is a link"):
        unpack(path, into, LIMITS)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(tmp_path, into):
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("Чат.txt", "1")
        file.writestr("./Чат.txt", "2")
    with pytest.raises(UnsafeArchive, match=r"'Чат\.txt' twice"):
        unpack(path, into, LIMITS)


def test_an_encrypted_entry_is_refused_with_what_to_do(tmp_path, into):
    path = zipped(tmp_path, {"secret.txt": b"1"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    content[content.index(b"PK\x03\x04") + 6] |= 1
    path.write_bytes(content)
    with pytest.raises(UnsafeArchive, match=r"'secret\.txt' is encrypted; unpack"):
        unpack(path, into, LIMITS)


def test_a_bomb_is_refused_while_it_unpacks(tmp_path, into):
    path = zipped(tmp_path, {"zeros": bytes(4_000_000)})
    with pytest.raises(UnsafeArchive, match="'zeros' makes it more than 200 times larger"):
        unpack(path, into, Limits(ratio_from=1_000_000))


def test_text_that_packs_well_is_no_bomb_below_the_threshold(tmp_path, into):
    assert unpack(zipped(tmp_path, {"zeros": bytes(4_000_000)}), into, LIMITS) == []


def test_more_bytes_than_allowed_are_refused(tmp_path, into):
    path = zipped(tmp_path, {"a": b"x" * 600, "b": b"y" * 600})
    with pytest.raises(UnsafeArchive, match="'b' makes it larger than 1000 bytes"):
        unpack(path, into, Limits(total_bytes=1000))


def test_more_entries_than_allowed_are_refused(tmp_path, into):
    with pytest.raises(UnsafeArchive, match="3 entries, more than the 2"):
        unpack(zipped(tmp_path, {"a": b"", "b": b"", "c": b""}), into, Limits(entries=2))


def test_a_size_that_lies_does_not_help_a_bomb(tmp_path, into):
    path = zipped(tmp_path, {"zeros": bytes(4_000_000)})
    content = path.read_bytes().replace(struct.pack("<I", 4_000_000), struct.pack("<I", 10))
    path.write_bytes(content)
    damaged = unpack(path, into, Limits(total_bytes=1_000_000))
    assert [entry.name for entry in damaged] == ["zeros"]
    assert files_in(into) == {}


@pytest.mark.parametrize("cut", [10, 40, 100])
def test_a_zip_cut_short_says_so(tmp_path, into, cut):
    path = zipped(tmp_path, {"a.txt": bytes(range(256)), "b.txt": bytes(range(256))})
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(SourceError, match="cut short or damaged"):
        unpack(path, into, LIMITS)


def test_a_damaged_entry_does_not_take_the_others_with_it(tmp_path, into):
    path = zipped(tmp_path, {"bad.txt": b"abc" * 99, "good.txt": b"2"})
    content = bytearray(path.read_bytes())
    content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    damaged = unpack(path, into, LIMITS)
    assert [entry.name for entry in damaged] == ["bad.txt"]
    assert files_in(into) == {"good.txt": b"2"}


@pytest.mark.parametrize(
    ("name", "charset"),
    [
        ("Чат WhatsApp.txt", "cp866"),
        ("Чат с Ольгой.txt", "cp1251"),
        ("Переписка №1.txt", "cp1251"),
        ("Чат.txt", "utf-8"),
        ("zażółć.txt", "utf-8"),
        ("Müller.txt", "cp437"),
        ("plain.txt", "ascii"),
    ],
)
def test_a_name_without_the_utf_8_flag_is_read_as_its_maker_meant_it(name, charset):
    assert repaired_name(zipfile.ZipInfo(name.encode(charset).decode("cp437"))) == name


def test_a_name_longer_than_disks_take_is_damage_of_that_entry(tmp_path, into):
    damaged = unpack(zipped(tmp_path, {"x" * 300: b"1", "good.txt": b"2"}), into, LIMITS)
    assert [len(entry.name) for entry in damaged] == [300]
    assert files_in(into) == {"good.txt": b"2"}
