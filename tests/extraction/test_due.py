import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction import deadlines
from service.extraction.deadline import fold
from service.extraction.due import find_due
from service.plugins import discover

CASES = Path(__file__).parent / "cases"
LANGUAGES = ["en", "pl", "ru"]


def cases():
    for path in sorted(CASES.glob("due_*.jsonl")):
        language = path.stem.removeprefix("due_")
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            yield pytest.param(language, case, id=f"{language}: {case['text']}")


def due(text, sent_at="2026-03-04T10:00:00+00:00", language="en"):
    found = find_due(text, datetime.fromisoformat(sent_at), language)
    return found and found.value.isoformat()


@pytest.mark.parametrize(("language", "case"), list(cases()))
def test_a_deadline_is_resolved_against_the_day_it_was_said(language, case):
    found = find_due(case["text"], datetime.fromisoformat(case["sent_at"]), language)

    assert (found and found.value.isoformat()) == case["due"]
    assert (found and found.text) == case["due_text"]


def test_every_language_has_cases():
    assert [grammar.language for grammar in discover(deadlines, "DEADLINES")] == LANGUAGES
    assert [path.stem for path in sorted(CASES.glob("due_*.jsonl"))] == [f"due_{code}" for code in LANGUAGES]


def test_a_language_without_a_grammar_has_no_deadlines():
    assert due("bis Freitag", language="de") is None


def test_the_same_weekday_as_today_is_a_week_on():
    assert due("by Wednesday") == "2026-03-11"


def test_a_week_ends_on_friday_also_when_said_on_friday():
    assert due("this week", "2026-03-06T17:00:00+00:00") == "2026-03-06"


def test_this_week_said_on_saturday_ends_on_sunday():
    assert due("this week", "2026-03-07T17:00:00+00:00") == "2026-03-08"


def test_a_part_of_the_day_that_is_over_is_tomorrows():
    assert due("скину вечером", "2026-03-04T23:10:00+03:00", "ru") == "2026-03-05"


def test_a_clock_time_that_is_past_is_tomorrows():
    assert due("by 9:30") == "2026-03-05T09:30:00+00:00"


def test_a_day_that_the_month_lacks_is_in_the_next_month_that_has_it():
    assert due("by the 31st", "2026-04-10T10:00:00+00:00") == "2026-05-31"


def test_a_month_on_from_its_last_day_is_the_last_day_of_the_next():
    assert due("in a month", "2026-01-31T10:00:00+00:00") == "2026-02-28"


def test_the_end_of_the_month_in_december_stays_in_december():
    assert due("by the end of the month", "2026-12-30T10:00:00+00:00") == "2026-12-31"


def test_a_day_and_month_just_past_is_history_and_not_next_year():
    assert due("the letter of 1 March") is None
    assert due("by 15 January", "2026-11-20T10:00:00+00:00") == "2027-01-15"


def test_numbers_that_may_be_day_or_month_are_read_as_the_nearer_date():
    assert due("by 03/12", "2025-11-05T10:00:00+00:00") == "2025-12-03"
    assert due("by 03/12", "2026-02-24T10:00:00+00:00") == "2026-03-12"


def test_a_date_that_does_not_exist_is_no_deadline():
    assert due("by 31 February") is None
    assert due("до 45.13", language="ru") is None


def test_the_clock_is_read_in_the_senders_zone():
    sent_at = datetime(2026, 3, 4, 10, tzinfo=ZoneInfo("Asia/Almaty"))

    found = find_due("завтра к 18:00", sent_at, "ru")

    assert found.value == datetime(2026, 3, 5, 18, tzinfo=ZoneInfo("Asia/Almaty"))


def test_a_deadline_word_wins_over_a_bare_date():
    assert due("You get the comps on Monday, sign them by Friday") == "2026-03-06"


def test_offsets_point_into_the_text_as_it_was_written():
    text = "Привет! Ёлку привезём До Пятницы, ок?"

    found = find_due(text, datetime.fromisoformat("2026-03-04T10:00:00+03:00"), "ru")

    assert text[found.start : found.end] == found.text == "До Пятницы"
    assert found.value == date(2026, 3, 6)


@given(st.text())
def test_folding_keeps_every_character_in_its_place(text):
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=st.text(alphabet="0123456789.:/- абвпятницуdoпfriday", max_size=60))
def test_any_text_is_read_without_an_error(language, text):
    found = find_due(text, datetime.fromisoformat("2026-03-04T10:00:00+03:00"), language)

    assert found is None or text[found.start : found.end] == found.text
