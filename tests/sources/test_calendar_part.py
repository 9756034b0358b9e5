"""Calendars as programs write them; the mails around them are among the samples of `eml`."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.calendar_part import LARGEST, account, read_calendar

WHOLE = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
LINES = [
    "BEGIN:VCALENDAR",
    "BEGIN:VEVENT",
    "BEGIN:VALARM",
    "END:VALARM",
    "END:VEVENT",
    "END:VCALENDAR",
    "METHOD:REQUEST",
    "UID:1",
    "SUMMARY:x",
    "DTSTART:20250205T100000Z",
    "DTSTART;VALUE=DATE:20250205",
    "DTSTART;TZID=Russian Standard Time:20250205T100000",
    "DTSTART;TZID=(UTC+01:00) Warsaw:20250205T100000",
    "DTSTART:00010101T000000",
    "DTSTART;TZID=Asia/Tokyo:00010101T000000",
    "DTSTART:99991231T235959Z",
    "DTEND:20250206",
    "DURATION:P9999999999D",
    "DURATION:-PT1H",
    "DURATION:x",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,-1FR,9XX;UNTIL=20250301;INTERVAL=0",
    "RRULE:COUNT=x",
    "RECURRENCE-ID:20250205T100000Z",
    "ORGANIZER:mailto:",
    'ATTENDEE;PARTSTAT=A B;CN="a:b":mailto:a@b.example',
    "ATTENDEE:x",
    " folded",
    "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:=D0=B0",
    "BEGIN:VTIMEZONE",
    "TZID:Own",
    "END:VTIMEZONE",
    "no line",
]


def event(*lines):
    return read_calendar(WHOLE.format("\r\n".join(("UID:1", "SUMMARY:x", *lines))))


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("DTSTART:20250205T100000Z", datetime(2025, 2, 5, 10, tzinfo=UTC)),
        ("DTSTART;TZID=Russian Standard Time:20250205T100000", datetime(2025, 2, 5, 7, tzinfo=UTC)),
        ("DTSTART;TZID=Central European Standard Time:20250705T100000", datetime(2025, 7, 5, 8, tzinfo=UTC)),
        ("DTSTART;TZID=Europe/Warsaw:20250205T100000", datetime(2025, 2, 5, 9, tzinfo=UTC)),
        (
            "DTSTART;TZID=/mozilla.org/20070129_1/Europe/Warsaw:20250205T100000",
            datetime(2025, 2, 5, 9, tzinfo=UTC),
        ),
        ("DTSTART;VALUE=DATE:20250205", date(2025, 2, 5)),
        ("DTSTART:soon", None),
    ],
)
def test_starts_are_read_in_the_zones_that_programs_name(line, start):
    assert event(line).meeting.start == start


def test_a_zone_that_nobody_knows_leaves_the_time_floating():
    start = event("DTSTART;TZID=Customized Time Zone:20250205T100000").start
    assert (start.isoformat(), start.tzinfo) == ("2025-02-05T10:00:00", None)


@pytest.mark.parametrize(
    ("lines", "lasts"),
    [
        (("DTSTART:20250205T100000Z", "DTEND:20250205T113000Z"), timedelta(minutes=90)),
        (("DTSTART:20250205T100000Z", "DURATION:PT45M"), timedelta(minutes=45)),
        (("DTSTART:20250205T100000Z", "DTEND:20250205T090000Z"), None),
        (("DTSTART:20250205T100000Z", "DTEND;VALUE=DATE:20250206"), None),
        (("DTSTART;VALUE=DATE:20250205", "DTEND;VALUE=DATE:20250207"), timedelta(days=2)),
        (("DTSTART:20250205T100000Z",), None),
    ],
)
def test_a_length_is_the_end_less_the_start_or_none(lines, lasts):
    assert event(*lines).lasts == lasts


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY;COUNT=5", "every day, 5 times"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "every 2 weeks on Monday, Wednesday"),
        ("FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20251231T000000Z", "every month on last Friday until 2025-12-31"),
        ("FREQ=MONTHLY;BYDAY=2TU", "every month on second Tuesday"),
        ("FREQ=SOMETIMES", ""),
    ],
)
def test_a_rule_of_recurrence_is_put_in_words(rule, words):
    assert event("DTSTART:20250205T100000Z", f"RRULE:{rule}").repeats == words


def test_who_comes_is_counted_without_the_host_rooms_and_those_who_declined():
    host = "ORGANIZER;CN=Host:mailto:host@a.example"
    guests = [
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:HOST@a.example",
        "ATTENDEE;CUTYPE=ROOM:mailto:room@a.example",
        "ATTENDEE;PARTSTAT=DECLINED;CN=No:mailto:no@b.example",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Maybe:mailto:maybe@b.example",
    ]
    found = event(host, *guests)
    assert found.meeting.guests == 1
    assert [one.answer for one in found.guests] == ["accepted", "", "declined", ""]


def test_an_invitation_without_a_list_was_sent_to_somebody():
    assert event("DTSTART:20250205T100000Z").meeting.guests == 1


def test_one_occurrence_of_a_series_is_a_meeting_of_its_own():
    series = event("DTSTART:20250205T100000Z").meeting.key
    assert event("DTSTART:20250205T120000Z").meeting.key == series
    assert event("RECURRENCE-ID:20250205T100000Z", "DTSTART:20250205T120000Z").meeting.key != series


def test_an_account_names_everything_that_is_known():
    text = account(
        event(
            "DTSTART;TZID=Europe/Warsaw:20250205T100000",
            "DTEND;TZID=Europe/Warsaw:20250206T110000",
            "LOCATION:Room 1",
            "DESCRIPTION:Agenda\\nsecond line",
            "ATTENDEE;CN=Anna;PARTSTAT=TENTATIVE:mailto:anna@b.example",
        )
    )
    assert text == (
        "Meeting: x\nWhen: 2025-02-05 10:00 to 2025-02-06 11:00 (Europe/Warsaw)\nWhere: Room 1\n"
        "Invited: Anna <anna@b.example> (tentative)\n\nAgenda\nsecond line"
    )


def test_a_calendar_that_was_exported_whole_is_no_invitation():
    assert read_calendar(WHOLE.format("SUMMARY:" + "x" * LARGEST)) is None


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=20), max_size=25))
def test_no_calendar_is_refused_with_an_exception(lines):
    for text in ("\r\n".join(lines), WHOLE.format("\r\n".join(lines))):
        found = read_calendar(text, "request")
        if found is not None:
            account(found)
            assert str(found.meeting).startswith("request")
