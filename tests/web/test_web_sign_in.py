from datetime import UTC, datetime, timedelta

import pytest
from asgi_client import Client
from factories import PASSWORD

from service.web.app import build_web
from service.web.attempts import ALLOWED_BY_ADDRESS, ALLOWED_BY_NAME, FORGOTTEN_AFTER, Attempts
from service.web.visit import SESSION_COOKIE, own_path

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def enter(client, name="olga", password=PASSWORD, **form):
    return client.post("/sign-in", data={"name": name, "password": password, **form})


def test_signing_in_leads_back_to_the_page_that_was_wanted(visitor):
    sent = visitor.get("/gaps?before=1.x")
    form = visitor.get(sent.headers["location"])
    assert 'value="/gaps?before=1.x"' in form.text
    assert enter(visitor, onward="/gaps?before=1.x").headers["location"] == "/gaps?before=1.x"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/\tevil", "evil", ""]
)
def test_nobody_is_led_to_another_site(visitor, elsewhere):
    assert own_path(elsewhere) == "/"
    assert enter(visitor, onward=elsewhere).headers["location"] == "/"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor):
    cookie = enter(visitor).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_the_session_cookie_stays_on_https_where_the_page_does(visitor):
    answer = visitor.post("https://scripta.test/sign-in", data={"name": "olga", "password": PASSWORD})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(visitor):
    wrong, unknown = enter(visitor, password="nothing like it"), enter(visitor, name="who")
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.text == unknown.text


def test_guessing_is_stopped_even_with_the_right_password(visitor):
    for _ in range(ALLOWED_BY_NAME):
        assert enter(visitor, password="guess").status_code == 403
    assert enter(visitor).status_code == 429
    assert enter(visitor, name="igor").status_code == 303


def test_attempts_are_forgotten_after_a_while():
    attempts = Attempts()
    for _ in range(ALLOWED_BY_NAME):
        attempts.note("olga", "10.0.0.1", NOW)
    assert attempts.must_wait("Olga ", "10.0.0.1", NOW)
    assert not attempts.must_wait("olga", "10.0.0.2", NOW)
    assert not attempts.must_wait("olga", "10.0.0.1", NOW + FORGOTTEN_AFTER + timedelta(seconds=1))


def test_one_address_cannot_try_many_names():
    attempts = Attempts()
    for number in range(ALLOWED_BY_ADDRESS):
        attempts.note(f"name {number}", "10.0.0.1", NOW)
    assert attempts.must_wait("olga", "10.0.0.1", NOW)


def test_a_flood_of_names_does_not_fill_memory(monkeypatch):
    monkeypatch.setattr("service.web.attempts.REMEMBERED", 10)
    attempts = Attempts()
    for number in range(100):
        attempts.note(f"name {number}", f"10.0.0.{number}", NOW)
    assert len(attempts._failed) == 10


def test_signing_out_ends_the_session_on_the_server_too(sign_in):
    client = sign_in("olga")
    stolen = dict(client.cookies)
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    assert client.get("/").status_code == 303
    client.cookies.update(stolen)
    assert client.get("/").status_code == 303


def test_an_htmx_request_of_a_stranger_sends_the_whole_page_away(visitor):
    answer = visitor.get("/?q=x", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?onward=%2F%3Fq%3Dx"


def test_a_visitor_of_the_demo_is_let_in_until_signing_out(seeded):
    client = Client(build_web(seeded.house, signed_in_as=seeded.accounts["olga"]))
    assert "64 000 for the form" in client.get("/").text
    client.post("/sign-out")
    assert client.get("/").status_code == 303
    assert "Back into the demo" in client.get("/sign-in").text
    client.post("/sign-in/demo")
    assert client.get("/").status_code == 200


def test_a_cookie_of_yesterday_s_demo_does_not_stand_in_the_way(seeded):
    yesterday = Client(build_web(seeded.house, signed_in_as=seeded.accounts["olga"]))
    yesterday.get("/")
    yesterday.post("/sign-out")
    today = Client(build_web(seeded.house, signed_in_as=seeded.accounts["olga"]))
    for left_over in (yesterday.cookies.get(SESSION_COOKIE), "unknown"):
        today.cookies.clear()
        today.cookies.set(SESSION_COOKIE, left_over)
        assert today.get("/").status_code == 200


def test_nobody_comes_in_through_the_demo_s_door_elsewhere(visitor):
    visitor.post("/sign-in/demo")
    assert visitor.get("/").status_code == 303


def test_the_browser_s_language_holds_until_the_reader_picks_one(sign_in):
    client = sign_in("olga")
    assert '<html lang="pl">' in client.get("/", headers={"Accept-Language": "de, pl;q=0.8, en;q=0.5"}).text
    answer = client.post("/language", data={"language": "ru", "back": "/gaps"})
    assert answer.headers["location"] == "/gaps"
    assert '<html lang="ru">' in client.get("/", headers={"Accept-Language": "pl"}).text


def test_an_unknown_language_is_refused(sign_in):
    assert sign_in("olga").post("/language", data={"language": "xx"}).status_code == 404


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Europe%2FMoscow"])
def test_times_are_shown_on_the_clock_of_the_browser(sign_in, seeded, zone):
    client = sign_in("olga")
    client.cookies.set("scripta_zone", zone)
    assert "13:30" in client.get(f"/conversations/{seeded.conversations['Booking form']}").text


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "x" * 500])
def test_a_zone_that_does_not_exist_is_left_alone(sign_in, zone):
    client = sign_in("olga")
    client.cookies.set("scripta_zone", zone)
    assert "Europe/Warsaw" in client.get("/").text
