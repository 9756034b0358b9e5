"""Who is one person, on the page: asked, answered, taken back where it stands."""

import pytest
from factories import Seeded

from service.accounts.scope import EVERYTHING
from service.archive.message import Side
from service.archive.organise import put_on_side, who_wrote
from service.archive.people_known import Wanted, people
from service.db.session import reading, writing
from service.pipeline.ingest import Wish, ingest

MAIL = """\
From: Игорь Самойлов <igor@home.example>
To: Olga Levina <olga@agency.example>
Date: Tue, 10 Mar 2026 10:00:00 +0100
Message-ID: <home-1@mail.example>
Subject: From home
Content-Type: text/plain; charset=utf-8

A note from home.
"""
IN_PLACE = {"hx-request": "true"}


@pytest.fixture
def ids(seeded: Seeded, tmp_path) -> dict[str, int]:
    """Igor Samoilov writes from home as well, in Cyrillic; ids of people by address."""
    (tmp_path / "home.eml").write_text(MAIL, "utf-8")
    ingest(seeded.house, [tmp_path / "home.eml"], Wish(actor="test"))
    return whose(seeded)


@pytest.fixture
def olga(sign_in, ids):
    assert ids
    return sign_in("olga")


def whose(seeded: Seeded) -> dict[str, int]:
    with reading(seeded.house.engine) as session:
        found = people(session, EVERYTHING, Wanted(), limit=100)
    return {address.value: one.id for one in found for address in one.addresses}


def pair(ids: dict[str, int], **more: str) -> dict[str, object]:
    return {"kept": ids["igor@clinic.example"], "merged": ids["igor@home.example"], **more}


def test_a_suggestion_says_why(olga):
    text = olga.get("/people/suggestions").text
    assert "Igor Samoilov</a>" in text
    assert "Игорь Самойлов</a>" in text
    assert "same name" in text
    assert "igor@home.example" in text
    assert 'hx-get="/people/suggestions?few=1"' in olga.get("/people").text


def test_one_person_is_said_and_taken_back_in_place(olga, seeded, ids):
    card = olga.post("/people/merge", data=pair(ids), headers=IN_PLACE).text
    assert "Igor Samoilov and Игорь Самойлов are one person now." in card
    assert card.lstrip().startswith("<li")
    assert whose(seeded)["igor@home.example"] == ids["igor@clinic.example"]
    undo = card.partition('hx-post="')[2].partition('"')[0]
    asked = olga.post(undo, headers=IN_PLACE).text
    assert "One person</button>" in asked
    assert "autofocus" in asked
    assert whose(seeded) == ids


def test_two_people_are_not_asked_about_again(olga, ids):
    card = olga.post("/people/distinct", data=pair(ids), headers=IN_PLACE).text
    assert "Igor Samoilov and Игорь Самойлов stay two people" in card
    assert "Nobody here looks like" in olga.get("/people/suggestions").text


def test_answers_to_suggestions_shown_together_build_on_each_other(olga, seeded, ids):
    olga.post("/people/merge", data=pair(ids), headers=IN_PLACE)
    data = {"kept": ids["priya@hotel.example"], "merged": ids["igor@home.example"]}
    assert "are one person now" in olga.post("/people/merge", data=data, headers=IN_PLACE).text
    assert {one for value, one in whose(seeded).items() if value.startswith("igor@")} == {data["kept"]}
    assert "two people" in olga.post("/people/merge", data=data, headers=IN_PLACE).text


def test_all_of_it_works_without_a_script(olga, seeded, ids):
    here = f"/people/{ids['igor@clinic.example']}"
    assert olga.post("/people/merge", data=pair(ids)).headers["location"] == here
    text = olga.get(here).text
    assert "igor@home.example" in text
    undo = text.partition('action="/people/merges/')[2].partition('"')[0]
    assert olga.post(f"/people/merges/{undo}").headers["location"] == here
    assert whose(seeded) == ids
    assert olga.post("/people/distinct", data=pair(ids)).headers["location"] == here


