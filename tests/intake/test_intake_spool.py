"""What was accepted is on the disk, whole, until the archive has it."""

import errno
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from service.intake import spool as spooling
from service.intake.spool import Envelope, Spool

AT = datetime(2026, 3, 2, 9, 0, 0, 123_000, tzinfo=UTC)
ENVELOPE = Envelope("ewa@klos.example", ("zażółć@klos.example", "b@c.example"), "127.0.0.1", AT)


@pytest.fixture
def spool(tmp_path) -> Spool:
    spool = Spool(tmp_path / "data" / "spool")
    spool.clear_drafts()
    return spool


def test_a_mail_comes_back_as_it_was_with_its_envelope(spool):
    data = bytes(range(256)) + b"\n{}\n"
    number = spool.keep(ENVELOPE, data)
    found = spool.read(number)
    assert (found.data, found.envelope) == (data, ENVELOPE)
    assert number == AT.timestamp() * 1000


def test_mails_of_one_moment_keep_their_order_and_their_own_numbers(spool):
    numbers = [spool.keep(replace(ENVELOPE, sender=str(one)), b"") for one in range(12)]
    assert spool.waiting() == numbers
    assert len(set(numbers)) == 12
    senders = [found.envelope.sender for number in numbers if (found := spool.read(number)).envelope]
    assert senders == [str(one) for one in range(12)]


def test_another_process_begins_behind_what_waits(spool):
    first = spool.keep(ENVELOPE, b"1")
    second = Spool(spool.folder).keep(ENVELOPE, b"2")
    assert [spool.read(one).data for one in (first, second)] == [b"1", b"2"]


def test_batches_end_by_number_and_by_bytes_and_hold_one_mail_at_least(spool):
    for size in (10, 10, 10, 5000, 10):
        spool.keep(ENVELOPE, b"x" * size)
    assert [len(batch) for batch in spool.batches(2, 1_000_000)] == [2, 2, 1]
    assert [len(batch) for batch in spool.batches(500, 1000)] == [3, 1, 1]


def test_drafts_of_a_killed_process_are_no_mails_and_are_cleared(spool):
    number = spool.keep(ENVELOPE, b"whole")
    (spool.folder / "000001772442000999.part").write_bytes(b'{"sender"')
    (spool.folder / "README").write_bytes(b"not ours")
    assert spool.waiting() == [number]
    spool.clear_drafts()
    assert sorted(path.suffix for path in spool.folder.iterdir()) == ["", ".mail"]


def test_a_damaged_file_is_given_whole_and_without_an_envelope(spool):
    number = spool.keep(ENVELOPE, b"data")
    path = next(spool.folder.iterdir())
    for content in (b"", b"\0\0\0\0", b'{"sender": 1}\nx', b"[]\nx"):
        path.write_bytes(content)
        found = spool.read(number)
        assert (found.data, found.envelope) == (content, None)


def test_a_full_disk_keeps_nothing(spool, monkeypatch):
    full = SimpleNamespace(free=spooling.RESERVE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: full)
    with pytest.raises(OSError, match="No space") as caught:
        spool.keep(ENVELOPE, b"x")
    assert caught.value.errno == errno.ENOSPC
    assert list(spool.folder.iterdir()) == []


def test_a_disk_that_fails_half_way_keeps_nothing(spool, monkeypatch):
    def failing(_file):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(spooling.os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        spool.keep(ENVELOPE, b"x")
    assert list(spool.folder.iterdir()) == []


def test_removing_twice_is_no_error(spool):
    number = spool.keep(ENVELOPE, b"x")
    spool.remove([number])
    spool.remove([number])
    assert spool.waiting() == []


def test_a_spool_that_nobody_made_is_empty(tmp_path):
    assert Spool(tmp_path / "none").waiting() == []
