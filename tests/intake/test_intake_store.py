"""What people see of a source is what its last run found."""

from datetime import UTC, datetime, timedelta

import pytest

from service.archive.imports import begin
from service.db.session import reading, writing
from service.errors import ConfigError
from service.intake import folders
from service.intake.folders import Accounted, Checked, Place
from service.intake.source import Outcome, State
from service.intake.store import (
    Outlook,
    add_source,
    change_source,
    find_source,
    note_run,
    pause,
    put_secret,
    remove_source,
    secret_of,
    source_named,
    sources,
)

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def source(session):
    return add_source(session, "Poczta Anny", "imap", {"host": "imap.studio.pl"})


def opened(session, source, uid_validity=7, name="INBOX"):
    place = Place(source, name, "", uid_validity, f"imap://anna@studio/{name};UIDVALIDITY={uid_validity}")
    return folders.open_folder(session, place, begin(session, "Poczta Anny", "pull", source_id=source), NOW)


def test_sources_have_names_that_differ(session, source):
    with pytest.raises(ConfigError, match="already"):
        add_source(session, " Poczta  Anny ", "imap", {})
    with pytest.raises(ConfigError, match="needs a name"):
        add_source(session, "  ", "imap", {})
    with pytest.raises(ConfigError, match="needs a name"):
        add_source(session, "x" * 101, "imap", {})
    add_source(session, "архив", "folder", {})
    assert [one.name for one in sources(session)] == ["Poczta Anny", "архив"]
    assert source_named(session, "poczta anny").id == source
    with pytest.raises(ConfigError, match="'Poczta Anny'"):
        source_named(session, "Poczta")


def test_a_run_that_fails_keeps_when_all_was_last_here(session, source):
    note_run(session, source, Outlook(State.COMPLETE), NOW)
    note_run(session, source, Outlook(State.FAILING, "imap.studio.pl does not answer", LATER), LATER)
    note_run(session, source, Outlook(State.FAILING, "imap.studio.pl does not answer", LATER), LATER)
    found = find_source(session, source)
    assert (found.state, found.pulled_at, found.failing_since, found.failures) == (
        State.FAILING,
        NOW,
        LATER,
        2,
    )
    note_run(session, source, Outlook(State.INCOMPLETE, "INBOX: 1 message"), LATER)
    found = find_source(session, source)
    assert (found.state, found.pulled_at, found.failing_since, found.failures) == (
        State.INCOMPLETE,
        NOW,
        None,
        0,
    )


def test_a_new_secret_ends_the_wait_for_a_person(session, source):
    note_run(session, source, Outlook(State.SIGN_IN, "The password was refused"), NOW)
    put_secret(session, source, b"sealed", LATER)
    found = find_source(session, source)
    assert (found.state, found.detail, found.secret_expires_at) == (State.NEW, "", LATER)
    assert secret_of(session, source) == b"sealed"


def test_a_change_of_settings_keeps_the_secret(session, source):
    put_secret(session, source, b"sealed")
    change_source(session, source, {"host": "imap.nowy.pl"})
    assert find_source(session, source).settings == {"host": "imap.nowy.pl"}
    assert secret_of(session, source) == b"sealed"


def test_a_run_that_ends_after_the_pause_does_not_end_the_pause(session, source):
    pause(session, source, paused=True)
    note_run(session, source, Outlook(State.COMPLETE), NOW)
    assert find_source(session, source).state == State.PAUSED
    pause(session, source, paused=False)
    assert find_source(session, source).state == State.NEW


