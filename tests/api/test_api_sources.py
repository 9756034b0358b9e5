"""Sources over the API: what is written there, and what is never given back."""

import json

import pytest
from problem import assert_problem

from service.api.body import LIMIT
from service.db.session import reading
from service.ledger.store import read_entries
from service.pipeline import pulls
from service.pipeline.run import Pulled
from service.pipeline.secret import open_secret

MAILBOX = {"host": "imap.agency.example", "user": "anna@agency.example"}
WANTED = {"name": "Agency mail", "kind": "imap", "settings": MAILBOX, "password": "hunter2-hunter2"}


def added(admin) -> str:
    answer = admin.post("/sources", json=WANTED)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_a_source_is_added_listed_changed_and_removed(admin, house):
    key = added(admin)
    (listed,) = admin.get("/sources").json()["items"]
    assert (listed["id"], listed["name"], listed["state"], listed["folders"]) == (
        key,
        "Agency mail",
        "new",
        None,
    )
    assert admin.get(f"/sources/{key}").json()["folders"] == []
    changed = admin.request("PATCH", f"/sources/{key}", json={"settings": {"exclude": ["Ads"]}})
    assert changed.json()["settings"] == MAILBOX | {"exclude": ["Ads"]}
    assert json.loads(open_secret(house, int(key))) == {"password": "hunter2-hunter2"}
    assert admin.request("DELETE", f"/sources/{key}").status_code == 204
    assert_problem(admin.get(f"/sources/{key}"), 404)
    with reading(house.engine) as session:
        facts = [(one.kind, one.actor) for one in read_entries(session)]
    assert facts == [("source.added", "olga"), ("source.changed", "olga"), ("source.removed", "olga")]


def test_a_password_goes_in_and_never_comes_out(admin, caplog):
    key = added(admin)
    answers = [
        admin.get("/sources"),
        admin.get(f"/sources/{key}"),
        admin.request("PATCH", f"/sources/{key}", json={"password": "hunter2-another"}),
        admin.request("PATCH", f"/sources/{key}", json={"settings": {"host": "x"}, "password": "hunter2\0"}),
        admin.post("/sources", json=WANTED),
        admin.post("/sources", json=WANTED | {"kind": "planet"}),
        admin.post("/sources", json=WANTED | {"password": "hunter2" * 1000}),
        admin.post("/sources", json=WANTED | {"password": ["hunter2"]}),
        admin.post("/sources", content=b'{"password": "hunter2'),
        admin.post(f"/sources/{key}/pause"),
    ]
    assert all("hunter2" not in answer.text for answer in answers)
    assert "hunter2" not in caplog.text


def test_a_kept_password_is_not_sent_to_another_server(admin):
    key = added(admin)
    answer = admin.request("PATCH", f"/sources/{key}", json={"settings": {"host": "evil.example"}})
    assert "enter the password again" in assert_problem(answer, 422)["detail"]
    assert admin.get(f"/sources/{key}").json()["settings"] == MAILBOX


def test_a_source_is_paused_and_resumed(admin):
    key = added(admin)
    assert admin.post(f"/sources/{key}/pause").json()["state"] == "paused"
    assert admin.post(f"/sources/{key}/resume").json()["state"] == "new"


@pytest.mark.parametrize(("act", "reconcile"), [("pull", False), ("reconcile", True)])
def test_a_pull_begins_and_the_answer_does_not_wait_for_it(admin, monkeypatch, act, reconcile):
    asked = []

    def pull(_house, source_id, *, reconcile, **_options):
        asked.append((source_id, reconcile))
        return Pulled("Agency mail")

    monkeypatch.setattr(pulls, "pull", pull)
    key = added(admin)
    answer = admin.post(f"/sources/{key}/{act}")
    assert (answer.status_code, answer.json()["id"]) == (202, key)
    admin.app.state.pulls.wait(30)
    assert asked == [(int(key), reconcile)]


def test_folders_say_what_became_of_everything_and_why_something_is_missing(served):
    (folder,) = served.admin.get(f"/sources/{served.seeded.source}").json()["folders"]
    counts = {name: folder[name] for name in ("on_server", "archived", "failed", "missing", "gone")}
    assert counts == {"on_server": 3, "archived": 1, "failed": 1, "missing": 1, "gone": 0}
    address = f"/sources/{served.seeded.source}/folders/{folder['id']}/troubles"
    (trouble,) = served.admin.get(address).json()["items"]
    assert (trouble["uid"], trouble["outcome"]) == (2, "failed")
    assert trouble["why"].startswith("The server does not give it.")


def test_a_folder_of_another_source_is_not_found(served):
    assert_problem(served.admin.get(f"/sources/77/folders/{served.seeded.folder}/troubles"), 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"[]", "body"),
        (b'{"name": "x", "kind": "imap"}', "body.settings"),
        (b'{"name": "x", "kind": "imap", "settings": [], "password": "y"}', "body.settings"),
        (b'{"name": "", "kind": "imap", "settings": {}}', "body.name"),
        (b'{"name": "x", "kind": "imap", "settings": {}, "secret": "y"}', "body.secret"),
    ],
)
def test_a_body_that_makes_no_sense_is_explained_by_field(admin, body, field):
    problem = assert_problem(admin.post("/sources", content=body), 422)
    assert [one["field"] for one in problem["errors"]] == [field]


def test_an_endless_body_is_cut_off(admin):
    answer = admin.post("/sources", content=b'{"name": "' + b"x" * LIMIT)
    assert "65,536 bytes" in assert_problem(answer, 413)["detail"]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/sources/77"),
        ("PATCH", "/sources/77"),
        ("DELETE", "/sources/77"),
        ("POST", "/sources/77/pull"),
        ("POST", "/sources/77/reconcile"),
        ("POST", "/sources/77/pause"),
        ("POST", "/sources/77/resume"),
    ],
)
def test_what_was_removed_is_not_found(admin, method, address):
    assert_problem(admin.request(method, address, json={}), 404)
