import io
import mailbox
import os
import zipfile
from pathlib import Path

import pytest

from service.errors import UnknownFormat
from service.sources.open import OpenedExport, PassedOver, open_exports, size_of
from service.sources.raw_message import RawMessage, Unreadable
from service.sources.unpack import Limits

CHAT = (
    "14.03.2022, 21:05 - Анна: согласовано\n"
    "15.03.2022, 21:05 - Анна: PTT-20220315-WA0001.opus (файл добавлен)\n"
)
TELEGRAM = '{"name": "B", "type": "personal_chat", "id": 5, "messages": [{"id": 1, "type": "message"}]}'
MAIL = (
    b"From: a@example.org\r\nTo: b@example.org\r\nMessage-ID: <1@example.org>\r\nSubject: x\r\n\r\nhello\r\n"
)


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(entries: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return made.getvalue()


def opened(path: Path, **options) -> dict[str, object]:
    """What was found, by place below the folder of the test: a format, or a reason."""
    found = {}
    for one in open_exports(path, **options):
        if isinstance(one, OpenedExport):
            found[one.export.place] = one.source.name
        else:
            found[one.where if isinstance(one, Unreadable) else one.place] = one
    return {place.removeprefix(f"{path}").lstrip("/"): what for place, what in found.items()}


def test_a_file_is_known_by_its_content(tmp_path):
    assert opened(put(tmp_path / "backup.dat", CHAT)) == {"": "whatsapp"}
    assert opened(put(tmp_path / "mail.txt", TELEGRAM)) == {"": "telegram"}


def test_a_file_of_no_format_is_refused_with_the_formats_there_are(tmp_path):
    (refused,) = open_exports(put(tmp_path / "photo.jpg", b"\xff\xd8\xff\xe0"))
    assert isinstance(refused, Unreadable)
    listed = refused.why.partition("formats: ")[2].partition(". ")[0].split(", ")
    assert {"eml", "telegram", "whatsapp"} <= set(listed)
    assert "--format" in refused.why


def test_a_named_format_is_believed(tmp_path):
    (found,) = open_exports(put(tmp_path / "x.txt", "no header at all"), format_name="whatsapp")
    assert found.source.name == "whatsapp"


def test_a_format_that_does_not_exist_is_refused_at_once(tmp_path):
    with pytest.raises(UnknownFormat, match=r"choose one of: .*whatsapp"):
        list(open_exports(tmp_path, format_name="fax"))


def test_a_folder_is_walked_in_the_order_of_names(tmp_path):
    put(tmp_path / "b.txt", CHAT)
    put(tmp_path / "a" / "mail.eml", MAIL)
    put(tmp_path / "c.json", TELEGRAM)
    assert list(opened(tmp_path).items()) == [
        ("a/mail.eml", "eml"),
        ("b.txt", "whatsapp"),
        ("c.json", "telegram"),
    ]


def test_a_file_in_a_folder_that_nobody_knows_is_named_but_no_error(tmp_path):
    put(tmp_path / "logo.png", b"\x89PNG")
    assert isinstance(opened(tmp_path)["logo.png"], PassedOver)


def test_a_maildir_is_one_export(tmp_path):
    box = mailbox.Maildir(tmp_path / "box")
    box.add(MAIL)
    assert opened(tmp_path) == {"box": "maildir"}


def test_what_lies_beside_a_telegram_export_is_no_input_of_its_own(tmp_path):
    put(tmp_path / "result.json", TELEGRAM)
    put(tmp_path / "files" / "forwarded.eml", MAIL)
    put(tmp_path / "chats" / "chat_01" / "photos" / "1.jpg", b"\xff\xd8")
    put(tmp_path / "other" / "mail.eml", MAIL)
    assert opened(tmp_path) == {"result.json": "telegram", "other/mail.eml": "eml"}


def test_what_a_whatsapp_chat_names_is_no_input_of_its_own(tmp_path):
    put(tmp_path / "_chat.txt", CHAT)
    put(tmp_path / "PTT-20220315-WA0001.opus", b"OggS")
    put(tmp_path / "mail.eml", MAIL)
    assert opened(tmp_path) == {"_chat.txt": "whatsapp", "mail.eml": "eml"}


def test_a_zip_is_read_through_and_leaves_nothing_behind(tmp_path, monkeypatch):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    content = zipped({"_chat.txt": CHAT, "PTT-20220315-WA0001.opus": b"OggS voice"})
    path = put(tmp_path / "WhatsApp Chat - Anna.zip", content)
    records = []
    for found in open_exports(path):
        assert found.export.place == f"{path}!/_chat.txt"
        records += [
            (record.conversation.title, [one.load() for one in record.attachments]) for record in _read(found)
        ]
    assert records == [("Anna", []), ("Anna", [b"OggS voice"])]
    assert list(temporary.iterdir()) == []


def _read(found: OpenedExport) -> list[RawMessage]:
    return list(found.source.read(found.export))


def test_txt_and_zip_of_one_chat_give_the_same_records(tmp_path):
    name = "Чат WhatsApp с\u00a0контактом Анна"
    (alone,) = open_exports(put(tmp_path / f"{name}.txt", CHAT))
    (inside,) = [
        _read(found) for found in open_exports(put(tmp_path / "download.zip", zipped({f"{name}.txt": CHAT})))
    ]
    assert inside == _read(alone)


def test_a_zip_in_a_zip_is_opened_and_one_deeper_is_refused(tmp_path):
    inner = zipped({"_chat.txt": CHAT, "deep.zip": zipped({"deeper.txt": CHAT})})
    found = opened(put(tmp_path / "outer.zip", zipped({"inner.zip": inner, "mail.eml": MAIL})))
    assert found["!/mail.eml"] == "eml"
    assert found["!/inner.zip!/_chat.txt"] == "whatsapp"
    assert "zip inside a zip inside a zip" in found["!/inner.zip!/deep.zip"].why


def test_a_hostile_zip_takes_nothing_else_with_it(tmp_path):
    put(tmp_path / "a.zip", zipped({"../evil.txt": "x"}))
    put(tmp_path / "b.zip", zipped({"zeros": bytes(3_000_000)})[:-30])
    put(tmp_path / "c.txt", CHAT)
    found = opened(tmp_path)
    assert found["c.txt"] == "whatsapp"
    assert "evil.txt" in found["a.zip"].why
    assert "cut short" in found["b.zip"].why


def test_the_limit_on_unpacked_bytes_can_be_set(tmp_path):
    path = put(tmp_path / "a.zip", zipped({"_chat.txt": CHAT}))
    (refused,) = open_exports(path, limits=Limits(total_bytes=10))
    assert "larger than 10 bytes" in refused.why


def test_a_document_that_happens_to_be_a_zip_is_not_unpacked(tmp_path):
    put(tmp_path / "brief.docx", zipped({"word/document.xml": "<w/>", "../x": ""}))
    assert isinstance(opened(tmp_path)["brief.docx"], PassedOver)


@pytest.mark.parametrize(("name", "content"), [("a.txt", b""), ("a.zip", b""), ("a.xyz", b"")])
def test_an_empty_file_says_that_it_is_empty(tmp_path, name, content):
    (refused,) = open_exports(put(tmp_path / name, content))
    assert "is empty" in refused.why


def test_an_empty_zip_or_folder_holds_nothing(tmp_path):
    assert list(open_exports(put(tmp_path / "a.zip", zipped({})))) == []


def test_a_path_that_does_not_exist_says_so(tmp_path):
    (refused,) = open_exports(tmp_path / "missing.txt")
    assert "does not exist" in refused.why


def test_a_file_that_may_not_be_read_is_named_and_the_rest_goes_on(tmp_path, monkeypatch):
    put(tmp_path / "a.txt", CHAT)
    put(tmp_path / "b.txt", CHAT)
    real = Path.open

    def refuse(path, *args, **kwargs):
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    found = opened(tmp_path)
    assert "permission denied" in found["a.txt"].why
    assert found["b.txt"] == "whatsapp"


def test_a_folder_that_may_not_be_read_is_named_and_the_rest_goes_on(tmp_path, monkeypatch):
    put(tmp_path / "a" / "x.txt", CHAT)
    put(tmp_path / "b.txt", CHAT)
    real = Path.iterdir

    def refuse(path):
        if path.name == "a":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    found = opened(tmp_path)
    assert "permission denied" in found["a"].why
    assert found["b.txt"] == "whatsapp"


def test_a_link_to_a_folder_is_not_followed_into_a_circle(tmp_path):
    put(tmp_path / "a.txt", CHAT)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert isinstance(opened(tmp_path)["loop"], PassedOver)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert isinstance(opened(tmp_path)["pipe"], PassedOver)
    (refused,) = open_exports(tmp_path / "pipe")
    assert "neither a file nor a folder" in refused.why


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path):
    put(tmp_path / "a" / "x.txt", b"12345")
    put(tmp_path / "y.txt", b"123")
    assert (size_of(tmp_path), size_of(tmp_path / "y.txt"), size_of(tmp_path / "none")) == (8, 3, 0)


def test_the_size_of_a_zip_is_what_it_unpacks_to(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"x" * 5000)
    whole = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-5])
    assert (size_of(tmp_path / "a.zip"), size_of(tmp_path / "cut.zip")) == (5000, len(whole) - 5)
