"""Every rule is judged by a table of its own: cases/<rule>.json. A new rule without one fails here."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.agreements.gap import Gap
from service.alerts import rules
from service.alerts.alert import Alert
from service.alerts.calendar import WorkingCalendar
from service.alerts.evaluate import evaluate
from service.alerts.notice import notice_of
from service.alerts.rule import Rule, Terms
from service.intake.source import AddedSource, State
from service.plugins import discover

CASES = Path(__file__).parent / "cases"
RULES: dict[str, Rule] = {rule.name: rule for rule in discover(rules, "RULE")}
LATER = datetime.fromisoformat("2026-11-19T12:00:00+01:00")


def gap(at: str, **changes) -> Gap:
    plain = {
        "key": "verbal:17",
        "kind": "call",
        "title": "Online payment",
        "conversation": 3,
        "message": 17,
        "at": datetime.fromisoformat(at),
        "project": None,
        "client": None,
        "quote": None,
    }
    return Gap(**(plain | changes))


def source(**changes) -> AddedSource:
    plain = {
        "id": 5,
        "name": "Agency mail",
        "kind": "imap",
        "settings": {},
        "state": State.COMPLETE,
        "detail": "",
        "created_at": datetime.fromisoformat("2026-11-20T12:00:00+00:00"),
        "pulled_at": None,
        "failing_since": None,
        "next_at": None,
        "failures": 0,
        "secret_expires_at": None,
        "is_running": False,
        "was_interrupted": False,
    }
    times = {
        key: datetime.fromisoformat(value)
        for key, value in changes.items()
        if key.endswith(("_at", "_since"))
    }
    return AddedSource(**(plain | changes | times | {"state": State(changes.get("state", "complete"))}))


def terms(days: int) -> Terms:
    return Terms(WorkingCalendar(ZoneInfo("Europe/Warsaw")), days)


def cases_of(name: str) -> list[dict]:
    path = CASES / f"{name}.json"
    assert path.exists(), f"write cases for the rule {name}: {path}"
    return json.loads(path.read_text("utf-8"))


def judged(name: str, case: dict) -> Alert | None:
    now = datetime.fromisoformat(case["now"])
    if RULES[name].about is Gap:
        said = gap(case["at"], confidence=case.get("confidence", 1.0))
        return RULES[name].judge(said, terms(case["days"]), now)
    return RULES[name].judge(source(**case["source"]), terms(1), now)


def expected(name: str, case: dict) -> Alert | None:
    if case["due"] is None:
        return None
    due = datetime.fromisoformat(case["due"])
    if RULES[name].about is Gap:
        return Alert(name, "verbal:17", "Online payment", 3, 17, due)
    detail = case["source"].get("detail", "")
    return Alert(name, "source:5", f"Agency mail: {detail}" if detail else "Agency mail", None, None, due)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_cases_of_both_outcomes(name):
    outcomes = {case["due"] is None for case in cases_of(name)}
    assert outcomes == {True, False}
    assert RULES[name].explain.endswith(".")


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(path.stem, case, id=f"{path.stem}: {case['case']}")
        for path in sorted(CASES.glob("*.json"))
        for case in json.loads(path.read_text("utf-8"))
    ],
)
def test_a_rule_judges_as_its_table_says(name, case):
    assert judged(name, case) == expected(name, case)


@pytest.mark.parametrize("name", RULES)
def test_an_alert_stays_the_same_while_its_reason_does(name):
    case = next(case for case in cases_of(name) if case["due"] is not None)
    now = datetime.fromisoformat(case["now"])
    for days in range(400):
        later = case | {"now": (now + timedelta(days=days)).isoformat()}
        assert judged(name, later) == expected(name, case)


def test_everything_is_judged_by_every_rule_about_it_and_by_no_other():
    def never(_thing, _terms, _now):
        return None

    def about_gaps(found, _terms, now):
        return Alert("gaps", found.key, found.title, found.conversation, found.message, now)

    def about_sources(found, _terms, now):
        return Alert("sources", f"source:{found.id}", found.name, None, None, now)

    every = [
        Rule("never", Gap, "-", never, "-", "-"),
        Rule("gaps", Gap, "-", about_gaps, "-", "-"),
        Rule("sources", AddedSource, "-", about_sources, "-", "-"),
    ]
    gaps = [gap("2026-11-18T14:30:00+01:00", key=f"verbal:{number}") for number in range(3)]
    found = evaluate([*gaps, source(id=7)], every, terms(1), LATER)
    assert [alert.subject for alert in found] == ["verbal:0", "verbal:1", "verbal:2", "source:7"]
    assert evaluate([], every, terms(1), LATER) == []


@pytest.mark.parametrize("name", RULES)
def test_what_a_channel_says_names_the_reason_the_thing_and_the_time(name):
    notice = notice_of(name, "Online\npayment", LATER)
    assert notice.title == f"{RULES[name].headline}: Online payment"
    assert "2026-11-19 12:00 UTC" in notice.text


def test_an_alert_of_a_rule_that_is_gone_is_still_told():
    assert notice_of("old_rule", "Online payment", LATER).title == "old_rule: Online payment"


def test_a_long_story_is_cut_to_what_a_list_can_show():
    told = RULES["source_failing"].judge(
        source(state="sign_in", detail="x" * 5000, failing_since="2026-11-20T12:00:00+00:00"), terms(1), LATER
    )
    assert told is not None
    assert len(told.title) == 300
