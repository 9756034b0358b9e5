import unicodedata

import pytest

from service.sources.media import attach, find, fold_name, media_type


@pytest.mark.parametrize(
    ("on_disk", "named"),
    [
        (unicodedata.normalize("NFD", "Йод и ćma.pdf"), "Йод и ćma.pdf"),
        ("Чат\u00a0с Анной.txt", "Чат с Анной.txt"),
        ("a\u200e.pdf", "a.pdf"),
        ("plain.pdf", "./plain.pdf"),
    ],
)
def test_a_name_is_found_however_a_system_writes_it(tmp_path, on_disk, named):
    (tmp_path / on_disk).write_bytes(b"x")
    assert find(tmp_path, named).read_bytes() == b"x"


def test_a_backslash_parts_folders_too(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.pdf").write_bytes(b"x")
    assert find(tmp_path, "files\\a.pdf").read_bytes() == b"x"


@pytest.mark.parametrize("name", ["../a.pdf", "sub/../../a.pdf", "", ".", "/", "sub", "a\0.pdf", "x" * 5000])
def test_nothing_outside_the_folder_and_no_folder_is_found(tmp_path, name):
    (tmp_path / "a.pdf").write_bytes(b"x")
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    assert find(root, name) is None


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(b"x")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "secret")
    assert find(root, "link") is None


def test_a_file_that_comes_later_is_found_later(tmp_path):
    assert find(tmp_path, "a.pdf") is None
    (tmp_path / "a.pdf").write_bytes(b"x")
    assert find(tmp_path, "a.pdf") is not None


def test_bytes_are_read_only_when_they_are_asked_for(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"old")
    attachment = attach(tmp_path, "a.pdf")
    path.write_bytes(b"new")
    assert attachment.load() == b"new"


def test_what_is_not_there_is_named_as_missing(tmp_path):
    attachment = attach(tmp_path, "photos/a.jpg", size=5)
    assert (attachment.name, attachment.media_type, attachment.size, attachment.load) == (
        "a.jpg",
        "image/jpeg",
        5,
        None,
    )
    assert attachment.missing


def test_types_that_systems_do_not_agree_on_are_fixed():
    assert media_type("PTT-1.opus") == "audio/ogg"
    assert media_type("A.WEBP") == "image/webp"
    assert media_type("no-suffix") == "application/octet-stream"


def test_folding_is_stable():
    assert fold_name(fold_name("Й\u00a0\u200ea")) == fold_name("Й\u00a0\u200ea")
