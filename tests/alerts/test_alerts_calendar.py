"""Working time: weekends, nights, and the two Sundays on which clocks are changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.calendar import WorkingCalendar

WARSAW = WorkingCalendar(ZoneInfo("Europe/Warsaw"))


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW.zone)


@pytest.mark.parametrize(
    ("said", "days", "due"),
    [
        ("2026-11-18T14:30", 1, "2026-11-19T14:30"),  # a Wednesday
        ("2026-11-18T14:30", 0, "2026-11-18T14:30"),
        ("2026-11-18T14:30", 3, "2026-11-23T14:30"),
        ("2026-11-20T17:00", 1, "2026-11-23T17:00"),  # a Friday
        ("2026-11-21T11:00", 1, "2026-11-24T09:00"),  # a Saturday
        ("2026-11-22T23:59:59", 1, "2026-11-24T09:00"),
        ("2026-11-18T09:00", 1, "2026-11-19T09:00"),
        ("2026-11-18T08:59:59.999999", 1, "2026-11-19T09:00"),
        ("2026-11-18T00:00", 1, "2026-11-19T09:00"),
        ("2026-11-18T17:59:59", 1, "2026-11-19T17:59:59"),
        ("2026-11-18T18:00", 1, "2026-11-20T09:00"),
        ("2026-11-18T23:47:12.5", 0, "2026-11-19T09:00"),
        ("2026-11-20T18:00", 0, "2026-11-23T09:00"),
        ("2026-12-31T16:00", 1, "2027-01-01T16:00"),  # holidays are not known yet
    ],
)
def test_a_limit_counts_working_days_and_hours_alone(said, days, due):
    assert WARSAW.after(warsaw(said), days) == warsaw(due)


@pytest.mark.parametrize(
    ("said", "due", "hours"),
    [
        # Clocks go forward on 29 March 2026: Friday to Monday has an hour less; on 25 October one more.
        ("2026-03-27T15:00+01:00", "2026-03-30T15:00+02:00", 71),
        ("2026-10-23T15:00+02:00", "2026-10-26T15:00+01:00", 73),
    ],
)
def test_a_changed_clock_moves_no_deadline_on_the_wall(said, due, hours):
    start, end = datetime.fromisoformat(said), datetime.fromisoformat(due)
    assert WARSAW.after(start, 1) == end
    assert end - start == timedelta(hours=hours)


def test_the_hour_that_comes_twice_is_out_of_hours_both_times():
    for fold in (0, 1):
        night = datetime(2026, 10, 25, 2, 30, tzinfo=WARSAW.zone, fold=fold)
        assert WARSAW.after(night, 0) == warsaw("2026-10-26T09:00")


def test_a_moment_is_read_on_the_teams_own_clock():
    # 23:30 on Sunday in UTC is Monday 08:30 in Tokyo.
    tokyo = WorkingCalendar(ZoneInfo("Asia/Tokyo"), time(8), time(17))
    said = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert tokyo.after(said, 0) == said
    assert WARSAW.after(said, 0) == warsaw("2026-11-23T09:00")


moments = st.integers(0, 10 * 366 * 86_400).map(
    lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)


@given(moments, st.integers(0, 90))
def test_a_deadline_is_never_at_night_nor_at_a_weekend_nor_before(said, days):
    due = WARSAW.after(said, days).astimezone(WARSAW.zone)
    assert due.weekday() < 5
    assert time(9) <= due.time() < time(18)
    assert due >= said


@given(moments, st.integers(0, 30))
def test_days_between_counts_what_after_adds(said, days):
    due = WARSAW.after(said, days)
    assert WARSAW.days_between(said, due) == days
    if days:
        assert WARSAW.days_between(said, due - timedelta(microseconds=1)) == days - 1


@given(moments, moments)
def test_an_earlier_word_is_never_due_later(one, other):
    first, second = sorted((one, other))
    assert WARSAW.after(first, 1) <= WARSAW.after(second, 1)
