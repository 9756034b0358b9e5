import pytest
from test_web_pages import pages_of

from service.archive import imports
from service.db.session import reading
from service.plugins import discover
from service.web import pages


def addresses(seeded):
    messages = [f"/messages/{key}/original" for key in seeded.messages.values()]
    as_sent = [f"/messages/{key}/as-sent" for key in seeded.messages.values()]
    proof = f"/agreements/{seeded.agreement_key('clinic-1')}/proof/0"
    sign_in = [f"/sources/{seeded.gmail}/sign-in/browser", "/sources/oauth/callback?state=x&code=y"]
    return [
        *pages_of(seeded),
        *sign_in,
        *messages,
        *as_sent,
        proof,
        f"/messages/{seeded.messages['clinic-1']}/attachments/0",
        "/imports/1/unreadable/1",
    ]


def test_a_stranger_is_sent_to_the_sign_in_page_from_everywhere(visitor, seeded):
    for address in addresses(seeded):
        answer = visitor.get(address)
        assert answer.status_code == 303, address
        assert answer.headers["location"].startswith("/sign-in")


def test_no_route_is_left_out_of_these_tests(seeded):
    """Whoever adds a page adds it to `pages_of`, so that it is tried without grants."""
    tried = {address.partition("?")[0] for address in addresses(seeded)}
    open_to_all = {"/sign-in", "/static/{name}"}
    routes = [route for router in discover(pages, "ROUTER") for route in router.routes]
    untried = [
        route.path
        for route in routes
        if "GET" in route.methods and not any(route.path_regex.match(address) for address in tried)
    ]
    assert set(untried) == open_to_all


SECRETS = {
    "clinic": ("64 000", "Booking form", "Online payment", "Clinic site", "Clear Sight", "Approved."),
    "hotel": ("oucher page", "drop it", "Booking pages", "Harbour Hotel"),
}


@pytest.mark.parametrize(
    ("name", "hidden"), [("nobody", "clinic"), ("nobody", "hotel"), ("igor", "hotel"), ("priya", "clinic")]
)
def test_nothing_of_a_project_without_a_grant_is_shown_anywhere(sign_in, seeded, name, hidden):
    client = sign_in(name)
    for address in addresses(seeded):
        answer = client.get(address)
        assert answer.status_code in {200, 403, 404}, address
        # What the visitor typed comes back in the address; that is no secret.
        text = answer.text.replace("project=Clinic+site", "").replace("Clinic site <span", "")
        text = text.replace('value="Clinic site"', "")
        assert [secret for secret in SECRETS[hidden] if secret in text] == [], address


def test_what_may_not_be_seen_looks_like_what_does_not_exist(sign_in, seeded):
    client = sign_in("priya")
    hidden = client.get(f"/agreements/{seeded.agreement_key('clinic-1')}")
    missing = client.get("/agreements/1:opened")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace(seeded.agreement_key("clinic-1"), "") == missing.text.replace("1:opened", "")


def test_a_grant_shows_its_project_alone(sign_in, seeded):
    client = sign_in("igor")
    assert "64 000 for the form" in client.get("/").text
    assert client.get(f"/agreements/{seeded.agreement_key('clinic-1')}").status_code == 200
    assert client.get(f"/agreements/{seeded.agreement_key('hotel-1')}").status_code == 404


@pytest.mark.parametrize("address", ["/imports", "/imports/1", "/imports/3", "/people"])
def test_imports_and_people_speak_of_all_projects_and_are_for_administrators(sign_in, address):
    assert sign_in("igor").get(address).status_code == 403


def test_only_an_administrator_uploads(sign_in, seeded):
    client = sign_in("igor")
    assert client.post("/imports", files={"files": ("a.eml", b"From: a@b.example\n\nx")}).status_code == 403
    assert len(list((seeded.house.settings.data / "uploads").iterdir())) == 1


@pytest.mark.parametrize("what", ["choice", "discard"])
def test_only_an_administrator_decides_on_an_upload(sign_in, seeded, what):
    page = f"/imports/{seeded.staged}"
    assert sign_in("igor").post(f"{page}/{what}", data={"project": "Mine"}).status_code == 403
    assert sign_in("olga").get(page).status_code == 200
    with reading(seeded.house.engine) as session:
        assert imports.find(session, seeded.staged).state == "staged"


@pytest.mark.parametrize(
    "address",
    [
        "/agreements/%00",
        "/?project=%00",
        "/gaps/recap?about=agreement:%00",
        f"/alerts?before={2**63 - 1}",
        f"/imports?before={2**63 - 1}",
        f"/imports/{2**63 - 1}",
    ],
)
def test_what_no_database_can_hold_is_not_found(sign_in, address):
    assert sign_in("olga").get(address).status_code == 404
