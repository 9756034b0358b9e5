from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from oauth_server import REDIRECT, SCOPE, USER

from service.errors import ConfigError, SignInRefused
from service.sources.oauth.sign_in import (
    App,
    PendingDevice,
    begin_device,
    begin_redirect,
    finish_redirect,
    poll_device,
    redirect_refused,
    refresh,
)
from service.sources.oauth.tokens import Tokens, needs_refresh

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PUBLIC = App("scripta-public")


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_browser_goes_there_and_back(oauth_server, person):
    tokens = person.sign_in(oauth_server)
    assert oauth_server.access[tokens.access].user == USER
    assert tokens.refresh in oauth_server.refresh
    assert tokens.expires_at == NOW + timedelta(hours=1)
    assert tokens.scope == f"{SCOPE} offline_access"


def test_an_app_without_a_secret_signs_in_too(oauth_server, person):
    assert person.sign_in(oauth_server, PUBLIC).public
    assert "client_secret" not in oauth_server.asked[-1]


def test_the_address_of_the_mailbox_is_filled_in(oauth_server, app):
    pending = begin_redirect(oauth_server.provider, app, REDIRECT, "anna+иванова@agency.example")
    assert parse_qs(urlsplit(pending.url).query)["login_hint"] == ["anna+иванова@agency.example"]


def test_each_try_has_a_state_and_a_verifier_of_its_own(oauth_server, app):
    tries = [begin_redirect(oauth_server.provider, app, REDIRECT) for _ in range(3)]
    assert len({pending.state for pending in tries} | {pending.verifier for pending in tries}) == 6
    assert all(
        43 <= len(pending.verifier) <= 128 and pending.verifier not in pending.url for pending in tries
    )


@pytest.mark.parametrize("state", ["", "another", "состояние", "\ud800"])
def test_an_answer_to_another_sign_in_is_refused_before_its_code_is_used(oauth_server, person, app, state):
    pending = begin_redirect(oauth_server.provider, app, REDIRECT)
    code = person.visit(pending.url)["code"]
    with pytest.raises(SignInRefused, match="begin it again"):
        finish_redirect(oauth_server.provider, app, pending, code, state)
    assert oauth_server.asked == []


def test_a_code_that_no_provider_could_have_made_is_not_sent(oauth_server, app):
    pending = begin_redirect(oauth_server.provider, app, REDIRECT)
    with pytest.raises(SignInRefused):
        finish_redirect(oauth_server.provider, app, pending, "\ud800", pending.state)
    assert oauth_server.asked == []


def test_a_stolen_code_is_worth_nothing_without_the_verifier(oauth_server, person, app):
    pending = begin_redirect(oauth_server.provider, app, REDIRECT)
    code = person.visit(pending.url)["code"]
    thief = begin_redirect(oauth_server.provider, app, REDIRECT)
    with pytest.raises(SignInRefused, match="another verifier"):
        finish_redirect(oauth_server.provider, app, thief, code, thief.state)


def test_a_code_is_good_for_one_try(oauth_server, person, app):
    pending = begin_redirect(oauth_server.provider, app, REDIRECT)
    back = person.visit(pending.url)
    finish_redirect(oauth_server.provider, app, pending, back["code"], back["state"])
    with pytest.raises(SignInRefused):
        finish_redirect(oauth_server.provider, app, pending, back["code"], back["state"])


def test_a_wrong_secret_is_said_to_be_the_apps_fault(oauth_server, person, app):
    with pytest.raises(SignInRefused, match="SCRIPTA_MYMAIL_CLIENT_ID"):
        person.sign_in(oauth_server, replace(app, client_secret="wrong"))


def test_a_person_who_says_no_is_taken_at_their_word(oauth_server):
    refused = redirect_refused(
        oauth_server.provider, "access_denied", "The user\x1b[31m said no\u202e" + "x" * 999
    )
    assert str(refused).startswith("My Mail refused the sign-in (access_denied: The user [31m said no")
    assert len(str(refused)) < 270


@pytest.mark.parametrize("back", ["http://scripta.example.com/back", "javascript:alert(1)", ""])
def test_nobody_is_sent_back_over_an_open_line(oauth_server, app, back):
    with pytest.raises(ConfigError, match="SCRIPTA_PUBLIC_URL"):
        begin_redirect(oauth_server.provider, app, back)


def test_without_an_app_the_missing_setting_is_named(oauth_server):
    for begin in (begin_device, lambda provider, app: begin_redirect(provider, app, REDIRECT)):
        with pytest.raises(ConfigError, match="SCRIPTA_MYMAIL_CLIENT_ID"):
            begin(oauth_server.provider, App(""))


def test_a_sign_in_that_nothing_would_renew_is_refused(oauth_server, person):
    oauth_server.adds = {"refresh_token": None}
    with pytest.raises(SignInRefused, match="no refresh token"):
        person.sign_in(oauth_server)


