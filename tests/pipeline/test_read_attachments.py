"""From a mail with files to a hit, on both engines: each file gets its state, none keeps others waiting."""

from email.message import EmailMessage

import attached_files as files
import pytest

from service.accounts.scope import EVERYTHING
from service.archive.store import conversations, messages_of
from service.attachments.attachment_text import TextState
from service.attachments.ocr import NEEDS_TESSERACT
from service.attachments.store import count_waiting, known_of, texts_of
from service.attachments.supervise import Supervisor
from service.db.session import reading
from service.errors import ArchiveError
from service.pipeline import read_attachments as stage
from service.pipeline.ingest import Wish, ingest
from service.pipeline.read_attachments import read_attachments
from service.search.find import find


def keep(house, folder, **attached: bytes) -> None:
    """Archive one mail for each file; its name is the file's, with the dot written as an underscore."""
    folder.mkdir()
    for number, (name, content) in enumerate(attached.items()):
        message = EmailMessage()
        message["From"], message["To"] = "Ewa <ewa@klos.example>", "igor@clinic.example"
        message["Date"] = f"Mon, 02 Mar 2026 10:{number:02}:00 +0100"
        message["Subject"], message["Message-ID"] = name, f"<{name}@klos.example>"
        message.set_content("w zalaczniku")
        shown = name.replace("_", ".")
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=shown)
        (folder / f"{name}.eml").write_bytes(message.as_bytes())
    ingest(house, [folder], Wish(actor="test"))


def found(house, query: str) -> list[str]:
    with reading(house.engine) as session:
        return [hit.subject.text for hit in find(session, query, scope=EVERYTHING).hits]


def states(house) -> dict[str, tuple]:
    """Return by subject the state, whether the words are from an image, and why not all can be searched."""
    with reading(house.engine) as session:
        kept = [
            message
            for talk in conversations(session, EVERYTHING)
            for message in messages_of(session, EVERYTHING, talk.id)
        ]
        known = known_of(session, [message.id for message in kept])
    names = {message.id: message.subject for message in kept}
    return {names[key]: (one.state, one.from_image, one.why) for (key, _), one in known.items()}


def test_words_of_files_find_their_mails(house, tmp_path):
    keep(
        house,
        tmp_path / "mails",
        umowa_docx=files.word("Согласовали неустойку"),
        faktura_pdf=files.pdf("Zatwierdzam zaliczkę"),
        skan_png=files.picture("Печать агентства"),
        pusty_txt=b"",
    )
    assert found(house, "неустойка") == []
    seen = []
    assert read_attachments(house, lambda done, total: seen.append((done, total))) == 4
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert found(house, "неустойка") == ["umowa_docx"]
    assert found(house, "zaliczka ewa") == ["faktura_pdf"]
    assert found(house, "печать агентство") == ["skan_png"]
    assert states(house) == {
        "umowa_docx": (TextState.READ, False, ""),
        "faktura_pdf": (TextState.READ, False, ""),
        "skan_png": (TextState.READ, True, ""),
        "pusty_txt": (TextState.EMPTY, False, ""),
    }
    assert read_attachments(house) == 0


def test_a_hostile_file_fails_and_the_others_are_read(house, tmp_path):
    keep(
        house,
        tmp_path / "mails",
        a_txt="предоплата".encode(),
        bomb_docx=files.bomb(),
        broken_pdf=b"%PDF-1.7\n" + b"\0" * 5000,
        z_txt="неустойка".encode(),
    )
    assert read_attachments(house) == 4
    assert found(house, "предоплата") == ["a_txt"]
    assert found(house, "неустойка") == ["z_txt"]
    ended = states(house)
    assert ended["bomb_docx"][0] == TextState.REFUSED
    assert "unpacks to" in ended["bomb_docx"][2]
    assert ended["broken_pdf"][0] == TextState.FAILED
    assert "is damaged" in ended["broken_pdf"][2]


def test_an_image_is_read_once_tesseract_is_there(house, tmp_path, monkeypatch):
    keep(house, tmp_path / "mails", skan_png=files.picture("Печать агентства"))
    with monkeypatch.context() as without:
        without.setattr(stage, "find_tesseract", lambda _seconds: None)
        assert read_attachments(house) == 1
        assert states(house) == {"skan_png": (TextState.REFUSED, False, NEEDS_TESSERACT)}
        assert read_attachments(house) == 0
    assert read_attachments(house) == 1
    assert states(house) == {"skan_png": (TextState.READ, True, "")}
    assert found(house, "печать") == ["skan_png"]


def test_a_slice_leaves_the_rest_waiting_the_oldest_last(house, tmp_path):
    keep(house, tmp_path / "mails", a_txt=b"slowo", b_txt=b"slowo", c_txt=b"slowo")
    assert read_attachments(house, most=1) == 1
    assert found(house, "slowo") == ["c_txt"]
    assert read_attachments(house, goes_on=lambda: False) == 0
    assert read_attachments(house) == 2
    assert found(house, "slowo") == ["c_txt", "b_txt", "a_txt"]


def test_a_run_that_breaks_off_can_be_run_again(house, tmp_path, monkeypatch):
    keep(house, tmp_path / "mails", a_txt=b"slowo", b_txt=b"slowo")

    def stop(*_given):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Supervisor, "read", stop)
        with pytest.raises(KeyboardInterrupt):
            read_attachments(house)
    assert read_attachments(house) == 2
    assert found(house, "slowo") == ["b_txt", "a_txt"]


def test_an_original_that_cannot_be_had_keeps_waiting_and_holds_up_nobody(house, tmp_path, monkeypatch):
    keep(house, tmp_path / "mails", a_txt=b"slowo", b_txt=b"slowo")
    with reading(house.engine) as session:
        lost = find(session, "b_txt", scope=EVERYTHING).hits[0].message_id
    read = stage._Desk._contents

    def contents(desk, waiting):
        if waiting[0].message_id == lost:
            raise ArchiveError("the store is away")
        return read(desk, waiting)

    with monkeypatch.context() as broken:
        broken.setattr(stage._Desk, "_contents", contents)
        read_attachments(house)
    assert found(house, "slowo") == ["a_txt"]
    with reading(house.engine) as session:
        assert count_waiting(session) == 1
    read_attachments(house)
    assert found(house, "slowo") == ["b_txt", "a_txt"]


def test_a_file_of_a_chat_export_is_read_too(house, tmp_path):
    export = tmp_path / "export"
    export.mkdir()
    (export / "umowa.docx").write_bytes(files.word("Согласовали неустойку"))
    (export / "_chat.txt").write_text(
        "[02.03.2026, 10:00:00] Ewa: см. файл\n[02.03.2026, 10:01:00] Igor: \u200e<attached: umowa.docx>\n",
        "utf-8",
    )
    ingest(house, [export], Wish(actor="test"))
    assert read_attachments(house) == 1
    with reading(house.engine) as session:
        (hit,) = find(session, "неустойка", scope=EVERYTHING).hits
        assert hit.snippet.text.startswith("umowa.docx: ")
        assert [one.from_image for one in texts_of(session, [hit.message_id])[hit.message_id]] == [False]


def test_archiving_again_waits_for_nothing_twice(house, tmp_path):
    keep(house, tmp_path / "mails", a_txt=b"slowo")
    read_attachments(house)
    ingest(house, [tmp_path / "mails"], Wish(actor="test"))
    assert read_attachments(house) == 0
    assert found(house, "slowo") == ["a_txt"]
