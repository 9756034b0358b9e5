import pytest

from service.ledger.verdict import Fault, Problem, Verdict
from service.web import integrity
from service.web.integrity import Integrity


def said(problem):
    fault = Fault(problem, 3, 3, "detail") if problem else None
    return Verdict(entries=3, checkpoints=1, signed=3, root=bytes(32), fault=fault)


def test_an_intact_ledger_is_trusted(seeded):
    watched = Integrity(seeded.house)
    assert watched.verify().ok
    assert watched.is_intact


@pytest.mark.parametrize("problem", [one for one in Problem if one is not Problem.BEYOND])
def test_one_fault_is_enough_and_a_later_verification_does_not_hide_it(seeded, monkeypatch, problem):
    watched = Integrity(seeded.house)
    verdicts = [said(problem), said(None)]
    monkeypatch.setattr(integrity, "verify_log", lambda *_: verdicts.pop(0))
    watched.verify()
    watched.verify()
    assert not watched.is_intact


def test_entries_that_wait_for_a_signature_are_no_fault(seeded, monkeypatch):
    watched = Integrity(seeded.house)
    monkeypatch.setattr(integrity, "verify_log", lambda *_: said(Problem.BEYOND))
    watched.verify()
    assert watched.is_intact
