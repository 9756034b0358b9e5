"""Files handed in over HTTP: several, with hostile names, too large, unreadable."""

import io
import json
import zipfile
from pathlib import Path

import httpx
import pytest
from asgi_client import Client
from factories import PASSWORD, installation
from problem import assert_problem

from service.accounts.store import create_account, issue_token
from service.api.app import build_api
from service.db.session import reading, writing
from service.ledger.store import verify_log
from service.pipeline import staged

FIELD = b'Content-Disposition: form-data; name="zone"\r\n\r\nUTC'


def mail(key: str) -> bytes:
    return (
        f"From: ewa@klos.example\nTo: kasia@kreska.example\nDate: Mon, 02 Mar 2026 10:00:00 +0100\n"
        f"Message-ID: <{key}@klos.example>\nSubject: Temat {key}\n\nslowo{key}\n"
    ).encode()


def zipped(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def send(client: Client, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    """Send files and wait until their import is at its end."""
    named = [("file", file) for file in files]
    return client.post("/imports", files=named, data=fields, headers={"Prefer": "wait=60"})


def told(answer: httpx.Response, status: int = 201) -> dict:
    assert answer.status_code == status, answer.text
    return answer.json()


def left_over(house) -> list[Path]:
    return [path for path in (house.settings.data / "uploads").iterdir() if path.is_dir()]


def places(admin: Client, word: str) -> list[str]:
    (hit,) = admin.get("/search", params={"q": word}).json()["items"]
    return [one["place"] for one in admin.get(f"/messages/{hit['message_id']}").json()["sightings"]]


def test_a_file_is_archived_found_and_listed(house, admin):
    answer = send(admin, ("one.eml", mail("1")))
    made = told(answer)
    assert answer.headers["location"] == f"/imports/{made['id']}"
    assert answer.headers["preference-applied"] == "wait=60"
    assert (made["done_bytes"], made["total_bytes"]) == (len(mail("1")), len(mail("1")))
    assert (made["state"], made["actor"], made["place"]) == ("done", "olga", "one.eml")
    assert (made["read"], made["new"], made["unreadable"], made["reasons"]) == (1, 1, 0, [])
    assert admin.get(f"/imports/{made['id']}").json() == made
    assert [one["id"] for one in admin.get("/imports").json()["items"]] == [made["id"]]
    assert places(admin, "slowo1") == [f"upload {made['id']}/one.eml"]
    with reading(house.engine) as session:
        assert verify_log(session, house.key.verifier).ok


def test_several_files_are_one_import(admin):
    made = told(send(admin, *((f"{key}.eml", mail(key)) for key in "123"), ("1.eml", mail("4"))))
    assert (made["read"], made["new"]) == (4, 4)
    assert made["place"] == "1.eml, 2.eml, 3.eml, 1 (2).eml"


def test_the_same_file_again_adds_nothing(admin):
    for new in (1, 0):
        made = told(send(admin, ("one.eml", mail("1"))))
        assert (made["read"], made["new"], made["known"]) == (1, new, 1 - new)


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("../../x.eml", "x.eml"),
        ("..\\..\\x.eml", "x.eml"),
        ("/etc/passwd", "passwd"),
        ("C:\\Users\\x.eml", "x.eml"),
        ("..", "upload"),
        (".", "upload"),
        ("...", "upload"),
        (".ssh/authorized_keys", "authorized_keys"),
        ("x\u202egpj.eml", "xgpj.eml"),
        ("Письмо №5 «да».eml", "Письмо №5 «да».eml"),
        ("ж" * 300 + ".eml", "ж" * 75 + ".eml"),
        ("x" * 1000, "x" * 150),
        ("a." + "b" * 1000, "a." + "b" * 19),
    ],
)
def test_a_hostile_name_stays_a_name(house, admin, name, kept_as):
    made = told(send(admin, (name, mail("1"))))
    assert made["place"] == kept_as
    assert places(admin, "slowo1") == [f"upload {made['id']}/{kept_as}"]
    assert left_over(house) == []
    left = {path.name for path in house.settings.data.iterdir()}
    assert left <= {"ledger.key", "originals", "scripta.db", "scripta.db-shm", "scripta.db-wal", "uploads"}


