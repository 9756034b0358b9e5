from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.agreements.agreement import Status
from service.agreements.store import Found, Standing
from service.extraction.statement import Statement, StatementKind
from service.search.hit import Marked
from service.web.cursor import read_cursor, read_numbered_cursor, write_cursor
from service.web.gauge import WIDTH, gauges
from service.web.marks import blocks, highlighted
from service.web.reader import Reader

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AT = datetime(2026, 11, 5, 22, 30, tzinfo=UTC)
FIRST, LAST = AT.replace(year=1, tzinfo=None), AT.replace(year=9999, tzinfo=None)


def reader(language="en", zone="Europe/Warsaw"):
    return Reader(language, ZoneInfo(zone), NOW)


def found(start, end, text, kind=StatementKind.APPROVAL):
    return Found(1, 1, Statement("1", start, end, text[start:end], kind, 0.9, "test-1", "en"))


@pytest.mark.parametrize(
    ("language", "wanted"), [("en", "5 Nov, 23:30"), ("ru", "5 нояб., 23:30"), ("pl", "5 lis, 23:30")]
)
def test_times_are_written_as_the_reader_writes_them(language, wanted):
    assert reader(language).moment(AT) == wanted


def test_the_day_is_the_one_where_the_reader_is():
    assert reader(zone="Europe/Moscow").day(AT) == "6 Nov"


def test_another_year_is_named():
    assert reader().day(AT - timedelta(days=365)) == "5 Nov 2025"


@pytest.mark.parametrize(
    ("offset", "wanted"),
    [(None, ""), (60, ""), (180, "01:30 UTC+03:00"), (-330, "17:00 UTC−05:30"), (0, "22:30 UTC+00:00")],
)
def test_the_sender_s_clock_is_shown_where_it_is_another(offset, wanted):
    assert reader().sender_clock(AT, offset) == wanted


def test_a_promise_keeps_the_promiser_s_clock():
    due = datetime(2026, 11, 23, 6, tzinfo=timezone(timedelta(hours=3)))
    assert reader().due(due) == "23 Nov, 06:00"
    assert reader().due(date(2026, 11, 23)) == "23 Nov"


@pytest.mark.parametrize(
    ("due", "past"),
    [(date(2026, 11, 20), False), (date(2026, 11, 19), True), (NOW, False), (NOW - timedelta(1), True)],
)
def test_a_day_is_over_only_when_it_has_ended(due, past):
    assert reader().is_past(due) is past


@pytest.mark.parametrize(
    ("seconds", "wanted"), [(34, "34 sec"), (1104, "18 min"), (5400, "1 hr 30 min"), (7199, "2 hr")]
)
def test_talks_are_measured_in_what_people_say(seconds, wanted):
    assert reader().lasted(seconds).replace("s", "") == wanted.replace("s", "")


@pytest.mark.parametrize(("count", "wanted"), [(17, "17 B"), (25_500, "25.5 kB"), (3_000_000, "3 MB")])
def test_sizes_are_rounded(count, wanted):
    assert reader().size(count).replace("\N{NO-BREAK SPACE}", " ") == wanted


def test_words_are_translated_and_unknown_ones_shown_as_they_are():
    assert reader("pl").word("status", "verbal_only") == "Tylko ustnie"
    assert reader("ru").meaning("status", "rejected") == "Письменно отказались или отменили."
    assert reader().word("channel", "carrier_pigeon") == "carrier pigeon"
    assert reader().meaning("channel", "email") == ""


TEXT = "Approved.\n\nOn Monday Olga wrote:\n> please approve\n\nThanks!\n-- \nIgor"


def test_a_text_falls_into_own_and_quoted_blocks():
    own = [(0, TEXT.index("On Monday")), (TEXT.index("Thanks"), TEXT.index("-- "))]
    shown = [(block.own, "".join(piece.text for piece in block.pieces)) for block in blocks(TEXT, own, [])]
    assert shown == [
        (True, "Approved."),
        (False, "On Monday Olga wrote:\n> please approve"),
        (True, "Thanks!"),
        (False, "-- \nIgor"),
    ]


def test_statements_are_pieces_and_overlapping_ones_are_not_torn():
    text = "Agreed, do it by Friday"
    first, inside = found(0, 12, text), found(8, 20, text)
    (block,) = blocks(text, [(0, len(text))], [inside, first])
    assert [(piece.text, piece.found) for piece in block.pieces] == [
        ("Agreed, do i", first),
        ("t by Friday", None),
    ]


@given(
    st.text(max_size=60), st.lists(st.integers(0, 60), max_size=8), st.lists(st.integers(0, 60), max_size=8)
)
def test_no_word_is_lost_or_shown_twice(text, cuts, places):
    own = [(a, b) for a, b in zip(*[iter(sorted({min(cut, len(text)) for cut in cuts}))] * 2, strict=False)]
    marks = [found(a, b, text) for a, b in pairwise(places) if a < b <= len(text)]
    shown = "".join(piece.text for block in blocks(text, own, marks) for piece in block.pieces)
    assert "".join(shown.split()) == "".join(text.split())


def test_found_words_are_told_from_the_rest():
    assert highlighted(Marked("a word here", ((2, 6),))) == [("a ", False), ("word", True), (" here", False)]
    assert highlighted(Marked("")) == []


@given(
    st.datetimes(timezones=st.just(UTC), min_value=FIRST, max_value=LAST),
    st.integers(0, 10**18 - 1),
)
def test_a_cursor_leads_back_to_its_place(at, key):
    assert read_numbered_cursor(write_cursor(at, key)) == (at, key)
    assert read_cursor(write_cursor(at, f"verbal:{key}")) == (at, f"verbal:{key}")


@given(st.text(max_size=40))
def test_any_other_cursor_means_the_beginning_or_a_place(text):
    place = read_cursor(text)
    assert place is None or place[0].tzinfo is not None


def test_a_gauge_shows_what_is_agreed_open_and_only_said():
    standing = [
        Standing("Site", "Clinic", Status.AGREED, 5),
        Standing("Site", "Clinic", Status.OPEN, 2),
        Standing("Site", "Clinic", Status.CONDITIONAL, 1),
        Standing("Site", "Clinic", Status.VERBAL_ONLY, 2),
        Standing("Site", "Clinic", Status.REJECTED, 7),
        Standing(None, None, Status.REJECTED, 1),
    ]
    site, rest = gauges(standing)
    assert [(part.share, part.number, part.start, part.width) for part in site.segments] == [
        ("agreed", 5, 0, 50),
        ("open", 3, 50, 30),
        ("voice", 2, 80, 20),
    ]
    assert (rest.project, rest.total, rest.segments) == (None, 0, ())
    assert sum(part.width for part in site.segments) == WIDTH
