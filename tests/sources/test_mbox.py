from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.mbox import SOURCE
from service.sources.raw_message import Unreadable
from service.sources.source import Export, Sample

ENVELOPE = b"From anna@client.example.pl Mon Feb  3 09:15:00 2025\n"
LINES = st.lists(
    st.sampled_from(
        [
            b"agreed",
            b"",
            b"From Monday on",
            b">From the mail",
            b">>From",
            b"From: x",
            b"> quoted",
            b"From ",
            b" ",
            b"\xd0",
        ]
    ),
    max_size=12,
)


def mail(lines, number=0):
    return b"From: anna@client.example.pl\nSubject: %d\n\n" % number + b"".join(
        line + b"\n" for line in lines
    )


def quoted(message):
    """Write a mail as mboxrd does: one more `>` before every `From ` line of the body."""
    header, _, body = message.partition(b"\n\n")
    lines = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in body.split(b"\n")]
    return header + b"\n\n" + b"\n".join(lines)


def read(path: Path, content: bytes):
    path.write_bytes(content)
    return list(SOURCE.read(Export(path, path.parent, "box")))


@given(st.lists(LINES, min_size=1, max_size=5), st.sampled_from([b"\n", b"\r\n"]))
def test_joined_mails_come_back_byte_for_byte(tmp_path_factory, bodies, newline):
    mails = [mail(lines, number) for number, lines in enumerate(bodies)]
    box = b"".join(ENVELOPE + quoted(one) + b"\n" for one in mails).replace(b"\n", newline)
    records = read(tmp_path_factory.mktemp("mbox") / "box", box)
    assert [record.original for record in records] == [one.replace(b"\n", newline) for one in mails]


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_byte_of_a_broken_file_disappears_in_silence(tmp_path_factory, before, after):
    path = tmp_path_factory.mktemp("mbox") / "box"
    records = read(path, before + b"\n\n" + ENVELOPE + mail([b"agreed"]) + after)
    kept = b"".join(record.original for record in records)
    assert before.strip(b"\r\n") in kept
    assert b"agreed" in kept


def test_a_sentence_that_begins_with_from_splits_nothing(tmp_path):
    records = read(
        tmp_path / "box", ENVELOPE + mail([b"Agreed.", b"", b"From Monday 3 Feb we start.", b"Note: yes"])
    )
    assert len(records) == 1


def test_an_empty_file_is_unreadable(tmp_path):
    (record,) = read(tmp_path / "box", b"")
    assert isinstance(record, Unreadable)
    assert record.where == "box"


def test_a_missing_file_is_unreadable(tmp_path):
    (record,) = SOURCE.read(Export(tmp_path / "gone", tmp_path, "gone.mbox"))
    assert "No such file" in record.why


@pytest.mark.parametrize(
    "head",
    [
        b"12.03.25, 10:00 - From: Ivan\n",
        b"# Notes\nFrom here on: text\n",
        b"From: anna@client.example.pl\nSubject: one mail\n\nhi",
        b"From now on we write everything down.\n\nNote: agreed",
        b"",
    ],
)
def test_other_texts_are_not_taken_for_an_mbox(head):
    assert SOURCE.score(Sample(Path("notes.txt"), head)) == 0
