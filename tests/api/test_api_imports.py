"""Files handed in over HTTP: several, with hostile names, too large, unreadable."""

import io
import zipfile

import pytest
from asgi_client import Client
from factories import PASSWORD, installation
from problem import assert_problem

from service.accounts.store import create_account, issue_token
from service.api.app import build_api
from service.db.session import reading, writing
from service.ledger.store import verify_log

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


def places(admin: Client, word: str) -> list[str]:
    (hit,) = admin.get("/search", params={"q": word}).json()["items"]
    return [one["place"] for one in admin.get(f"/messages/{hit['message_id']}").json()["sightings"]]


def test_a_file_is_archived_found_and_listed(house, admin):
    answer = admin.post("/imports", files={"file": ("one.eml", mail("1"))})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["state"], made["actor"], made["place"]) == ("done", "olga", "one.eml")
    assert (made["read"], made["new"], made["unreadable"], made["reasons"]) == (1, 1, 0, [])
    assert admin.get(f"/imports/{made['id']}").json() == made
    assert [one["id"] for one in admin.get("/imports").json()["items"]] == [made["id"]]
    assert places(admin, "slowo1") == ["one.eml"]
    with reading(house.engine) as session:
        assert verify_log(session, house.key.verifier).ok


def test_several_files_are_one_import(admin):
    files = [("file", (f"{key}.eml", mail(key))) for key in "123"] + [("file", ("1.eml", mail("4")))]
    made = admin.post("/imports", files=files).json()
    assert (made["read"], made["new"]) == (4, 4)
    assert made["place"] == "1.eml, 2.eml, 3.eml, 1 (2).eml"


def test_the_same_file_again_adds_nothing(admin):
    for new in (1, 0):
        made = admin.post("/imports", files={"file": ("one.eml", mail("1"))}).json()
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
    answer = admin.post("/imports", files={"file": (name, mail("1"))})
    assert answer.status_code == 201, answer.text
    assert answer.json()["place"] == kept_as
    assert places(admin, "slowo1") == [kept_as]
    left = {path.name for path in house.settings.data.iterdir()}
    assert left <= {"ledger.key", "originals", "scripta.db", "scripta.db-shm", "scripta.db-wal"}


def test_a_zip_that_cannot_be_read_is_an_import_that_is_incomplete(house, admin):
    broken = zipped(**{"a.eml": mail("a")})[:-30]
    answer = admin.post("/imports", files=[("file", ("cut.zip", broken)), ("file", ("one.eml", mail("1")))])
    assert answer.status_code == 201
    made = answer.json()
    assert (made["state"], made["new"], made["unreadable"]) == ("incomplete", 1, 1)
    (reason,) = made["reasons"]
    assert reason["place"] == "cut.zip"
    assert "copy it again" in reason["why"]
    with reading(house.engine) as session:
        assert house.blobs.read(session, reason["original_sha256"]) == broken


@pytest.mark.parametrize("content", [b"", b"\0" * 100, bytes(range(256)) * 9], ids=["empty", "nuls", "noise"])
def test_what_nothing_recognises_is_incomplete_too(admin, content):
    made = admin.post("/imports", files={"file": ("thing", content)}).json()
    assert (made["state"], made["new"], made["unreadable"]) == ("incomplete", 0, 1)


def test_a_chat_without_a_zone_takes_the_one_that_is_given(admin):
    chat = b"02.03.26, 10:01 - Ewa: slowoczat\n02.03.26, 10:02 - Kasia: dobrze\n" * 2
    fields = {"zone": "Europe/Moscow", "date_order": "day-first", "format": "whatsapp"}
    made = admin.post("/imports", files={"file": ("WhatsApp Chat with Ewa.txt", chat)}, data=fields).json()
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
    ],
)
def test_a_wrong_field_is_refused_and_begins_nothing(admin, fields, why):
    problem = assert_problem(admin.post("/imports", files={"file": ("a.eml", mail("1"))}, data=fields), 422)
    assert why in problem["detail"]
    assert admin.get("/imports").json()["items"] == []


def test_empty_fields_are_as_good_as_none(admin):
    fields = {"zone": "", "format": " ", "date_order": ""}
    assert admin.post("/imports", files={"file": ("a.eml", mail("1"))}, data=fields).json()["new"] == 1


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 422),
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
    return house, Client(build_api(house), headers={"Authorization": f"Bearer {secret}"})


def test_an_upload_over_the_limit_is_refused_and_leaves_nothing(small):
    house, client = small
    answer = client.post("/imports", files={"file": ("big.mbox", mail("1") * 200)})
    problem = assert_problem(answer, 413)
    assert "20,000 bytes" in problem["detail"]
    assert "SCRIPTA_UPLOAD_LIMIT" in problem["detail"]
    assert client.get("/imports").json()["items"] == []
    assert not list(house.settings.data.glob("upload-*"))
    assert client.post("/imports", files={"file": ("small.eml", mail("1"))}).status_code == 201


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