def test_a_code_is_typed_on_another_device(oauth_server):
    pending = begin_device(oauth_server.provider, PUBLIC)
    assert pending.verification_url == f"{oauth_server.url}/link"
    assert (pending.interval_s, pending.expires_at) == (7, NOW + timedelta(minutes=15))
    assert poll_device(oauth_server.provider, PUBLIC, pending) == pending
    oauth_server.approve(pending.user_code)
    tokens = poll_device(oauth_server.provider, PUBLIC, pending)
    assert isinstance(tokens, Tokens)
    assert oauth_server.access[tokens.access].user == USER


def test_a_device_shows_no_secret_then_nor_later(oauth_server, app):
    pending = begin_device(oauth_server.provider, app)
    oauth_server.approve(pending.user_code)
    tokens = poll_device(oauth_server.provider, app, pending)
    refresh(oauth_server.provider, app, Tokens.from_json(tokens.to_json()))
    assert [form for form in oauth_server.asked if "client_secret" in form] == []


def test_asking_too_often_makes_the_pauses_longer_for_good(oauth_server):
    pending = begin_device(oauth_server.provider, PUBLIC)
    oauth_server.hurried(pending.user_code)
    slower = poll_device(oauth_server.provider, PUBLIC, pending)
    assert isinstance(slower, PendingDevice)
    assert slower == replace(pending, interval_s=12)
    assert poll_device(oauth_server.provider, PUBLIC, slower) == slower


@pytest.mark.parametrize(("turn", "why"), [("deny", "access_denied"), ("expire", "expired_token")])
def test_a_code_that_was_refused_or_forgotten_ends_the_sign_in(oauth_server, turn, why):
    pending = begin_device(oauth_server.provider, PUBLIC)
    getattr(oauth_server, turn)(pending.user_code)
    with pytest.raises(SignInRefused, match=why):
        poll_device(oauth_server.provider, PUBLIC, pending)


def test_a_code_that_has_ended_is_not_asked_about(oauth_server):
    pending = begin_device(oauth_server.provider, PUBLIC)
    with pytest.raises(SignInRefused, match="not used in time"):
        poll_device(oauth_server.provider, PUBLIC, replace(pending, expires_at=NOW))
    assert len(oauth_server.asked) == 1


def test_renewing_takes_the_new_refresh_token_where_there_is_one(oauth_server, person, app):
    old = person.sign_in(oauth_server)
    new = refresh(oauth_server.provider, app, old)
    assert (old.access, old.refresh) != (new.access, new.refresh)
    assert new.refresh in oauth_server.refresh
    with pytest.raises(SignInRefused, match="sign in again"):
        refresh(oauth_server.provider, app, old)


def test_renewing_keeps_the_refresh_token_and_the_scope_where_the_answer_has_none(oauth_server, person, app):
    old = person.sign_in(oauth_server)
    oauth_server.rotates, oauth_server.adds = False, {"scope": None}
    new = refresh(oauth_server.provider, app, old)
    assert (new.refresh, new.scope) == (old.refresh, old.scope)
    assert new.access != old.access


def test_a_revoked_sign_in_asks_for_a_person(oauth_server, person, app):
    tokens = person.sign_in(oauth_server)
    oauth_server.revoke_all()
    with pytest.raises(SignInRefused, match="expired or revoked") as refused:
        refresh(oauth_server.provider, app, tokens)
    assert "sign in again" in str(refused.value)
    assert tokens.refresh not in str(refused.value)


def test_using_a_sign_in_moves_its_end(oauth_server, person, app):
    provider = replace(oauth_server.provider, refresh_for=timedelta(days=90))
    old = person.sign_in(oauth_server)
    with time_machine.travel(NOW + timedelta(days=80), tick=False):
        new = refresh(provider, app, old)
    assert new.refresh_expires_at == NOW + timedelta(days=170)
    assert not new.refresh_ends


def test_an_end_that_the_provider_stated_is_not_moved_by_use(oauth_server, person, app):
    provider = replace(oauth_server.provider, refresh_for=timedelta(days=180))
    oauth_server.rotates, oauth_server.adds = False, {"refresh_token_expires_in": 604_800}
    tokens = person.sign_in(oauth_server)
    assert tokens.refresh_expires_at == NOW + timedelta(days=7)
    oauth_server.adds = {}
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        assert refresh(provider, app, tokens).refresh_expires_at == NOW + timedelta(days=7)


@pytest.mark.parametrize("stated", [0, -1, "never", "nan", [], None])
def test_an_end_that_is_none_is_not_taken_for_one(oauth_server, person, stated):
    oauth_server.adds = {"refresh_token_expires_in": stated}
    tokens = person.sign_in(oauth_server)
    assert (tokens.refresh_expires_at, tokens.refresh_ends) == (None, False)


@pytest.mark.parametrize("stated", [None, 0, "soon"])
def test_an_access_token_without_an_end_is_renewed_before_each_use(oauth_server, person, stated):
    oauth_server.adds = {"expires_in": stated}
    assert needs_refresh(person.sign_in(oauth_server), NOW)


def test_where_nobody_says_when_a_sign_in_ends_it_has_no_end(oauth_server, person):
    assert person.sign_in(oauth_server).refresh_expires_at is None
