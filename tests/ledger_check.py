"""The invariant checker: every test that writes to the ledger ends with assert_ledger_intact."""

from sqlmodel import Session

from service.ledger.checkpoint import VerifierKey
from service.ledger.store import log_size, read_notes, verify_log
from service.ledger.verdict import Problem

NOBODY = VerifierKey("nobody", bytes(32))


def assert_ledger_intact(session: Session, n: int, key: VerifierKey | None = None) -> None:
    """Assert that the log holds exactly `n` entries and that every hash, node, column and signature is right.

    Without a key the log must not hold a checkpoint: nothing else is left out.
    """
    assert log_size(session) == n
    verdict = verify_log(session, key or NOBODY)
    if key is None and n and not read_notes(session):
        fault = verdict.fault
        assert fault is not None
        assert (fault.problem, fault.first, fault.last) == (Problem.BEYOND, 0, n - 1), str(verdict)
    else:
        assert verdict.ok, str(verdict)
    assert verdict.entries == n
