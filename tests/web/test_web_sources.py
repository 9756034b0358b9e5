"""The pages of sources: what they show, whom they obey, and what they never tell."""

import html
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from service.db.session import reading, writing
from service.errors import SignInRefused, SourceBusy, Unreachable
from service.intake.source import FolderState, State
from service.intake.store import Outlook, find_source, note_run, source_named, sources
from service.pipeline import pulls
from service.pipeline.run import Pulled
from service.pipeline.secret import open_secret
from service.web.completeness import bar_of
from service.web.source_form import form_of

PASSWORD = "hunter2-hunter2"
MAILBOX = {
    "kind": "imap",
    "name": "",
    "user": "anna@agency.example",
    "password": PASSWORD,
    "host": "mail.agency.example",
    "port": "993",
    "security": "tls",
}


@pytest.fixture
def pulled(monkeypatch):
    """Stand in for the network: note what was asked for, and answer at once."""
    asked = []

    def pull(_house, source_id, *, reconcile, **_options):
        asked.append((source_id, reconcile))
        return Pulled("Agency mail")

    monkeypatch.setattr(pulls, "pull", pull)
    return asked


@pytest.fixture
def olga(sign_in, pulled):
    client = sign_in("olga")
    client.pulled = pulled
    return client


def named(seeded, name):
    with reading(seeded.house.engine) as session:
        return source_named(session, name)


def here(seeded, source_id):
    with reading(seeded.house.engine) as session:
        return find_source(session, source_id)


def test_a_mailbox_is_added_and_read_at_once(olga, seeded):
    answer = olga.post("/sources", data=MAILBOX | {"exclude": "Ads*\n\n Junk ", "drafts": "true"})
    one = named(seeded, "anna@agency.example")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sources/{one.id}")
    assert one.settings == {
        "host": "mail.agency.example",
        "port": 993,
        "security": "tls",
        "user": "anna@agency.example",
        "exclude": ["Ads*", "Junk"],
        "drafts": True,
    }
    assert json.loads(open_secret(seeded.house, one.id)) == {"password": PASSWORD}
    olga.app.state.pulls.wait(30)
    assert olga.pulled == [(one.id, False)]


def test_the_server_is_filled_in_from_the_address_and_says_what_is_needed_first(olga):
    text = olga.get("/sources/new", params={"user": "anna@ya.ru"}).text
    assert 'value="imap.yandex.com"' in text
    assert "IMAP must be switched on" in text
    assert "made for this app alone" in text
    assert "yandex.com/support" in text
    text = olga.get("/sources/new", params={"user": "anna@agency.example"}).text
    assert 'value="imap.agency.example"' in text
    assert "This is a guess" in text


def test_a_mailbox_of_microsoft_goes_on_to_the_sign_in(olga, seeded):
    wanted = {"kind": "imap", "user": "anna@hotmail.com"}
    answer = olga.post("/sources", data=wanted)
    one = named(seeded, "anna@hotmail.com")
    assert answer.headers["location"] == f"/sources/{one.id}/sign-in"
    assert one.settings["provider"] == "microsoft"
    assert olga.pulled == []


