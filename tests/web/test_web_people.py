import pytest

from service.accounts.scope import EVERYTHING
from service.archive.organise import projects, who_wrote
from service.archive.store import conversations, unread_conversations
from service.db.session import reading
from service.extraction.extract import VERSION


def side_of(house, value):
    with reading(house.engine) as session:
        return next(one.side for one in who_wrote(session) if one.value == value)


def test_a_whole_domain_changes_sides_and_its_agreements_are_found_again(sign_in, seeded):
    client = sign_in("olga")
    answer = client.post("/people/side", data={"kind": "domain", "value": "clinic.example", "side": "other"})
    assert answer.headers["location"] == "/people"
    assert side_of(seeded.house, "igor@clinic.example") == "other"
    with reading(seeded.house.engine) as session:
        assert len(unread_conversations(session, VERSION)) == 1
    with client.app.state.queue.working():
        assert client.app.state.queue.wait(60)
    with reading(seeded.house.engine) as session:
        assert unread_conversations(session, VERSION) == []


def test_nothing_is_read_again_where_nobody_moved(sign_in, seeded):
    client = sign_in("olga")
    client.post("/people/side", data={"kind": "domain", "value": "clinic.example", "side": "client"})
    with reading(seeded.house.engine) as session:
        assert unread_conversations(session, VERSION) == []


def test_one_person_can_stand_apart_from_the_domain(sign_in, seeded):
    client = sign_in("olga")
    client.post("/people/side", data={"kind": "address", "value": "priya@hotel.example", "side": "agency"})
    assert side_of(seeded.house, "priya@hotel.example") == "agency"
    assert side_of(seeded.house, "olga@agency.example") == "agency"


def test_a_project_files_the_conversations_that_its_rule_fits(sign_in, seeded):
    client = sign_in("olga")
    data = {"name": "Payments", "client": "Clear Sight Clinic", "kind": "title", "value": "online payment"}
    assert client.post("/people/project", data=data).headers["location"] == "/people#projects"
    with reading(seeded.house.engine) as session:
        assert ("Payments", "Clear Sight Clinic") in {(one.name, one.client) for one in projects(session)}
        assert len(conversations(session, EVERYTHING)) == 3
    assert "“online payment”" in client.get("/people").text


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/people/side", {"kind": "planet", "value": "mars", "side": "client"}),
        ("/people/side", {"kind": "domain", "value": " ", "side": "client"}),
        ("/people/project", {"name": " ", "kind": "title", "value": "x"}),
        ("/people/project", {"name": "A", "kind": "planet", "value": "x"}),
    ],
)
def test_what_makes_no_sense_is_explained(sign_in, address, data):
    answer = sign_in("olga").post(address, data=data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("address", ["/people/side", "/people/project"])
def test_only_an_administrator_says_who_is_who(sign_in, seeded, address):
    data = {"kind": "domain", "value": "clinic.example", "side": "agency", "name": "Mine"}
    assert sign_in("igor").post(address, data=data).status_code == 403
    assert side_of(seeded.house, "igor@clinic.example") == "client"


def test_the_page_groups_people_by_mail_domain(sign_in):
    text = sign_in("olga").get("/people").text
    assert "<b>@clinic.example</b>" in text
    assert text.index("@agency.example") < text.index("@hotel.example")


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/people/side", {"kind": "name", "value": "a\0", "side": "client"}),
        ("/people/project", {"name": "a\0", "kind": "title", "value": "x"}),
        ("/people/project", {"name": "a", "kind": "title", "value": "x\0"}),
    ],
)
def test_what_no_database_can_hold_is_refused(sign_in, address, data):
    assert sign_in("olga").post(address, data=data).status_code == 404
