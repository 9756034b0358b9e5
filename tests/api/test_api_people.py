"""People over HTTP: each once, whatever their addresses, and only those whom the caller may see."""

import pytest
from api_routes import ADDRESSES, ROUTES
from asgi_client import Client
from conftest import client_of
from factories import PASSWORD
from ledger_check import assert_ledger_intact
from problem import assert_problem

from service.accounts.store import create_account, grant, issue_token
from service.archive.message import Side
from service.archive.organise import add_project_rule, create_project, put_on_side
from service.db.session import reading, writing
from service.ledger.store import read_entries
from service.pipeline.ingest import Wish, ingest

MAIL = """\
From: {author}
To: Olga Levina <olga@agency.example>
Date: Mon, 02 Mar 2026 1{number}:00:00 +0100
Message-ID: <{number}@mail.example>
Subject: Talk {number}
Content-Type: text/plain; charset=utf-8

Text {number}.
"""
AUTHORS = (
    "Anna Klos <anna@klos.example>",
    "Анна Клос <anna.klos@gmail.example>",
    "Igor Kim <igor@other.example>",
)


@pytest.fixture
def ids(house, admin, tmp_path) -> dict[str, str]:
    """Archive a mail of each author, Anna's and Анна's in the project Bakery; ids of people by address."""
    with writing(house.engine) as session:
        project = create_project(session, "Bakery", "Klos")
        for domain in ("klos.example", "gmail.example"):
            add_project_rule(session, project, "domain", domain)
    for number, author in enumerate(AUTHORS):
        (tmp_path / f"{number}.eml").write_text(MAIL.format(author=author, number=number), "utf-8")
    ingest(house, sorted(tmp_path.glob("*.eml")), Wish(actor="test"))
    return people(admin)


@pytest.fixture
def baker(house, ids) -> Client:
    """Somebody who sees the bakery alone."""
    assert ids
    with writing(house.engine) as session:
        create_account(session, "baker", PASSWORD)
        grant(session, "baker", 1)
        return client_of(house, issue_token(session, "baker", "crm", can_write=True))


def people(client: Client, **wanted: str) -> dict[str, str]:
    items = client.get("/people", params=wanted).json()["items"]
    return {address["value"]: one["id"] for one in items for address in one["addresses"]}


def told(answer, status: int = 200) -> dict:
    assert answer.status_code == status, answer.text
    return answer.json()


def merge(admin: Client, ids: dict[str, str], **more: str) -> dict:
    body = {"kept": ids["anna@klos.example"], "merged": ids["anna.klos@gmail.example"], **more}
    return told(admin.post("/people/merges", json=body), 201)


def kinds(admin: Client) -> list[str]:
    house = admin.app.state.house
    with reading(house.engine) as session:
        entries = read_entries(session)
        assert_ledger_intact(session, len(entries), house.key.verifier)
    return [one.kind for one in entries if one.kind.startswith(("people", "person"))]


def test_a_suggestion_is_confirmed_undone_and_refused_for_good(admin, ids):
    (found,) = admin.get("/people/suggestions").json()["items"]
    assert [one["words"] for one in found["reasons"]] == ["same name: Anna Klos = Анна Клос"]
    assert {found["kept"]["name"], found["merged"]["name"]} == {"Anna Klos", "Анна Клос"}
    done = merge(admin, ids)
    assert people(admin)["anna.klos@gmail.example"] == ids["anna@klos.example"]
    assert admin.get("/people/suggestions").json()["items"] == []
    assert_problem(admin.get(f"/people/{done['merged']}"), 404)
    assert told(admin.delete(f"/people/merges/{done['id']}"))["addresses"] == done["addresses"]
    assert people(admin) == ids
    assert len(admin.get("/people/suggestions").json()["items"]) == 1
    apart = {"one": done["kept"], "other": done["merged"]}
    for _ in range(2):
        assert admin.post("/people/distinct", json=apart).status_code == 204
    assert admin.get("/people/suggestions").json()["items"] == []
    assert kinds(admin) == ["people.merged", "people.parted", "people.distinct"]


def test_a_person_is_told_in_full(admin, ids):
    done = merge(admin, ids)
    person = told(admin.get(f"/people/{ids['anna@klos.example']}"))
    assert [one["value"] for one in person["addresses"]] == ["anna@klos.example", "anna.klos@gmail.example"]
    assert (person["messages"], person["first_at"], person["last_at"]) == (
        2,
        "2026-03-02T09:00:00Z",
        "2026-03-02T10:00:00Z",
    )
    assert person["channels"] == [{"name": "email", "messages": 2}]
    assert person["projects"] == [{"name": "Bakery", "messages": 2}]
    assert [one["id"] for one in person["merges"]] == [done["id"]]


def test_whoever_only_received_is_a_person_too(admin, ids):
    olga = told(admin.get(f"/people/{ids['olga@agency.example']}"))
    assert (olga["messages"], olga["first_at"], olga["channels"]) == (0, None, [])


def test_people_are_listed_by_side_and_by_what_they_are_called(house, admin, ids):
    assert len(ids) == 4
    with writing(house.engine) as session:
        put_on_side(session, "domain", "klos.example", Side.CLIENT)
    assert set(people(admin, side="client")) == {"anna@klos.example"}
    assert set(people(admin, query="АННА")) == {"anna.klos@gmail.example"}
    assert set(people(admin, query="OTHER.example")) == {"igor@other.example"}
    assert people(admin, query="%") == {}


