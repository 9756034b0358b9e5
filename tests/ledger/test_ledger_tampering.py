"""Somebody who owns the database takes the triggers away and changes rows: found, with the place."""

from contextlib import contextmanager

import pytest
from ledger_check import assert_ledger_intact
from memory_log import SIGNER, STRANGER
from sqlalchemy import text

from service.errors import LedgerBroken, LedgerError
from service.ledger import store
from service.ledger.append import append, sign_checkpoint
from service.ledger.checkpoint import open_checkpoint
from service.ledger.entry import Fact
from service.ledger.merkle import Frontier, leaf_hash
from service.ledger.triggers import drop_triggers
from service.ledger.verdict import Problem

KEY = SIGNER.verifier
COUNT, STEP = 12, 4


@pytest.fixture
def log(session):
    """Twelve entries, signed after every four, without triggers."""
    for start in range(0, COUNT, STEP):
        append(session, facts(STEP, start))
        sign_checkpoint(session, SIGNER)
    assert_ledger_intact(session, COUNT, KEY)
    for statement in drop_triggers(session.connection().dialect.name):
        session.connection().exec_driver_sql(statement)
    return session


MUTATIONS = {
    "kind": (["UPDATE ledger_entry SET kind = 'agreement.closed' WHERE seq = 6"], (Problem.COLUMN, 6, 6)),
    "subject": (["UPDATE ledger_entry SET subject = 'a7' WHERE seq = 6"], (Problem.COLUMN, 6, 6)),
    "actor": (["UPDATE ledger_entry SET actor = 'boris' WHERE seq = 6"], (Problem.COLUMN, 6, 6)),
    "no actor": (["UPDATE ledger_entry SET actor = '' WHERE seq = 6"], (Problem.COLUMN, 6, 6)),
    "time": (["UPDATE ledger_entry SET at = at + 1 WHERE seq = 6"], (Problem.COLUMN, 6, 6)),
    "first deleted": (["DELETE FROM ledger_entry WHERE seq = 0"], (Problem.MISSING, 0, 0)),
    "middle deleted": (["DELETE FROM ledger_entry WHERE seq BETWEEN 3 AND 6"], (Problem.MISSING, 3, 6)),
    "tail deleted": (["DELETE FROM ledger_entry WHERE seq >= 9"], (Problem.MISSING, 9, 11)),
    "all deleted": (["DELETE FROM ledger_entry"], (Problem.MISSING, 0, 3)),
    "moved to the end": (["UPDATE ledger_entry SET seq = 50 WHERE seq = 0"], (Problem.MISSING, 0, 0)),
    "deleted and closed up": (
        [
            "DELETE FROM ledger_entry WHERE seq = 3",
            *(f"UPDATE ledger_entry SET seq = {seq - 1} WHERE seq = {seq}" for seq in range(4, COUNT)),
        ],
        (Problem.REORDERED, 3, 3),
    ),
    "swapped": (
        [
            "UPDATE ledger_entry SET seq = 99 WHERE seq = 2",
            "UPDATE ledger_entry SET seq = 2 WHERE seq = 9",
            "UPDATE ledger_entry SET seq = 9 WHERE seq = 99",
        ],
        (Problem.REORDERED, 2, 2),
    ),
    "content removed": (
        ["UPDATE ledger_entry SET salt = NULL, canonical = NULL WHERE seq = 4"],
        (Problem.ERASED, 4, 4),
    ),
    "node deleted": (["DELETE FROM ledger_node WHERE level = 2 AND position = 2"], (Problem.NODE, 8, 11)),
    "nodes deleted": (["DELETE FROM ledger_node"], (Problem.NODE, 0, 1)),
    "newest checkpoint deleted": (
        ["DELETE FROM ledger_checkpoint WHERE size = 12"],
        (Problem.BEYOND, 8, 11),
    ),
    "checkpoints deleted": (["DELETE FROM ledger_checkpoint"], (Problem.BEYOND, 0, 11)),
    "checkpoint for fewer": (
        ["UPDATE ledger_checkpoint SET size = 6 WHERE size = 8"],
        (Problem.MISSING, 6, 7),
    ),
    "checkpoint for more": (
        ["UPDATE ledger_checkpoint SET size = 10 WHERE size = 8"],
        (Problem.REORDERED, 10, 10),
    ),
    "checkpoint edited": (
        ["UPDATE ledger_checkpoint SET note = replace(note, 'example', 'exemple') WHERE size = 8"],
        (Problem.SIGNATURE, 7, 7),
    ),
}


@contextmanager
def undone(session):
    """Take back whatever the block changes."""
    savepoint = session.begin_nested()
    yield
    savepoint.rollback()


def facts(count: int, start: int) -> list[Fact]:
    return [
        Fact("agreement.opened", f"a{number}", {"words": "согласовано"}, "anna")
        for number in range(start, start + count)
    ]


def run(session, statement: str, **values) -> None:
    session.connection().execute(text(statement), values)


def place(session, held=()) -> tuple[Problem, int, int]:
    verdict = store.verify_log(session, KEY, held=held)
    assert verdict.fault is not None, "nothing was found"
    return verdict.fault.problem, verdict.fault.first, verdict.fault.last


def rehash_entry(session, seq: int) -> bytes:
    """Change an entry and its leaf hash, as somebody who knows the format would."""
    found = session.connection().execute(
        text("SELECT salt, canonical FROM ledger_entry WHERE seq = :seq"), {"seq": seq}
    )
    salt, canonical = found.one()
    forged = bytes(canonical).replace("согласовано".encode(), "отклонено".encode())
    leaf = leaf_hash(bytes(salt) + forged)
    run(
        session,
        "UPDATE ledger_entry SET canonical = :forged, leaf_hash = :leaf WHERE seq = :seq",
        forged=forged,
        leaf=leaf,
        seq=seq,
    )
    return leaf


