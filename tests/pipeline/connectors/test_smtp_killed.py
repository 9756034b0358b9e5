"""A killed intake loses no mail for which it had said yes, and archives none twice."""

import os
import random
import signal
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from ledger_check import assert_ledger_intact
from smtp_mails import mail
from sqlmodel import select

from service.archive.tables import MessageRow
from service.config import load
from service.db.session import reading, writing
from service.intake.store import add_source
from service.ledger.store import log_size
from service.pipeline.installation import Installation, open_installation
from service.pipeline.pull import pull

ROOT = Path(__file__).parents[3]
KILLS = 3
INTAKE = """
import sys, threading
from pathlib import Path
from service.config import load
from service.pipeline import archive_spool
from service.pipeline.connectors.smtp import SmtpConnection
from service.pipeline.installation import open_installation
from service.pipeline.pull import pull

archive_spool.BATCH_RECORDS = 3
house = open_installation(load(Path(sys.argv[1]), environment={}))
connection, stop = SmtpConnection(house, 1), threading.Event()
while True:
    pull(house, 1, connection, stop=stop)
    print("listening", flush=True)
    connection.wait(stop, 60)
"""
"""A service that follows one intake, with small batches, so that there are many points between them."""


@pytest.fixture
def house(tmp_path):
    house = open_installation(load(tmp_path / "data", environment={}))
    yield house
    house.engine.dispose()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def send_until_killed(house: Installation, port: int, first: int, kill_after: int) -> list[int]:
    """Send mail after mail, kill the intake once it has taken so many, return those it said yes to."""
    taken: list[int] = []
    process = subprocess.Popen(
        [sys.executable, "-c", INTAKE, str(house.settings.data)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline() == b"listening\n"
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            try:
                for key in range(first, first + 1000):
                    client.sendmail("ewa@klos.example", ["archive@agency.example"], mail(key))
                    taken.append(key)
                    if len(taken) == kill_after:
                        os.kill(process.pid, signal.SIGKILL)
            except (smtplib.SMTPServerDisconnected, ConnectionError):
                return taken
    raise AssertionError("it was never killed")


@pytest.mark.slow
def test_no_accepted_mail_is_lost_and_none_is_there_twice(house):
    chance = random.Random(20261121)
    port = free_port()
    with writing(house.engine) as session:
        assert add_source(session, "intake", "smtp", {"port": port}) == 1
    taken: list[int] = []
    for turn in range(KILLS):
        release(house)
        taken += send_until_killed(house, port, turn * 1000, chance.randrange(1, 25))
    release(house)
    pull(house, 1)
    with reading(house.engine) as session:
        kept = session.exec(select(MessageRow.external_id)).all()
        assert_ledger_intact(session, log_size(session), house.key.verifier)
    assert {f"{key}@klos.example" for key in taken} <= set(kept)
    assert len(kept) == len(set(kept))
    assert list((house.settings.data / "spool" / "smtp" / "1").glob("*.mail")) == []


def release(house: Installation) -> None:
    """Take the lease of the dead run away: otherwise the next waits two minutes for it."""
    with writing(house.engine) as session:
        session.connection().exec_driver_sql("UPDATE source SET lease_by = NULL, lease_until = NULL")
