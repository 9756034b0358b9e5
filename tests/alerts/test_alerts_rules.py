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
from service.alerts.rule import Rule, Terms
from service.plugins import discover

CASES = Path(__file__).parent / "cases"
RULES: dict[str, Rule] = {rule.name: rule for rule in discover(rules, "RULE")}


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


def terms(days: int) -> Terms:
    return Terms(WorkingCalendar(ZoneInfo("Europe/Warsaw")), days)


def cases_of(name: str) -> list[dict]:
    path = CASES / f"{name}.json"
    assert path.exists(), f"write cases for the rule {name}: {path}"
    return json.loads(path.read_text("utf-8"))


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
    said = gap(case["at"], confidence=case.get("confidence", 1.0))
    found = RULES[name].judge(said, terms(case["days"]), datetime.fromisoformat(case["now"]))
    if case["due"] is None:
        assert found is None
    else:
        due = datetime.fromisoformat(case["due"])
        assert found == Alert(name, "verbal:17", "Online payment", 3, 17, due)


@pytest.mark.parametrize("name", RULES)
def test_an_alert_stays_while_its_gap_does(name):
    due = datetime.fromisoformat("2026-11-19T14:30:00+01:00")
    for days in range(400):
        now = due + timedelta(days=days)
        assert RULES[name].judge(gap("2026-11-18T14:30:00+01:00"), terms(1), now) is not None


def test_every_gap_is_judged_by_every_rule():
    def never(_gap, _terms, _now):
        return None

    def always(found, _terms, now):
        return Alert("always", found.key, found.title, found.conversation, found.message, now)

    now = datetime.fromisoformat("2026-11-19T12:00:00+01:00")
    gaps = [gap("2026-11-18T14:30:00+01:00", key=f"verbal:{number}") for number in range(3)]
    found = evaluate(gaps, [Rule("never", "-", never), Rule("always", "-", always)], terms(1), now)
    assert [alert.subject for alert in found] == ["verbal:0", "verbal:1", "verbal:2"]
    assert evaluate([], [Rule("always", "-", always)], terms(1), now) == []
