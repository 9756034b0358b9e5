"""Another process reads while this one archives; what comes of it is the same as without."""

import os
import pickle
import signal
from pathlib import Path

import pytest
from sqlmodel import select

from service.archive.tables import MessageRow
from service.db.session import reading
from service.errors import ScriptaError
from service.pipeline import look_ahead
from service.pipeline.ingest import Wish, ingest
from service.pipeline.prepared import read_export
from service.pipeline.reading_process import ReadingProcess
from service.plugins import discover
from service.sources import formats
from service.sources.inspect import records
from service.sources.raw_message import RawMessage
from service.sources.source import Export, HoldsOpen

SAMPLES = Path(__file__).parents[1] / "sources" / "samples"
MAIL = (
    "From: ewa@klos.example\nDate: Mon, 02 Mar 2026 10:{:02}:00 +0100\nMessage-ID: <{}@klos.example>\n\n"
    "Strona główna gotowa, wersja {}\n"
)


@pytest.fixture
def process():
    with ReadingProcess() as process:
        yield process


@pytest.fixture
def box(tmp_path):
    path = tmp_path / "box.mbox"
    envelope = "From x@y Mon Mar  2 10:00:00 2026\n"
    path.write_text("".join(f"{envelope}{MAIL.format(one % 60, one, one)}\n" for one in range(1200)))
    return path


def test_work_is_done_in_another_process_and_in_order(process):
    assert list(process.run(map, str, range(3))) == ["0", "1", "2"]
    assert list(process.run(map, len, [""])) == [0]
    [place] = process.run(map, os.path.realpath, ["/proc/self"])
    assert place != os.path.realpath("/proc/self")


def test_a_process_that_dies_is_told_and_replaced_by_nobody(process):
    results = process.run(range, 10**9)
    next(results)
    process._process.send_signal(signal.SIGKILL)
    with pytest.raises(ScriptaError, match="exit status -9"):
        list(results)


def test_the_process_ends_with_its_parent(process):
    next(process.run(range, 10**9))
    child = process._process
    child.stdout.close()
    child.stdin.close()
    assert child.wait() == 0
    process._process = None


def test_what_was_never_used_needs_no_process():
    with ReadingProcess() as process:
        assert process._process is None


def test_an_export_read_over_there_is_the_same(process, box):
    export = Export(box, box.parent, "box.mbox")
    over_there = list(process.run(read_export, "mbox", export))
    assert [len(batch) for batch in over_there] == [500, 500, 200]
    assert over_there == list(read_export("mbox", export))


def test_a_large_export_is_archived_from_another_process(house, box, monkeypatch):
    started = []
    start = ReadingProcess._started
    monkeypatch.setattr(ReadingProcess, "_started", lambda self: started.append(self) or start(self))
    monkeypatch.setattr(look_ahead, "WORTH_A_PROCESS", 100_000)
    report = ingest(house, [box], Wish())
    assert (report.read, report.new, len(started)) == (1200, 1200, 1)
    with reading(house.engine) as session:
        assert len(session.exec(select(MessageRow.id)).all()) == 1200


@pytest.mark.parametrize(
    "source",
    [source for source in discover(formats, "SOURCE") if not isinstance(source, HoldsOpen)],
    ids=lambda source: source.name,
)
def test_every_record_can_be_sent(source):
    folder = SAMPLES / source.name
    sent = 0
    for sample in sorted(folder.glob("*")):
        for record in records(sample, source.name):
            if isinstance(record, RawMessage):
                assert pickle.loads(pickle.dumps(record)) == record
                sent += 1
    assert sent
