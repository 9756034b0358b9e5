"""Measure the ledger: appends, proofs, verification. In: sizes, a database. Out: figures on the screen.

    python tests/benchmarks/bench_ledger.py [--entries 1000000] [--batch 1000] [--database URL]

Without a URL it fills a SQLite file in a temporary folder. Each batch is one durable transaction with a
signed checkpoint. CPU time stands beside wall time: the latter says little on a busy machine.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session

from service.db.engine import open_database
from service.db.migrate import migrate
from service.db.session import reading, writing
from service.ledger import store
from service.ledger.append import append, sign_checkpoint
from service.ledger.checkpoint import open_checkpoint
from service.ledger.entry import Fact
from service.ledger.export import read_log
from service.ledger.key import SigningKey, create_key, verify_signature
from service.ledger.merkle import leaf_hash, verify_inclusion
from service.ledger.verify import verify_log, verify_proof

PROOFS = 500


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--database", help="an empty database; default: SQLite in a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(options.database or f"sqlite:///{folder}/ledger.db")
        migrate(engine)
        key = create_key(Path(folder) / "ledger.key", "bench.example/log")
        show(f"engine {engine.dialect.name}, {options.entries} entries, {options.batch} a transaction")
        measure_append(engine, key, options.entries, options.batch)
        measure_size(engine, options.entries)
        with reading(engine) as session:
            measure_proofs(session, key, options.entries)
            measure_verification(session, key, options.entries)
        engine.dispose()
    return 0


def facts(start: int, end: int) -> Iterator[Fact]:
    """Yield facts of the size that extraction makes: about 330 bytes of canonical text."""
    for number in range(start, end):
        body = {
            "message": f"m{number}",
            "start": number % 400,
            "end": number % 400 + 62,
            "quote": "Please confirm the new price by Friday, we agreed on 1,200 EUR",
            "kind": "approval",
            "confidence": 0.87,
            "found_by": "rules-1:en.approval.confirm",
        }
        yield Fact("statement.found", f"c{number % 977}", body, "extraction")


def measure_append(engine: Engine, key: SigningKey, entries: int, batch: int) -> None:
    def run() -> None:
        for start in range(0, entries, batch):
            with writing(engine) as session:
                append(session, facts(start, min(start + batch, entries)))
                sign_checkpoint(session, key)

    wall, cpu, _ = clocked(run)
    show(f"append       {entries / wall:10,.0f} entries/s   {entries / cpu:10,.0f} entries/CPU-s")


def measure_size(engine: Engine, entries: int) -> None:
    query = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        "postgresql": "SELECT pg_database_size(current_database())",
    }[engine.dialect.name]
    with engine.connect() as connection:
        show(f"database     {connection.execute(text(query)).scalar_one() / entries:10,.0f} bytes/entry")


def measure_proofs(session: Session, key: SigningKey, entries: int) -> None:
    random = Random(1)
    made, path_checks, full_checks, sizes = [], [], [], []
    for _ in range(PROOFS):
        wall, _, proof = clocked(lambda: store.prove_entry(session, random.randrange(entries)))
        made.append(wall)
        sizes.append(32 * len(proof.path))
        checkpoint = open_checkpoint(proof.checkpoint, key.verifier, verify_signature)
        leaf = leaf_hash(proof.salt + proof.body)
        claim = (leaf, proof.seq, checkpoint.size, proof.path, checkpoint.root)
        wall, _, good = clocked(lambda claim=claim: verify_inclusion(*claim))
        path_checks.append(wall)
        assert good
        wall, _, verdict = clocked(lambda proof=proof: verify_proof(proof, key.verifier, verify_signature))
        full_checks.append(wall)
        assert verdict.ok
    whole = len(proof.text().encode())
    show(f"proof        {max(sizes):10,} bytes at most, {whole:,} with entry and checkpoint")
    for label, times in (("made", made), ("path checked", path_checks), ("all checked", full_checks)):
        cuts = statistics.quantiles(times, n=20)
        show(f"  {label:12} {cuts[9] * 1000:8.3f} ms p50   {cuts[18] * 1000:8.3f} ms p95")
    wall, _, verdict = clocked(lambda: verify_proof(proof, key.verifier))
    assert verdict.ok
    show(f"  all checked  {wall * 1000:8.3f} ms once with the standard library alone")


def measure_verification(session: Session, key: SigningKey, entries: int) -> None:
    wall, cpu, verdict = clocked(lambda: store.verify_log(session, key.verifier))
    assert verdict.ok, str(verdict)
    show(f"verify       {wall:10.1f} s wall   {cpu:8.1f} CPU-s   {entries / cpu:10,.0f} entries/CPU-s")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in store.export_log(session, key.verifier.name))
        file.seek(0)
        wall, cpu, verdict = clocked(lambda: verify_log(read_log(file, key.verifier)))
    assert verdict.ok, str(verdict)
    show(f"  offline    {wall:10.1f} s wall   {cpu:8.1f} CPU-s   (standard library alone)")


def clocked(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return wall seconds, CPU seconds and the result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = run()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def show(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
