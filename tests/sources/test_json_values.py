"""Values of JSON from outside become text, times and numbers, or nothing; never an exception."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.json_values import iso_time, members, number, objects, seconds, storable, unix_time, word

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(JSON)
def test_no_value_raises(value):
    assert word(value).encode() is not None
    assert isinstance(members(value), dict)
    assert all(isinstance(one, dict) for one in objects(value))
    for found in (unix_time(value), unix_time(value, 1_000_000), iso_time(value)):
        assert found is None or isinstance(found, datetime)
    assert number(value) is None or isinstance(number(value), int)
    assert seconds(value) is None or seconds(value) >= timedelta(0)


def test_what_no_database_takes_is_replaced():
    assert storable("a\0b") == "a�b"
    assert storable("a\ud83db") == "a�b"
    assert storable("\ud83d\udc4d") == "👍"


@pytest.mark.parametrize(
    ("value", "per_second", "expected"),
    [
        (1455123303, 1, datetime(2016, 2, 10, 16, 55, 3, tzinfo=UTC)),
        ("1452837318000002", 1_000_000, datetime(2016, 1, 15, 5, 55, 18, 2, tzinfo=UTC)),
        (-1, 1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (10**30, 1, None),
        (True, 1, None),
        ("soon", 1, None),
    ],
)
def test_a_count_since_1970_is_an_instant(value, per_second, expected):
    assert unix_time(value, per_second) == expected


def test_a_time_without_an_offset_stays_naive():
    assert iso_time("2025-03-03T09:05:07").tzinfo is None
    assert iso_time("2025-03-03T09:05:07.1234567+02:00").utcoffset() == timedelta(hours=2)
