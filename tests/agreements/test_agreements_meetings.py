"""Mails about meetings: which of them stand for a meeting, what it is called and when it was."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import time_machine
from archived_talk import archive

from service.accounts.scope import EVERYTHING
from service.agreements import store
from service.agreements.agreement import VerbalKind
from service.agreements.derive import derive
from service.agreements.joining.meetings import name_of, took_place_at
from service.agreements.register import register
from service.archive.message import Conversation, Message, Person, Side
from service.extraction.statement import Statement, StatementKind
from service.sources.meeting import Meeting, meeting_of

MOSCOW = timezone(timedelta(hours=3))
SENT_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
START = datetime(2026, 3, 4, 10, tzinfo=UTC)
INVITED = Meeting("request", START, "k1", guests=2, summary="Budget call")


def mail(number, meeting, author="a", **more):
    detail = str(meeting) if meeting else ""
    at = SENT_AT + timedelta(hours=number)
    return Message(f"m{number}", author, at, "meeting" if meeting else "text", "", detail=detail, **more)


def answer(number, author, said):
    return mail(number, replace(INVITED, method="reply", answer=said), author)


def talk(*messages):
    people = {
        Person(one.author, one.author, Side.CLIENT if one.author > "a" else Side.AGENCY) for one in messages
    }
    return Conversation("talk", "email", "", "UTC", tuple(sorted(people, key=lambda one: one.id)), messages)


def events(*messages):
    return derive(talk(*messages), []).verbal


def test_a_meeting_is_one_event_named_by_its_summary():
    (event,) = events(mail(1, INVITED), answer(2, "b", "accepted"))
    assert (event.message, event.kind, event.about) == ("m1", VerbalKind.MEETING, "Budget call")


def test_the_last_invitation_stands_for_a_meeting_that_was_moved():
    moved = replace(INVITED, start=START + timedelta(days=1))
    (event,) = events(mail(1, INVITED), mail(2, moved))
    assert event.message == "m2"


@pytest.mark.parametrize("method", ["cancel", "reply", "counter", "publish"])
def test_other_mails_about_meetings_are_no_talks(method):
    assert events(mail(1, replace(INVITED, method=method))) == ()


def test_what_was_called_off_is_no_event_and_what_was_called_again_is():
    off = mail(2, replace(INVITED, method="cancel"))
    assert events(mail(1, INVITED), off) == ()
    assert [one.message for one in events(mail(1, INVITED), off, mail(3, INVITED))] == ["m3"]


def test_a_meeting_that_everybody_declined_is_none():
    assert events(mail(1, INVITED), answer(2, "b", "declined"), answer(3, "c", "declined")) == ()
    assert len(events(mail(1, INVITED), answer(2, "b", "declined"))) == 1
    changed = answer(4, "b", "accepted")
    assert len(events(mail(1, INVITED), answer(2, "b", "declined"), answer(3, "c", "declined"), changed)) == 1


def test_an_event_to_which_nobody_was_invited_is_none():
    assert events(mail(1, replace(INVITED, guests=0))) == ()


def test_meetings_of_one_conversation_are_told_apart():
    other = replace(INVITED, key="k2", summary="Review")
    off = replace(other, method="cancel")
    assert [one.about for one in events(mail(1, INVITED), mail(2, other), mail(3, off))] == ["Budget call"]


def test_an_invitation_that_could_not_be_read_is_an_event_of_its_subject():
    (event,) = events(mail(1, Meeting("request"), subject="Re: Смета"))
    assert event.about == "Смета"


@pytest.mark.parametrize(
    ("start", "at"),
    [
        (START, START),
        (datetime.fromisoformat("2026-03-04T10:00"), datetime(2026, 3, 4, 10, tzinfo=MOSCOW)),
        (date(2026, 3, 4), datetime(2026, 3, 4, tzinfo=MOSCOW)),
        (None, SENT_AT),
    ],
)
def test_floating_times_and_days_are_read_on_the_sender_s_clock(start, at):
    message = replace(mail(0, replace(INVITED, start=start)), sent_at=SENT_AT.astimezone(MOSCOW))
    assert took_place_at(message) == at


def test_a_talk_that_is_no_meeting_has_no_name_of_its_own():
    assert name_of(Message("m1", "a", SENT_AT, "call", "", detail="request x", subject="s")) is None


def test_only_a_meeting_that_had_begun_is_what_a_later_mail_speaks_of():
    quote = "as agreed on the call"
    said = Statement("m2", 0, len(quote), quote, StatementKind.DECISION, 0.9, "test", "en", verbal=True)
    early, late = mail(2, None), replace(mail(2, None), sent_at=START + timedelta(days=1))
    for message, places in ((early, ["m1", "m2"]), (late, ["m1"])):
        found = derive(talk(mail(1, INVITED), replace(message, text=quote)), [said]).verbal
        assert [one.message for one in found] == places


@pytest.mark.parametrize(
    "line", ["", "request", "missed", "request x", "request 2026-99-99 k x y", "a b c d e f"]
)
def test_a_line_that_is_none_of_ours_is_read_as_far_as_it_goes(line):
    assert meeting_of(line).method == line.split(" ")[0]


def test_a_meeting_is_written_and_read_again():
    for meeting in (
        INVITED,
        replace(INVITED, start=None, summary=""),
        replace(INVITED, answer="declined", guests=0),
    ):
        assert meeting_of(str(meeting)) == meeting


def test_a_meeting_becomes_a_gap_when_it_has_begun(session):
    people = (Person("a", "a", Side.AGENCY),)
    marked = archive(session, (Conversation("talk", "email", "", "UTC", people, (mail(1, INVITED),)), []))
    register(session, *marked, derive(*marked), "rules-1")
    session.flush()
    with time_machine.travel(START - timedelta(minutes=1), tick=False):
        assert store.gaps(session, EVERYTHING) == []
    with time_machine.travel(START + timedelta(minutes=1), tick=False):
        (gap,) = store.gaps(session, EVERYTHING)
    assert (gap.title, gap.at) == ("Budget call", START)