def test_pages_hold_each_person_once(admin, ids):
    seen, cursor = [], None
    while True:
        page = admin.get("/people", params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(set(ids.values()))


def test_search_finds_all_that_the_one_person_wrote(admin, ids):
    assert len(admin.get("/search", params={"q": "from:anna@klos.example"}).json()["items"]) == 1
    merge(admin, ids)
    hits = admin.get("/search", params={"q": "from:anna@klos.example"}).json()["items"]
    assert {one["author"] for one in hits} == {"Anna Klos"}
    assert len(hits) == 2


def test_sides_that_differ_are_asked(house, admin, ids):
    with writing(house.engine) as session:
        put_on_side(session, "domain", "klos.example", Side.CLIENT)
        put_on_side(session, "domain", "gmail.example", Side.AGENCY)
    body = {"kept": ids["anna@klos.example"], "merged": ids["anna.klos@gmail.example"]}
    problem = assert_problem(admin.post("/people/merges", json=body), 409)
    assert "say which side holds" in problem["detail"]
    merge(admin, ids, side="agency")
    assert told(admin.get(f"/people/{body['kept']}"))["side"] == "agency"


def test_name_and_side_are_given_and_an_address_parted(admin, ids):
    merge(admin, ids)
    here = f"/people/{ids['anna@klos.example']}"
    changed = told(admin.request("PATCH", here, json={"name": "Anna Kłos-Rutka", "side": "client"}))
    assert (changed["name"], changed["side"]) == ("Anna Kłos-Rutka", "client")
    address = changed["addresses"][1]
    alone = told(admin.post(f"{here}/addresses/{address['id']}/part"), 201)
    assert (alone["name"], alone["side"], alone["addresses"]) == ("Анна Клос", "other", [address])
    assert admin.get("/people/suggestions").json()["items"] == []
    assert_problem(admin.post(f"{here}/addresses/{address['id']}/part"), 404)
    assert kinds(admin) == ["people.merged", "person.renamed", "person.side", "people.parted"]


def test_a_later_merge_is_undone_first(admin, ids):
    first = merge(admin, ids)
    second = told(
        admin.post("/people/merges", json={"kept": ids["igor@other.example"], "merged": first["kept"]}), 201
    )
    problem = assert_problem(admin.delete(f"/people/merges/{first['id']}"), 422)
    assert f"Undo merge {second['id']} first" in problem["detail"]


@pytest.mark.parametrize(
    "asked",
    [
        ("POST", "/people/merges", {"kept": "1", "merged": "1"}),
        ("POST", "/people/merges", {"kept": "1", "merged": "404"}),
        ("POST", "/people/merges", {"kept": "x", "merged": "1"}),
        ("POST", "/people/merges", {"kept": "9" * 10, "merged": "1"}),
        ("POST", "/people/merges", {"kept": "1", "merged": "2", "side": "moon"}),
        ("POST", "/people/distinct", {"one": "1", "other": "404"}),
        ("DELETE", "/people/merges/404", None),
        ("PATCH", "/people/1", {"name": " "}),
        ("PATCH", "/people/1", {"name": "a\0"}),
        ("POST", "/people/1/addresses/1/part", None),
    ],
)
def test_what_makes_no_sense_is_refused_and_written_nowhere(admin, ids, asked):
    method, address, body = asked
    answer = admin.request(method, address, json=body)
    assert_problem(answer, 422)
    assert people(admin) == ids
    assert kinds(admin) == []


def test_a_reader_sees_the_people_of_their_projects_and_no_others(baker, ids):
    mine = people(baker)
    assert set(mine) == {"anna@klos.example", "anna.klos@gmail.example", "olga@agency.example"}
    assert_problem(baker.get(f"/people/{ids['igor@other.example']}"), 404)
    assert len(baker.get("/people/suggestions").json()["items"]) == 1


def test_an_address_that_is_used_elsewhere_is_not_shown(admin, baker, ids):
    told(
        admin.post(
            "/people/merges", json={"kept": ids["anna@klos.example"], "merged": ids["igor@other.example"]}
        ),
        201,
    )
    person = told(baker.get(f"/people/{ids['anna@klos.example']}"))
    assert [one["value"] for one in person["addresses"]] == ["anna@klos.example"]
    assert (person["messages"], person["merges"]) == (1, [])
    assert people(baker, query="igor@") == {}


@pytest.mark.parametrize("path", ["/people", "/people/suggestions"])
def test_an_account_without_grants_finds_nobody(served, path):
    assert served.nobody.get(path).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("caller", ["auditor", "igor", "nobody"])
@pytest.mark.parametrize(
    ("method", "path"), [one for one in ROUTES if one[0] != "get" and one[1].startswith("/people")]
)
def test_only_an_administrators_writing_token_says_who_is_who(served, caller, method, path):
    before = served.admin.get("/people").json()
    answer = getattr(served, caller).request(method, ADDRESSES[path](served.seeded), json={})
    assert_problem(answer, 403)
    assert served.admin.get("/people").json() == before
