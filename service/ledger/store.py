"""Every query of the log: entries, proofs, checkpoints, export, verification. Never: writes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Row as Found
from sqlalchemy import and_, false, func, or_, select
from sqlmodel import Session, col

from service.errors import LedgerBroken, LedgerError
from service.ledger.canonical import decode, frame
from service.ledger.checkpoint import Checkpoint, VerifierKey, parse_checkpoint
from service.ledger.entry import Entry
from service.ledger.export import Consistency, Proof, Row, open_note, write_log
from service.ledger.key import verify_signature
from service.ledger.merkle import (
    Frontier,
    Node,
    Span,
    consistency_spans,
    cover,
    hash_spans,
    inclusion_spans,
)
from service.ledger.tables import LedgerCheckpointRow, LedgerEntryRow, LedgerNodeRow
from service.ledger.verdict import Broken, Fault, Problem, Verdict
from service.ledger.verify import LogCheck

_BATCH = 4096
"""Entries read at once; a power of two, so that a batch completes whole subtrees."""

_seq, _leaf_hash = col(LedgerEntryRow.seq), col(LedgerEntryRow.leaf_hash)
_salt, _canonical = col(LedgerEntryRow.salt), col(LedgerEntryRow.canonical)
_columns = (
    _seq,
    _leaf_hash,
    _salt,
    _canonical,
    col(LedgerEntryRow.kind),
    col(LedgerEntryRow.subject),
    col(LedgerEntryRow.at),
    col(LedgerEntryRow.actor),
)
# The last four repeat, for queries, what the canonical bytes say.
_level, _position = col(LedgerNodeRow.level), col(LedgerNodeRow.position)
_digest = col(LedgerNodeRow.digest)
_size, _note = col(LedgerCheckpointRow.size), col(LedgerCheckpointRow.note)

_Found = Found[int, bytes, bytes | None, bytes | None, str, str, datetime, str]

Progress = Callable[[int, int], None]
"""Called with (entries verified, entries in all) after every batch."""


def log_size(session: Session) -> int:
    """Return the number of entries: one more than the last seq."""
    last = session.connection().execute(select(func.max(_seq))).scalar()
    return 0 if last is None else int(last) + 1


def read_entry(session: Session, seq: int) -> Entry | None:
    """Return one entry, from its canonical bytes."""
    return next(iter(read_entries(session, after=seq - 1, before=seq + 1)), None)


def read_entries(
    session: Session,
    *,
    after: int = -1,
    before: int | None = None,
    limit: int = 100,
    subject: str | None = None,
    newest_first: bool = False,
) -> list[Entry]:
    """Return a page of entries with `after < seq < before`, of one subject where it is given."""
    wanted = select(_canonical).where(_seq > after).limit(limit)
    if before is not None:
        wanted = wanted.where(_seq < before)
    if subject is not None:
        wanted = wanted.where(col(LedgerEntryRow.subject) == subject)
    found = session.connection().execute(wanted.order_by(_seq.desc() if newest_first else _seq)).scalars()
    return [_decode(canonical) for canonical in found]


def newest_note(session: Session) -> str | None:
    """Return the newest signed checkpoint; `open_checkpoint` checks and reads it."""
    return session.connection().execute(select(_note).order_by(_size.desc()).limit(1)).scalar()


def read_notes(session: Session, after: int = -1) -> Sequence[Found[int, str]]:
    """Return (size, signed note) of every checkpoint of more than `after` entries, smallest first."""
    wanted = select(_size, _note).where(_size > after).order_by(_size)
    return session.connection().execute(wanted).all()


def read_nodes(session: Session, nodes: Sequence[Node]) -> dict[Node, bytes]:
    """Return the stored hashes of tree nodes, in two queries; raises LedgerBroken where one is missing."""
    connection = session.connection()
    leaves = [node.position for node in nodes if node.level == 0]
    inner = [node for node in nodes if node.level > 0]
    found = connection.execute(select(_seq, _leaf_hash).where(_seq.in_(leaves))).all()
    hashes = {Node(0, seq): digest for seq, digest in found}
    # Finds a few more than asked for. Not pairs: SQLite answers (level, position) IN (...) by reading the
    # whole table, and a chain of ORs is compiled anew for every length, which costs more than the query.
    wanted = select(_level, _position, _digest).where(
        _level.in_([node.level for node in inner]), _position.in_([node.position for node in inner])
    )
    above = connection.execute(wanted).all()
    hashes |= {Node(level, position): digest for level, position, digest in above}
    for node in nodes:
        if node not in hashes:
            raise LedgerBroken(f"ledger: node {node.level}/{node.position} is missing; run: scripta verify")
    return hashes


def load_frontier(session: Session, size: int) -> Frontier:
    """Return the right edge of the tree over the first `size` entries."""
    nodes = cover(Span(0, size))
    hashes = read_nodes(session, nodes)
    return Frontier(size, [hashes[node] for node in nodes])


def root_at(session: Session, size: int) -> bytes:
    """Return the root over the first `size` entries."""
    return load_frontier(session, size).root()


def inclusion_path(session: Session, seq: int, size: int) -> list[bytes]:
    """Return the hashes that lead from entry `seq` to the root of `size` entries, lowest first."""
    return hash_spans(inclusion_spans(seq, size), lambda nodes: read_nodes(session, nodes))


def consistency_path(session: Session, old: int, size: int) -> list[bytes]:
    """Return the hashes that show that the tree of `size` begins with the one of `old` entries."""
    return hash_spans(consistency_spans(old, size), lambda nodes: read_nodes(session, nodes))


def prove_entry(session: Session, seq: int) -> Proof:
    """Return an entry with its path to the newest checkpoint; raises LedgerError where none covers it yet."""
    note = newest_note(session)
    size = parse_checkpoint(note)[0].size if note else 0
    found = session.connection().execute(select(_salt, _canonical).where(_seq == seq)).first()
    if note is None or found is None or seq >= size:
        raise LedgerError(f"ledger: entry {seq} is not among the {size} signed entries")
    salt, canonical = found
    if salt is None or canonical is None:
        raise LedgerError(f"ledger: the content of entry {seq} was removed")
    return Proof(seq, salt, canonical, inclusion_path(session, seq, size), note)


def prove_extension(session: Session, old: int) -> Consistency:
    """Return the proof that the newest checkpoint extends the stored one of `old` entries."""
    newest = newest_note(session)
    note = session.connection().execute(select(_note).where(_size == old)).scalar()
    if newest is None or note is None:
        raise LedgerError(f"ledger: there is no signed checkpoint of {old} entries")
    size = parse_checkpoint(newest)[0].size
    return Consistency(note, newest, consistency_path(session, old, size) if old else [])


def export_log(session: Session, origin: str) -> Iterator[str]:
    """Yield the lines of an export that `verify` reads offline: the whole log with its checkpoints."""
    return write_log(origin, _weave(session))


def verify_log(
    session: Session, key: VerifierKey, progress: Progress | None = None, held: Iterable[Checkpoint] = ()
) -> Verdict:
    """Check every entry, column, stored node and checkpoint, batch by batch; stop at the first fault.

    `held` are opened checkpoints that were kept outside the database: only they show that the end of
    the log was cut off together with its newest checkpoints.
    """
    check = LogCheck(held)
    # Read in this order, what is appended meanwhile is either left out or comes with its checkpoint.
    size = log_size(session)
    notes = deque(read_notes(session))
    total = max(size, notes[-1][0] if notes else 0)
    try:
        for batch in _read_batches(session, total):
            stored = _read_nodes_above(session, check.size, check.size + len(batch))
            for found in batch:
                _check_notes(check, notes, key, check.size)
                _check_entry(check, found, stored)
            if progress:
                progress(check.size, total)
        _check_notes(check, notes, key, total)
        check.finish()
    except Broken as broken:
        return check.verdict(broken.fault)
    return check.verdict()


def _check_notes(check: LogCheck, notes: deque[Found[int, str]], key: VerifierKey, size: int) -> None:
    while notes and notes[0][0] <= size:
        check.add_checkpoint(open_note(notes.popleft()[1], key, verify_signature, check.size))


def _check_entry(check: LogCheck, found: _Found, stored: Mapping[Node, bytes]) -> None:
    seq, leaf, salt, canonical, kind, subject, at, actor = found
    completed = check.add_row(Row(seq, leaf, salt, canonical))
    head, tail = frame(seq, kind, subject, at, actor)
    if canonical is None or not (canonical.startswith(head) and canonical.endswith(tail)):
        raise Broken(Fault(Problem.COLUMN, seq, seq, "kind, subject, at or actor differ from the content"))
    for node, digest in completed:
        if stored.get(node) != digest:
            detail = f"stored node {node.level}/{node.position} is not the hash of its entries"
            raise Broken(Fault(Problem.NODE, node.position << node.level, seq, detail))


def _read_batches(session: Session, end: int) -> Iterator[Sequence[_Found]]:
    """Yield the entries before `end` in order, some thousand at a time."""
    wanted = select(*_columns).where(_seq < end).order_by(_seq).limit(_BATCH)
    batch = session.connection().execute(wanted).all()
    while batch:
        yield batch
        batch = session.connection().execute(wanted.where(_seq > batch[-1].seq)).all()


def _read_nodes_above(session: Session, start: int, end: int) -> dict[Node, bytes]:
    """Return the stored nodes that the entries from `start` up to but not including `end` complete."""
    ranges = [
        and_(_level == level, _position >= start >> level, _position < end >> level)
        for level in range(1, end.bit_length())
        if start >> level < end >> level
    ]
    wanted = select(_level, _position, _digest).where(or_(false(), *ranges))
    return {
        Node(level, position): digest
        for level, position, digest in session.connection().execute(wanted).all()
    }


def _weave(session: Session) -> Iterator[Row | str]:
    """Yield every entry, and each checkpoint right after its last entry."""
    size = log_size(session)
    notes = deque(read_notes(session))
    for batch in _read_batches(session, max(size, notes[-1][0] if notes else 0)):
        for found in batch:
            while notes and notes[0][0] <= found.seq:
                yield notes.popleft()[1]
            yield _to_row(found)
    for _, note in notes:
        yield note


def _decode(canonical: bytes | None) -> Entry:
    if canonical is None:
        raise LedgerBroken("ledger: the content of an entry is gone; run: scripta verify")
    return decode(canonical)


def _to_row(found: _Found) -> Row:
    return Row(found.seq, found.leaf_hash, found.salt, found.canonical)
