"""The only writer of the log. In: Fact. Out: Entry, in the caller's transaction. Never: commits."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from service import clock
from service.db.bulk import insert_rows
from service.errors import LedgerBroken
from service.ledger import store
from service.ledger.canonical import encode
from service.ledger.checkpoint import Checkpoint, open_checkpoint
from service.ledger.entry import Entry, Fact
from service.ledger.key import SigningKey, verify_signature
from service.ledger.merkle import leaf_hash
from service.ledger.tables import LedgerCheckpointRow, LedgerEntryRow, LedgerNodeRow
from service.ledger.verify import SALT_BYTES

_LOCK = 0x5343524950544131
"""Number of the PostgreSQL advisory lock that one writer at a time holds until its transaction ends."""


def append(session: Session, facts: Iterable[Fact]) -> list[Entry]:
    """Record facts in order, all or none with the caller's transaction; one call per batch is the fast way.

    Writers wait for each other until they commit, so append late. Sign a checkpoint in the same
    transaction: what no checkpoint covers is reported by verification.
    """
    wanted = list(facts)
    if not wanted:
        return []
    _wait_for_turn(session)
    frontier = store.load_frontier(session, store.log_size(session))
    entries = list(_number(wanted, frontier.size))
    rows, nodes = [], []
    for entry in entries:
        row = _seal(entry)
        rows.append(row)
        nodes += frontier.push(row["leaf_hash"])
    insert_rows(session, LedgerEntryRow, rows)
    insert_rows(
        session,
        LedgerNodeRow,
        [{"level": node.level, "position": node.position, "digest": digest} for node, digest in nodes],
    )
    return entries


def sign_checkpoint(session: Session, key: SigningKey) -> Checkpoint:
    """Sign the log as it stands in this transaction; returns the newest one where nothing was added.

    Raises LedgerBroken, and signs nothing, where the log no longer begins with what the newest
    checkpoint promised: a second signature over another history would help to hide the change.
    """
    _wait_for_turn(session)
    size = store.log_size(session)
    newest = store.newest_note(session)
    if newest is not None:
        promised = open_checkpoint(newest, key.verifier, verify_signature)
        if promised.size > size or store.root_at(session, promised.size) != promised.root:
            raise LedgerBroken(
                f"ledger: not the {promised.size} entries that were signed; run: scripta verify"
            )
        if promised.size == size:
            return promised
    checkpoint = Checkpoint(key.verifier.name, size, store.root_at(session, size))
    row = {"size": size, "note": key.sign(checkpoint), "at": clock.now()}
    insert_rows(session, LedgerCheckpointRow, [row])
    return checkpoint


def _wait_for_turn(session: Session) -> None:
    """Let one writer at a time give numbers: SQLite does from BEGIN IMMEDIATE on, PostgreSQL by a lock."""
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _number(facts: Sequence[Fact], start: int) -> Iterator[Entry]:
    at = clock.now()
    for seq, fact in enumerate(facts, start):
        yield Entry(seq, fact.kind, fact.subject, fact.body, at, fact.actor)


def _seal(entry: Entry) -> dict[str, Any]:
    """Return the row of an entry, with a fresh salt: without it, nobody can guess content from the hash."""
    canonical, salt = encode(entry), secrets.token_bytes(SALT_BYTES)
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "subject": entry.subject,
        "at": entry.at,
        "actor": entry.actor,
        "leaf_hash": leaf_hash(salt + canonical),
        "salt": salt,
        "canonical": canonical,
    }
