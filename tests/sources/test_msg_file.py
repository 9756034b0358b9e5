"""What no sample shows: msg files that are made to break a reader."""

import struct
from pathlib import Path

import pytest
from outlook_files import Attachment, Message, compound, msg
from outlook_samples import SAMPLES, every

from service.sources.formats.msg import SOURCE
from service.sources.raw_message import RawMessage, Unreadable
from service.sources.recognise import recognise
from service.sources.source import Export

NOTE = {0x001A: "IPM.Note", 0x0037: "Subject", 0x1000: "Text", 0x5D01: "a@b.pl"}


def read(tmp_path: Path, content: bytes):
    path = tmp_path / "one.msg"
    path.write_bytes(content)
    return next(iter(SOURCE.read(Export(path, tmp_path, "one.msg"))))


@pytest.mark.parametrize("name", every())
def test_the_samples_are_what_their_writer_writes(name):
    assert (SAMPLES / name).read_bytes() == every()[name], "run: python tests/sources/outlook_samples.py"


def test_the_original_is_the_file_itself(tmp_path):
    content = msg(Message(NOTE))
    assert read(tmp_path, content).original == content


def test_another_compound_file_is_no_msg(tmp_path):
    path = tmp_path / "letter.msg"
    path.write_bytes(compound({"WordDocument": b"x" * 9000, "__substg1.0_0037001F": b""}))
    assert recognise(path) is None


def test_a_msg_whose_directory_lies_far_behind_is_recognised(tmp_path):
    path = tmp_path / "large.msg"
    path.write_bytes(msg(Message(NOTE, files=(Attachment({0x3701: bytes(300_000)}),))))
    assert recognise(path)[0].name == "msg"


def test_messages_within_messages_end_somewhere(tmp_path):
    inner = Message(NOTE)
    for _ in range(30):
        inner = Message(NOTE, files=(Attachment({0x3001: "deeper"}, inner),))
    mail = read(tmp_path, msg(inner))
    assert mail.attachments[0].load
    assert "too deep" in mail.attachments[-1].missing


def test_a_storage_that_holds_itself_does_not_hang(tmp_path):
    content = bytearray(msg(Message(NOTE, files=(Attachment({0x3001: "x"}, Message(NOTE)),))))
    name = "__attach_version1.0_#00000000".encode("utf-16-le")
    entry = content.index(name)
    content[entry + 76 : entry + 80] = struct.pack("<I", 0)  # its child is the root
    assert isinstance(read(tmp_path, bytes(content)), RawMessage | Unreadable)


def test_any_byte_may_be_damaged(tmp_path):
    whole = every()["msg/every-kind-of-attachment.msg"]
    for place in range(0, len(whole), 89):
        content = bytearray(whole)
        content[place] ^= 0xFF
        record = read(tmp_path, bytes(content))
        assert isinstance(record, RawMessage | Unreadable)
        assert not isinstance(record, RawMessage) or all(
            one.load() for one in record.attachments if one.size and one.load
        )


def test_a_file_may_end_anywhere(tmp_path):
    whole = every()["msg/every-kind-of-attachment.msg"]
    for end in range(0, len(whole), 509):
        assert isinstance(read(tmp_path, whole[:end]), RawMessage | Unreadable)


def test_a_property_whose_stream_is_damaged_is_told(tmp_path):
    content = bytearray(msg(Message({**NOTE, 0x1000: "long " * 2000})))
    entry = content.index("__substg1.0_1000001F".encode("utf-16-le"))
    content[entry + 116 : entry + 120] = struct.pack("<I", 0x00FFFFFF)  # where it starts
    record = read(tmp_path, bytes(content))
    assert record.subject == "Subject"
    assert any(warning.startswith("body is damaged") for warning in record.warnings)
