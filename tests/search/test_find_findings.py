"""Fields that ask what extraction and agreements found in a message."""

from datetime import UTC, datetime

import pytest

from service.agreements.tables import AgreementRow, EvidenceRow, StatementRow, VerbalEventRow

AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def findings(archive):
    """Messages by what was found in them."""
    kept = {
        name: archive.message("слово")
        for name in ("request", "withdrawn", "agreed", "verbal", "call", "nothing")
    }
    talk = archive.talk("talk")
    statement(archive.session, talk, kept["request"], "request")
    statement(archive.session, talk, kept["withdrawn"], "approval", withdrawn=True)
    statement(archive.session, talk, kept["agreed"], "approval")
    agreement(archive.session, talk, kept["agreed"], "agreed")
    agreement(archive.session, talk, kept["verbal"], "verbal_only")
    agreement(archive.session, talk, kept["withdrawn"], "rejected", withdrawn=True)
    talks = {"call": {"state": "unconfirmed"}, "agreed": {"state": "confirmed"}}
    talks["withdrawn"] = {"state": "unconfirmed", "withdrawn": True}
    for name, known in talks.items():
        event = VerbalEventRow(conversation_id=talk, message_id=kept[name], at=AT, kind="call", **known)
        archive.session.add(event)
    archive.session.flush()
    return kept


def statement(session, talk, message_id, kind, *, withdrawn=False):
    session.add(
        StatementRow(
            conversation_id=talk,
            message_id=message_id,
            start=0,
            end=5,
            quote="слово",
            kind=kind,
            confidence=1.0,
            found_by="test",
            language="ru",
            withdrawn=withdrawn,
        )
    )


def agreement(session, talk, message_id, status, *, withdrawn=False):
    row = AgreementRow(
        key=f"{message_id}",
        conversation_id=talk,
        title="слово",
        status=status,
        language="ru",
        confidence=1.0,
        opened_at=AT,
        changed_at=AT,
        words="слово",
        derived_by="test",
        withdrawn=withdrawn,
    )
    session.add(row)
    session.flush()
    evidence = EvidenceRow(
        agreement_id=row.id, position=0, message_id=message_id, start=0, end=5, quote="слово", role="proposal"
    )
    session.add(evidence)


@pytest.mark.parametrize("words", ["", "слово "])
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind:request", ["request"]),
        ("kind:approval OR kind:request", ["agreed", "request"]),
        ("kind:decision", []),
        ("status:agreed", ["agreed"]),
        ("status:rejected", []),
        ("has:statement", ["agreed", "request"]),
        ("has:agreement", ["verbal", "agreed"]),
        ("has:gap", ["call", "verbal"]),
        ("-has:agreement -has:statement -has:gap", ["nothing", "withdrawn"]),
    ],
)
def test_a_field_asks_for_what_was_found_and_still_holds(archive, findings, words, query, names):
    assert archive.found(words + query) == [findings[name] for name in names]
