"""An alert opens once for a reason, closes when it is gone, and both are written in the ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ledger_check import assert_ledger_intact
from sqlmodel import select

from service.accounts.scope import EVERYTHING, NOTHING, Scope
from service.alerts import store
from service.alerts.alert import Alert
from service.alerts.store import settle
from service.alerts.tables import AlertRow
from service.archive.organise import add_project_rule, create_project
from service.db.session import reading, writing
from service.intake.source import State
from service.intake.store import Outlook, add_source, note_run
from service.ledger.store import read_entries
from service.pipeline.installation import recording
from service.pipeline.watch import watch

LATER = datetime(2026, 3, 9, 9, tzinfo=UTC)


def settled(house, wanted, now=LATER) -> tuple[int, int]:
    with recording(house) as session:
        return settle(session, wanted, now)


def listed(house, *, closed=False, scope=EVERYTHING) -> list[str]:
    with reading(house.engine) as session:
        return [one.subject for one in store.alerts(session, scope, closed=closed)]


def test_a_reason_opens_one_alert_however_often_it_is_judged(house, alert):
    assert settled(house, [alert(1), alert(2), alert(1)]) == (2, 0)
    assert settled(house, [alert(1), alert(2)]) == (0, 0)
    assert sorted(listed(house)) == ["verbal:1", "verbal:2"]


def test_an_alert_closes_when_its_reason_is_gone_and_may_open_again(house, alert):
    settled(house, [alert(1), alert(2)])
    assert settled(house, [alert(2)], LATER + timedelta(hours=1)) == (0, 1)
    assert (listed(house), listed(house, closed=True)) == (["verbal:2"], ["verbal:1"])
    assert settled(house, [alert(1), alert(2)], LATER + timedelta(hours=2)) == (1, 0)
    assert sorted(listed(house)) == ["verbal:1", "verbal:2"]
    assert listed(house, closed=True) == ["verbal:1"]


def test_two_rules_may_alert_about_one_thing(house, alert):
    assert settled(house, [alert(1), alert(1, rule="other")]) == (2, 0)
    assert settled(house, [alert(1, rule="other")]) == (0, 1)


def test_opening_and_closing_are_entries_of_the_ledger(house, alert):
    settled(house, [alert(1)])
    settled(house, [alert(1)])
    settled(house, [])
    with reading(house.engine) as session:
        entries = read_entries(session)
        told = [(one.kind, one.subject, one.actor) for one in entries if one.kind.startswith("alert.")]
        assert told == [("alert.opened", "verbal:1", "alerts"), ("alert.closed", "verbal:1", "alerts")]
        assert_ledger_intact(session, len(entries), house.key.verifier)


def test_an_open_alert_follows_its_reason(house, alert):
    settled(house, [alert(1)])
    moved = replace(alert(2), subject="verbal:1", title="A better title", due_at=LATER)
    assert settled(house, [moved]) == (0, 0)
    with reading(house.engine) as session:
        row = session.exec(select(AlertRow)).one()
        assert (row.title, row.due_at) == ("A better title", LATER)
        assert (row.conversation_id, row.message_id) == (moved.conversation, moved.message)


def test_a_reader_sees_the_alerts_of_their_projects_alone(house, alert):
    settled(house, [alert(number) for number in range(5)])
    with writing(house.engine) as session:
        clinic, other = create_project(session, "Clinic", ""), create_project(session, "Other", "")
        add_project_rule(session, clinic, "domain", "clinic.example")
    assert listed(house, scope=NOTHING) == []
    assert listed(house, scope=Scope(projects=frozenset({other}))) == []
    assert len(listed(house, scope=Scope(projects=frozenset({clinic})))) == 3


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_of_alerts_have_no_gap_and_no_repeat(house, alert, size):
    settled(house, [alert(number) for number in range(5)])
    found, before = [], None
    with reading(house.engine) as session:
        while page := store.alerts(session, EVERYTHING, limit=size, before=before):
            found += [one.id for one in page]
            before = found[-1]
    assert found == sorted(found, reverse=True)
    assert len(found) == len(set(found)) == 5


def test_an_alert_about_a_source_is_for_whoever_sees_everything(house):
    about = Alert("source_failing", "source:1", "Agency mail", None, None, LATER)
    assert settled(house, [about]) == (1, 0)
    with writing(house.engine) as session:
        clinic = create_project(session, "Clinic", "")
    assert listed(house) == ["source:1"]
    assert listed(house, scope=NOTHING) == []
    assert listed(house, scope=Scope(projects=frozenset({clinic}))) == []


def test_the_alerts_of_a_source_open_and_close_with_its_state(house):
    with writing(house.engine) as session:
        source_id = add_source(session, "Agency mail", "imap", {})
        note_run(
            session, source_id, Outlook(State.SIGN_IN, "Google refuses the token; sign in again."), LATER
        )
    assert watch(house, LATER).opened == 1
    with reading(house.engine) as session:
        (told,) = store.alerts(session, EVERYTHING)
    assert (told.rule, told.subject) == ("source_failing", f"source:{source_id}")
    assert told.title == "Agency mail: Google refuses the token; sign in again."
    assert (told.conversation_id, told.message_id) == (None, None)
    with writing(house.engine) as session:
        note_run(session, source_id, Outlook(State.COMPLETE), LATER)
    assert watch(house, LATER).closed == 1
    with reading(house.engine) as session:
        entries = [one for one in read_entries(session) if one.kind.startswith("alert.")]
    assert [one.kind for one in entries] == ["alert.opened", "alert.closed"]
    assert "message" not in entries[0].body
