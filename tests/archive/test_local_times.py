"""Times that a clock shows twice are told apart by the order of a file's records."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.archive.local_times import LocalTimes
from service.sources.raw_message import Kind, RawMessage

WARSAW = ZoneInfo("Europe/Warsaw")
"""Set back on 2025-10-26 from 03:00 to 02:00: 01:00 UTC."""
ZONES = {
    "Europe/Warsaw": datetime(2025, 10, 26, 1, tzinfo=UTC),
    "America/New_York": datetime(2025, 11, 2, 6, tzinfo=UTC),
    "Asia/Beirut": datetime(2025, 10, 25, 21, tzinfo=UTC),
    "Europe/Moscow": datetime(2014, 10, 25, 22, tzinfo=UTC),
}
"""When their clocks were set back by an hour: before, at and after midnight."""


def record(at: datetime | None) -> RawMessage:
    return RawMessage("whatsapp", "whatsapp", Kind.TEXT, b"x", 0, "", None, at, "x")


def placed(zone: ZoneInfo, *printed: str) -> list[str]:
    """Return each printed time with the offset that it was given."""
    local = [record(datetime.fromisoformat(one)) for one in printed]
    return [f"{one.sent_at.replace(tzinfo=zone):%H:%M %z}" for one in LocalTimes(zone).in_order(local)]


@pytest.mark.parametrize("name", ZONES)
@given(
    steps=st.lists(st.integers(min_value=0, max_value=54), min_size=1, max_size=30),
    newest_first=st.booleans(),
)
def test_a_talk_through_the_night_keeps_its_instants(name, steps, newest_first):
    zone = ZoneInfo(name)
    at = ZONES[name] - timedelta(hours=3)
    # It begins and ends well outside the hour that comes twice: there nothing shows which one it is.
    instants = [at := at + timedelta(minutes=step) for step in [0, 1, *steps, *[50] * 8, 1]]
    if newest_first:
        instants.reverse()
    printed = [record(one.astimezone(zone).replace(tzinfo=None, fold=0)) for one in instants]
    found = LocalTimes(zone).in_order(printed)
    assert [one.sent_at.replace(tzinfo=zone).astimezone(UTC) for one in found] == instants


def test_the_second_pass_begins_where_time_runs_back():
    assert placed(WARSAW, "2025-10-26T02:30", "2025-10-26T02:50", "2025-10-26T02:10", "2025-10-26T02:30") == [
        "02:30 +0200",
        "02:50 +0200",
        "02:10 +0100",
        "02:30 +0100",
    ]


def test_neighbours_that_are_a_little_out_of_order_are_no_second_pass():
    assert placed(WARSAW, "2025-10-26T02:30", "2025-10-26T02:28", "2025-10-26T02:31") == [
        "02:30 +0200",
        "02:28 +0200",
        "02:31 +0200",
    ]


def test_a_record_printed_after_the_night_but_out_of_order_belongs_to_its_second_pass():
    assert placed(WARSAW, "2025-10-26T03:05", "2025-10-26T02:58")[1] == "02:58 +0100"


def test_a_file_that_goes_back_by_days_shows_nothing():
    assert placed(WARSAW, "2025-11-20T10:00", "2025-10-26T02:30")[1] == "02:30 +0200"


def test_batches_of_one_file_are_one_order():
    times = LocalTimes(WARSAW)
    times.in_order([record(datetime.fromisoformat("2025-10-26T02:50"))])
    (second,) = times.in_order([record(datetime.fromisoformat("2025-10-26T02:10"))])
    assert second.sent_at.fold == 1


def test_half_an_hour_is_told_apart_too():
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    assert placed(lord_howe, "2025-04-06T01:50", "2025-04-06T01:35") == ["01:50 +1100", "01:35 +1030"]


@pytest.mark.parametrize(
    "at",
    [
        None,
        datetime.fromisoformat("0001-01-01T00:00"),
        datetime.fromisoformat("9999-12-31T23:59"),
        datetime.fromisoformat("2025-10-25T02:30"),
        datetime.fromisoformat("2025-03-30T02:30"),
        datetime.fromisoformat("2025-10-26T02:10+02:00"),
        datetime.fromisoformat("0001-01-01T00:00+02:00"),
    ],
    ids=str,
)
def test_every_other_time_stays_as_it_is(at):
    before = record(datetime.fromisoformat("2025-10-26T02:50"))
    kept = record(at)
    assert LocalTimes(WARSAW).in_order([before, kept]) == [before, kept]
    assert LocalTimes(WARSAW).in_order([kept])[0] is kept
