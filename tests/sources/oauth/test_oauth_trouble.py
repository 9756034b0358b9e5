import json
import logging
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauth_server import REDIRECT, SECRET, Reply

from service.errors import SignInRefused, Throttled, Unreachable
from service.sources.oauth import ask
from service.sources.oauth.sign_in import (
    App,
    begin_device,
    begin_redirect,
    finish_redirect,
    poll_device,
    refresh,
)

GOOD = {"access_token": "a", "refresh_token": "r", "token_type": "Bearer", "expires_in": 3600}
CODE = {
    "user_code": "ABCD-EFGH",
    "device_code": "d",
    "expires_in": 900,
    "verification_uri": "https://login.example/link",
}


def said(status: int = 200, /, **body: object) -> Reply:
    return Reply(status, json.dumps(body).encode())


NONSENSE = {
    "a page": Reply(200, b"<html>Sign in to the network of this hotel</html>"),
    "nothing": Reply(200, b""),
    "a list": Reply(200, b"[]"),
    "deep": Reply(200, b"[" * 60_000),
    "no token": said(token_type="Bearer"),
    "another kind of token": said(**{**GOOD, "token_type": "mac"}),
    "a token that ends early": said(**{**GOOD, "access_token": "a\x01b"}),
    "a number for a token": said(**{**GOOD, "access_token": 7}),
    "a list for a refresh token": said(**{**GOOD, "refresh_token": ["r"]}),
    "elsewhere": Reply(307, b"", (("Location", "/token"),)),
    "not found": Reply(404, b"no such page"),
    "too much": Reply(200, b" " * 70_000 + json.dumps(GOOD).encode()),
    "trouble": Reply(503, b"<html>"),
    "trouble with words": said(500, error="invalid_grant"),
    "trouble in their words": said(400, error="temporarily_unavailable"),
}


@pytest.fixture
def tokens(oauth_server, person):
    return person.sign_in(oauth_server)


