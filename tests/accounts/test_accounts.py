"""Who gets in, with what, for how long."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from service import clock
from service.accounts import store
from service.accounts.scope import EVERYTHING, NOTHING, Scope
from service.accounts.tables import AccountRow, ApiTokenRow, WebSessionRow
from service.errors import AccessDenied, ConfigError

PASSWORD = "correct horse battery"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture(autouse=True)
def _quick_hashing(monkeypatch):
    """Make argon2 as cheap as it allows: its cost is its own business."""
    from argon2 import PasswordHasher

    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    nobody = quick.hash("nobody has this password")
    monkeypatch.setattr(store, "_hasher", lambda: quick)
    monkeypatch.setattr(store, "_nobody", lambda: nobody)


@pytest.fixture
def anna(session):
    return store.create_account(session, "Anna", PASSWORD)


def test_the_right_password_opens_a_session(session, anna):
    secret = store.open_session(session, store.check_password(session, "  ANNA ", PASSWORD))
    account = store.account_of_session(session, secret)
    assert (account.id, account.name, account.is_admin, account.scope) == (anna, "anna", False, NOTHING)


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("name", "password"),
    [("anna", "wrong"), ("anna", ""), ("nobody", PASSWORD), ("", PASSWORD), ("an\0na", PASSWORD)],
)
def test_every_refusal_to_sign_in_reads_the_same(session, name, password):
    with pytest.raises(AccessDenied, match=r"^The name or the password is wrong\.$"):
        store.check_password(session, name, password)
    assert session.exec(select(WebSessionRow)).all() == []


@pytest.mark.usefixtures("anna")
def test_an_unknown_name_is_checked_against_a_hash_all_the_same(session, monkeypatch):
    checked = []

    class Watching:
        def verify(self, stored, password):
            checked.append(stored)
            raise store.VerifyMismatchError

    monkeypatch.setattr(store, "_hasher", Watching)
    for name in ("anna", "nobody"):
        with pytest.raises(AccessDenied):
            store.check_password(session, name, PASSWORD)
    assert len(checked) == 2


def test_no_secret_is_kept_as_it_is(session, anna):
    browser = store.open_session(session, anna)
    token = store.issue_token(session, "anna", "crm")
    session.flush()
    rows = [session.get(AccountRow, anna), *session.exec(select(WebSessionRow)).all()]
    kept = " ".join(str(row.model_dump()) for row in [*rows, *session.exec(select(ApiTokenRow)).all()])
    assert not any(secret in kept for secret in (PASSWORD, browser, token, token.removeprefix("scripta_")))


def test_a_session_ends_after_its_days(session, anna, monkeypatch):
    secret = store.open_session(session, anna)
    monkeypatch.setattr(clock, "now", lambda: NOW + store.SESSION_FOR)
    assert store.account_of_session(session, secret) is not None
    monkeypatch.setattr(clock, "now", lambda: NOW + store.SESSION_FOR + timedelta(seconds=1))
    assert store.account_of_session(session, secret) is None


def test_signing_out_ends_one_session_and_no_other(session, anna):
    here, elsewhere = store.open_session(session, anna), store.open_session(session, anna)
    store.sign_out(session, here)
    store.sign_out(session, "never given out")
    assert store.account_of_session(session, here) is None
    assert store.account_of_session(session, elsewhere) is not None


def test_a_disabled_account_is_shut_out_everywhere(session, anna):
    browser, token = store.open_session(session, anna), store.issue_token(session, "anna", "crm")
    store.disable_account(session, "anna")
    assert store.account_of_session(session, browser) is None
    assert store.account_of_token(session, token) is None
    assert store.account(session, anna) is None
    with pytest.raises(AccessDenied, match="wrong"):
        store.check_password(session, "anna", PASSWORD)


@pytest.mark.usefixtures("anna")
def test_a_token_reads_and_writes_only_where_it_says_so(session):
    reading = store.issue_token(session, "anna", "bi")
    writing = store.issue_token(session, "anna", "crm", can_write=True)
    assert store.account_of_token(session, reading).can_write is False
    assert store.account_of_token(session, writing).can_write is True


@pytest.mark.usefixtures("anna")
def test_a_revoked_token_is_worthless_and_others_are_not(session):
    first, second = (store.issue_token(session, "anna", label) for label in ("bi", "crm"))
    assert store.revoke_tokens(session, "anna", "bi") == 1
    assert store.account_of_token(session, first) is None
    assert store.account_of_token(session, second) is not None
    assert store.revoke_tokens(session, "anna") == 1
    assert store.account_of_token(session, second) is None


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("secret", ["", "scripta_", "scripta_" + "A" * 43, "\0", "ключ"])
def test_a_token_that_was_never_issued_opens_nothing(session, secret):
    store.issue_token(session, "anna", "crm")
    assert store.account_of_token(session, secret) is None
    assert store.account_of_session(session, secret) is None


def test_grants_are_what_an_account_may_see(session, anna):
    store.grant(session, "anna", 7)
    store.grant(session, "anna", 7)
    store.grant(session, "anna", 9)
    scope = store.account(session, anna).scope
    assert scope == Scope(projects=frozenset({7, 9}))
    assert [scope.allows(project) for project in (7, 8, None)] == [True, False, False]


def test_an_administrator_sees_everything(session):
    boss = store.create_account(session, "boss", PASSWORD, is_admin=True)
    assert store.account(session, boss).scope == EVERYTHING
    assert EVERYTHING.allows(None)


def test_no_grant_is_no_access():
    assert not any(NOTHING.allows(project) for project in (0, 1, None))


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        (" ANNA", PASSWORD, "account 'anna' already"),
        ("", PASSWORD, "needs a name"),
        ("  ", PASSWORD, "needs a name"),
        ("ja\0n", PASSWORD, "printable"),
        ("jan", "short", "at least 10 characters"),
    ],
)
def test_an_account_that_could_not_be_used_is_not_created(session, name, password, why):
    with pytest.raises(ConfigError, match=why):
        store.create_account(session, name, password)
    assert store.names(session) == ["anna"]


@pytest.mark.parametrize(
    "act",
    [
        lambda session: store.grant(session, "nobody", 1),
        lambda session: store.issue_token(session, "nobody", "crm"),
        lambda session: store.revoke_tokens(session, "nobody"),
        lambda session: store.disable_account(session, "nobody"),
    ],
)
def test_an_unknown_account_is_named(session, act):
    with pytest.raises(ConfigError, match="no account 'nobody'"):
        act(session)
