"""Mails find their conversation in any order of arrival, and never that of other people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from service.archive import imports
from service.archive.blobs import open_blobs
from service.archive.keep import Keeper
from service.archive.organise import create_project
from service.archive.tables import ConversationRow, MessageRow
from service.sources.raw_message import AddressKind, Kind, RawAddress, RawMessage

SEEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLIENT = RawAddress(AddressKind.MAIL, "ewa@klos.example", "Ewa")
OURS = RawAddress(AddressKind.MAIL, "kasia@kreska.example", "Kasia")
STRANGER = RawAddress(AddressKind.MAIL, "jan@other.example", "Jan")


def mail(number, subject, author=CLIENT, to=OURS, **changes):
    plain = RawMessage(
        format="eml",
        channel="email",
        kind=Kind.TEXT,
        original=f"{number}".encode(),
        position=number,
        external_id=f"{number}@klos.example",
        author=author,
        sent_at=datetime(2026, 11, 2, 10, tzinfo=UTC) + timedelta(hours=number),
        text=f"Text {number}",
        subject=subject,
        to=(to,),
    )
    return replace(plain, **changes)


FIRST = mail(1, "Umowa")
REPLY = mail(2, "Odp: Umowa", OURS, CLIENT)
AGAIN = mail(3, "RE: Odp: Umowa", CLIENT, OURS)
BY_ID = mail(4, "Re: Umowa", OURS, CLIENT, references=("1@klos.example",), reply_to="1@klos.example")


@pytest.fixture
def keeper(session, tmp_path):
    import_id = imports.begin(session, "inbox", "test")
    file_id = imports.source_file(session, import_id, "inbox.mbox", "mbox", None)
    blobs = open_blobs((tmp_path / "originals").as_uri())
    return Keeper(blobs, file_id, ZoneInfo("Europe/Warsaw"), SEEN)


def places(session):
    rows = session.exec(select(MessageRow).order_by(MessageRow.id))
    return [row.conversation_id for row in rows]


@pytest.mark.parametrize("order", list(permutations((FIRST, REPLY, BY_ID))))
@pytest.mark.parametrize("batches", [1, 3])
def test_a_thread_is_found_in_any_order_of_arrival(session, keeper, order, batches):
    for batch in [order] if batches == 1 else [(one,) for one in order]:
        keeper.keep(session, batch)
    assert len(set(places(session))) == 1


@pytest.mark.parametrize("order", [(FIRST, REPLY, AGAIN), (REPLY, FIRST, AGAIN), (REPLY, AGAIN, FIRST)])
def test_answers_that_name_nothing_are_joined_by_subject_and_people(session, keeper, order):
    for one in order:
        keeper.keep(session, [one])
    assert len(set(places(session))) == 1


def test_a_mail_does_not_join_answers_that_others_wrote(session, keeper):
    keeper.keep(session, [REPLY])
    keeper.keep(session, [mail(1, "Umowa", STRANGER, OURS)])
    assert len(set(places(session))) == 2


def test_a_mail_does_not_join_answers_that_came_before_it_was_sent(session, keeper):
    keeper.keep(session, [REPLY])
    keeper.keep(session, [mail(5, "Umowa")])
    assert len(set(places(session))) == 2


def test_a_second_mail_of_a_subject_opens_a_thread_of_its_own(session, keeper):
    keeper.keep(session, [FIRST, mail(5, "Umowa")])
    assert len(set(places(session))) == 2


def test_a_subject_of_long_ago_is_not_taken_up(session, keeper):
    keeper.keep(session, [replace(FIRST, sent_at=datetime(2026, 5, 2, 10, tzinfo=UTC))])
    keeper.keep(session, [REPLY])
    assert len(set(places(session))) == 2


def test_a_mail_between_two_projects_joins_neither_s_other_conversation(session, keeper):
    keeper.keep(session, [FIRST])
    keeper.keep(session, [mail(2, "Logo", STRANGER, OURS)])
    for row, name in zip(
        session.exec(select(ConversationRow).order_by(ConversationRow.id)), "AB", strict=True
    ):
        row.project_id = create_project(session, name, name)
    session.flush()
    keeper.keep(session, [mail(3, "Odp: Umowa", STRANGER, OURS)])
    first, second, third = places(session)
    assert len({first, second, third}) == 3


def test_all_mails_about_a_meeting_are_one_conversation(session, keeper):
    invitation = mail(1, "Созвон", references=("uid-1@calendar",))
    off = mail(2, "Отменено: Созвон", references=("uid-1@calendar",))
    keeper.keep(session, [invitation])
    keeper.keep(session, [off])
    assert len(set(places(session))) == 1
