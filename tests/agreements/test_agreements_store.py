from collections import Counter

import pytest
from archived_talk import archive
from marked_talk import talk

from service.accounts.scope import EVERYTHING, NOTHING, Scope
from service.agreements import store
from service.agreements.agreement import Status
from service.agreements.derive import derive
from service.agreements.register import register
from service.agreements.store import Filter
from service.extraction.statement import StatementKind


@pytest.fixture
def filled(session):
    """Two projects: a bakery with three matters, a clinic with one call."""
    bakery = archive(
        session,
        talk(
            "a: [Вывеска за 900 евро, да?|proposal]",
            "c: [Согласовано|approval]",
            "a: [Launch on Friday?|proposal]",
            "a: after our call: [no blog|decision verbal]",
        ),
        project="Bakery",
    )
    clinic = archive(session, talk("a: (call 600)", "c: nice to hear you"), first=2000, project="Clinic")
    for marked in (bakery, clinic):
        register(session, *marked, derive(*marked), "rules-1")
    session.flush()
    return session


def keys(rows):
    return [one.agreement.key for one in rows]


def test_agreements_come_latest_changed_first_and_page(filled):
    everything = store.agreements(filled, EVERYTHING, Filter())
    assert keys(everything) == ["1003:16", "1002:0", "1000:0"]
    first = store.agreements(filled, EVERYTHING, Filter(), limit=2)
    last = first[-1]
    rest = store.agreements(filled, EVERYTHING, Filter(), before=(last.changed_at, last.id))
    assert keys(first) + keys(rest) == keys(everything)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(status=Status.AGREED), ["1000:0"]),
        (Filter(project="Bakery"), ["1003:16", "1002:0", "1000:0"]),
        (Filter(project="Clinic"), []),
        (Filter(client="Client of Bakery", status=Status.OPEN), ["1002:0"]),
        (Filter(text="ВЫВЕСКА согласовано"), ["1000:0"]),
        (Filter(text="launch blog"), []),
        (Filter(text="100%"), []),
        (Filter(conversation_id=2000), []),
    ],
)
def test_agreements_are_filtered(filled, wanted, found):
    assert keys(store.agreements(filled, EVERYTHING, wanted)) == found


def test_a_place_that_no_row_can_have_is_no_error(filled):
    (first, *_) = listed = store.agreements(filled, EVERYTHING, Filter())
    assert store.agreements(filled, EVERYTHING, Filter(), before=(first.changed_at, 10**17)) == listed


def test_an_agreement_names_its_people_project_and_conversation(filled):
    one = store.agreement(filled, EVERYTHING, "1000:0")
    assert (one.proposer.name, one.answerer.name) == ("a-1000", "c-1000")
    assert (one.project, one.client, one.conversation) == ("Bakery", "Client of Bakery", "Bakery")


def test_nothing_is_seen_outside_the_scope(filled):
    assert store.agreements(filled, NOTHING, Filter()) == []
    assert store.agreement(filled, NOTHING, "1000:0") is None
    assert store.gaps(filled, NOTHING) == []
    assert store.statements(filled, NOTHING) == []
    assert store.statements_of(filled, NOTHING, 1000) == []
    assert store.verbal_events(filled, NOTHING, 2000) == []
    assert store.count_by_project(filled, NOTHING) == []


def test_a_scope_shows_its_projects_alone(filled):
    clinic = store.agreement(filled, EVERYTHING, "1000:0")
    assert clinic is not None
    (gap,) = [one for one in store.all_gaps(filled) if one.project == "Clinic"]
    assert gap.key == "verbal:2000"
    scope = Scope(projects=frozenset({2}))
    assert [one.key for one in store.gaps(filled, scope)] == ["verbal:2000"]


def test_gaps_come_newest_first_and_page(filled):
    found = store.gaps(filled, EVERYTHING)
    assert [one.key for one in found] == ["verbal:1003", "verbal:2000"]
    assert (found[0].title, found[0].quote, found[0].kind) == ("No blog", "no blog", "mention")
    assert (found[1].title, found[1].quote, found[1].kind) == ("Bakery", None, "call")
    assert store.gaps(filled, EVERYTHING, before=(found[0].at, found[0].key)) == found[1:]


def test_a_matter_of_a_confirmed_talk_stays_a_gap_until_it_is_confirmed_too(session):
    marked = archive(
        session,
        talk(
            "a: (call 600)",
            "a: 1. [the shop opens in May|decision verbal]\n2. [no blog|decision verbal]",
            "c: [1 is right|approval]",
        ),
    )
    register(session, *marked, derive(*marked), "rules-1")
    (gap,) = store.all_gaps(session)
    assert gap.key.startswith("agreement:1001:")
    assert gap.title == "No blog"


def test_statements_are_asked_by_conversation_message_and_kind(filled):
    assert [one.statement.quote for one in store.statements_of(filled, EVERYTHING, 1000)] == [
        "Вывеска за 900 евро, да?",
        "Согласовано",
        "Launch on Friday?",
        "no blog",
    ]
    assert [one.statement.quote for one in store.statements_in(filled, EVERYTHING, [1003])] == ["no blog"]
    offers = store.statements(filled, EVERYTHING, kind=StatementKind.PROPOSAL)
    assert len(offers) == 2
    assert (
        store.statements(filled, EVERYTHING, kind=StatementKind.PROPOSAL, before=offers[0].id) == offers[1:]
    )


def test_agreements_are_counted_by_status(filled):
    counted: Counter[Status] = Counter()
    for one in store.count_by_project(filled, EVERYTHING):
        counted[one.status] += one.number
    assert counted == {
        Status.AGREED: 1,
        Status.OPEN: 1,
        Status.VERBAL_ONLY: 1,
    }
