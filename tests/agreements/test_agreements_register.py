import hashlib

import pytest
from archived_talk import archive, until
from marked_talk import talk
from sqlmodel import select

from service.accounts.scope import EVERYTHING
from service.agreements import store
from service.agreements.derive import derive
from service.agreements.register import Changes, register
from service.agreements.tables import AgreementRow, EvidenceRow, StatementRow, VerbalEventRow
from service.archive.tables import ConversationRow, MessageRow
from service.ledger.store import read_entries

OFFER = "a: [The shop for 900 euros, all right?|proposal]"
TALK = talk(
    "a: (call 600)",
    "a: as said: [the shop opens in May|decision verbal]",
    "c: [exactly|approval]",
    "c: [no, not in May|rejection]",
)


def put(session, marked, version="rules-1"):
    return register(session, *marked, derive(*marked), version)


def facts(session, subject):
    return [(entry.kind, entry.body) for entry in read_entries(session, subject=subject)]


def test_an_agreement_is_recorded_with_its_quotes_places_and_originals(session):
    marked = archive(session, talk(OFFER, "c: well, [Yes|approval]"))
    assert put(session, marked).created == ("agreement:1000:0",)
    ((kind, body),) = facts(session, "agreement:1000:0")
    assert kind == "agreement.created"
    assert body["status"] == "agreed"
    assert body["evidence"][1] == {
        "role": "answer",
        "message": "1001",
        "blob_sha256": hashlib.sha256(b"well, Yes").hexdigest(),
        "start": 6,
        "end": 9,
        "quote": "Yes",
    }


def test_registering_the_same_again_writes_nothing(session):
    marked = archive(session, TALK)
    put(session, marked)
    session.flush()
    before = dump(session)
    assert put(session, marked) == Changes()
    assert not session.dirty
    assert not session.new
    assert dump(session) == before


def test_each_change_of_status_is_an_entry_that_says_what_was(session):
    marked = archive(session, TALK)
    for number in (2, 3, 4):
        put(session, until(marked, number))
    history = facts(session, "agreement:1001:9")
    assert [(kind, body["status"], body.get("was")) for kind, body in history] == [
        ("agreement.created", "verbal_only", None),
        ("agreement.status_changed", "agreed", "verbal_only"),
        ("agreement.status_changed", "rejected", "agreed"),
    ]


def test_the_confirmation_of_a_gap_is_an_entry(session):
    marked = archive(session, TALK)
    put(session, until(marked, 2))
    assert [gap.key for gap in store.all_gaps(session)] == ["verbal:1000"]
    put(session, until(marked, 3))
    assert store.all_gaps(session) == []
    assert [(kind, body["state"]) for kind, body in facts(session, "verbal:1000")] == [
        ("verbal.created", "unconfirmed"),
        ("verbal.confirmed", "confirmed"),
    ]


def test_what_newer_statements_do_not_amount_to_is_withdrawn_and_can_come_back(session):
    conversation, statements = marked = archive(session, talk(OFFER, "c: [Yes|approval]"))
    put(session, marked)
    assert put(session, (conversation, statements[1:])).withdrawn == ("agreement:1000:0",)
    assert store.agreement(session, EVERYTHING, "1000:0") is None
    assert session.exec(select(AgreementRow)).one().withdrawn
    assert len(store.statements_of(session, EVERYTHING, 1000)) == 1
    assert put(session, (conversation, statements[1:])) == Changes()
    assert put(session, marked).changed == ("agreement:1000:0",)
    kinds = [kind for kind, _ in facts(session, "agreement:1000:0")]
    assert kinds == ["agreement.created", "agreement.withdrawn", "agreement.restored"]


def test_a_second_yes_changes_the_evidence(session):
    marked = archive(session, talk(OFFER, "c1: [Yes|approval]", "c2: [Yes|approval]"))
    put(session, until(marked, 2))
    assert put(session, marked).changed == ("agreement:1000:0",)
    assert len(session.exec(select(EvidenceRow)).all()) == 3
    assert [kind for kind, _ in facts(session, "agreement:1000:0")][-1] == "agreement.changed"


def test_a_newer_extraction_with_the_same_outcome_is_no_entry(session):
    marked = archive(session, TALK)
    put(session, marked, "rules-1")
    assert put(session, marked, "rules-2") == Changes()
    assert {row.derived_by for row in session.exec(select(AgreementRow))} == {"rules-2"}


def test_rows_follow_a_thread_that_was_joined_with_another(session):
    old, statements = archive(session, talk(OFFER, "c: [Yes|approval]"))
    put(session, (old, statements))
    new, others = archive(session, talk("a: hello", "c: hello"), first=2000)
    session.get(ConversationRow, 1000).merged_into = 2000
    for row in session.exec(select(MessageRow).where(MessageRow.conversation_id == 1000)):
        row.conversation_id = 2000
    joined = type(old)(
        "2000", "telegram", "", "UTC", (*old.people, *new.people), (*old.messages, *new.messages), None
    )
    assert put(session, (joined, [*statements, *others])) == Changes()
    kept = store.agreement(session, EVERYTHING, "1000:0")
    assert kept.conversation_id == 2000
    assert {row.conversation_id for row in session.exec(select(StatementRow))} == {2000}


def test_contradicting_statements_are_kept_with_both_quotes(session):
    marked = archive(session, talk(OFFER, "c1: [Yes|approval]", "c2>1: [No way|rejection]"))
    put(session, marked)
    kept = store.agreement(session, EVERYTHING, "1000:0").agreement
    assert kept == derive(*marked).agreements[0]
    assert kept.contradiction.second.quote == "No way"


@pytest.mark.parametrize("number", range(1, 5))
def test_what_is_read_back_is_what_was_derived(session, number):
    marked = until(archive(session, TALK), number)
    put(session, marked)
    derived = derive(*marked)
    read = store.agreements(session, EVERYTHING, store.Filter())
    assert sorted(one.agreement.key for one in read) == sorted(one.key for one in derived.agreements)
    assert {one.agreement for one in read} == set(derived.agreements)
    assert tuple(store.verbal_events(session, EVERYTHING, 1000)) == derived.verbal


def dump(session):
    tables = (StatementRow, AgreementRow, EvidenceRow, VerbalEventRow)
    return [row.model_dump() for table in tables for row in session.exec(select(table))]
