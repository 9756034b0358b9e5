"""Appending, proving and exporting in the database, on both engines."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from ledger_check import assert_ledger_intact
from memory_log import SIGNER, STRANGER
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service import clock
from service.db.session import reading, writing
from service.errors import LedgerBroken, LedgerError
from service.ledger import store
from service.ledger.append import append, sign_checkpoint
from service.ledger.checkpoint import open_checkpoint
from service.ledger.entry import Entry, Fact
from service.ledger.export import read_log, read_proof
from service.ledger.key import verify_signature
from service.ledger.triggers import TABLES, create_triggers, drop_triggers
from service.ledger.verify import verify_extension, verify_log, verify_proof

KEY = SIGNER.verifier
NOW = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def facts(count: int, start: int = 0) -> list[Fact]:
    return [
        Fact("statement.found", f"message-{number % 3}", {"quote": f"да, {number}", "n": number}, "rules-1")
        for number in range(start, start + count)
    ]


def test_an_empty_log_is_intact(session):
    assert append(session, []) == []
    assert_ledger_intact(session, 0)
    assert store.newest_note(session) is None
    assert store.read_entry(session, 0) is None


def test_entries_come_back_as_they_were_appended(session):
    entries = append(session, facts(3))
    assert entries[1] == Entry(1, "statement.found", "message-1", {"quote": "да, 1", "n": 1}, NOW, "rules-1")
    assert store.read_entries(session) == entries
    assert store.read_entry(session, 2) == entries[2]
    assert store.read_entry(session, 3) is None
    assert_ledger_intact(session, 3)


def test_entries_are_paged_in_both_directions_and_by_subject(session):
    entries = append(session, facts(10))
    assert store.read_entries(session, after=2, limit=3) == entries[3:6]
    assert store.read_entries(session, before=8, limit=3, newest_first=True) == entries[7:4:-1]
    assert store.read_entries(session, subject="message-1", after=1) == [entries[4], entries[7]]
    assert_ledger_intact(session, 10)


def test_the_log_grows_the_same_in_one_batch_or_in_many(session):
    for start in range(0, 20, 3):
        append(session, facts(min(3, 20 - start), start))
    assert sign_checkpoint(session, SIGNER).size == 20
    assert_ledger_intact(session, 20, KEY)


def test_a_log_larger_than_one_batch_of_verification_is_intact(session, monkeypatch):
    monkeypatch.setattr(store, "_BATCH", 16)
    seen = []
    for start in range(0, 70, 14):
        append(session, facts(14, start))
        sign_checkpoint(session, SIGNER)
    verdict = store.verify_log(session, KEY, lambda done, total: seen.append((done, total)))
    assert (verdict.ok, verdict.entries, verdict.checkpoints, verdict.signed) == (True, 70, 5, 70)
    assert seen == [(16, 70), (32, 70), (48, 70), (64, 70), (70, 70)]


def write_two_and_fail(engine) -> None:
    with writing(engine) as session:
        append(session, facts(2))
        append(session, [Fact("note.added", "n", {"value": float("nan")}, "anna")])


def test_what_is_rolled_back_leaves_no_gap(engine):
    with writing(engine) as session:
        append(session, facts(3))
    with reading(engine) as session:
        assert_ledger_intact(session, 3)
    with pytest.raises(LedgerError, match="cannot be recorded"):
        write_two_and_fail(engine)
    with writing(engine) as session:
        append(session, facts(2))
        assert_ledger_intact(session, 5)


def test_writers_at_the_same_time_get_numbers_without_gaps(engine):
    def write(start: int) -> None:
        for number in range(5):
            with writing(engine) as session:
                append(session, facts(2, start + number))
                sign_checkpoint(session, SIGNER)

    threads = [threading.Thread(target=write, args=(100 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert_ledger_intact(session, 40, KEY)


def test_the_same_fact_twice_has_two_leaves(session):
    append(session, [*facts(1), *facts(1)])
    leaves = session.connection().execute(text("SELECT leaf_hash FROM ledger_entry")).scalars().all()
    assert len(set(leaves)) == 2


def test_a_checkpoint_is_signed_once_for_each_size(session):
    append(session, facts(2))
    first = sign_checkpoint(session, SIGNER)
    assert sign_checkpoint(session, SIGNER) == first
    append(session, facts(1, 2))
    sign_checkpoint(session, SIGNER)
    notes = store.read_notes(session)
    assert [open_checkpoint(note, KEY).size for _, note in notes] == [2, 3]
    assert store.read_notes(session, after=2) == notes[1:]
    assert_ledger_intact(session, 3, KEY)


def test_an_empty_log_can_be_signed(session):
    assert sign_checkpoint(session, SIGNER).size == 0
    append(session, facts(1))
    sign_checkpoint(session, SIGNER)
    assert_ledger_intact(session, 1, KEY)


def test_another_key_does_not_go_on_with_the_log(session):
    append(session, facts(1))
    sign_checkpoint(session, SIGNER)
    with pytest.raises(LedgerBroken, match="not signed by"):
        sign_checkpoint(session, STRANGER)


def test_every_proof_verifies_offline(session):
    append(session, facts(11))
    sign_checkpoint(session, SIGNER)
    for seq in range(11):
        proof = read_proof(store.prove_entry(session, seq).text())
        assert verify_proof(proof, KEY, verify_signature).ok
    assert_ledger_intact(session, 11, KEY)


def test_an_entry_is_proved_only_once_it_is_signed(session):
    append(session, facts(2))
    with pytest.raises(LedgerError, match="not among the 0 signed"):
        store.prove_entry(session, 0)
    sign_checkpoint(session, SIGNER)
    append(session, facts(1))
    for seq in (-1, 2, 3):
        with pytest.raises(LedgerError, match="not among the 2 signed"):
            store.prove_entry(session, seq)


def test_every_checkpoint_is_extended_by_the_newest(session):
    sign_checkpoint(session, SIGNER)
    for size in range(1, 8):
        append(session, facts(1, size))
        sign_checkpoint(session, SIGNER)
    for old in range(8):
        assert verify_extension(store.prove_extension(session, old), KEY, verify_signature).ok
    with pytest.raises(LedgerError, match="no signed checkpoint of 9"):
        store.prove_extension(session, 9)


def test_an_export_verifies_offline(session):
    for start in range(0, 9, 3):
        append(session, facts(3, start))
        sign_checkpoint(session, SIGNER)
    lines = list(store.export_log(session, KEY.name))
    verdict = verify_log(read_log(lines, KEY))
    assert (verdict.ok, verdict.entries, verdict.checkpoints) == (True, 9, 3)


def test_the_times_are_those_of_our_clock(session, monkeypatch):
    later = NOW + timedelta(days=1)
    first = append(session, facts(1))
    monkeypatch.setattr(clock, "now", lambda: later)
    second = append(session, facts(1))
    assert [entry.at for entry in first + second] == [NOW, later]


def refused(session, statement: str) -> bool:
    savepoint = session.begin_nested()
    with pytest.raises(DBAPIError, match="is append-only"):
        session.connection().execute(text(statement))
    savepoint.rollback()
    return True


def test_the_database_refuses_changes(session):
    append(session, facts(3))
    sign_checkpoint(session, SIGNER)
    assert refused(session, "UPDATE ledger_entry SET kind = 'other'")
    assert refused(session, "UPDATE ledger_entry SET salt = NULL, canonical = NULL WHERE seq = 1")
    assert refused(session, "UPDATE ledger_node SET digest = digest")
    assert refused(session, "UPDATE ledger_checkpoint SET note = ''")
    for table in TABLES:
        assert refused(session, f"DELETE FROM {table}")
        assert refused(
            session,
            {
                "sqlite": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
                "postgresql": f"TRUNCATE {table}",
            }[session.connection().dialect.name],
        )
    assert_ledger_intact(session, 3, KEY)


def test_the_migrated_triggers_are_the_ones_described(session):
    connection = session.connection()
    for statement in (*drop_triggers(connection.dialect.name), *create_triggers(connection.dialect.name)):
        connection.exec_driver_sql(statement)
    append(session, facts(1))
    assert refused(session, "DELETE FROM ledger_entry")
