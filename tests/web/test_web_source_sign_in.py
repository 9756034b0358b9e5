"""Signing a mailbox in at its provider, through the page and a real authorisation server on loopback."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
import time_machine
from asgi_client import Client
from oauth_server import SECRET, oauth_server

from service.accounts.store import open_session
from service.db.session import reading, writing
from service.errors import SignInRefused
from service.intake.store import find_source
from service.ledger.store import read_entries
from service.pipeline import pulls
from service.pipeline.run import Pulled
from service.pipeline.secret import open_secret
from service.sources.oauth.sign_in import App, PendingDevice, PendingRedirect
from service.web.pages import source_sign_in
from service.web.sign_ins import MOST, SignIns
from service.web.visit import SESSION_COOKIE

__all__ = ["oauth_server"]


@pytest.fixture
def olga(sign_in, oauth_server, monkeypatch):
    """An administrator's browser, in an installation whose app is registered at the server."""
    monkeypatch.setattr(source_sign_in, "provider_named", lambda _name: oauth_server.provider)
    monkeypatch.setattr(source_sign_in, "app_of", lambda _settings, _name: App("scripta-public"))
    monkeypatch.setattr(pulls, "pull", lambda *_arguments, **_options: Pulled("Gmail"))
    return sign_in("olga")


def at_the_provider(address: str) -> str:
    """Sign in there, and return where the browser is sent."""
    back = urlsplit(httpx.get(address).headers["location"])
    return f"{back.path}?{back.query}"


def tokens(seeded) -> dict:
    return json.loads(open_secret(seeded.house, seeded.gmail))["tokens"]


def test_a_browser_goes_to_the_provider_and_comes_back_with_tokens(olga, seeded):
    page = olga.get(f"/sources/{seeded.gmail}/sign-in").text
    assert "Sign in there as olga@gmail.com" in page
    assert "http://127.0.0.1:8000/sources/oauth/callback" in page
    away = olga.get(f"/sources/{seeded.gmail}/sign-in/browser")
    assert away.status_code == 303
    answer = olga.get(at_the_provider(away.headers["location"]))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sources/{seeded.gmail}")
    assert tokens(seeded)["refresh"]
    with reading(seeded.house.engine) as session:
        entry = read_entries(session)[-1]
    assert (entry.kind, entry.actor) == ("source.signed_in", "olga")


def test_a_way_back_is_good_for_one_time_and_one_browser(olga, seeded):
    back = at_the_provider(olga.get(f"/sources/{seeded.gmail}/sign-in/browser").headers["location"])
    other = Client(olga.app)
    with writing(seeded.house.engine) as session:
        other.cookies.set(SESSION_COOKIE, open_session(session, seeded.accounts["olga"]))
    refused = other.get(back)
    assert refused.status_code == 400
    assert "not begun in this browser" in refused.text
    assert olga.get(back).status_code == 303
    assert olga.get(back).status_code == 400


def test_a_way_back_that_nobody_began_changes_nothing(olga, seeded):
    assert olga.get("/sources/oauth/callback?state=x&code=y").status_code == 400
    with pytest.raises(SignInRefused):
        open_secret(seeded.house, seeded.gmail)


def test_a_refusal_of_the_provider_is_shown(olga, seeded):
    back = at_the_provider(olga.get(f"/sources/{seeded.gmail}/sign-in/browser").headers["location"])
    state = re.search(r"state=([^&]+)", back).group(1)
    text = olga.get(f"/sources/oauth/callback?state={state}&error=access_denied").text
    assert "My Mail refused the sign-in (access_denied); sign in again" in text


def test_a_wrong_code_is_shown_and_keeps_nothing(olga, seeded):
    away = olga.get(f"/sources/{seeded.gmail}/sign-in/browser").headers["location"]
    state = re.search(r"state=([^&]+)", away).group(1)
    text = olga.get(f"/sources/oauth/callback?state={state}&code=wrong").text
    assert "refused the sign-in" in text
    with pytest.raises(SignInRefused):
        open_secret(seeded.house, seeded.gmail)