def test_a_zip_that_cannot_be_read_is_an_import_that_is_incomplete(house, admin):
    broken = zipped(**{"a.eml": mail("a")})[:-30]
    made = told(send(admin, ("cut.zip", broken), ("one.eml", mail("1"))))
    assert (made["state"], made["new"], made["unreadable"]) == ("incomplete", 1, 1)
    (reason,) = made["reasons"]
    assert reason["place"] == f"upload {made['id']}/cut.zip"
    assert "copy it again" in reason["why"]
    with reading(house.engine) as session:
        assert house.blobs.read(session, reason["original_sha256"]) == broken


@pytest.mark.parametrize("content", [b"", b"\0" * 100, bytes(range(256)) * 9], ids=["empty", "nuls", "noise"])
def test_what_nothing_recognises_is_incomplete_too(admin, content):
    made = told(send(admin, ("thing", content)))
    assert (made["state"], made["new"], made["unreadable"]) == ("incomplete", 0, 1)


def test_a_chat_without_a_zone_takes_the_one_that_is_given(admin):
    chat = b"02.03.26, 10:01 - Ewa: slowoczat\n02.03.26, 10:02 - Kasia: dobrze\n" * 2
    fields = {"zone": "Europe/Moscow", "date_order": "day-first", "format": "whatsapp"}
    made = told(send(admin, ("WhatsApp Chat with Ewa.txt", chat), **fields))
    assert made["new"] == 4
    items = admin.get("/search", params={"q": "slowoczat"}).json()["items"]
    assert items[0]["sent_at"] == "2026-03-02T07:01:00Z"
    assert items[0]["title"] == "Ewa"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"zone": "Mars/Phobos"}, "no time zone"),
        ({"zone": "\0"}, "no time zone"),
        ({"format": "nope"}, "no format 'nope'"),
        ({"date_order": "sideways"}, "day-first or month-first"),
        ({"sides": "Ewa=client"}, "no JSON"),
        ({"sides": "[" * 50_000}, "no JSON"),
        ({"sides": '[{"kind": "planet", "value": "mars", "side": "client"}]'}, "A side is given by"),
        ({"sides": '[{"kind": "name", "value": "Ewa", "side": "enemy"}]'}, "parameters are wrong"),
        ({"sides": '{"Ewa": "client"}'}, "parameters are wrong"),
        ({"project": "x" * 500}, "parameters are wrong"),
        ({"project": "a\0b"}, "parameters are wrong"),
    ],
)
def test_a_wrong_field_is_refused_and_begins_nothing(house, admin, fields, why):
    problem = assert_problem(send(admin, ("a.eml", mail("1")), **fields), 422)
    assert why in problem["detail"]
    assert admin.get("/imports").json()["items"] == []
    assert left_over(house) == []


def test_empty_fields_are_as_good_as_none(admin):
    fields = {"zone": "", "format": " ", "date_order": ""}
    assert told(send(admin, ("a.eml", mail("1")), **fields))["new"] == 1


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422),
        (
            b'--x\r\nContent-Disposition: form-data; name="zone"\r\n\r\nUTC\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            422,
        ),
        (b"no form at all", "multipart/form-data; boundary=x", 400),
        (b"file=1", "multipart/form-data", 400),
        (b"file=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "application/json", 415),
        (b"From: a", "", 415),
    ],
)
def test_what_is_no_upload_is_refused_with_what_to_send(admin, body, kind, status):
    answer = admin.post("/imports", content=body, headers={"Content-Type": kind})
    assert_problem(answer, status)
    assert admin.get("/imports").json()["items"] == []


