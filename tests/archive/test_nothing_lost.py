"""Whatever order exports come in, nothing that one of them told is lost, doubled or taken for new."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from chat_exports import ANNA, KASIA, Archive, export, numbered, talk
from sqlmodel import select

from service.archive.tables import AttachmentRow, MessageRow, ReactionRow, RevisionRow
from service.sources.raw_message import AddressKind, RawAddress, RawAttachment, RawReaction, RawRevision

JAN = RawAddress(AddressKind.TELEGRAM, "jan", "Jan")
THUMB = RawReaction("👍", JAN)


@pytest.fixture
def archive(session, tmp_path):
    return Archive(session, tmp_path)


@pytest.fixture
def raws():
    return numbered(export(talk(50, [KASIA, ANNA], size=20), "Группа"), "99")


def changed(raws, number=3, **changes):
    return [replace(raw, **changes) if at == number else raw for at, raw in enumerate(raws)]


def file(name, content=None):
    if content is None:
        return RawAttachment(name, "image/png", missing="left out")
    return RawAttachment(name, "image/png", size=len(content), load=lambda: content)


def files(session):
    rows = session.exec(select(AttachmentRow).order_by(AttachmentRow.position))
    return [(row.name, row.size) for row in rows]


def reactions(session):
    return [(row.emoji, row.gone_at is None) for row in session.exec(select(ReactionRow))]


def test_files_of_one_name_are_each_filled_in(archive, session, raws):
    archive.take(changed(raws, attachments=(file("image.png", b"one"), file("image.png"))), "a.json")
    whole = (file("image.png", b"one"), file("image.png", b"other"))
    for _ in range(2):
        archive.take(changed(raws, attachments=whole), "b.json")
    assert files(session) == [("image.png", 3), ("image.png", 5)]


def test_a_file_more_than_was_known_of_is_kept(archive, session, raws):
    archive.take(changed(raws, attachments=(file("Photo"),)), "a.html")
    for _ in range(2):
        archive.take(changed(raws, attachments=(file("1.png", b"one"), file("2.png", b"other"))), "b.json")
    assert files(session) == [("1.png", 3), ("2.png", 5)]


def test_a_file_under_another_name_is_not_kept_twice(archive, session, raws):
    archive.take(changed(raws, attachments=(file("IMG-1.png", b"one"),)), "a.txt")
    archive.take(changed(raws, attachments=(file("photo.png", b"one"),)), "b.txt")
    assert files(session) == [("IMG-1.png", 3)]


def test_a_reaction_that_was_taken_away_does_not_come_back_with_an_older_export(archive, session, raws):
    old, new = changed(raws[:10], reactions=(THUMB,)), raws
    archive.take(old, "old.json")
    archive.take(new, "new.json")
    told = changed(raws[:10], 4, reactions=(RawReaction("❤", JAN),))
    archive.take([told[4] if at == 4 else one for at, one in enumerate(new)], "new.json")
    assert reactions(session) == [("👍", False), ("❤", True)]
    for _ in range(2):
        archive.take(old, "old.json")
        archive.take(changed(new, 4, reactions=(RawReaction("❤", JAN),)), "new.json")
    assert reactions(session) == [("👍", False), ("❤", True)]


def test_a_reaction_that_was_put_back_stands(archive, session, raws):
    archive.take(changed(raws[:10], reactions=(THUMB,)), "old.json")
    archive.take(raws[:15], "new.json")
    archive.take(changed(raws, reactions=(THUMB,)), "newest.json")
    assert reactions(session) == [("👍", False), ("👍", True)]


def test_every_earlier_text_is_kept_whichever_export_tells_it(archive, session, raws):
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    first, second, third = (RawRevision(f"text {one}", at + timedelta(minutes=one)) for one in range(3))
    archive.take(changed(raws, revisions=(second,)), "part.json")
    for told in ((first, second), (second, third), (first, second, third), (second,)):
        archive.take(changed(raws, revisions=told), "more.json")
    kept = session.exec(select(RevisionRow.text).order_by(RevisionRow.position)).all()
    assert sorted(kept) == ["text 0", "text 1", "text 2"]


@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_equal_messages_of_a_minute_are_counted(archive, session, seed):
    said = [(0, (KASIA, ANNA)[number % 2], "👍") for number in range(1000)] + talk(51, [KASIA, ANNA])
    random.Random(seed).shuffle(said)
    said.sort(key=lambda one: one[0])
    names = {KASIA: "Kasia K.", ANNA: "Anna mama"}
    archive.take(export(said, "Anna"), "ours.txt", batch=500)
    assert archive.new(export(said, "Kasia", names=names), "theirs.txt", batch=500) == 0
    assert archive.new(export(said, "Kasia", names=names), "theirs.txt", batch=300) == 0
    assert len(session.exec(select(MessageRow.id)).all()) == len(said)
