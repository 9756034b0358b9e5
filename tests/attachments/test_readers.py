"""The words of each kind of attachment, from real files."""

import math
import re
import zipfile
from email.message import EmailMessage
from io import BytesIO

import attached_files as documents
import pytest
from attached_files import POLISH, RUSSIAN
from PIL import Image

from service.attachments.attachment_text import MOST_TEXT, TextState
from service.attachments.child import read
from service.attachments.kinds import all_readers, takes
from service.attachments.ocr import NEEDS_TESSERACT, find_tesseract
from service.attachments.reader import Given, Words

TESSERACT = find_tesseract(20.0)


def reading(content: bytes, name: str = "", media_type: str = "", tesseract=TESSERACT):
    *texts, end = read(all_readers(), Given(content, name, media_type, tesseract), math.inf)
    return end, "".join(texts)


def text(content: bytes, name: str = "", media_type: str = "") -> str:
    end, found = reading(content, name, media_type)
    assert end.state == TextState.READ, end
    return found


def mail() -> bytes:
    message = EmailMessage()
    message["From"] = "Ewa Rutka <ewa@klos.example>"
    message["To"] = "igor@clinic.example"
    message["Subject"] = RUSSIAN
    message.set_content(POLISH)
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="Umowa.pdf")
    return message.as_bytes()


def image_of(kind: str) -> bytes:
    return documents.picture(kind=kind)


KINDS = {
    "pdf": (lambda: documents.pdf(RUSSIAN, POLISH), [RUSSIAN, POLISH]),
    "docx": (documents.word, [RUSSIAN, POLISH, "Ячейка", "Komórka", "Колонтитул", "Stopka", "Примечание"]),
    "pptx": (documents.slides, ["Первый слайд", POLISH, "Заметка докладчика"]),
    "xlsx": (documents.table, ["Смета", "Логотип\t64000\t12.5", "Zaliczka", POLISH]),
    "odt": (documents.open_document, [RUSSIAN, POLISH]),
    "odp": (lambda: documents.open_document(kind="presentation"), [RUSSIAN, POLISH]),
    "html": (f"<html><p>{RUSSIAN}<p>{POLISH}</html>".encode, [RUSSIAN, POLISH]),
    "txt": (f"{RUSSIAN}\n{POLISH}".encode, [RUSSIAN, POLISH]),
    "csv": (lambda: f"a;{RUSSIAN}\n".encode("windows-1251"), [RUSSIAN]),
    "md": (lambda: f"# {POLISH}\n".encode("iso-8859-2"), [POLISH]),
    "ics": (f"BEGIN:VCALENDAR\r\nSUMMARY:{RUSSIAN}\r\n".encode, [RUSSIAN]),
    "rtf": (
        lambda: (
            r"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset204 Arial;}}\f0 "
            + "".join(rf"\'{byte:02x}" for byte in RUSSIAN.encode("windows-1251"))
            + r"\par Zatwierdzam zaliczk\u281?\par}"
        ).encode("ascii"),
        [RUSSIAN, POLISH],
    ),
    "eml": (mail, [RUSSIAN, POLISH, "Ewa Rutka", "igor@clinic.example", "Umowa.pdf"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_words_of_every_kind_are_read(kind):
    make, words = KINDS[kind]
    found = text(make(), f"Umowa.{kind}")
    assert [one for one in words if one not in found] == []


@pytest.mark.parametrize("kind", ["pdf", "docx", "pptx", "xlsx", "odt", "odp", "html", "rtf", "eml", "txt"])
@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("plik", "application/octet-stream"),
        ("photo.jpg", "image/jpeg"),
        ("Umowa.pdf", "application/pdf"),
        ("Umowa.docx", "application/octet-stream"),
        ("\0.\u202e", "x"),
    ],
)
def test_a_name_or_type_that_lies_changes_nothing(kind, name, media_type):
    make, words = KINDS[kind]
    assert words[0] in text(make(), name, media_type)


def test_deleted_words_are_not_read_and_inserted_ones_are():
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = (
        f"<w:document {names}><w:p><w:ins><w:r><w:t>dodane</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>skreślone</w:delText></w:r></w:del>"
        "<w:sdt><w:sdtContent><w:r><w:t> pole</w:t></w:r></w:sdtContent></w:sdt></w:p></w:document>"
    )
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w") as made:
        made.writestr("word/document.xml", body)
    assert re.sub(r"\s+", " ", text(kept.getvalue(), "a.docx")).strip() == "dodane pole"


def test_an_entity_that_swells_stays_small():
    lines = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    evil = f'<!DOCTYPE d [<!ENTITY e0 "{"x" * 100}">{lines}]>'
    kept = documents.open_document(body="<text:p>&e12; słowo</text:p>")
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(kept)) as old, zipfile.ZipFile(made, "w") as new:
        new.writestr("mimetype", old.read("mimetype"))
        new.writestr("content.xml", evil + old.read("content.xml").decode())
    end, found = reading(made.getvalue(), "a.odt")
    assert (end.state, found) == (TextState.REFUSED, "")
    assert "entities" in end.why


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP"])
def test_words_in_an_image_are_recognised_and_marked(kind):
    end, found = reading(image_of(kind), f"scan.{kind.lower()}")
    assert end.state == TextState.READ
    assert end.from_image
    assert RUSSIAN in found
    assert POLISH in found


