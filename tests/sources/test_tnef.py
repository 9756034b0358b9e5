"""A winmail.dat gives its files and, where the mail has none, its text; it never harms the mail around it."""

import struct
from base64 import encodebytes
from pathlib import Path

import pytest
from compressed_rtf import compress
from outlook_files import Value, encoded

from service.sources.mime import read_mail
from service.sources.raw_message import RawMessage
from service.sources.tnef import files_in_tnef, read_tnef, text_in_tnef

MESSAGE_IID = bytes.fromhex("0703020000000000c000000000000046")
SAMPLE = Path(__file__).parent / "samples" / "eml" / "nothing-but-a-winmail-dat.eml"


def attribute(level: int, name: int, kind: int, content: bytes) -> bytes:
    head = struct.pack("<BHHI", level, name, kind, len(content))
    return head + content + struct.pack("<H", sum(content) & 0xFFFF)


def properties(said: dict[int, Value], charset: str = "") -> bytes:
    out = struct.pack("<I", len(said))
    for tag, value in said.items():
        kind, raw = encoded(value, charset)
        if isinstance(value, bytes) and value.startswith(MESSAGE_IID):
            kind = 0x0D
        out += struct.pack("<HH", kind, tag)
        if kind in {0x0D, 0x1E, 0x1F, 0x102}:
            raw += {0x1E: b"\0", 0x1F: b"\0\0"}.get(kind, b"")
            out += struct.pack("<II", 1, len(raw))
        out += raw + bytes(-len(raw) % 4)
    return out


def tnef(said: dict[int, Value], *files: tuple[dict[int, Value], bytes | None]) -> bytes:
    out = struct.pack("<IH", 0x223E9F78, 7)
    out += attribute(1, 0x9006, 8, struct.pack("<I", 0x10000))
    out += attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0))
    out += attribute(1, 0x9003, 6, properties(said))
    for named, content in files:
        out += attribute(2, 0x9002, 6, bytes(14))
        if content is not None:
            out += attribute(2, 0x8010, 1, b"SHORT~1.TXT\0") + attribute(2, 0x800F, 6, content)
        out += attribute(2, 0x9005, 6, properties(named))
    return out


LETTER = tnef(
    {0x001A: "IPM.Note", 0x1000: "Zatwierdzam budżet."},
    ({0x3707: "Отчёт за март.pdf"}, b"%PDF"),
    ({0x3707: "zeros.bin"}, bytes(7)),
)


def mail(content: bytes, text: str = "", type_: str = "application/ms-tnef") -> RawMessage:
    body = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n" if text else ""
    head = f'From: a@b.pl\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n{body}--b\r\n'
    part = f'Content-Type: {type_}; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    data = (head + part).encode() + encodebytes(content) + b"\r\n--b--\r\n"
    return read_mail(data, format_name="eml", position=0, where="mail")


def test_the_files_lie_beside_the_winmail_dat_itself():
    read = mail(LETTER, "Hello")
    assert [one.name for one in read.attachments] == ["winmail.dat", "Отчёт за март.pdf", "zeros.bin"]
    assert [one.load() for one in read.attachments] == [LETTER, b"%PDF", bytes(7)]
    assert [one.size for one in read.attachments] == [len(LETTER), 4, 7]


def test_the_text_of_the_mail_counts_before_that_of_the_winmail_dat():
    assert mail(LETTER, "Hello").text == "Hello"
    assert mail(LETTER).text == "Zatwierdzam budżet."


def test_a_winmail_dat_whose_type_was_forgotten_is_known_by_its_name():
    assert mail(LETTER, type_="application/octet-stream").text == "Zatwierdzam budżet."


def test_the_sample_holds_what_the_encoder_here_writes():
    read = read_mail(SAMPLE.read_bytes(), format_name="eml", position=0, where="mail")
    assert read.attachments[0].load() == LETTER


def test_html_and_rtf_are_read_where_there_is_nothing_else():
    html = "<p>Согласовано</p>".encode("cp1251")
    assert text_in_tnef(tnef({0x1013: html, 0x3FDE: 1251})) == ("Согласовано", "<p>Согласовано</p>")
    rtf = compress(rb"{\rtf1\ansi\ansicpg1250 Zgoda na bud\'bfet\par}")
    assert text_in_tnef(tnef({0x1009: rtf})) == ("Zgoda na budżet", None)


def test_text_in_a_code_page_is_read_by_it():
    said = properties({0x1000: "Согласовано"}, "cp1251")
    content = struct.pack("<IH", 0x223E9F78, 7) + attribute(1, 0x9007, 6, struct.pack("<II", 1251, 0))
    assert text_in_tnef(content + attribute(1, 0x9003, 6, said)) == ("Согласовано", None)


def test_a_message_in_it_is_a_mail_again():
    inner = tnef({0x001A: "IPM.Note", 0x0037: "Wewnątrz", 0x1000: "Tekst"})
    name, kind, content = files_in_tnef(tnef({}, ({0x3701: MESSAGE_IID + inner}, None)))[0]
    assert (name, kind) == ("", "message/rfc822")
    assert "Subject: Wewnątrz".encode() in content


def test_properties_with_names_and_many_values_are_passed_over():
    named = struct.pack("<HH16sII", 0x1F, 0x8001, bytes(16), 1, 6) + "ab\0".encode("utf-16-le") + bytes(2)
    named += struct.pack("<II", 1, 4) + "x\0".encode("utf-16-le")
    many = struct.pack("<HHI", 0x101F, 0x7001, 2) + 2 * (struct.pack("<I", 4) + "y\0".encode("utf-16-le"))
    body = properties({0x1000: "Tekst"})[4:]
    content = LETTER[:6] + attribute(1, 0x9003, 6, struct.pack("<I", 3) + named + many + body)
    assert text_in_tnef(content)[0] == "Tekst"


@pytest.mark.parametrize("claimed", [0xFFFFFFFF, 3_000_000_000])
def test_a_count_that_is_only_claimed_costs_no_time(claimed):
    content = LETTER[:6] + attribute(1, 0x9003, 6, struct.pack("<I", claimed))
    assert read_tnef(content).properties.values == {}
    many = struct.pack("<IHHI", 1, 0x101F, 0x1000, claimed)
    assert read_tnef(LETTER[:6] + attribute(1, 0x9003, 6, many)).properties.values == {}


def test_messages_within_messages_end_somewhere():
    content = LETTER
    for _ in range(40):
        content = tnef({}, ({0x3701: MESSAGE_IID + content}, None))
    assert mail(content, "Hello").text == "Hello"


def test_a_winmail_dat_may_be_damaged_anywhere():
    whole = tnef({0x1000: "Text"}, ({0x3701: MESSAGE_IID + LETTER}, None), ({0x3707: "a"}, b"b"))
    for place in range(0, len(whole), 5):
        assert mail(whole[:place], "Hello").text == "Hello"
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        assert mail(bytes(damaged), "Hello").attachments[0].load() == damaged