def test_where_sides_differ_each_has_a_button(olga, seeded, ids):
    with writing(seeded.house.engine) as session:
        put_on_side(session, "domain", "home.example", Side.AGENCY)
    text = olga.get("/people/suggestions").text
    assert "One person, on the side: agency</button>" in text
    assert "One person, on the side: client</button>" in text
    refused = olga.post("/people/merge", data=pair(ids), headers=IN_PLACE)
    assert (refused.status_code, "say which side holds" in refused.text) == (200, True)
    olga.post("/people/merge", data=pair(ids, side="agency"))
    with reading(seeded.house.engine) as session:
        assert {one.side for one in who_wrote(session) if one.value.startswith("igor@")} == {"agency"}


def test_one_person_stands_once_in_the_list(olga, ids):
    before = olga.get("/people").text
    assert "<b>@home.example</b>" in before
    olga.post("/people/merge", data=pair(ids))
    after = olga.get("/people").text
    assert "<b>@home.example</b>" not in after
    assert after.count(f'href="/people/{ids["igor@clinic.example"]}"') == 1


def test_agreements_and_talks_show_the_one_person_at_once(olga, seeded, ids):
    data = {"kept": ids["igor@home.example"], "merged": ids["igor@clinic.example"]}
    olga.post("/people/merge", data=data)
    text = olga.get(f"/agreements/{seeded.agreement_key('clinic-1')}").text
    assert "Игорь Самойлов" in text
    assert "Igor Samoilov" not in text
    assert "Игорь Самойлов" in olga.get(f"/conversations/{seeded.conversations['Booking form']}").text


def test_a_name_is_chosen_and_a_side_confirmed(olga, seeded, ids):
    here = f"/people/{ids['igor@home.example']}"
    assert olga.post(f"{here}/name", data={"name": "Igor S."}).headers["location"] == here
    assert (
        olga.post(f"{here}/side", data={"side": "client", "back": "people"}).headers["location"] == "/people"
    )
    text = olga.get(here).text
    assert "<h1>Igor S.</h1>" in text
    with writing(seeded.house.engine) as session:
        assert put_on_side(session, "domain", "home.example", Side.AGENCY) == 0


def test_an_address_is_parted(olga, seeded, ids):
    olga.post("/people/merge", data=pair(ids))
    here = f"/people/{ids['igor@clinic.example']}"
    text = olga.get(here).text
    row = next(row for row in text.split("<tr>") if "igor@home.example" in row)
    address = row.partition('name="address" value="')[2].partition('"')[0]
    assert olga.post(f"{here}/part", data={"address": address}).headers["location"] == here
    assert whose(seeded)["igor@home.example"] not in set(ids.values())
    refused = olga.post(f"{here}/part", data={"address": address})
    assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)


def test_somebody_else_is_looked_for_and_made_one(olga, ids):
    text = olga.get(f"/people/{ids['igor@clinic.example']}?q=home.example").text
    assert f'name="merged" value="{ids["igor@home.example"]}"' in text
    assert "Nobody is called so" in olga.get(f"/people/{ids['igor@clinic.example']}?q=nobody").text


def test_people_are_looked_for(olga):
    text = olga.get("/people?q=home.example").text
    assert "Игорь Самойлов" in text
    assert "Priya" not in text
    assert "Olga Levina" in olga.get("/people?side=agency").text
    assert "Nobody is called so" in olga.get("/people?q=zzz").text


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/people/merge", {"kept": "1", "merged": "2"}),
        ("/people/merges/1/undo", {}),
        ("/people/distinct", {"kept": "1", "merged": "2"}),
        ("/people/1/name", {"name": "Mine"}),
        ("/people/1/side", {"side": "agency"}),
        ("/people/1/part", {"address": "1"}),
    ],
)
def test_only_an_administrator_says_who_is_who(sign_in, seeded, ids, address, data):
    assert sign_in("igor").post(address, data=data).status_code == 403
    assert whose(seeded) == ids


@pytest.mark.parametrize("address", ["/people/suggestions", "/people/1", "/people?q=a"])
def test_only_an_administrator_sees_people(sign_in, address):
    assert sign_in("igor").get(address).status_code == 403


@pytest.mark.parametrize("address", ["/people/404", f"/people/{2**31}", "/people/x"])
def test_nobody_is_not_found(olga, address):
    assert olga.get(address).status_code == 404
