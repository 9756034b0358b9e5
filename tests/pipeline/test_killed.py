"""A process killed at any point leaves whole batches: the next run adds the rest, and nothing twice."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ledger_check import assert_ledger_intact
from sqlmodel import Session, select

from service.accounts.scope import EVERYTHING
from service.agreements.tables import AgreementRow, StatementRow
from service.archive.tables import BlobRow, ConversationRow, MessageRow
from service.config import load
from service.db.session import reading
from service.ledger.store import log_size
from service.pipeline.ingest import Wish, ingest
from service.pipeline.installation import Installation, open_installation
from service.pipeline.read import read_waiting
from service.search.find import find

ROOT = Path(__file__).parents[2]
MAILS = 45
INGEST = """
from service.cli.app import main
from service.pipeline import prepared, read
prepared.BATCH_RECORDS, read.AT_ONCE = 10, 3
main()
"""
"""The command, with small batches, so that there are many points between them."""
ARCHIVED = "SELECT count(*) FROM message"
EXTRACTED = "SELECT count(*) FROM conversation WHERE extracted_by IS NOT NULL"


@pytest.fixture
def box(tmp_path) -> Path:
    path = tmp_path / "box.mbox"
    path.write_bytes(b"".join(map(mail, range(MAILS))))
    return path


def mail(number: int) -> bytes:
    thread, place = divmod(number, 3)
    author, other = ("ewa@klos.example", "kasia@kreska.example")[:: 1 if place % 2 else -1]
    said = ["Proponuję 400 zł. Czy akceptujesz?", "Zatwierdzam.", "Dziękuję, wyślę umowę do piątku."][place]
    links = f"In-Reply-To: <{number - 1}@klos.example>\n" if place else ""
    return (
        f"From x@y Mon Mar  2 10:00:00 2026\nFrom: {author}\nTo: {other}\n"
        f"Date: Mon, 02 Mar 2026 {8 + number // 60:02}:{number % 60:02}:00 +0100\n"
        f"Message-ID: <{number}@klos.example>\n{links}Subject: Oferta {thread}\n"
        f"Content-Type: text/plain; charset=utf-8\n\nslowo{number} {said}\n\n"
    ).encode()


def killed_when(box: Path, data: Path, question: str, enough: int) -> bool:
    """Run the command and kill it once the answer is large enough; False where it ended before."""
    process = subprocess.Popen(
        [sys.executable, "-c", INGEST, "ingest", str(box), "--data", str(data)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        if asked(data / "scripta.db", question) >= enough:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.005)
    assert process.returncode == 0
    return False


def asked(database: Path, question: str) -> int:
    try:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return -1
    try:
        return int(connection.execute(question).fetchone()[0])
    except sqlite3.OperationalError:
        return -1
    finally:
        connection.close()


def found_in(session: Session) -> tuple[list[tuple[object, ...]], ...]:
    """Return everything that was found, without ids that the order of work gives."""
    statements = session.exec(select(StatementRow).where(StatementRow.withdrawn.is_(False)))
    agreements = session.exec(select(AgreementRow).where(AgreementRow.withdrawn.is_(False)))
    return (
        sorted(session.exec(select(MessageRow.id, MessageRow.identity, MessageRow.conversation_id)).all()),
        sorted((row.message_id, row.start, row.end, row.kind) for row in statements),
        sorted((row.key, row.title, row.status) for row in agreements),
    )


def assert_whole(house: Installation) -> None:
    with reading(house.engine) as session:
        assert len(session.exec(select(MessageRow.id)).all()) == MAILS
        assert len(session.exec(select(ConversationRow.id)).all()) == MAILS // 3
        for number in range(MAILS):
            assert len(find(session, f"slowo{number}", scope=EVERYTHING).hits) == 1
        for name in session.exec(select(BlobRow.sha256)):
            assert house.blobs.read(session, name)
        assert_ledger_intact(session, log_size(session), house.key.verifier)


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_is_there_twice(box, tmp_path):
    chance = random.Random(20261120)
    data = tmp_path / "killed"
    kills = sum(
        killed_when(box, data, question, enough)
        for question, enough in (
            (ARCHIVED, 0),
            (ARCHIVED, chance.randrange(1, MAILS)),
            (EXTRACTED, chance.randrange(1, MAILS // 3)),
        )
    )
    assert kills >= 2, "a run that always ends before it is killed shows nothing"
    subprocess.run(
        [sys.executable, "-c", INGEST, "ingest", str(box), "--data", str(data)], cwd=ROOT, check=True
    )
    killed = open_installation(load(data, environment={}))
    assert_whole(killed)
    untouched = open_installation(load(tmp_path / "untouched", environment={}))
    ingest(untouched, [box], Wish())
    read_waiting(untouched)
    with reading(killed.engine) as here, reading(untouched.engine) as there:
        assert found_in(here) == found_in(there)
    for house in (killed, untouched):
        house.engine.dispose()
