"""What no sample shows: mailboxes that are damaged, and what must not be lost in them."""

from collections import Counter
from pathlib import Path

import pytest
from outlook_files import Attachment, Message
from outlook_samples import ALL, PSTS
from pst_files import pst

from service.sources.formats.msg import SOURCE as MSG
from service.sources.formats.pst import SOURCE
from service.sources.mime import read_mail
from service.sources.outlook import RECONSTRUCTED
from service.sources.raw_message import RawMessage, Record, Unreadable
from service.sources.recognise import recognise
from service.sources.source import Export

NOTE = {0x001A: "IPM.Note", 0x0037: "Subject", 0x1000: "Text", 0x5D01: "a@b.pl"}


def read(tmp_path: Path, content: bytes) -> list[Record]:
    path = tmp_path / "box.pst"
    path.write_bytes(content)
    return list(SOURCE.read(Export(path, tmp_path, "box.pst")))


def test_the_name_does_not_matter(tmp_path):
    path = tmp_path / "box.bin"
    path.write_bytes(PSTS["every-kind-of-folder.pst"])
    assert recognise(path)[0].name == "pst"


def test_every_record_says_that_it_is_reconstructed(tmp_path):
    records = read(tmp_path, PSTS["every-kind-of-folder.pst"])
    assert all(RECONSTRUCTED in one.warnings for one in records if isinstance(one, RawMessage))


def test_the_original_is_a_mail_that_reads_the_same(tmp_path):
    for record in read(tmp_path, PSTS["every-kind-of-folder.pst"]):
        if isinstance(record, RawMessage):
            again = read_mail(record.original, format_name="pst", position=record.position, where="again")
            assert (again.text, again.subject, again.sent_at) == (record.text, record.subject, record.sent_at)
            inside = [one for one in record.attachments if not one.missing]
            assert [one.load() for one in again.attachments] == [one.load() for one in inside]


def test_what_is_no_mail_at_all_is_told_with_its_folder(tmp_path):
    (record,) = read(tmp_path, pst({"Top": {"Old": [Message({})]}}))
    assert isinstance(record, Unreadable)
    assert record.where == "box.pst!/Top/Old, item 1"


def test_a_msg_and_a_pst_of_one_mail_read_the_same(tmp_path):
    for name in ("received-with-its-header.msg", "sent-without-a-header.msg", "html-inside-rtf.msg"):
        (ours,) = read(tmp_path, pst({"Inbox": [ALL[name]]}))
        path = Path(__file__).parent / "samples" / "msg" / name
        (other,) = MSG.read(Export(path, path.parent, name))
        assert (ours.external_id, ours.author, ours.sent_at) == (
            other.external_id,
            other.author,
            other.sent_at,
        )
        assert (ours.subject, ours.text, ours.html) == (other.subject, other.text, other.html)


def test_a_folder_whose_list_of_messages_is_damaged_loses_none(tmp_path):
    content = bytearray(pst({"Inbox": [Message(NOTE), Message({**NOTE, 0x1000: "Second"})]}))
    table = bytes.fromhex("ec7c")
    places = [place for place in range(len(content)) if content[place : place + 2] == table]
    for place in places:
        content[place + 1] = 0  # no table any more
    records = read(tmp_path, bytes(content))
    assert any(isinstance(one, Unreadable) for one in records)
    assert [one.text for one in records if isinstance(one, RawMessage)] == ["Text", "Second"]


def test_many_messages_are_all_read_in_order(tmp_path):
    messages = [Message({**NOTE, 0x1000: f"Text {number}"}) for number in range(100)]
    texts = [one.text for one in read(tmp_path, pst({"Inbox": messages}))]
    assert texts == [f"Text {number}" for number in range(100)]


def test_an_attachment_larger_than_a_block_of_reading_is_whole(tmp_path):
    content = bytes(range(256)) * 31
    (record,) = read(
        tmp_path, pst({"Inbox": [Message(NOTE, files=(Attachment({0x3705: 1, 0x3701: content}),))]})
    )
    assert record.attachments[0].load() == content


@pytest.mark.parametrize("step", range(4))
def test_a_mailbox_may_be_damaged_anywhere(tmp_path, step):
    whole = PSTS["every-kind-of-folder.pst"]
    for place in range(step * 37, len(whole), 601):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        kinds = Counter(type(one) for one in read(tmp_path, bytes(damaged)))
        assert kinds.keys() <= {RawMessage, Unreadable}


def test_a_mailbox_may_end_anywhere(tmp_path):
    whole = PSTS["every-kind-of-folder.pst"]
    for end in range(0, len(whole), 1021):
        assert all(isinstance(one, RawMessage | Unreadable) for one in read(tmp_path, whole[:end]))
        assert read(tmp_path, whole[:end]), "an input that yields nothing would disappear in silence"
