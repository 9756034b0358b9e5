from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.archive.imports import Counts, Import
from service.web.pace import Pace, pace_of

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE = Import(1, "a", "olga", "running", "", START, None, Counts(read=3000), 1000, 250, "abc", None)


@pytest.mark.parametrize(
    ("one", "seconds", "wanted"),
    [
        (ONE, 10, Pace(0.25, 300, 30)),
        (ONE, 1, Pace(0.25, None, None)),
        (replace(ONE, done_bytes=5000), 10, Pace(0.99, 300, 0)),
        (replace(ONE, total_bytes=None), 10, Pace(None, 300, None)),
        (replace(ONE, total_bytes=0), 10, Pace(None, 300, None)),
        (replace(ONE, done_bytes=None, counts=Counts()), 10, Pace(None, None, None)),
        (ONE, -5, Pace(0.25, None, None)),
    ],
)
def test_a_bar_shows_what_is_known(one, seconds, wanted):
    assert pace_of(one, START + timedelta(seconds=seconds)) == wanted
