"""Making two people one, and taking it back: no address is ever lost, doubled or left on the wrong side."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session, select

from service.archive import imports
from service.archive.blobs import open_blobs
from service.archive.keep import Keeper
from service.archive.message import Side
from service.archive.one_person import holders, keep_apart, merge, merges_into, part, rename, undo
from service.archive.organise import put_on_side
from service.archive.sides import confirm_side
from service.archive.tables import AddressRow, ConversationRow, PersonRow
from service.db.engine import open_database
from service.db.migrate import migrate
from service.errors import PeopleError, SidesDiffer
from service.sources.raw_message import AddressKind, Kind, RawAddress, RawConversation, RawMessage

SEEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANNA = RawAddress(AddressKind.MAIL, "anna@klos.example", "Anna Kłos")
ANJA = RawAddress(AddressKind.TELEGRAM, "user7", "Анна Клос")
OLGA = RawAddress(AddressKind.MAIL, "olga@agency.example", "Olga Levina")
HOME = RawAddress(AddressKind.MAIL, "ania@home.example", "Ania")


def said(number: int, author: RawAddress, chat: str) -> RawMessage:
    return RawMessage(
        format="telegram",
        channel="telegram",
        kind=Kind.TEXT,
        original=f"{chat} {number}".encode(),
        position=number,
        external_id=f"{chat}-{number}",
        author=author,
        sent_at=datetime(2026, 11, 2, 10, tzinfo=UTC) + timedelta(minutes=number),
        text=f"Text {number}",
        conversation=RawConversation(chat, chat),
    )


@pytest.fixture
def people(session, tmp_path) -> dict[str, int]:
    """Archive talks of Anna and Olga, of Анна and Olga, of Ania alone; ids of people by address."""
    import_id = imports.begin(session, "inbox", "test")
    file_id = imports.source_file(session, import_id, "inbox", "telegram", None)
    keeper = Keeper(open_blobs((tmp_path / "originals").as_uri()), file_id, ZoneInfo("UTC"), SEEN)
    talks = {"mail": (ANNA, OLGA), "chat": (ANJA, OLGA), "home": (HOME,)}
    for chat, authors in talks.items():
        keeper.keep(session, [said(number, one, chat) for number, one in enumerate(authors)])
    return {row.value: row.person_id for row in session.exec(select(AddressRow))}


def whose(session) -> dict[str, int]:
    session.expire_all()
    return {row.value: row.person_id for row in session.exec(select(AddressRow))}


def side_of(session, person: int) -> str:
    return session.get_one(PersonRow, person).side


def waiting(session) -> set[str]:
    session.expire_all()
    return {row.title for row in session.exec(select(ConversationRow)) if row.extracted_by is None}


def all_read(session) -> None:
    session.execute(text("UPDATE conversation SET extracted_by = 'rules-1'"))
    session.expire_all()


def test_a_merge_moves_every_address_and_undoing_it_brings_them_back(session, people):
    anna, anja = people["anna@klos.example"], people["user7"]
    done = merge(session, anna, anja, actor="olga")
    assert whose(session) == people | {"user7": anna}
    assert holders(session, [anja, anna]) == {anja: anna, anna: anna}
    assert [one.id for one in merges_into(session, anna)] == [done.id]
    undo(session, done.id)
    assert whose(session) == people
    assert holders(session, [anja]) == {anja: anja}
    assert merges_into(session, anna) == []


def test_what_arrives_later_is_of_the_one_person(session, people, tmp_path):
    anna, anja = people["anna@klos.example"], people["user7"]
    merge(session, anna, anja, actor="olga")
    file_id = imports.source_file(session, 1, "later", "telegram", None)
    keeper = Keeper(open_blobs((tmp_path / "originals").as_uri()), file_id, ZoneInfo("UTC"), SEEN)
    keeper.keep(session, [said(9, replace(ANJA, name="Аня"), "later")])
    assert whose(session)["user7"] == anna


def test_a_merge_that_a_later_one_builds_on_waits_for_it(session, people):
    anna, anja, home = people["anna@klos.example"], people["user7"], people["ania@home.example"]
    first = merge(session, anna, anja, actor="olga")
    second = merge(session, home, anna, actor="olga")
    assert whose(session)["user7"] == home
    with pytest.raises(PeopleError, match=f"Undo merge {second.id} first"):
        undo(session, first.id)
    assert holders(session, [anja]) == {anja: home}
    undo(session, second.id)
    undo(session, first.id)
    assert whose(session) == people


def test_merges_of_other_addresses_are_undone_in_any_order(session, people):
    anna, anja, home = people["anna@klos.example"], people["user7"], people["ania@home.example"]
    first = merge(session, anna, anja, actor="olga")
    second = merge(session, anna, home, actor="olga")
    undo(session, first.id)
    assert whose(session) == people | {"ania@home.example": anna}
    undo(session, second.id)
    assert whose(session) == people


def test_an_address_is_parted_and_stays_so_when_the_merge_is_undone(session, people):
    anna, anja, home = people["anna@klos.example"], people["user7"], people["ania@home.example"]
    merge(session, anna, home, actor="olga")
    done = merge(session, anja, anna, actor="olga")
    address = session.exec(select(AddressRow.id).where(AddressRow.value == "ania@home.example")).one()
    was, alone = part(session, address, actor="olga")
    assert was == anja
    assert whose(session)["ania@home.example"] == alone
    assert session.get_one(PersonRow, alone).name == "Ania"
    undo(session, done.id)
    assert whose(session) == people | {"ania@home.example": alone}


def test_the_known_side_holds_for_the_one_person(session, people):
    anna, anja = people["anna@klos.example"], people["user7"]
    put_on_side(session, "domain", "klos.example", Side.CLIENT)
    done = merge(session, anja, anna, actor="olga")
    assert side_of(session, anja) == "client"
    undo(session, done.id)
    assert (side_of(session, anja), side_of(session, anna)) == ("other", "client")


def test_a_side_that_only_the_merged_one_was_said_to_be_on_holds(session, people):
    anna, anja = people["anna@klos.example"], people["user7"]
    confirm_side(session, anja, Side.CLIENT)
    done = merge(session, anna, anja, actor="olga")
    assert side_of(session, anna) == "client"
    put_on_side(session, "domain", "klos.example", Side.AGENCY)
    assert side_of(session, anna) == "client"
    undo(session, done.id)
    assert (side_of(session, anna), side_of(session, anja)) == ("agency", "client")


@pytest.mark.parametrize("side", [Side.AGENCY, Side.CLIENT, Side.OTHER])
def test_where_sides_differ_somebody_says_which_holds(session, people, side):
    anna, olga = people["anna@klos.example"], people["olga@agency.example"]
    put_on_side(session, "domain", "klos.example", Side.CLIENT)
    put_on_side(session, "domain", "agency.example", Side.AGENCY)
    with pytest.raises(
        SidesDiffer, match="Anna Kłos is on the client side and Olga Levina on the agency side"
    ):
        merge(session, anna, olga, actor="olga")
    assert whose(session) == people
    done = merge(session, anna, olga, side=side, actor="olga")
    assert side_of(session, anna) == side
    put_on_side(session, "address", "anna@klos.example", Side.OTHER)
    assert side_of(session, anna) == side
    undo(session, done.id)
    assert (side_of(session, anna), side_of(session, olga)) == ("other", "agency")


def test_a_side_that_was_said_later_outlives_the_merge(session, people):
    anna, olga = people["anna@klos.example"], people["olga@agency.example"]
    put_on_side(session, "domain", "klos.example", Side.CLIENT)
    put_on_side(session, "domain", "agency.example", Side.AGENCY)
    done = merge(session, anna, olga, side=Side.AGENCY, actor="olga")
    assert confirm_side(session, anna, Side.OTHER)
    undo(session, done.id)
    assert (side_of(session, anna), side_of(session, olga)) == ("other", "agency")


def test_a_confirmed_side_holds_before_every_rule_for_every_address(session, people):
    anna, home = people["anna@klos.example"], people["ania@home.example"]
    assert confirm_side(session, anna, Side.CLIENT)
    put_on_side(session, "address", "anna@klos.example", Side.AGENCY)
    merge(session, anna, home, actor="olga")
    put_on_side(session, "address", "ania@home.example", Side.AGENCY)
    assert side_of(session, anna) == "client"
    assert not confirm_side(session, anna, Side.CLIENT)


def test_equal_rules_that_disagree_leave_a_person_where_they_are(session, people):
    anna, home = people["anna@klos.example"], people["ania@home.example"]
    put_on_side(session, "domain", "klos.example", Side.CLIENT)
    merge(session, anna, home, actor="olga")
    assert put_on_side(session, "domain", "home.example", Side.AGENCY) == 0
    assert side_of(session, anna) == "client"
    assert put_on_side(session, "address", "ania@home.example", Side.AGENCY) == 1


def test_only_talks_that_may_mean_something_else_are_read_again(session, people):
    anna, anja, home = people["anna@klos.example"], people["user7"], people["ania@home.example"]
    put_on_side(session, "domain", "klos.example", Side.CLIENT)
    all_read(session)
    first = merge(session, anna, anja, actor="olga")
    assert waiting(session) == {"chat"}
    all_read(session)
    undo(session, first.id)
    assert waiting(session) == {"chat"}
    all_read(session)
    confirm_side(session, home, Side.CLIENT)
    all_read(session)
    second = merge(session, anna, home, actor="olga")
    assert waiting(session) == set()
    undo(session, second.id)
    assert waiting(session) == set()


def test_a_talk_of_both_is_read_again_although_no_side_changes(session, people):
    all_read(session)
    done = merge(session, people["anna@klos.example"], people["olga@agency.example"], actor="olga")
    assert waiting(session) == {"mail"}
    all_read(session)
    undo(session, done.id)
    assert waiting(session) == {"mail"}


def test_a_person_has_the_name_that_somebody_gives(session, people):
    anna = people["anna@klos.example"]
    assert rename(session, anna, "  Anna \0 Kłos-Rutka ") == "Anna Kłos"
    assert session.get_one(PersonRow, anna).name == "Anna \N{REPLACEMENT CHARACTER} Kłos-Rutka"


def test_what_cannot_be_done_is_refused_and_changes_nothing(session, people):
    anna, anja = people["anna@klos.example"], people["user7"]
    done = merge(session, anna, anja, actor="olga")
    kept = whose(session)
    address = session.exec(select(AddressRow.id).where(AddressRow.value == "ania@home.example")).one()
    undone = merge(session, people["ania@home.example"], people["olga@agency.example"], actor="olga")
    undo(session, undone.id)
    for act, why in [
        (lambda: merge(session, anna, anna, actor="olga"), "two people"),
        (lambda: merge(session, anna, anja, actor="olga"), "made one with another"),
        (lambda: merge(session, anja, anna, actor="olga"), "made one with another"),
        (lambda: merge(session, anna, 404, actor="olga"), "no person 404"),
        (lambda: undo(session, 404), "no merge 404"),
        (lambda: undo(session, undone.id), "that could be undone"),
        (lambda: part(session, address, actor="olga"), "all that its person has"),
        (lambda: part(session, 404, actor="olga"), "unknown"),
        (lambda: keep_apart(session, anna, anna, actor="olga"), "is not two people"),
        (lambda: keep_apart(session, anna, anja, actor="olga"), "made one with another"),
        (lambda: rename(session, anna, " \n"), "needs a name"),
        (lambda: rename(session, anja, "Anna"), "made one with another"),
        (lambda: confirm_side(session, anja, Side.CLIENT), "made one with another"),
    ]:
        with pytest.raises(PeopleError, match=why):
            act()
    assert whose(session) == kept
    assert done.addresses


def test_telling_apart_twice_is_once(session, people):
    anna, anja = people["anna@klos.example"], people["user7"]
    assert keep_apart(session, anja, anna, actor="olga")
    assert not keep_apart(session, anna, anja, actor="olga")


PERSONS = 5
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), st.integers(1, PERSONS + 3), st.integers(1, PERSONS + 3)),
        st.tuples(st.just("undo"), st.integers(1, 8), st.just(0)),
        st.tuples(st.just("part"), st.integers(1, 2 * PERSONS), st.just(0)),
        st.tuples(st.just("side"), st.integers(1, PERSONS), st.sampled_from(list(Side))),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('merges') / 'scripta.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_sequence_of_merges_and_undos_loses_or_doubles_an_address(empty, steps):
    with Session(empty.execution_options(writes=True)) as session:
        session.add_all(PersonRow(id=key, name=f"Person {key}") for key in range(1, PERSONS + 1))
        session.flush()
        session.add_all(
            AddressRow(id=key, kind="mail", value=f"{key}@x.example", person_id=(key + 1) // 2)
            for key in range(1, 2 * PERSONS + 1)
        )
        session.flush()
        start = whose(session)
        merges, parted = [], False
        for act, one, other in steps:
            before = whose(session)
            try:
                match act:
                    case "merge":
                        merges.append(merge(session, one, other, side=Side.OTHER, actor="x").id)
                    case "undo":
                        undo(session, one)
                        merges.remove(one)
                    case "part":
                        part(session, one, actor="x")
                        parted = True
                    case "side":
                        confirm_side(session, one, other)
            except PeopleError:
                assert whose(session) == before
            assert whose(session).keys() == start.keys()
            assert set(holders(session, before.values()).values()) <= set(whose(session).values())
        for merge_id in reversed(merges):
            undo(session, merge_id)
        assert whose(session).keys() == start.keys()
        assert parted or whose(session) == start
        session.rollback()