@pytest.fixture
def small(engine, tmp_path):
    """An installation that takes uploads of 20,000 bytes."""
    house = installation(engine, tmp_path / "data", upload_limit=20_000)
    with writing(house.engine) as session:
        create_account(session, "olga", PASSWORD, is_admin=True)
        secret = issue_token(session, "olga", "crm", can_write=True)
    client = Client(build_api(house), headers={"Authorization": f"Bearer {secret}"})
    with client.app.state.queue.working():
        yield house, client


def test_an_upload_over_the_limit_is_refused_and_leaves_nothing(small):
    house, client = small
    answer = send(client, ("big.mbox", mail("1") * 200))
    problem = assert_problem(answer, 413)
    assert "20,000 bytes" in problem["detail"]
    assert "SCRIPTA_UPLOAD_LIMIT" in problem["detail"]
    assert client.get("/imports").json()["items"] == []
    assert left_over(house) == []
    told(send(client, ("small.eml", mail("1"))))


def test_an_upload_that_hides_its_size_is_cut_off_at_the_limit(small):
    _, client = small
    sent = []

    async def endless():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mbox"\r\n\r\n'
        for _ in range(1000):
            sent.append(1)
            yield b"x" * 1000

    answer = client.post(
        "/imports", content=endless(), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert_problem(answer, 413)
    assert client.get("/imports").json()["items"] == []


def test_an_import_that_does_not_exist_is_said_not_to(admin):
    assert_problem(admin.get("/imports/404"), 404)


CHAT = b"02/03/26, 10:01 - Ewa: slowoczat\n02/03/26, 10:02 - Kasia: dobrze\n"


def test_without_waiting_the_answer_comes_at_once_and_says_where_to_ask(admin):
    answer = admin.post("/imports", files={"file": ("one.eml", mail("1"))})
    made = told(answer, 202)
    assert "preference-applied" not in answer.headers
    assert admin.app.state.queue.wait(60)
    assert admin.get(answer.headers["location"]).json()["state"] == "done"
    assert made["id"] == admin.get(answer.headers["location"]).json()["id"]


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=0", "wait=0"),
        ("respond-async, wait=0", "wait=0"),
        ('wait="0"', "wait=0"),
        ("handling=lenient", None),
        ("wait=soon", None),
        ("await=5", None),
    ],
)
def test_what_is_preferred_is_read_as_rfc_7240_says(admin, prefer, applied):
    answer = admin.post("/imports", files={"file": ("a.eml", mail("1"))}, headers={"Prefer": prefer})
    assert answer.headers.get("preference-applied") == applied


