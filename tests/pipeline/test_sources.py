"""Adding, changing and removing sources: every change is a fact, and no secret is ever in one."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from ledger_check import assert_ledger_intact

from service.db.session import reading, writing
from service.errors import ConfigError, SignInRefused
from service.intake.source import State
from service.intake.store import Outlook, find_source, note_run
from service.ledger.store import read_entries
from service.pipeline import sources
from service.pipeline.secret import open_secret
from service.sources.imap.presets import NEEDS, preset_of, presets
from service.sources.oauth.choose import providers
from service.sources.oauth.tokens import Tokens

MAILBOX = {"host": "imap.agency.example", "port": 993, "security": "tls", "user": "anna@agency.example"}
GMAIL = {"host": "imap.gmail.com", "user": "anna@gmail.com", "provider": "google"}
SECRET = sources.password_secret("hunter2-hunter2")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def mailbox(house) -> int:
    return sources.add(house, "Agency mail", "imap", MAILBOX, SECRET, actor="olga")


def facts(house) -> list[tuple]:
    with reading(house.engine) as session:
        entries = read_entries(session)
        assert_ledger_intact(session, len(entries), house.key.verifier)
        assert "hunter2" not in json.dumps([dict(one.body) for one in entries])
        return [(one.kind, one.subject, one.actor) for one in entries]


def found(house, source_id):
    with reading(house.engine) as session:
        return find_source(session, source_id)


def test_a_source_is_added_with_its_secret_sealed_and_its_fact_signed(house, mailbox):
    source = found(house, mailbox)
    assert (source.name, source.kind, source.settings, source.state) == (
        "Agency mail",
        "imap",
        MAILBOX,
        State.NEW,
    )
    assert open_secret(house, mailbox) == SECRET
    assert facts(house) == [("source.added", f"source:{mailbox}", "olga")]


def test_a_change_without_a_secret_keeps_the_old_one(house, mailbox):
    sources.change(house, mailbox, MAILBOX | {"exclude": ["Newsletters*"]}, actor="olga")
    assert open_secret(house, mailbox) == SECRET
    assert found(house, mailbox).settings["exclude"] == ["Newsletters*"]
    assert facts(house)[-1] == ("source.changed", f"source:{mailbox}", "olga")


@pytest.mark.parametrize(
    "elsewhere",
    [{"host": "evil.example"}, {"port": 1143}, {"security": "none"}, {"ca_file": "/tmp/x"}, {"user": "x"}],
)
def test_a_kept_password_never_goes_to_another_server(house, mailbox, elsewhere):
    with pytest.raises(ConfigError, match="enter the password again"):
        sources.change(house, mailbox, MAILBOX | elsewhere)
    assert found(house, mailbox).settings == MAILBOX
    sources.change(house, mailbox, MAILBOX | elsewhere, sources.password_secret("another"))
    assert json.loads(open_secret(house, mailbox)) == {"password": "another"}


def test_a_mailbox_that_is_to_sign_in_at_its_provider_forgets_its_password(house, mailbox):
    sources.change(house, mailbox, GMAIL)
    with pytest.raises(SignInRefused):
        open_secret(house, mailbox)


def test_tokens_are_kept_with_the_day_on_which_they_end_and_the_source_is_tried_at_once(house):
    source_id = sources.add(house, "Gmail", "imap", GMAIL)
    with writing(house.engine) as session:
        note_run(session, source_id, Outlook(State.SIGN_IN, "Nobody has signed in."), NOW)
    ends = NOW + timedelta(days=90)
    sources.sign_in(house, source_id, Tokens("secret-access", "secret-refresh", NOW, ends), actor="olga")
    kept = json.loads(open_secret(house, source_id))["tokens"]
    assert (kept["access"], kept["refresh"]) == ("secret-access", "secret-refresh")
    source = found(house, source_id)
    assert (source.state, source.detail, source.secret_expires_at) == (State.NEW, "", ends)
    assert facts(house)[-1] == ("source.signed_in", f"source:{source_id}", "olga")


def test_a_server_that_does_not_take_a_provider_s_tokens_never_gets_them(house):
    with pytest.raises(ConfigError, match=r"evil\.example takes no sign-in of Google"):
        sources.add(house, "Gmail", "imap", GMAIL | {"host": "evil.example"})
    assert facts(house) == []


def test_a_paused_source_stays_paused_when_it_is_changed(house, mailbox):
    sources.pause(house, mailbox, actor="olga")
    sources.pause(house, mailbox, actor="olga")
    sources.change(house, mailbox, MAILBOX)
    assert found(house, mailbox).state == State.PAUSED
    sources.resume(house, mailbox, actor="igor")
    sources.resume(house, mailbox, actor="igor")
    assert found(house, mailbox).state == State.NEW
    kinds = [(kind, actor) for kind, _, actor in facts(house)]
    assert kinds[1:] == [("source.paused", "olga"), ("source.changed", "cli"), ("source.resumed", "igor")]


def test_what_was_removed_is_gone_and_the_fact_stays(house, mailbox):
    sources.remove(house, mailbox, actor="olga")
    assert found(house, mailbox) is None
    assert facts(house)[-1] == ("source.removed", f"source:{mailbox}", "olga")
    for act in (sources.remove, sources.pause, sources.resume):
        with pytest.raises(ConfigError, match="it was removed"):
            act(house, mailbox)


@pytest.mark.parametrize(
    ("name", "kind", "settings"),
    [
        ("Agency mail", "imap", MAILBOX),
        (" ", "imap", MAILBOX),
        ("New", "planet", MAILBOX),
        ("New", "imap", {}),
        ("New", "imap", MAILBOX | {"port": 70_000}),
        ("New", "imap", MAILBOX | {"port": float("nan")}),
        ("New", "imap", MAILBOX | {"include": ["x" * 30_000]}),
        ("New", "imap", MAILBOX | {"host": {1, 2}}),
        ("New", "imap", MAILBOX | {"provider": "planet"}),
    ],
)
@pytest.mark.usefixtures("mailbox")
def test_what_cannot_work_is_refused_and_leaves_nothing(house, name, kind, settings):
    with pytest.raises(ConfigError):
        sources.add(house, name, kind, settings, SECRET)
    assert len(facts(house)) == 1


def test_what_no_database_can_hold_is_replaced(house):
    source_id = sources.add(house, "a\0b", "imap", MAILBOX | {"user": "anna\ud800"})
    assert found(house, source_id).settings["user"] == "anna?"
    assert facts(house)[-1][0] == "source.added"


@pytest.mark.parametrize(
    ("address", "host", "provider"),
    [
        ("anna@gmail.com", "imap.gmail.com", "google"),
        ("anna@GoogleMail.com", "imap.gmail.com", "google"),
        ("anna@hotmail.com", "outlook.office365.com", "microsoft"),
        ("anna@agency.onmicrosoft.com", "outlook.office365.com", "microsoft"),
        ("anna@ya.ru", "imap.yandex.com", ""),
        ("anna@bk.ru", "imap.mail.ru", ""),
        ("anna@o2.pl", "poczta.o2.pl", ""),
        ("anna@op.pl", "imap.poczta.onet.pl", ""),
        ("anna@gmx.com", "imap.gmx.com", ""),
        ("anna@agency.example", "imap.agency.example", ""),
        (" anna@agency.example. ", "imap.agency.example", ""),
    ],
)
def test_the_server_is_guessed_from_the_address(address, host, provider):
    preset = preset_of(address)
    assert (preset.server.host, preset.server.port, preset.provider) == (host, 993, provider)


@pytest.mark.parametrize("address", ["", "anna", "anna@", "anna@localhost", "anna@a..b", "anna@агентство.рф"])
def test_what_is_no_address_gives_no_guess(address):
    assert preset_of(address) is None


def test_every_preset_can_be_used():
    by_name = {one.name: one for one in providers()}
    for preset in presets().values():
        assert preset.needs <= NEEDS
        assert preset.help_url.startswith("https://")
        assert not preset.provider or by_name[preset.provider].serves(preset.server.host)
