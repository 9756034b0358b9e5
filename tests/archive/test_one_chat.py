"""Exports of one chat, by whomever and in whatever format, are one conversation; two chats stay two."""

import random
from collections import Counter
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from chat_exports import (
    ANNA,
    JAN,
    KASIA,
    MOSCOW,
    OLA,
    WARSAW,
    Archive,
    Said,
    export,
    numbered,
    talk,
    words,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from service.accounts.scope import EVERYTHING
from service.archive import store
from service.archive.copies import alike_people
from service.archive.organise import create_project
from service.archive.tables import AddressRow, ChatKeyRow, ConversationRow, MessageRow, SightingRow
from service.sources.raw_message import Kind, RawAttachment


@pytest.fixture
def archive(session, tmp_path):
    return Archive(session, tmp_path)


def test_a_later_export_adds_only_what_is_new(archive):
    said = talk(1, [KASIA, ANNA])
    assert archive.new(export(said[:40], "Anna"), "first.txt") == 40
    assert archive.new(export(said, "Anna"), "second.txt") == 20
    assert archive.texts() == [words(said)]


def test_an_earlier_export_adds_only_what_is_older(archive):
    said = talk(2, [KASIA, ANNA])
    archive.take(export(said[30:], "Anna"), "late.txt")
    assert archive.new(export(said[:40], "Anna"), "early.txt") == 30
    assert archive.texts() == [words(said)]


def test_the_export_of_the_other_side_adds_nothing(archive, session):
    said = talk(3, [KASIA, ANNA])
    theirs = {KASIA: "Kasia (agencja)", ANNA: "Anna Kowalska"}
    archive.take(export(said, "Anna"), "ours.txt")
    assert archive.new(export(said, "Kasia (agencja)", MOSCOW, theirs), "theirs.txt", MOSCOW) == 0
    assert archive.new(export(said, "Kasia (agencja)", MOSCOW, theirs), "again.txt", MOSCOW) == 0
    assert archive.texts() == [words(said)]
    assert len(session.exec(select(SightingRow)).all()) == 3 * len(said)
    assert session.exec(select(ChatKeyRow.key)).all() == ["Kasia (agencja)"]


def test_what_the_other_side_exported_says_who_is_who(archive, session):
    said = talk(4, [KASIA, ANNA])
    archive.take(export(said, "Anna"), "ours.txt")
    archive.take(export(said, "Kasia", names={KASIA: "Kasia K.", ANNA: "Anna mama"}), "theirs.txt")
    names = {row.id: row.value for row in session.exec(select(AddressRow))}
    pairs = {(names[one], names[other]) for one, other, times in alike_people(session) if times > 5}
    assert pairs == {("Kasia", "Kasia K."), ("Anna", "Anna mama")}


def test_only_the_last_pages_of_an_export_may_overlap(archive):
    said = talk(5, [KASIA, ANNA], size=200)
    archive.take(export(said[150:], "Anna"), "ours.txt")
    assert archive.new(export(said[:180], "Kasia", names={ANNA: "Ania"}), "theirs.txt") == 150
    assert archive.texts() == [words(said)]


def test_an_export_that_holds_two_known_parts_makes_them_one(archive):
    said = talk(6, [KASIA, ANNA], size=150)
    archive.take(export(said[:50], "Anna"), "first.txt")
    archive.take(export(said[100:], "Kasia", names={ANNA: "Ania"}), "theirs.txt")
    assert len(archive.conversations()) == 2
    archive.take(export(said, "Anna"), "whole.txt")
    assert archive.texts() == [words(said)]


def test_parts_of_two_projects_stay_apart(archive, session):
    said = talk(6, [KASIA, ANNA], size=150)
    archive.take(export(said[:50], "Anna"), "first.txt")
    archive.take(export(said[100:], "Kasia", names={ANNA: "Ania"}), "theirs.txt")
    for row, name in zip(session.exec(select(ConversationRow)).all(), ("One", "Two"), strict=True):
        row.project_id = create_project(session, name, "")
    archive.take(export(said, "Anna"), "whole.txt")
    assert len(archive.conversations()) == 2


def test_two_colleagues_chats_with_contacts_of_one_name_stay_two(archive):
    hers, ours = talk(7, [KASIA, ANNA]), talk(8, [OLA, ANNA])
    archive.take(export(hers, "Anna"), "kasia.txt")
    assert archive.new(export(ours, "Anna"), "ola.txt") == len(ours)
    assert archive.texts() == sorted([words(hers), words(ours)])


def test_each_of_two_chats_of_one_name_is_found_again(archive):
    hers, ours = talk(7, [KASIA, ANNA], size=90), talk(8, [OLA, ANNA], size=90)
    archive.take(export(hers[:60], "Anna"), "kasia.txt")
    archive.take(export(ours[:60], "Anna"), "ola.txt")
    assert archive.new(export(ours, "Anna"), "ola.txt") == 30
    assert archive.new(export(hers, "Anna"), "kasia.txt") == 30
    assert archive.texts() == sorted([words(hers), words(ours)])


def test_two_groups_of_one_name_stay_two(archive):
    one, other = talk(9, [KASIA, OLA, ANNA]), talk(10, [KASIA, OLA, JAN])
    archive.take(export(one, "Дизайн"), "one.txt")
    archive.take(export(other, "Дизайн"), "other.txt")
    assert archive.texts() == sorted([words(one), words(other)])


def test_what_is_sent_to_many_does_not_make_their_chats_one(archive):
    posts = [
        (60 * number, KASIA, f"Напоминаем всем клиентам про отчёт номер {number} за неделю")
        for number in range(40)
    ]
    chats = []
    for seed, client in ((11, ANNA), (12, JAN)):
        answers = [(at + 1, client, text) for at, _, text in talk(seed, [client], size=12, every=200)]
        chats.append(sorted(posts + answers))
    archive.take(export(chats[0], "Anna"), "anna.txt")
    archive.take(export(chats[1], "Jan"), "jan.txt")
    assert archive.texts() == sorted(map(words, chats))


def test_short_words_prove_nothing(archive):
    said = [(number, (KASIA, ANNA)[number % 2], "ok") for number in range(60)]
    archive.take(export(said, "Anna"), "one.txt")
    archive.take(export(said, "Kasia", names={KASIA: "K", ANNA: "A"}), "other.txt")
    assert len(archive.conversations()) == 2


def test_a_chat_with_its_files_fills_in_those_that_were_left_out(archive, session):
    said = talk(13, [KASIA, ANNA])
    voice = (said[-1][0] + 1, ANNA, "")
    left_out = RawAttachment("", "audio/ogg", missing="the chat was exported without media")
    there = RawAttachment("PTT-1.opus", "audio/ogg", load=lambda: b"OggS")
    without = export([*said, voice], "Anna")
    without[-1] = replace(without[-1], kind=Kind.FILE, attachments=(left_out,))
    with_files = export([*said, voice], "Anna")
    with_files[-1] = replace(with_files[-1], kind=Kind.VOICE, attachments=(there,))
    archive.take(without, "chat.txt")
    assert archive.new(with_files, "chat.zip") == 0
    assert archive.new(without, "chat.txt") == 0
    row = session.exec(select(MessageRow).where(MessageRow.kind == Kind.VOICE.value)).one()
    (stored,) = store.messages(session, EVERYTHING, [row.id])
    (file,) = stored.attachments
    assert (file.name, file.size, file.missing) == ("PTT-1.opus", 4, None)


def test_one_chat_in_two_formats_is_one(archive):
    said = talk(14, [KASIA, ANNA])
    json = numbered(export(said, "Anna"), "4711")
    html = [replace(raw, format="telegram_html") for raw in numbered(export(said, "Anna"), "Anna")]
    archive.take(json, "result.json")
    assert archive.new(html, "messages.html") == 0
    assert archive.new(html, "messages.html") == 0
    assert archive.new(json, "result.json") == 0


def test_one_chat_with_other_ids_of_the_other_side_is_one(archive):
    said = talk(15, [KASIA, ANNA], size=80)
    archive.take(numbered(export(said[:60], "Anna"), "4711"), "ours.json")
    theirs = numbered(export(said, "Kasia", names={ANNA: "Ania"}), "815", first=9000, step=3)
    assert archive.new(theirs, "theirs.json") == 20
    assert archive.new(numbered(export(said, "Anna"), "4711"), "ours.json") == 0
    assert archive.texts() == [words(said)]


def test_a_group_whose_messages_have_other_ids_in_each_account_is_one(archive):
    said = talk(16, [KASIA, ANNA, JAN], size=80)
    archive.take(numbered(export(said[:60], "Группа"), "99"), "ours.json")
    theirs = numbered(export(said, "Группа"), "99", first=30, step=2)
    assert archive.new(theirs, "theirs.json") == 20
    assert archive.new(theirs, "theirs.json") == 0
    assert archive.texts() == [words(said)]


def test_two_accounts_chats_with_one_person_bear_one_key_and_stay_two(archive):
    hers, ours = talk(17, [KASIA, ANNA]), talk(18, [OLA, ANNA])
    archive.take(numbered(export(hers, "Anna"), "4711"), "kasia.json")
    assert archive.new(numbered(export(ours, "Anna"), "4711"), "ola.json") == len(ours)
    assert archive.new(numbered(export(ours, "Anna"), "4711"), "ola.json") == 0
    assert archive.texts() == sorted([words(hers), words(ours)])


def test_two_channels_with_ids_into_which_the_same_is_posted_stay_two(archive):
    said = talk(19, [KASIA, ANNA])
    archive.take(numbered(export(said, "alerts-eu"), "C1"), "one.json")
    archive.take(numbered(export(said, "alerts-us"), "C2", first=500), "other.json")
    assert len(archive.conversations()) == 2


def test_the_same_export_read_in_another_zone_adds_nothing(archive):
    said = talk(20, [KASIA, ANNA])
    archive.take(export(said, "Anna"), "chat.txt", WARSAW)
    assert archive.new(export(said, "Anna"), "chat.txt", MOSCOW) == 0


def test_equal_words_in_one_minute_are_counted(archive):
    said = talk(21, [KASIA, ANNA])
    last = said[-1][0] + 1
    said += [(last, ANNA, "ok"), (last, KASIA, "ok"), (last, ANNA, "ok")]
    archive.take(export(said, "Anna"), "ours.txt")
    more = [*said, (last, KASIA, "ok")]
    assert archive.new(export(more, "Kasia", names={ANNA: "Ania"}), "theirs.txt") == 1
    assert archive.texts() == [words(more)]


def test_words_that_one_side_deleted_are_one_message_with_its_placeholder(archive, session):
    said = talk(22, [KASIA, ANNA])
    theirs = export(said, "Kasia", names={ANNA: "Ania"})
    theirs[30] = replace(theirs[30], kind=Kind.DELETED, text="", original=b"deleted")
    archive.take(export(said, "Anna"), "ours.txt")
    kept = archive.take(theirs, "theirs.txt")
    assert sum(len(one.new) for one in kept) == 0
    (deleted,) = [found for one in kept for found in one.deleted]
    assert session.get(MessageRow, deleted.message_id).text == said[30][2]


def test_a_live_chat_goes_on_without_a_look_ahead(archive):
    said = talk(23, [KASIA, ANNA], size=80)
    raws = numbered(export(said, "Группа"), "C7")
    for at in range(0, 80, 20):
        archive.take(raws[at : at + 20], "live", ahead=False)
    assert archive.texts() == [words(said)]


# Whatever the chats, the exports and the names are: the union, and nothing else.


@st.composite
def exports_of(draw):
    people = [KASIA, ANNA, OLA, JAN][: draw(st.integers(2, 4))]
    seed = draw(st.integers(0, 10_000))
    said = talk(seed, people, size=120)
    parts = []
    for number in range(draw(st.integers(2, 4))):
        first = 0 if number == 0 else draw(st.integers(0, 50))
        last = draw(st.integers(70, 120))
        chance = random.Random(draw(st.integers(0, 10_000)))
        lost = draw(st.sampled_from([0.0, 0.0, 0.03, 0.08]))
        part = [one for one in said[first:last] if chance.random() >= lost]
        names = {who: f"{who} {number}" for who in people if draw(st.booleans())}
        zone = draw(st.sampled_from([WARSAW, MOSCOW, ZoneInfo("America/New_York")]))
        parts.append((part, f"Chat {number}", zone, names, draw(st.sampled_from([20, 50, 500]))))
    return parts


@pytest.fixture
def fresh(session, tmp_path):
    """Give an empty archive for each example; the database is rolled back between them."""

    def make() -> Archive:
        session.rollback()
        return Archive(session, tmp_path)

    return make


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(exports_of(), st.randoms(use_true_random=False))
def test_random_exports_of_a_chat_restore_it(fresh, parts, order):
    archive = fresh()
    order.shuffle(parts)
    for number, (part, title, zone, names, batch) in enumerate(parts):
        archive.take(export(part, title, zone, names), f"{number}.txt", zone, batch)
    everything: Counter[Said] = Counter()
    for part, *_ in parts:
        # Of equal words in a minute, each export may lack another one, and nobody can tell.
        everything |= Counter(part)
    assert archive.texts() == [words(list(everything.elements()))]


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(exports_of(), min_size=2, max_size=3, unique_by=lambda parts: tuple(parts[0][0])))
def test_random_chats_of_the_same_people_never_become_one(fresh, chats):
    archive = fresh()
    for index, parts in enumerate(chats):
        for number, (part, title, zone, names, batch) in enumerate(parts):
            archive.take(export(part, f"{index} {title}", zone, names), f"{index}-{number}.txt", zone, batch)
    assert len(archive.conversations()) == len(chats)
