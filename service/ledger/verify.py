"""Verify a log, one entry or two checkpoints offline (FORMAT.md, section 7), with the standard library alone.

    python -m service.ledger.verify FILE --key KEY [--checkpoint NOTE]...

FILE is an exported log (JSON lines), a proof of one entry, or a proof of consistency; KEY is the log's
verifier key `name+hash+base64` or a file that holds it. A NOTE is a checkpoint that you kept: only that
shows whether entries were cut off at the end. Exit status: 0 intact, 1 broken, 2 not to be read.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from service.errors import LedgerError
from service.ledger import ed25519
from service.ledger.checkpoint import Checkpoint, VerifierKey, VerifySignature, open_checkpoint
from service.ledger.export import (
    CONSISTENCY_FORMAT,
    PROOF_FORMAT,
    Consistency,
    Proof,
    Row,
    open_note,
    read_consistency,
    read_log,
    read_proof,
)
from service.ledger.merkle import Frontier, Node, leaf_hash, verify_consistency, verify_inclusion
from service.ledger.verdict import Broken, Fault, Problem, Verdict

SALT_BYTES = 32


class LogCheck:
    """Checks a log entry by entry in constant memory; raises Broken at the first fault.

    `held` are opened checkpoints that were kept outside; they may be of any size, in any order.
    """

    def __init__(self, held: Iterable[Checkpoint] = ()) -> None:
        self._frontier = Frontier()
        self._held = sorted(held, key=lambda checkpoint: checkpoint.size, reverse=True)
        self._checkpoints = 0
        self._signed = 0

    @property
    def size(self) -> int:
        """The number of entries found right so far."""
        return self._frontier.size

    def add_row(self, row: Row) -> list[tuple[Node, bytes]]:
        """Check the next entry; return the tree nodes that it completes, to compare stored ones with."""
        place = self.size
        if row.seq != place:
            problem, last = (Problem.MISSING, row.seq - 1) if row.seq > place else (Problem.REORDERED, place)
            raise Broken(Fault(problem, place, last, f"entry {row.seq} stands in its place"))
        while self._held and self._held[-1].size == place:
            self.add_checkpoint(self._held.pop())
        return self._frontier.push(check_leaf(row))

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Check a signed checkpoint against the entries so far; it must be of exactly their number."""
        size, signed = self.size, checkpoint.size
        if signed > size:
            raise Broken(
                Fault(Problem.MISSING, size, signed - 1, f"a signed checkpoint has {signed} entries")
            )
        if signed < size:
            raise Broken(Fault(Problem.REORDERED, size, size, f"the checkpoint of {signed} stands behind it"))
        if checkpoint.root != self._frontier.root():
            first = min(self._signed, max(size - 1, 0))
            raise Broken(
                Fault(Problem.ROOT, first, size - 1, f"the signed root of {size} entries is another")
            )
        self._checkpoints += 1
        self._signed = size

    def finish(self) -> None:
        """Check that nothing is missing at the end, and that nothing stands there unsigned."""
        while self._held:
            self.add_checkpoint(self._held.pop())
        if self._signed < self.size:
            detail = f"signed checkpoints end at {self._signed} entries"
            raise Broken(Fault(Problem.BEYOND, self._signed, self.size - 1, detail))

    def verdict(self, fault: Fault | None = None) -> Verdict:
        """Return what was found so far."""
        return Verdict(self.size, self._checkpoints, self._signed, self._frontier.root(), fault)


def check_leaf(row: Row) -> bytes:
    """Return the leaf hash of an entry whose content, hash and place belong together; raises Broken."""
    if row.salt is None or row.body is None:
        raise Broken(Fault(Problem.ERASED, row.seq, row.seq, "its content is gone"))
    # A salt of another length would let bytes move between salt and content under the same hash.
    if len(row.salt) != SALT_BYTES or leaf_hash(row.salt + row.body) != row.leaf:
        raise Broken(Fault(Problem.LEAF, row.seq, row.seq, "its content does not match its hash"))
    # In canonical text these bytes cannot stand inside a string, and only subject and version follow them.
    place = row.body.rfind(b',"seq":')
    if place < 0 or not row.body.endswith(b',"v":1}'):
        raise Broken(Fault(Problem.UNREADABLE, row.seq, row.seq, "its content is no entry of version 1"))
    if not row.body.startswith(b',"seq":%d,' % row.seq, place):
        written = row.body[place + 1 :].split(b",")[0].decode(errors="replace")
        raise Broken(Fault(Problem.REORDERED, row.seq, row.seq, f"its content says {written}"))
    return row.leaf