def test_what_cannot_work_is_explained_and_what_was_typed_stays(olga, seeded):
    answer = olga.post("/sources", data=MAILBOX | {"host": "mail.agency.example", "port": "70000"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'value="mail.agency.example"' in answer.text
    assert PASSWORD not in answer.text
    with reading(seeded.house.engine) as session:
        assert len(sources(session)) == 2


def test_editing_keeps_the_password_and_never_shows_it(olga, seeded):
    olga.post("/sources", data=MAILBOX)
    one = named(seeded, "anna@agency.example")
    page = olga.get(f"/sources/{one.id}/edit").text
    assert PASSWORD not in page
    assert 'value="mail.agency.example"' in page
    olga.post(f"/sources/{one.id}", data=MAILBOX | {"password": "", "include": "INBOX"})
    assert here(seeded, one.id).settings["include"] == ["INBOX"]
    assert json.loads(open_secret(seeded.house, one.id)) == {"password": PASSWORD}
    answer = olga.post(f"/sources/{one.id}", data=MAILBOX | {"password": "", "host": "evil.example"})
    assert answer.status_code == 422
    assert "enter the password again" in answer.text


def test_a_setting_that_has_no_field_survives_the_form(olga, seeded):
    from service.pipeline.sources import add

    source_id = add(seeded.house, "Intake", "smtp", {"max_size": 1000, "recipients": ["a@b.example"]})
    olga.post(f"/sources/{source_id}", data={"kind": "imap", "recipients": "c@d.example"})
    assert here(seeded, source_id).settings == {"max_size": 1000, "recipients": ["c@d.example"]}


def test_the_form_shows_what_settings_say():
    settings = {
        "host": "h",
        "port": 143,
        "include": ["a", "b"],
        "drafts": True,
        "provider": "google",
        "odd": 1,
    }
    form = form_of("imap", "Mail", settings)
    assert (form.port, form.include, form.drafts, form.way) == ("143", "a\nb", True, "google")
    assert form.settings() == {key: settings[key] for key in settings if key != "odd"} | {"security": "tls"}


@pytest.mark.parametrize(("reconcile", "wanted"), [({}, False), ({"reconcile": "true"}, True)])
def test_a_pull_begins_in_the_background(olga, seeded, reconcile, wanted):
    answer = olga.post(f"/sources/{seeded.source}/pull", data=reconcile)
    assert answer.headers["location"] == f"/sources/{seeded.source}"
    olga.app.state.pulls.wait(30)
    assert olga.pulled == [(seeded.source, wanted)]


def test_a_source_is_paused_resumed_and_removed(olga, seeded):
    olga.post(f"/sources/{seeded.source}/pause")
    assert here(seeded, seeded.source).state == State.PAUSED
    assert "Resume" in olga.get(f"/sources/{seeded.source}").text
    olga.post(f"/sources/{seeded.source}/resume")
    assert here(seeded, seeded.source).state == State.NEW
    assert olga.post(f"/sources/{seeded.source}/remove").headers["location"] == "/sources"
    assert here(seeded, seeded.source) is None
    assert olga.get(f"/sources/{seeded.source}").status_code == 404


def test_the_page_says_what_became_of_each_folder_and_what_is_not_here(olga, seeded):
    text = html.unescape(re.sub(r"<[^>]+>", " ", olga.get(f"/sources/{seeded.source}").text))
    words = re.sub(r"\s+", " ", text)
    assert "INBOX: 1 message is not here." in words
    assert "33%" in words
    for count in ("On the server 3", "Archived 1", "Failed 1", "Missing 1", "Gone 0"):
        assert count in words, count
    assert "UID 2 Failed" in words
    assert "The server does not give it." in words


def test_the_list_says_how_each_source_does(olga):
    text = olga.get("/sources").text
    assert "Incomplete" in text
    assert 'class="state st-new"' in text
    assert "never yet" in text


def test_without_a_source_the_page_says_what_to_do(olga, seeded):
    olga.post(f"/sources/{seeded.source}/remove")
    olga.post(f"/sources/{seeded.gmail}/remove")
    assert "No source yet" in olga.get("/sources").text


def test_a_source_that_needs_a_sign_in_leads_there(olga, seeded):
    with writing(seeded.house.engine) as session:
        for source_id in (seeded.source, seeded.gmail):
            found = Outlook(State.SIGN_IN, "The server refuses it; act.")
            note_run(session, source_id, found, datetime(2026, 3, 20, tzinfo=UTC))
    text = olga.get("/sources").text
    assert f'href="/sources/{seeded.gmail}/sign-in"' in text
    assert f'href="/sources/{seeded.source}/edit"' in text


def test_why_a_pull_could_not_begin_is_shown(sign_in, seeded, monkeypatch):
    def busy(*_arguments, **_options):
        raise SourceBusy("Another run is reading this source.")

    monkeypatch.setattr(pulls, "pull", busy)
    client = sign_in("olga")
    client.post(f"/sources/{seeded.source}/pull")
    client.app.state.pulls.wait(30)
    assert "Another run is reading this source." in client.get(f"/sources/{seeded.source}").text


def test_a_running_pull_shows_how_far_it_is(sign_in, seeded, monkeypatch):
    from threading import Event

    seen, go_on = Event(), Event()

    def slow(_house, _source_id, *, progress, **_options):
        report = Pulled("Agency mail", place="Entwürfe", read=5, new=4, expected=10)
        progress(report)
        seen.set()
        go_on.wait(30)
        return report

    monkeypatch.setattr(pulls, "pull", slow)
    client = sign_in("olga")
    client.post(f"/sources/{seeded.source}/pull")
    assert seen.wait(30)
    text = client.get(f"/sources/{seeded.source}").text
    client.post(f"/sources/{seeded.source}/pull")
    go_on.set()
    client.app.state.pulls.wait(30)
    assert "5 of 10 read, 4 new" in text
    assert '<progress max="10" value="5"' in text
    assert 'hx-trigger="every 2s"' in text


@pytest.mark.parametrize("name", ["igor", "nobody"])
@pytest.mark.parametrize(
    "path", ["", "/pull", "/pause", "/resume", "/remove", "/sign-in/device", "/sign-in/poll"]
)
def test_only_an_administrator_changes_a_source(sign_in, seeded, pulled, name, path):
    client = sign_in(name)
    before = here(seeded, seeded.gmail)
    assert client.post(f"/sources/{seeded.gmail}{path}", data=MAILBOX).status_code == 403
    assert here(seeded, seeded.gmail) == before
    assert pulled == []


@pytest.mark.parametrize("name", ["igor", "nobody"])
def test_only_an_administrator_adds_one(sign_in, seeded, name):
    assert sign_in(name).post("/sources", data=MAILBOX).status_code == 403
    with reading(seeded.house.engine) as session:
        assert len(sources(session)) == 2


@pytest.mark.parametrize(
    "data", [{"user": "a\0b"}, {"kind": "planet"}, {"port": "x"}, {"host": "x" * 501}, {"way": "planet"}]
)
def test_what_no_form_sends_is_not_found(olga, data):
    assert olga.post("/sources", data=MAILBOX | data).status_code == 404


def test_an_alert_about_a_source_leads_to_it_and_is_for_administrators(sign_in, seeded):
    from service.pipeline.watch import watch

    now = datetime(2026, 3, 21, 12, tzinfo=UTC)
    with writing(seeded.house.engine) as session:
        note_run(session, seeded.gmail, Outlook(State.SIGN_IN, "Google refuses the token."), now)
    watch(seeded.house, now)
    client = sign_in("olga")
    text = client.get("/alerts").text
    assert "Gmail: Google refuses the token." in text
    assert f'href="/sources/{seeded.gmail}"' in text
    assert "Google refuses" not in sign_in("igor").get("/alerts").text


def folder(**counts) -> FolderState:
    plain = dict.fromkeys(("on_server", "archived", "known", "refused", "failed", "gone"), 0)
    none = dict.fromkeys(("checked_at", "reconciled_at", "ended_at"))
    return FolderState(
        id=1, file_id=1, name="INBOX", special="", uid_validity=1, trouble="", **(plain | none | counts)
    )


@pytest.mark.parametrize(
    ("counts", "percent", "lost"),
    [
        ({}, 100, 0),
        ({"on_server": 10, "archived": 6, "known": 4}, 100, 0),
        ({"on_server": 1_000_000, "archived": 999_999}, 99, 0),
        ({"on_server": 4, "archived": 1, "failed": 1, "refused": 1}, 25, 50),
        ({"on_server": 1, "archived": 2}, 100, 0),
    ],
)
def test_a_bar_is_full_only_where_nothing_is_missing(counts, percent, lost):
    bar = bar_of(folder(**counts))
    assert (bar.percent, bar.lost) == (percent, lost)


def test_errors_of_the_world_do_not_break_a_pull_s_thread(sign_in, seeded, monkeypatch):
    for error in (Unreachable("gone"), SignInRefused("no"), OSError("the disk is full")):

        def fail(*_arguments, error=error, **_options):
            raise error

        monkeypatch.setattr(pulls, "pull", fail)
        client = sign_in("olga")
        client.post(f"/sources/{seeded.source}/pull")
        client.app.state.pulls.wait(30)
        assert client.app.state.pulls.latest(seeded.source).trouble == str(error)


def test_times_are_the_readers(olga, seeded):
    ends = datetime.now(UTC) + timedelta(days=5, hours=1)
    from service.pipeline.sources import sign_in as keep
    from service.sources.oauth.tokens import Tokens

    keep(seeded.house, seeded.gmail, Tokens("a", "b", ends, ends))
    assert "in 5 days" in olga.get(f"/sources/{seeded.gmail}").text
