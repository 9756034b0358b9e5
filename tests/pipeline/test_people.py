"""Who is one person, with everything that follows: facts in the ledger, and agreements found again."""

import pytest
from factories import seed
from ledger_check import assert_ledger_intact

from service.accounts.scope import EVERYTHING
from service.agreements.agreement import Status
from service.agreements.store import Filter, agreements
from service.archive.message import Side
from service.archive.organise import who_wrote
from service.archive.store import unread_conversations
from service.db.session import reading
from service.errors import PeopleError
from service.extraction.extract import VERSION
from service.ledger.store import read_entries
from service.pipeline import people
from service.pipeline.read import read_waiting


@pytest.fixture
def seeded(house, tmp_path):
    return seed(house, tmp_path / "mails")


@pytest.fixture
def ids(seeded) -> dict[str, int]:
    """People by the names that they sign in with."""
    with reading(seeded.house.engine) as session:
        return {one.value.partition("@")[0]: one.person_id for one in who_wrote(session)}


def facts(house) -> list[tuple]:
    with reading(house.engine) as session:
        entries = read_entries(session)
        assert_ledger_intact(session, len(entries), house.key.verifier)
    known = [one for one in entries if one.kind.startswith(("people.", "person."))]
    return [(one.kind, one.subject, dict(one.body), one.actor) for one in known]


def waiting(house) -> set[int]:
    with reading(house.engine) as session:
        return set(unread_conversations(session, VERSION))


def test_each_word_about_people_is_an_entry_of_the_ledger(house, ids):
    priya, igor = ids["priya"], ids["igor"]
    done = people.merge(house, priya, igor, actor="olga")
    people.undo(house, done.id, actor="olga")
    people.keep_apart(house, priya, igor, actor="olga")
    people.keep_apart(house, igor, priya, actor="olga")
    people.rename(house, igor, "Igor", actor="olga")
    people.put_person(house, igor, Side.OTHER, actor="olga")
    told = {"merge": done.id, "merged": igor, "addresses": list(done.addresses)}
    low, high = sorted((priya, igor))
    assert facts(house) == [
        ("people.merged", f"person:{priya}", told | {"side": None}, "olga"),
        ("people.parted", f"person:{priya}", told, "olga"),
        ("people.distinct", f"person:{low}", {"other": high}, "olga"),
        ("person.renamed", f"person:{igor}", {"was": "Igor Samoilov", "name": "Igor"}, "olga"),
        ("person.side", f"person:{igor}", {"side": "other"}, "olga"),
    ]


def test_what_is_refused_leaves_no_entry(house, ids):
    with pytest.raises(PeopleError):
        people.merge(house, ids["priya"], ids["priya"])
    with pytest.raises(PeopleError):
        people.undo(house, 1)
    assert facts(house) == []


def test_agreements_name_the_one_person_until_they_are_found_again_and_after(house, seeded, ids):
    talk = seeded.conversations["Booking form"]
    wanted = Filter(conversation_id=talk, status=Status.AGREED)

    def answerers() -> set[str]:
        with reading(house.engine) as session:
            return {one.answerer.name for one in agreements(session, EVERYTHING, wanted)}

    assert answerers() == {"Igor Samoilov"}
    done = people.merge(house, ids["priya"], ids["igor"])
    assert waiting(house) >= {talk}
    assert answerers() == {"Priya Nair"}
    read_waiting(house)
    assert answerers() == {"Priya Nair"}
    people.undo(house, done.id)
    assert waiting(house) >= {talk}
    read_waiting(house)
    assert answerers() == {"Igor Samoilov"}


def test_nobody_agrees_with_themselves_although_they_have_two_addresses(house, seeded, ids):
    wanted = Filter(conversation_id=seeded.conversations["Booking form"], status=Status.AGREED)
    with reading(house.engine) as session:
        assert len(agreements(session, EVERYTHING, wanted)) == 1
    done = people.merge(house, ids["olga"], ids["igor"], side=Side.AGENCY)
    read_waiting(house)
    with reading(house.engine) as session:
        assert agreements(session, EVERYTHING, wanted) == []
    people.undo(house, done.id)
    read_waiting(house)
    with reading(house.engine) as session:
        assert len(agreements(session, EVERYTHING, wanted)) == 1