def test_a_scanned_page_of_a_pdf_is_recognised():
    end, found = reading(documents.scanned_pdf(), "scan.pdf")
    assert (end.state, end.from_image) == (TextState.READ, True)
    assert RUSSIAN in found
    assert POLISH in found


@pytest.mark.parametrize("content", [documents.picture, documents.scanned_pdf])
def test_without_tesseract_it_is_said_what_to_install(content):
    end, found = reading(content(), tesseract=None)
    assert (end.state, end.why, found.strip()) == (TextState.REFUSED, NEEDS_TESSERACT, "")


def test_an_image_without_words_has_none():
    kept = BytesIO()
    Image.effect_noise((800, 600), 60).save(kept, "PNG")
    end, found = reading(kept.getvalue(), "photo.png")
    assert (end.state, found.strip()) == (TextState.EMPTY, "")


@pytest.mark.parametrize("size", [(140, 900), (900, 40)])
def test_logos_are_left_alone(size):
    end, _ = reading(documents.picture("LOGO", size=size), "logo.png", tesseract=None)
    assert end.state == TextState.EMPTY


def test_a_text_longer_than_the_most_is_cut_and_says_so():
    end, found = reading("слово ".encode() * 1_000_000, "a.txt")
    assert len(found) == MOST_TEXT
    assert end.state == TextState.READ
    assert "cannot be searched" in end.why


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    end, found = reading(documents.bomb(), "a.docx")
    assert end.state == TextState.REFUSED
    assert "unpacks to" in end.why
    assert found == ""


@pytest.mark.parametrize("kind", ["pdf", "docx", "pptx", "xlsx", "odt", "rtf", "eml", "html"])
def test_damaged_files_end_in_a_state(kind):
    make, _ = KINDS[kind]
    content = make()
    for cut in (0, 10, len(content) // 2, len(content) - 30):
        end, _ = reading(content[:cut], f"a.{kind}")
        assert end.state in {TextState.READ, TextState.EMPTY, TextState.REFUSED, TextState.FAILED}
        assert end.why or end.state in {TextState.READ, TextState.EMPTY}


def test_a_document_with_a_password_says_so():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le")
    end, _ = reading(ole, "Umowa.docx")
    assert end.state == TextState.REFUSED
    assert end.why.startswith("is protected by a password")


@pytest.mark.parametrize(
    ("media_type", "name", "taken"),
    [
        ("application/pdf", "", True),
        ("application/octet-stream", "Umowa.pdf", True),
        ("application/zip", "Umowa.docx", True),
        ("IMAGE/PNG", "", True),
        ("audio/ogg", "voice.opus", False),
        ("video/mp4", "a.mp4", False),
        ("application/pkcs7-signature", "smime.p7s", False),
    ],
)
def test_what_may_have_words_is_waited_for(media_type, name, taken):
    assert takes(media_type, name) is taken


def test_letters_without_words_are_no_text():
    end, _ = reading(b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n", "encrypted.asc")
    assert end.state == TextState.REFUSED


def test_every_reader_says_who_it_is():
    names = [reader.name for reader in all_readers()]
    assert len(set(names)) == len(names)
    assert isinstance(next(all_readers()[0].read(Given(documents.word(), "a.docx", ""))), Words)