def test_a_code_is_typed_on_another_device(olga, seeded, oauth_server):
    olga.post(f"/sources/{seeded.gmail}/sign-in/device")
    page = olga.get(f"/sources/{seeded.gmail}/sign-in").text
    code = html.unescape(re.search(r'class="code">([^<]+)<', page).group(1))
    assert f"/sources/{seeded.gmail}/sign-in/poll" in page
    address = f"/sources/{seeded.gmail}/sign-in/poll"
    asked = len(oauth_server.asked)
    olga.post(address)
    assert len(oauth_server.asked) == asked, "the provider is not asked before its pause is over"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1)):
        assert code in olga.post(address).text
        oauth_server.approve(code)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        answer = olga.post(address, headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == f"/sources/{seeded.gmail}"
    assert tokens(seeded)["public"] is True


@pytest.mark.parametrize("how", ["deny", "expire"])
def test_a_code_that_was_refused_is_forgotten(olga, seeded, oauth_server, how):
    olga.post(f"/sources/{seeded.gmail}/sign-in/device")
    page = olga.get(f"/sources/{seeded.gmail}/sign-in").text
    code = html.unescape(re.search(r'class="code">([^<]+)<', page).group(1))
    getattr(oauth_server, how)(code)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1)):
        text = olga.post(f"/sources/{seeded.gmail}/sign-in/poll").text
    assert 'role="alert"' in text
    assert code not in text


def test_without_a_registered_app_the_page_says_what_to_set(sign_in, seeded):
    client = sign_in("olga")
    for answer in (
        client.get(f"/sources/{seeded.gmail}/sign-in/browser"),
        client.post(f"/sources/{seeded.gmail}/sign-in/device"),
    ):
        assert "SCRIPTA_GOOGLE_CLIENT_ID" in answer.text


def test_a_mailbox_with_a_password_has_no_sign_in(sign_in, seeded):
    assert sign_in("olga").get(f"/sources/{seeded.source}/sign-in").status_code == 404


def test_no_secret_of_a_sign_in_is_shown(olga, seeded):
    olga.post(f"/sources/{seeded.gmail}/sign-in/device")
    back = at_the_provider(olga.get(f"/sources/{seeded.gmail}/sign-in/browser").headers["location"])
    olga.get(back)
    kept = tokens(seeded)
    for address in ("/sources", f"/sources/{seeded.gmail}", f"/sources/{seeded.gmail}/edit"):
        text = olga.get(address).text
        assert not [one for one in (kept["access"], kept["refresh"], SECRET) if one in text]
    with reading(seeded.house.engine) as session:
        bodies = json.dumps([dict(one.body) for one in read_entries(session)])
        assert kept["refresh"] not in bodies
        assert find_source(session, seeded.gmail).settings["user"] == "olga@gmail.com"


def redirect(number: int) -> PendingRedirect:
    return PendingRedirect("https://x.example", f"state-{number}", "verifier", "https://y.example")


def test_sign_ins_that_nobody_finishes_make_room():
    known = SignIns()
    for number in range(MOST + 1):
        known.begin("session", 1, "google", redirect(number))
    assert known.take("session", "state-0") is None
    assert known.take("session", f"state-{MOST}") is not None


def test_a_sign_in_is_good_for_a_quarter_of_an_hour():
    known = SignIns()
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    with time_machine.travel(now):
        known.begin("session", 1, "google", redirect(1))
    with time_machine.travel(now + timedelta(minutes=16)):
        assert known.take("session", "state-1") is None


def test_a_code_is_no_way_back_and_belongs_to_one_browser():
    known = SignIns()
    device = PendingDevice("ABC", "https://x.example", "secret", 5, datetime(2027, 1, 1, tzinfo=UTC))
    known.begin("session", 1, "google", device)
    assert known.device("session", 1).pending == device
    assert known.device("other", 1) is None
    assert known.device("session", 2) is None
