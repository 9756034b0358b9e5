"""Nobody sees anything without a token, nor more than their account may."""

import pytest
from api_routes import ADDRESSES, GETS, LISTS, OF_ALL_PROJECTS, OF_ONE_THING, ROUTES
from asgi_client import Client
from problem import assert_problem

from service.api.app import build_api


def test_every_route_has_an_address_to_be_tried_at():
    assert set(ADDRESSES) == {path for _, path in ROUTES}


@pytest.mark.parametrize("path", GETS)
def test_an_administrator_may_read_everything(served, path):
    for client in (served.admin, served.auditor):
        answer = client.get(ADDRESSES[path](served.seeded))
        assert answer.status_code == 200, answer.text


NO_TOKENS = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Bearer scripta_nonsense",
    "Basic b2xnYTpjb3JyZWN0IGhvcnNl",
    "scripta_nonsense",
    "Bearer " + "x" * 9000,
    "Bearer \xd0\xba\xd0\xbb",
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_answers_without_a_valid_token(served, method, path):
    for authorization in NO_TOKENS:
        headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
        answer = served.stranger.request(method, ADDRESSES[path](served.seeded), headers=headers)
        assert_problem(answer, 401)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_revoked_token_opens_no_route(served, method, path):
    assert_problem(served.revoked.request(method, ADDRESSES[path](served.seeded)), 401)


@pytest.mark.parametrize("path", LISTS)
def test_an_account_without_grants_finds_nothing(served, path):
    answer = served.nobody.get(ADDRESSES[path](served.seeded))
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next_cursor": None})


@pytest.mark.parametrize("path", OF_ONE_THING)
@pytest.mark.parametrize("caller", ["nobody", "priya"])
def test_what_belongs_to_another_project_is_not_there(served, path, caller):
    address = ADDRESSES[path](served.seeded)
    refused = assert_problem(getattr(served, caller).get(address), 404)
    assert served.igor.get(address).status_code == 200
    assert "clinic" not in refused["detail"].lower()


@pytest.mark.parametrize("path", OF_ONE_THING)
def test_a_thing_that_is_hidden_answers_as_one_that_does_not_exist(served, path):
    known = ADDRESSES[path](served.seeded)
    key = known.split("/")[2]
    unknown = known.replace(key, key.replace(key.partition(":")[0], "7"))
    hidden = assert_problem(served.priya.get(known), 404)
    missing = assert_problem(served.priya.get(unknown), 404)
    assert hidden["detail"].replace(key, "?") == missing["detail"].replace(unknown.split("/")[2], "?")


@pytest.mark.parametrize("path", LISTS)
def test_lists_hold_only_what_is_the_readers(served, path):
    clinic, hotel = (
        client.get(ADDRESSES[path](served.seeded)).json() for client in (served.igor, served.priya)
    )
    everything = served.admin.get(ADDRESSES[path](served.seeded)).json()
    mine = [item for page in (clinic, hotel) for item in page["items"]]
    assert len(mine) == len(everything["items"])
    assert not any(item in hotel["items"] for item in clinic["items"])
    assert clinic["items"]


@pytest.mark.parametrize("path", OF_ALL_PROJECTS)
@pytest.mark.parametrize("caller", ["igor", "priya", "nobody"])
def test_what_speaks_of_all_projects_is_for_administrators(served, path, caller):
    assert_problem(getattr(served, caller).get(ADDRESSES[path](served.seeded)), 403)


@pytest.mark.parametrize("caller", ["auditor", "igor", "nobody"])
def test_only_an_administrators_writing_token_may_write(served, caller):
    before = served.admin.get("/imports").json()
    answer = getattr(served, caller).post("/imports", files={"file": ("a.eml", b"From: a@b.example\n\nx\n")})
    assert_problem(answer, 403)
    assert served.admin.get("/imports").json() == before


@pytest.mark.parametrize("caller", ["auditor", "igor", "nobody"])
@pytest.mark.parametrize(
    ("method", "path"), [one for one in ROUTES if one[0] != "get" and one[1].startswith("/imports/")]
)
def test_only_an_administrators_writing_token_may_choose_for_an_upload(served, caller, method, path):
    before = served.admin.get("/imports").json()
    assert_problem(getattr(served, caller).request(method, ADDRESSES[path](served.seeded), json={}), 403)
    assert served.admin.get("/imports").json() == before


@pytest.mark.parametrize("caller", ["auditor", "igor", "nobody"])
@pytest.mark.parametrize(
    ("method", "path"), [one for one in ROUTES if one[0] != "get" and one[1].startswith("/sources")]
)
def test_only_an_administrators_writing_token_may_change_sources(served, caller, method, path):
    before = served.admin.get("/sources").json()
    answer = getattr(served, caller).request(
        method, ADDRESSES[path](served.seeded), json={"name": "Mine", "kind": "imap", "settings": {}}
    )
    assert_problem(answer, 403)
    assert served.admin.get("/sources").json() == before


def test_a_body_is_not_read_before_the_caller_is_known(served):
    read = []

    async def body():
        read.append(1)
        yield b"x" * 1000

    app = build_api(served.seeded.house)
    answer = Client(app).post(
        "/imports", content=body(), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert_problem(answer, 401)
    assert_problem(Client(app).post("/sources", content=body()), 401)
    assert read == []


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nothing", 404),
        ("DELETE", "/imports", 405),
        ("PUT", "/messages/1", 405),
        ("GET", "/docs", 404),
        ("GET", "/alerts/", 404),
    ],
)
def test_what_is_no_route_is_a_problem_too(served, method, address, status):
    assert_problem(served.admin.request(method, address), status)