def test_every_uid_has_one_outcome_and_the_newest_counts(session, source):
    progress = opened(session, source)
    folders.account(
        session,
        progress.folder_id,
        [
            Accounted(1, Outcome.REFUSED, why="is empty"),
            Accounted(2, Outcome.FAILED, why="not given"),
            Accounted(4_294_967_295, Outcome.FAILED, why="not given", labels=("Клиент", "\\Inbox"), thread=5),
        ],
    )
    folders.account(session, progress.folder_id, [Accounted(2, Outcome.KNOWN), Accounted(2, Outcome.KNOWN)])
    folders.note_checked(session, progress.folder_id, Checked(on_server=5), NOW)
    (state,) = folders.folder_states(session, source)
    assert (state.archived, state.known, state.refused, state.failed, state.gone) == (0, 1, 1, 1, 0)
    assert (state.on_server, state.accounted, state.missing, state.is_complete) == (5, 3, 2, False)
    assert [(one.uid, one.why) for one in folders.troubles(session, progress.folder_id)] == [
        (4_294_967_295, "not given"),
        (1, "is empty"),
    ]


def test_what_cannot_be_fetched_is_tried_a_few_times_then_only_in_full(session, source):
    progress = opened(session, source)
    for _ in range(folders.MAX_ATTEMPTS):
        assert folders.to_try_again(session, progress.folder_id) in ([9], [])
        folders.account(session, progress.folder_id, [Accounted(9, Outcome.FAILED, why="no")])
    assert folders.to_try_again(session, progress.folder_id) == []
    assert folders.to_try_again(session, progress.folder_id, every=True) == [9]


def test_what_is_gone_from_the_server_is_told_once_and_comes_back(session, source):
    progress = opened(session, source)
    folders.account(session, progress.folder_id, [Accounted(uid, Outcome.REFUSED) for uid in (1, 2, 3)])
    assert folders.mark_gone(session, progress.folder_id, [2, 3, 99], NOW) == {2: None, 3: None}
    assert folders.mark_gone(session, progress.folder_id, [2], LATER) == {}
    assert list(folders.present_uids(session, progress.folder_id)) == [1]
    folders.account(session, progress.folder_id, [Accounted(3, Outcome.REFUSED)])
    assert sorted(folders.present_uids(session, progress.folder_id)) == [1, 3]


def test_another_numbering_ends_the_folder_and_keeps_what_it_had(session, source):
    old = opened(session, source, uid_validity=7)
    folders.account(session, old.folder_id, [Accounted(1, Outcome.REFUSED)])
    new = opened(session, source, uid_validity=8)
    assert new.folder_id != old.folder_id
    assert new.uid_next == 1
    standing, ended = folders.folder_states(session, source)
    assert (standing.uid_validity, standing.ended_at) == (8, None)
    assert (ended.uid_validity, ended.ended_at, ended.refused) == (7, NOW, 1)
    assert opened(session, source, uid_validity=7).folder_id == old.folder_id
    assert {name for name, _ in folders.standings(session, source)} == {"INBOX"}


def test_the_mark_is_never_lowered(session, source):
    progress = opened(session, source)
    folders.raise_mark(session, progress.folder_id, 100)
    folders.raise_mark(session, progress.folder_id, 50)
    assert folders.standings(session, source)["INBOX", 7].progress.uid_next == 100


def test_a_folder_that_the_server_dropped_has_ended(session, source):
    opened(session, source)
    opened(session, source, name="Sent")
    folders.end_missing(session, source, ["INBOX"], LATER)
    assert [(one.name, one.ended_at) for one in folders.folder_states(session, source)] == [
        ("INBOX", None),
        ("Sent", LATER),
    ]


def test_removing_a_source_forgets_its_secret_and_its_place(engine):
    with writing(engine) as session:
        source = add_source(session, "Mail", "imap", {})
        put_secret(session, source, b"sealed")
        progress = opened(session, source)
        folders.account(session, progress.folder_id, [Accounted(1, Outcome.REFUSED)])
    with writing(engine) as session:
        remove_source(session, source)
    with reading(engine) as session:
        assert sources(session) == []
        assert find_source(session, source) is None
        with pytest.raises(ConfigError, match="removed"):
            secret_of(session, source)
