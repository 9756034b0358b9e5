"""The pages of sources whose chats are followed: the steps, the token, and the chats with their state."""

import json
from datetime import UTC, datetime

import pytest

from service.db.session import reading, writing
from service.intake.live_chats import note_chats
from service.intake.source import State
from service.intake.store import Outlook, note_run, source_named
from service.pipeline import pulls
from service.pipeline.run import Pulled
from service.pipeline.secret import open_secret
from service.sources.live.chat import Chat

TOKENS = {
    "telegram_bot": "77:AbCdEfGhIjKlMn",
    "slack": "xoxp-1-abcdef",
    "mattermost": "abcdefghijklmnopqrstuvwxyz",
    "matrix": "syt_abcdef",
}
SERVERS = {"mattermost": "https://chat.agency.example", "matrix": "https://matrix.agency.example"}
WORDS = {
    "telegram_bot": ("@BotFather", "/setprivacy", "24 hours"),
    "slack": ("xoxp-", "channels:history", "api.slack.com/apps"),
    "mattermost": ("Personal Access Tokens",),
    "matrix": ("Encrypted rooms cannot be read", "Access Token"),
}


@pytest.fixture
def olga(sign_in, monkeypatch):
    monkeypatch.setattr(pulls, "pull", lambda *_arguments, **_options: Pulled("chats"))
    return sign_in("olga")


def form(kind, **more):
    server = {"server": SERVERS[kind]} if kind in SERVERS else {}
    return {"kind": kind, "name": "Chats", "password": TOKENS[kind]} | server | more


def added(seeded):
    with reading(seeded.house.engine) as session:
        return source_named(session, "Chats")


@pytest.mark.parametrize("kind", TOKENS)
def test_the_form_says_what_a_person_must_do_first(olga, kind):
    text = olga.get("/sources/new", params={"kind": kind}).text
    for word in WORDS[kind]:
        assert word in text.replace("&amp;", "&")
    assert 'type="password"' in text
    assert f'href="/sources/new?kind={kind}"' in olga.get("/sources").text


@pytest.mark.parametrize("language", ["ru", "pl"])
@pytest.mark.parametrize("kind", TOKENS)
def test_the_steps_are_in_the_language_of_the_reader(olga, kind, language):
    text = olga.get("/sources/new", params={"kind": kind}, headers={"Accept-Language": language}).text
    assert {"ru": "скопируйте", "pl": "skopiuj"}[language] in text


@pytest.mark.parametrize("kind", TOKENS)
def test_a_source_is_added_with_its_token_sealed(olga, seeded, kind):
    answer = olga.post("/sources", data=form(kind))
    one = added(seeded)
    assert answer.headers["location"] == f"/sources/{one.id}"
    assert one.settings == ({"server": SERVERS[kind]} if kind in SERVERS else {})
    assert json.loads(open_secret(seeded.house, one.id)) == {"password": TOKENS[kind]}
    for path in ("", "/edit"):
        page = olga.get(f"/sources/{one.id}{path}")
        assert page.status_code == 200
        assert TOKENS[kind] not in page.text


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [("telegram_bot", {"password": "not a token"}), ("matrix", {"server": "http://matrix.agency.example"})],
)
def test_what_cannot_work_is_explained_without_the_token(olga, kind, wrong):
    answer = olga.post("/sources", data=form(kind) | wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert TOKENS[kind] not in answer.text


def test_the_token_stays_when_the_channels_change_and_goes_to_no_other_server(olga, seeded):
    olga.post("/sources", data=form("mattermost"))
    one = added(seeded)
    olga.post(f"/sources/{one.id}", data=form("mattermost", password="", exclude="random\noff-*"))
    assert added(seeded).settings == {"server": SERVERS["mattermost"], "exclude": ["random", "off-*"]}
    assert json.loads(open_secret(seeded.house, one.id)) == {"password": TOKENS["mattermost"]}
    elsewhere = form("mattermost", password="", server="https://evil.example")
    assert olga.post(f"/sources/{one.id}", data=elsewhere).status_code == 422


def test_the_page_shows_each_chat_with_its_state(olga, seeded):
    olga.post("/sources", data=form("telegram_bot"))
    one = added(seeded)
    now = datetime(2026, 3, 20, tzinfo=UTC)
    with writing(seeded.house.engine) as session:
        chats = [Chat("1", "Clinic <site>", "x"), Chat("2", "Hotel", "y", "The bot was removed.")]
        note_chats(session, one.id, [*chats, Chat("", "", "", "Messages may be missing.")], now)
    text = olga.get(f"/sources/{one.id}").text
    for words in ("Clinic &lt;site&gt;", "followed", "The bot was removed.", "Messages may be missing."):
        assert words in text
    listed = olga.get("/sources").text
    assert "2 chats" in listed
    assert "1 in trouble" in listed


def test_a_refused_token_leads_to_where_a_new_one_is_entered(olga, seeded):
    olga.post("/sources", data=form("slack"))
    one = added(seeded)
    with writing(seeded.house.engine) as session:
        note_run(session, one.id, Outlook(State.SIGN_IN, "Refused."), datetime(2026, 3, 20, tzinfo=UTC))
    for path in ("/sources", f"/sources/{one.id}"):
        assert "Enter the token" in olga.get(path).text
    olga.post(f"/sources/{one.id}", data=form("slack", password="xoxp-2-new"))
    assert added(seeded).state == State.NEW
