"""A followed chat and exports of it are one conversation, whatever comes first and between."""

from dataclasses import replace

import pytest
from chat_exports import ANNA, KASIA, SEEN, WARSAW, Archive, export, numbered, talk, words
from sqlmodel import select

from service.archive import imports
from service.archive.keep import Keeper
from service.archive.tables import VersionRow
from service.intake.live_chats import FollowedChats

SAID = talk(60, [KASIA, ANNA], size=80)
EXPORTED = numbered(export(SAID, "Anna"), "4815")
LIVE = numbered(export(SAID, "Anna"), "4815@user12", first=7000, step=3)


@pytest.fixture
def archive(session, tmp_path):
    return Archive(session, tmp_path)


@pytest.fixture
def follow(archive):
    """Begin a run over the followed chat: what it returns keeps a batch, and says how much is new."""

    def begin():
        file_id = imports.source_file(archive.session, archive.import_id, "live", "telegram-live", None)
        keeper = Keeper(archive.blobs, file_id, WARSAW, SEEN, chats=FollowedChats())
        return lambda *raws: len(keeper.keep(archive.session, raws).new)

    return begin


def test_each_run_goes_on_in_the_chat_that_an_export_began(archive, follow):
    archive.take(EXPORTED[:60], "result.json")
    assert follow()(*LIVE[40:62]) == 2
    for raw in LIVE[62:]:
        assert follow()(raw) == 1
    assert archive.texts() == [words(SAID)]


def test_an_edit_of_what_only_an_export_brought_is_no_new_message(archive, follow):
    run = follow()
    run(*LIVE[40:])
    archive.take(EXPORTED, "result.json")
    assert run(replace(LIVE[3], text="Jednak inaczej", edited=True)) == 0
    assert follow()(replace(LIVE[4], text="Zupełnie inaczej", edited=True)) == 0
    assert len(archive.conversations()) == 1


def test_what_an_export_brought_first_while_a_chat_is_followed_is_kept_once(archive, follow):
    run = follow()
    run(*LIVE[:60])
    archive.take(EXPORTED, "result.json")
    assert run(*LIVE[55:]) == 0
    assert archive.texts() == [words(SAID)]


def test_a_followed_chat_that_began_between_a_look_and_its_import_is_the_same(archive, follow):
    raws = numbered(export(SAID, "Группа"), "99")
    archive.take(numbered(export(talk(61, [KASIA, ANNA]), "Иная"), "7"), "other.json")
    importing = archive.begin(raws, "result.json")
    follow()(*raws[:50])
    assert len(importing.keep(archive.session, raws).new) == 30
    assert follow()(*raws) == 0


def test_an_edit_is_not_taken_for_what_another_person_wrote_in_that_minute(archive, follow, session):
    other = (next(at for at, who, _ in SAID if who == ANNA), "Jan", "Zgadzam się na tę wycenę w całości")
    archive.take(EXPORTED, "result.json")
    follow()(*LIVE[40:])
    (edited,) = numbered(export([other], "Anna"), "4815@user12", first=5)
    assert follow()(replace(edited, edited=True)) == 1
    assert session.exec(select(VersionRow)).all() == []