def test_the_same_key_is_the_same_import(house, admin):
    def again(key: str, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
        headers = {"Idempotency-Key": key, "Prefer": "wait=60"}
        return admin.post("/imports", files=[("file", one) for one in files], data=fields, headers=headers)

    first = told(again("k-1", ("one.eml", mail("1")), zone="UTC"))
    assert told(again("k-1", ("one.eml", mail("1")), zone="UTC"), 200) == first
    assert told(again('"k-1"', ("one.eml", mail("1")), zone="UTC"), 200) == first
    assert told(again("k-2", ("one.eml", mail("1")), zone="UTC"))["known"] == 1
    for files, fields in (
        ([("one.eml", mail("2"))], {"zone": "UTC"}),
        ([("two.eml", mail("1"))], {"zone": "UTC"}),
        ([("one.eml", mail("1"))], {}),
    ):
        problem = assert_problem(again("k-1", *files, **fields), 422)
        assert "other content" in problem["detail"]
    assert len(admin.get("/imports").json()["items"]) == 2
    assert left_over(house) == []


def test_a_key_belongs_to_one_account(house, admin):
    with writing(house.engine) as session:
        create_account(session, "anna", PASSWORD, is_admin=True)
        secret = issue_token(session, "anna", "crm", can_write=True)
    anna = Client(build_api(house), headers={"Authorization": f"Bearer {secret}"})
    made = [
        client.post("/imports", files={"file": ("a.eml", mail(key))}, headers={"Idempotency-Key": "k"})
        for client, key in ((admin, "1"), (anna, "2"))
    ]
    assert [told(one, 202)["actor"] for one in made] == ["olga", "anna"]


def test_an_upload_can_be_looked_at_chosen_for_and_imported(house, admin):
    answer = admin.post("/imports", files={"file": ("_chat.txt", CHAT)}, data={"stage": "true"})
    made = told(answer, 202)
    assert made["state"] == "staged"
    here = answer.headers["location"]
    seen = admin.get(f"{here}/preview").json()
    assert (seen["needs_date_order"], seen["files"][0]["format"]) == (True, "WhatsApp (txt)")
    seen = admin.get(f"{here}/preview", params={"date_order": "day-first"}).json()
    assert (seen["needs_date_order"], seen["needs_zone"]) == (False, True)
    assert seen["files"][0]["first_at"] == "2026-03-02T10:01:00"
    assert [(one["name"], one["side"], one["is_guess"]) for one in seen["writers"]] == [
        ("Ewa", "other", False),
        ("Kasia", "other", False),
    ]
    sides = [{"kind": "name", "value": "Ewa", "side": "client"}]
    wanted = {"zone": "Europe/Moscow", "date_order": "day-first", "project": "Strona", "sides": sides}
    assert told(admin.post(f"{here}/choice", json=wanted), 202)["id"] == made["id"]
    assert admin.app.state.queue.wait(60)
    assert admin.get(here).json()["new"] == 2
    (hit,) = admin.get("/search", params={"q": "slowoczat"}).json()["items"]
    assert (hit["sent_at"], hit["project"]) == ("2026-03-02T07:01:00Z", "Strona")
    message = admin.get(f"/messages/{hit['message_id']}").json()
    assert message["author"]["side"] == "client"
    assert_problem(admin.post(f"{here}/choice", json=wanted), 409)
    assert_problem(admin.get(f"{here}/preview"), 409)
    assert_problem(admin.delete(here), 409)
    assert left_over(house) == []


def test_sides_come_with_the_form_too(admin):
    sides = json.dumps([{"kind": "name", "value": "Ewa", "side": "client"}])
    told(send(admin, ("_chat.txt", CHAT), date_order="day-first", sides=sides))
    (hit,) = admin.get("/search", params={"q": "slowoczat"}).json()["items"]
    assert admin.get(f"/messages/{hit['message_id']}").json()["author"]["side"] == "client"


def test_a_staged_upload_is_discarded(house, admin):
    answer = admin.post("/imports", files={"file": ("_chat.txt", CHAT)}, data={"stage": "true"})
    here = answer.headers["location"]
    assert_problem(admin.post(f"{here}/choice", json={"zone": "Mars/Phobos"}), 422)
    assert admin.delete(here).status_code == 204
    assert admin.get(here).json()["state"] == "discarded"
    assert_problem(admin.delete(here), 409)
    assert_problem(admin.post(f"{here}/choice", json={}), 409)
    assert left_over(house) == []


@pytest.mark.parametrize("query", ["format=nope", "date_order=sideways", "format=a%00b"])
def test_a_preview_that_cannot_be_meant_is_refused(admin, query):
    here = admin.post("/imports", files={"file": ("_chat.txt", CHAT)}, data={"stage": "true"})
    assert_problem(admin.get(f"{here.headers['location']}/preview?{query}"), 422)


@pytest.mark.parametrize(
    ("method", "address"),
    [("GET", "/imports/404/preview"), ("POST", "/imports/404/choice"), ("DELETE", "/imports/404")],
)
def test_an_upload_that_does_not_exist_is_said_not_to(admin, method, address):
    assert_problem(admin.request(method, address, json={} if method == "POST" else None), 404)


def test_so_many_wait_that_no_more_are_taken(admin, monkeypatch):
    monkeypatch.setattr(staged, "MOST_WAITING", 1)
    assert admin.post("/imports", files={"file": ("a.txt", CHAT)}, data={"stage": "true"}).status_code == 202
    problem = assert_problem(admin.post("/imports", files={"file": ("a.eml", mail("1"))}), 429)
    assert "import or discard some" in problem["detail"]