def rebuild_nodes(session) -> Frontier:
    """Hash the whole tree anew from the leaves."""
    leaves = session.connection().execute(text("SELECT leaf_hash FROM ledger_entry ORDER BY seq")).scalars()
    frontier = Frontier()
    for leaf in leaves.all():
        for (level, position), digest in frontier.push(bytes(leaf)):
            run(
                session,
                "UPDATE ledger_node SET digest = :digest WHERE level = :level AND position = :position",
                digest=digest,
                level=level,
                position=position,
            )
    return frontier


def test_every_mutation_is_found_in_its_place(log):
    found = {}
    for name, (statements, _) in MUTATIONS.items():
        with undone(log):
            for statement in statements:
                run(log, statement)
            found[name] = place(log)
    assert found == {name: expected for name, (_, expected) in MUTATIONS.items()}
    assert_ledger_intact(log, COUNT, KEY)


def test_any_deleted_entry_is_found(log):
    for seq in range(COUNT):
        with undone(log):
            run(log, "DELETE FROM ledger_entry WHERE seq = :seq", seq=seq)
            assert place(log) == (Problem.MISSING, seq, seq)


@pytest.mark.parametrize("column", ["leaf_hash", "salt", "canonical"])
def test_any_flipped_byte_of_an_entry_is_found_at_the_entry(log, column):
    for seq in (0, 6, 11):
        query = text(f"SELECT {column} FROM ledger_entry WHERE seq = :seq")
        original = bytes(log.connection().execute(query, {"seq": seq}).scalar_one())
        update = f"UPDATE ledger_entry SET {column} = :data WHERE seq = :seq"
        for at in range(len(original)):
            flipped = bytearray(original)
            flipped[at] ^= 1 << at % 8
            run(log, update, data=bytes(flipped), seq=seq)
            assert place(log) == (Problem.LEAF, seq, seq)
        run(log, update, data=original, seq=seq)
    assert_ledger_intact(log, COUNT, KEY)


def test_any_changed_node_is_found_over_its_entries(log):
    nodes = log.connection().execute(text("SELECT level, position, digest FROM ledger_node")).all()
    assert len(nodes) == COUNT - COUNT.bit_count()
    update = "UPDATE ledger_node SET digest = :digest WHERE level = :level AND position = :position"
    for level, position, digest in nodes:
        forged = bytes([digest[0] ^ 1]) + bytes(digest[1:])
        run(log, update, digest=forged, level=level, position=position)
        assert place(log) == (Problem.NODE, position << level, ((position + 1) << level) - 1)
        run(log, update, digest=digest, level=level, position=position)
    assert_ledger_intact(log, COUNT, KEY)


def test_a_deleted_node_stops_appending(log):
    run(log, "DELETE FROM ledger_node WHERE level = 2 AND position = 2")
    with pytest.raises(LedgerBroken, match="node 2/2 is missing"):
        append(log, facts(1, COUNT))


def test_an_entry_without_content_is_not_left_out_of_a_page(log):
    run(log, "UPDATE ledger_entry SET salt = NULL, canonical = NULL WHERE seq = 4")
    with pytest.raises(LedgerBroken, match="scripta verify"):
        store.read_entries(log)
    with pytest.raises(LedgerError, match="entry 4 was removed"):
        store.prove_entry(log, 4)


def test_a_deleted_tail_stops_signing(log):
    run(log, "DELETE FROM ledger_entry WHERE seq >= 9")
    with pytest.raises(LedgerBroken, match="scripta verify"):
        sign_checkpoint(log, SIGNER)


def test_a_tail_deleted_with_its_checkpoints_is_found_by_a_checkpoint_kept_elsewhere(log):
    kept = open_checkpoint(store.newest_note(log), KEY)
    run(log, "DELETE FROM ledger_entry WHERE seq >= 8")
    run(log, "DELETE FROM ledger_checkpoint WHERE size > 8")
    run(log, "DELETE FROM ledger_node WHERE (position + 1) * 4 > 8 AND level = 2")
    run(log, "DELETE FROM ledger_node WHERE (position + 1) * 2 > 8 AND level = 1")
    assert_ledger_intact(log, 8, KEY)
    assert place(log, [kept]) == (Problem.MISSING, 8, 11)


def test_an_entry_hashed_anew_is_found_by_the_tree_and_by_the_next_checkpoint(log):
    rehash_entry(log, 6)
    assert place(log) == (Problem.NODE, 6, 7)
    rebuild_nodes(log)
    assert place(log) == (Problem.ROOT, 4, 7)


def test_everything_hashed_anew_is_found_and_signing_stops(log):
    for seq in range(COUNT):
        rehash_entry(log, seq)
    rebuild_nodes(log)
    assert place(log) == (Problem.ROOT, 0, 3)
    with pytest.raises(LedgerBroken, match="scripta verify"):
        sign_checkpoint(log, SIGNER)


def test_everything_hashed_and_signed_anew_by_a_stranger_is_found(log):
    rehash_entry(log, 0)
    rebuild_nodes(log)
    run(log, "DELETE FROM ledger_checkpoint")
    sign_checkpoint(log, STRANGER)
    assert place(log) == (Problem.SIGNATURE, 11, 11)


def test_entries_added_without_the_key_are_found(log):
    append(log, facts(3, COUNT))
    assert place(log) == (Problem.BEYOND, 12, 14)