def verify_log(records: Iterable[Row | Checkpoint], held: Iterable[Checkpoint] = ()) -> Verdict:
    """Check entries in order with the opened checkpoints between them, each right after its last entry."""
    stream = iter(records)
    check = LogCheck(held)
    try:
        for record in stream:
            if isinstance(record, Checkpoint):
                check.add_checkpoint(record)
            else:
                check.add_row(record)
        check.finish()
    except Broken as broken:
        return check.verdict(_tell_moved_from_missing(broken.fault, stream))
    return check.verdict()


def verify_proof(proof: Proof, key: VerifierKey, verify: VerifySignature = ed25519.verify) -> Verdict:
    """Check one entry against the signed checkpoint that its proof carries."""
    try:
        checkpoint = open_note(proof.checkpoint, key, verify, proof.seq + 1)
        leaf = check_leaf(Row(proof.seq, leaf_hash(proof.salt + proof.body), proof.salt, proof.body))
    except Broken as broken:
        return Verdict(0, 0, 0, b"", broken.fault)
    if verify_inclusion(leaf, proof.seq, checkpoint.size, proof.path, checkpoint.root):
        return Verdict(1, 1, checkpoint.size, checkpoint.root)
    fault = Fault(Problem.ROOT, proof.seq, proof.seq, "its path does not lead to the signed root")
    return Verdict(0, 1, checkpoint.size, checkpoint.root, fault)


def verify_extension(
    claim: Consistency, key: VerifierKey, verify: VerifySignature = ed25519.verify
) -> Verdict:
    """Check that the log of the newer checkpoint begins with the whole log of the older one."""
    try:
        old, new = open_note(claim.old, key, verify, 0), open_note(claim.new, key, verify, 0)
    except Broken as broken:
        return Verdict(0, 0, 0, b"", broken.fault)
    # Every log begins with the empty one, and there is no proof of that (RFC 9162, 2.1.4.1).
    if old.size == 0 or verify_consistency(old.size, new.size, claim.path, old.root, new.root):
        return Verdict(0, 2, new.size, new.root)
    detail = f"the log of {new.size} entries does not begin with the signed one of {old.size}"
    return Verdict(0, 2, 0, b"", Fault(Problem.ROOT, 0, max(old.size - 1, 0), detail))


def verify_file(path: Path, key: VerifierKey, held: Sequence[Checkpoint] = ()) -> Verdict:
    """Check a file of any of the three formats; raises OSError where it cannot be opened."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        head = file.readline()
        file.seek(0)
        try:
            if f'"{PROOF_FORMAT}"' in head:
                return verify_proof(read_proof(file.read()), key)
            if f'"{CONSISTENCY_FORMAT}"' in head:
                return verify_extension(read_consistency(file.read()), key)
        except Broken as broken:
            return Verdict(0, 0, 0, b"", broken.fault)
        return verify_log(read_log(file, key), held)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="verify", description="Verify a Scripta ledger offline.")
    parser.add_argument("file", type=Path, help="an exported log, a proof, or a consistency proof")
    parser.add_argument("--key", required=True, help="verifier key name+hash+base64, or a file that holds it")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="a checkpoint you kept")
    options = parser.parse_args(arguments)
    try:
        key = VerifierKey.parse(_read_text_or_file(options.key))
        held = [open_checkpoint(path.read_text(encoding="utf-8"), key) for path in options.checkpoint]
        verdict = verify_file(options.file, key, held)
    except (OSError, UnicodeDecodeError, LedgerError) as error:
        sys.stderr.write(f"verify: {error}\n")
        return 2
    sys.stdout.write(f"{verdict}\n")
    return 0 if verdict.ok else 1


def _read_text_or_file(text: str) -> str:
    path = Path(text)
    return path.read_text(encoding="utf-8") if path.is_file() else text


def _tell_moved_from_missing(fault: Fault, rest: Iterator[Row | Checkpoint]) -> Fault:
    """Look for an entry that seems missing in what is left to read."""
    if fault.problem is not Problem.MISSING:
        return fault
    try:
        moved = any(isinstance(record, Row) and record.seq == fault.first for record in rest)
    except Broken:
        return fault
    return Fault(Problem.REORDERED, fault.first, fault.first, "it stands further back") if moved else fault


if __name__ == "__main__":
    sys.exit(main())