@pytest.mark.parametrize("reply", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_and_trouble_are_passing(oauth_server, app, tokens, reply):
    oauth_server.instead = [reply]
    with pytest.raises(Unreachable):
        refresh(oauth_server.provider, app, tokens)
    assert refresh(oauth_server.provider, app, tokens).access in oauth_server.access


@pytest.mark.parametrize(
    ("after", "words"), [("90", "for 90 seconds"), ("Wed, 21 Oct", "alone;"), ("9" * 50, "alone;")]
)
def test_a_provider_that_asks_for_a_pause_is_heard(oauth_server, app, tokens, after, words):
    oauth_server.instead = [Reply(429, b"", (("Retry-After", after),))]
    with pytest.raises(Throttled, match=words):
        refresh(oauth_server.provider, app, tokens)


def test_a_provider_that_is_silent_is_passing(oauth_server, app, tokens, monkeypatch):
    monkeypatch.setattr(ask, "TIMEOUT_S", 0.05)
    oauth_server.silent.set()
    with pytest.raises(Unreachable, match="timed out"):
        refresh(oauth_server.provider, app, tokens)


def test_an_answer_that_does_not_end_is_left(oauth_server, app, tokens, monkeypatch):
    monkeypatch.setattr(ask, "LONGEST_S", 0)
    with pytest.raises(Unreachable, match="does not end"):
        refresh(oauth_server.provider, app, tokens)


def test_a_provider_that_is_not_there_is_passing(oauth_server, app, tokens):
    gone = replace(oauth_server.provider, token_url="http://127.0.0.1:1/token")
    with pytest.raises(Unreachable, match="My Mail does not answer"):
        refresh(gone, app, tokens)


def test_a_provider_without_encryption_behind_https_is_passing(oauth_server, app, tokens):
    plain = replace(oauth_server.provider, token_url=oauth_server.url.replace("http:", "https:"))
    with pytest.raises(Unreachable, match="SSL"):
        refresh(plain, app, tokens)


@pytest.mark.parametrize(
    "code", ["invalid_grant", "interaction_required", "access_denied", "a code nobody knows", "", None, 7]
)
def test_any_other_refusal_needs_a_person(oauth_server, app, tokens, code):
    oauth_server.instead = [said(400, error=code)]
    with pytest.raises(SignInRefused, match="sign in again"):
        refresh(oauth_server.provider, app, tokens)


def test_what_a_provider_says_is_shown_in_one_short_line(oauth_server, app, tokens):
    words = "AADSTS70008:\r\nexpired\x00\x1b[2J " + "very " * 500
    oauth_server.instead = [said(400, error="invalid_grant", error_description=words)]
    with pytest.raises(SignInRefused) as refused:
        refresh(oauth_server.provider, app, tokens)
    shown = str(refused.value)
    assert "invalid_grant: AADSTS70008: expired [2J very very" in shown
    assert shown.isprintable()
    assert len(shown) < 200 + 60


def test_a_provider_that_echoes_what_was_sent_shows_no_secret(oauth_server, app, tokens):
    echo = f"bad request: client_secret={SECRET}&refresh_token={tokens.refresh}"
    oauth_server.instead = [said(400, error="invalid_grant", error_description=echo)]
    with pytest.raises(SignInRefused) as refused:
        refresh(oauth_server.provider, app, tokens)
    assert "client_secret=…&refresh_token=…" in str(refused.value)


def test_no_secret_is_in_a_log_nor_in_a_repr(oauth_server, app, person, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")
    pending = begin_redirect(oauth_server.provider, app, REDIRECT)
    back = person.visit(pending.url)
    caplog.clear()  # the test's own browser
    tokens = finish_redirect(oauth_server.provider, app, pending, back["code"], back["state"])
    renewed = refresh(oauth_server.provider, app, tokens)
    device = begin_device(oauth_server.provider, app)
    poll_device(oauth_server.provider, app, device)
    everything = caplog.text + repr([app, pending, tokens, renewed, device])
    assert "HTTP Request" in caplog.text
    secrets = (SECRET, pending.state, pending.verifier, back["code"], tokens.access, tokens.refresh)
    for secret in (*secrets, renewed.access, renewed.refresh, device.device_code):
        assert secret not in everything


@pytest.mark.parametrize(
    "wrong",
    [
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "http://login.example/link"},
        {"verification_uri": None},
        {"user_code": "ABCD\x1b[2J"},
        {"user_code": "A" * 201},
        {"user_code": 7},
        {"device_code": None},
        {"expires_in": "soon"},
        {"expires_in": -1},
    ],
    ids=str,
)
def test_a_code_that_nobody_could_or_should_type_is_not_shown(oauth_server, app, wrong):
    oauth_server.instead = [said(**{**CODE, **wrong})]
    with pytest.raises(Unreachable, match="no code that a person could type"):
        begin_device(oauth_server.provider, app)


def test_a_device_code_is_read_in_the_words_of_older_servers(oauth_server, app):
    older = {**CODE, "verification_uri": None, "verification_url": CODE["verification_uri"]}
    oauth_server.instead = [said(**older)]
    assert begin_device(oauth_server.provider, app).verification_url == "https://login.example/link"


@pytest.mark.parametrize(
    ("interval", "seconds"), [(None, 5), (0, 5), (-3, 5), ("7", 7), (0.2, 1), (1e9, 60), ("often", 5)]
)
def test_the_pause_between_questions_is_never_none_and_never_long(oauth_server, app, interval, seconds):
    oauth_server.instead = [said(**CODE, interval=interval)]
    assert begin_device(oauth_server.provider, app).interval_s == seconds


def test_a_refused_app_gets_no_device_code(oauth_server):
    with pytest.raises(SignInRefused, match="refused the app, not the person"):
        begin_device(oauth_server.provider, App("somebody-else"))


@given(st.text())
def test_whatever_is_shown_is_one_printable_line_of_200(text):
    shown = ask.shown(text)
    assert len(shown) <= 200
    assert shown.isprintable()
    assert shown == shown.strip()
