"""The whole way: import a chat, see what was agreed, be alerted, confirm, and catch a forger."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from service.accounts.scope import EVERYTHING
from service.agreements.agreement import Status
from service.agreements.store import Filter, agreements, all_gaps
from service.alerts.store import alerts
from service.archive.message import Side
from service.archive.organise import put_on_side
from service.archive.tables import MessageRow
from service.db.session import reading, writing
from service.ledger.store import log_size, read_entries, verify_log
from service.ledger.triggers import drop_triggers
from service.pipeline.ingest import Wish, ingest
from service.pipeline.read import read_waiting
from service.pipeline.watch import watch

ROOT = Path(__file__).parents[2]
NAME = "WhatsApp Chat with Ewa Rutka.txt"
BEFORE = """\
02.11.2026, 10:01 - Ewa Rutka: Dzień dobry, jak idzie etykieta?
02.11.2026, 10:05 - Kasia Wrona: Proponuję etykietę za 900 zł, gotowa 9 listopada. Akceptujesz?
02.11.2026, 10:20 - Ewa Rutka: Akceptuję.
03.11.2026, 15:10 - Kasia Wrona: Jak ustaliliśmy przez telefon, drukujemy 500 sztuk zamiast 300. Potwierdzasz?
"""
AFTER = (
    BEFORE
    + """\
05.11.2026, 09:12 - Ewa Rutka: Tak, potwierdzam 500 sztuk.
"""
)


def import_chat(house, folder: Path, chat: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / NAME).write_text(chat, "utf-8")
    report = ingest(house, [folder / NAME], Wish(zone="Europe/Warsaw", date_order="day-first"))
    assert report.complete
    read_waiting(house)


@pytest.fixture
def told(house, tmp_path):
    """An archive in which something was said on the phone, with the two sides known."""
    with writing(house.engine) as session:
        put_on_side(session, "name", "Ewa Rutka", Side.CLIENT)
        put_on_side(session, "name", "Kasia Wrona", Side.AGENCY)
    import_chat(house, tmp_path / "in", BEFORE)
    return house


def by_status(house) -> dict[Status, int]:
    with reading(house.engine) as session:
        found = [one.agreement.status for one in agreements(session, EVERYTHING, Filter())]
    return {status: found.count(status) for status in set(found)}


def open_alerts(house) -> list[str]:
    with reading(house.engine) as session:
        return [one.subject for one in alerts(session, EVERYTHING)]


def test_what_was_written_is_agreed_and_what_was_said_is_a_gap(told):
    assert by_status(told) == {Status.AGREED: 1, Status.VERBAL_ONLY: 1}
    with reading(told.engine) as session:
        (agreed,) = agreements(session, EVERYTHING, Filter(status=Status.AGREED))
        answer = agreed.agreement.evidence[-1]
        words = session.get(MessageRow, int(answer.message)).text
        (gap,) = all_gaps(session)
    assert (agreed.proposer.name, agreed.answerer.name) == ("Kasia Wrona", "Ewa Rutka")
    assert words[answer.start : answer.end] == answer.quote
    assert "przez telefon" in gap.quote


def test_an_alert_comes_in_time_is_told_once_and_closes_itself(told, tmp_path, capsys):
    told = replace(told, settings=replace(told.settings, notify_url="console:"))
    before, after = datetime(2026, 11, 4, 14, 9, tzinfo=UTC), datetime(2026, 11, 4, 14, 10, tzinfo=UTC)
    assert watch(told, before).opened == 0
    watched = watch(told, after)
    assert (watched.opened, watched.closed, watched.told) == (1, 0, 1)
    assert capsys.readouterr().out.count("Not in writing") == 1
    assert watch(told, after).told == 0
    (subject,) = open_alerts(told)

    import_chat(told, tmp_path / "in", AFTER)
    watched = watch(told, datetime(2026, 11, 5, 9, 0, tzinfo=UTC))
    assert (watched.opened, watched.closed, watched.told) == (0, 1, 0)
    assert open_alerts(told) == []
    assert by_status(told) == {Status.AGREED: 2}
    with reading(told.engine) as session:
        assert all_gaps(session) == []
        story = [entry.kind for entry in read_entries(session, limit=1000) if entry.subject == subject]
        assert story.index("alert.opened") < story.index("alert.closed")
        assert verify_log(session, told.key.verifier).ok


def test_an_import_that_brings_both_never_alerts(house, tmp_path):
    with writing(house.engine) as session:
        put_on_side(session, "name", "Ewa Rutka", Side.CLIENT)
        put_on_side(session, "name", "Kasia Wrona", Side.AGENCY)
    import_chat(house, tmp_path / "in", AFTER)
    assert watch(house, datetime(2027, 1, 1, tzinfo=UTC)).opened == 0
    assert by_status(house) == {Status.AGREED: 2}


def test_a_forged_entry_is_named_by_verify(told):
    watch(told)
    with reading(told.engine) as session:
        entries = read_entries(session, limit=1000)
        (victim,) = [entry for entry in entries if "900" in json.dumps(entry.body)][:1]
        assert verify_log(session, told.key.verifier).ok
    assert verified(told)[0] == 0
    forge(told, victim.seq)
    code, said = verified(told)
    assert code == 3
    assert f"entry {victim.seq}" in said
    with reading(told.engine) as session:
        assert not verify_log(session, told.key.verifier).ok
        assert log_size(session) == len(entries)


def forge(house, seq: int) -> None:
    """Do what somebody with the database's password can: change what an entry says."""
    dialect = house.engine.dialect.name
    with house.engine.execution_options(writes=True).begin() as connection:
        for statement in drop_triggers(dialect):
            connection.execute(text(statement))
        content = connection.execute(
            text("SELECT canonical FROM ledger_entry WHERE seq = :seq"), {"seq": seq}
        ).scalar_one()
        forged = bytes(content).replace(b"900", b"100")
        assert forged != bytes(content)
        connection.execute(
            text("UPDATE ledger_entry SET canonical = :forged WHERE seq = :seq"),
            {"forged": forged, "seq": seq},
        )


def verified(house) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", "from service.cli.app import main; main()", "verify"],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "SCRIPTA_DATA": str(house.settings.data),
            "SCRIPTA_DATABASE_URL": house.settings.database_url,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return done.returncode, done.stdout


def test_the_evidence_of_an_agreement_is_in_the_ledger_with_the_hash_of_its_original(told):
    with reading(told.engine) as session:
        (agreed,) = agreements(session, EVERYTHING, Filter(status=Status.AGREED))
        entry = next(
            entry for entry in read_entries(session, limit=1000) if agreed.agreement.key in entry.subject
        )
        recorded = json.dumps(entry.body, ensure_ascii=False)
        for evidence in agreed.agreement.evidence:
            row = session.exec(select(MessageRow).where(MessageRow.id == int(evidence.message))).one()
            assert evidence.quote in recorded
            assert row.blob_sha256 in recorded
            assert evidence.quote.encode() in told.blobs.read(session, row.blob_sha256)
