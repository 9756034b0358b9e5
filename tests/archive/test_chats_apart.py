"""Whoever posts what, where and under which name: two chats stay two, and one chat stays one."""

from dataclasses import replace

import pytest
from chat_exports import ANNA, JAN, KASIA, OLA, Archive, Said, export, numbered, talk, words
from sqlmodel import select

from service.archive.organise import create_project
from service.archive.tables import ConversationRow
from service.sources.raw_message import Kind

DAY = 24 * 60
NOTICES = [
    (0, KASIA, "Коллеги, напоминаем, что восьмого марта офис не работает"),
    (1, OLA, "Отчёты за февраль придут всем до среды, как договаривались"),
    (2, KASIA, "И пожалуйста оплатите счета до конца этой недели"),
    (3, OLA, "Новый номер бухгалтерии теперь есть на нашем сайте"),
]


@pytest.fixture
def archive(session, tmp_path):
    return Archive(session, tmp_path)


def later(said: list[Said], minutes: int) -> list[Said]:
    return [(at + minutes, who, text) for at, who, text in said]


def test_notices_of_two_colleagues_do_not_make_groups_of_two_clients_one(archive):
    chats = [
        [*NOTICES, *later(talk(seed, [client, KASIA], size=30), pause), *later(NOTICES, 40 * DAY)]
        for seed, client, pause in ((31, ANNA, 2 * DAY), (32, JAN, 5 * DAY))
    ]
    archive.take(export(chats[0], "Klinika"), "klinika.txt")
    archive.take(export(chats[1], "Hotel"), "hotel.txt")
    assert archive.texts() == sorted(map(words, chats))


def test_notices_do_not_make_groups_one_in_which_the_same_two_talk_of_other_things_that_day(archive):
    chats = [[*NOTICES, *later(talk(seed, [OLA, KASIA], size=30), 120 * seed)] for seed in (1, 3)]
    archive.take(export(chats[0], "Klinika"), "klinika.txt")
    archive.take(export(chats[1], "Hotel"), "hotel.txt")
    assert archive.texts() == sorted(map(words, chats))


def test_one_that_only_one_person_wrote_in_is_not_a_colleagues_chat_with_the_same_person(archive):
    hers = talk(35, [KASIA, ANNA])
    ours = later(talk(36, [ANNA], size=5), 90 * DAY)
    archive.take(numbered(export(hers, "Anna"), "4711"), "kasia.json")
    archive.take(numbered(export(ours, "Anna"), "4711", first=77), "ola.json")
    assert archive.texts() == sorted([words(hers), words(ours)])


def test_rooms_of_two_servers_that_are_called_alike_stay_two(archive):
    one, other = talk(37, [KASIA, ANNA]), talk(38, [OLA, JAN])
    archive.take(numbered(export(one, "general"), "GENERAL"), "klinika.json")
    archive.take(numbered(export(other, "general"), "GENERAL", first=5000), "hotel.json")
    assert archive.texts() == sorted([words(one), words(other)])


def test_what_is_said_to_be_another_projects_stays_out_of_a_chat_of_the_same_name(archive, session):
    one, other = talk(39, [KASIA, ANNA]), later(talk(40, [KASIA, ANNA]), 60 * DAY)
    archive.take(export(one, "Anna"), "klinika.txt")
    session.exec(select(ConversationRow)).one().project_id = create_project(session, "Klinika", "")
    hotel = create_project(session, "Hotel", "")
    archive.take(export(other, "Anna"), "hotel.txt", project_id=hotel)
    assert archive.texts() == sorted([words(one), words(other)])


def test_a_known_chat_stays_one_whatever_project_is_chosen(archive, session):
    said = talk(41, [KASIA, ANNA])
    archive.take(export(said, "Anna"), "one.txt")
    session.exec(select(ConversationRow)).one().project_id = create_project(session, "Klinika", "")
    hotel = create_project(session, "Hotel", "")
    assert archive.new(export(said, "Anna"), "again.txt", project_id=hotel) == 0


@pytest.mark.parametrize("key", ["Jan Nowak", "4711"])
def test_a_chat_of_nothing_but_calls_is_known_again(archive, key):
    said = [(number, (KASIA, ANNA)[number % 2], "") for number in range(8)]
    calls = [
        replace(raw, kind=Kind.CALL, conversation=replace(raw.conversation, key=key))
        for raw in numbered(export(said, key), key)
    ]
    assert archive.new(calls, "calls.html") == 8
    assert archive.new(calls, "calls.html") == 0
    assert archive.new([*calls, replace(calls[0], external_id="99", position=99)], "more.html") == 1


def test_records_without_a_time_are_known_again(archive):
    raws = [replace(raw, sent_at=None) for raw in export(talk(42, [KASIA, ANNA], size=5), "Anna")]
    for records in (raws, numbered(raws, "studio/banner")):
        assert archive.new(records, "chat.txt") == 5
        assert archive.new(records, "chat.txt") == 0
        assert archive.new(records, "chat.txt", ahead=False) == 0


def test_as_many_chats_of_one_name_as_there_are_stay_apart_and_are_known_again(archive):
    chats = [later(talk(seed, [KASIA, f"Anna {seed}"], size=8), seed) for seed in range(60)]
    for number, said in enumerate(chats):
        assert archive.new(export(said, "Deleted Account"), f"{number}.txt") == 8
    for number, said in enumerate(chats):
        assert archive.new(export(said, "Deleted Account"), f"{number}.txt") == 0
    assert archive.texts() == sorted(map(words, chats))


def test_a_chat_with_a_name_of_any_length_is_kept_and_known_again(archive):
    name = "".join(chr(0x430 + place * place * 7919 % 5003) for place in range(100_000))
    raws = export(talk(43, [KASIA, ANNA], size=5), name)
    assert archive.new(raws, "chat.json") == 5
    assert archive.new(raws, "chat.json") == 0


def test_two_imports_of_a_chat_at_once_keep_it_once(archive):
    said = talk(44, [KASIA, ANNA])
    for shape in (lambda raws: raws, lambda raws: numbered(raws, "99")):
        raws = shape(export(said, "Группа"))
        here, there = (archive.begin(raws, place) for place in ("one.txt", "two.txt"))
        new = 0
        for at in range(0, len(raws), 20):
            new += sum(len(one.keep(archive.session, raws[at : at + 20]).new) for one in (here, there))
        assert new == len(raws)
