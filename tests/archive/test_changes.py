"""What later copies tell of a kept message: edits, deletions, reactions; nothing that was kept is lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from service.accounts.scope import EVERYTHING, NOTHING
from service.archive import imports, store
from service.archive.alike import traces_of
from service.archive.blobs import open_blobs
from service.archive.chats import Chats
from service.archive.keep import Keeper
from service.archive.tables import DeletionRow, MessageRow, ReactionRow, SightingRow
from service.archive.trust import trust
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawConversation,
    RawMessage,
    RawReaction,
    RawRevision,
)

SEEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = SEEN + timedelta(days=1)
AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
EWA = RawAddress(AddressKind.SLACK, "U1", "Ewa")
JAN = RawAddress(AddressKind.SLACK, "U2", "Jan")
OFFER = "Proponujemy 4000 za etykietę do końca listopada"


def said(number: int, text: str = OFFER, **changes) -> RawMessage:
    plain = RawMessage(
        format="slack",
        channel="slack",
        kind=Kind.TEXT,
        original=f'{{"ts":{number},"text":"{text}"}}'.encode(),
        position=number,
        external_id=str(number),
        author=EWA,
        sent_at=AT + timedelta(minutes=number),
        text=text,
        conversation=RawConversation("C1", "etykieta"),
    )
    return replace(plain, **changes)


class Exports:
    """Keeps one export after the other."""

    def __init__(self, session, folder):
        self.session = session
        self.blobs = open_blobs((folder / "originals").as_uri())
        self.import_id = imports.begin(session, "slack", "test")

    def keep(self, *raws, place="export.zip", seen_at=SEEN, ahead=False):
        file_id = imports.source_file(self.session, self.import_id, place, "slack", None)
        chats = Chats(is_whole=ahead)
        if ahead:
            chats.look(self.session, list(traces_of(raws, ZoneInfo("UTC"), seen_at)))
            chats.settle(self.session)
        return Keeper(self.blobs, file_id, ZoneInfo("UTC"), seen_at, chats=chats).keep(self.session, raws)

    def stored(self):
        rows = self.session.exec(select(MessageRow.id).order_by(MessageRow.id)).all()
        self.session.expire_all()
        return store.messages(self.session, EVERYTHING, rows)


@pytest.fixture
def exports(session, tmp_path):
    return Exports(session, tmp_path)


def test_what_a_messenger_tells_of_a_message_is_kept(exports):
    edited_at = AT + timedelta(minutes=9)
    raw = said(
        2,
        thread="1",
        reply_to="1",
        edited=True,
        edited_at=edited_at,
        forwarded_from="Marek",
        revisions=(RawRevision("Proponujemy 5000", AT), RawRevision("Proponujemy 4500", None)),
        reactions=(RawReaction("👍", JAN, edited_at), RawReaction("🎉", None, None, 3)),
    )
    exports.keep(said(1, "Ile to kosztuje?"), raw)
    first, second = exports.stored()
    assert (second.thread, second.reply_to) == (first.id, first.id)
    assert (second.edited, second.edited_at, second.forwarded_from) == (True, edited_at, "Marek")
    assert [(one.text, one.at) for one in second.other_texts] == [
        ("Proponujemy 5000", AT),
        ("Proponujemy 4500", None),
    ]
    assert [(one.emoji, one.actor and one.actor.name, one.count, one.at) for one in second.reactions] == [
        ("👍", "Jan", 1, edited_at),
        ("🎉", None, 3, None),
    ]


def test_a_deletion_leaves_the_words_and_is_told(exports):
    exports.keep(said(1))
    gone = said(1, "", kind=Kind.DELETED, original=b"tombstone", edited_at=AT + timedelta(hours=1))
    kept = exports.keep(gone, seen_at=LATER)
    again = exports.keep(gone, seen_at=LATER)
    (message,) = exports.stored()
    assert (message.text, message.kind) == (OFFER, "text")
    assert (message.deletion.at, message.deletion.seen_at) == (AT + timedelta(hours=1), LATER)
    assert (len(kept.deleted), len(again.deleted)) == (1, 0)
    assert (kept.changed, again.known) == (1, 1)


def test_a_placeholder_gets_its_words_from_an_older_export(exports, session):
    gone = said(1, "", kind=Kind.DELETED, original=b"tombstone")
    exports.keep(gone, place="new.zip")
    kept = exports.keep(said(1), place="old.zip", seen_at=LATER)
    (message,) = exports.stored()
    assert (message.text, message.kind, message.deletion.seen_at) == (OFFER, "text", SEEN)
    assert exports.blobs.read(session, message.blob_sha256) == said(1).original
    assert exports.blobs.read(session, message.deletion.blob_sha256) == b"tombstone"
    copies = [one.blob_sha256 or message.blob_sha256 for one in session.exec(select(SightingRow))]
    assert {exports.blobs.read(session, copy) for copy in copies} == {b"tombstone", said(1).original}
    assert [one.raw.text for one in kept.revealed] == [OFFER]
    assert exports.keep(said(1), place="old.zip").revealed == ()


def test_a_placeholder_that_stays_one_is_no_deletion_of_anything(exports, session):
    gone = said(1, "", kind=Kind.DELETED)
    exports.keep(gone)
    assert exports.keep(gone).deleted == ()
    assert session.exec(select(DeletionRow)).all() == []


def test_an_edit_raises_the_mark_and_keeps_both_texts(exports):
    exports.keep(said(1))
    at = AT + timedelta(hours=2)
    exports.keep(said(1, "Proponujemy 3500", edited=True, edited_at=at), seen_at=LATER)
    (message,) = exports.stored()
    assert (message.text, message.edited, message.edited_at) == (OFFER, True, at)
    assert [(one.text, one.seen_at) for one in message.other_texts] == [("Proponujemy 3500", LATER)]


def test_blanks_and_marks_make_no_other_text(exports):
    exports.keep(said(1))
    kept = exports.keep(said(1, "\u200e" + OFFER.replace(" ", "\u00a0")), seen_at=LATER)
    assert (kept.changed, kept.known) == (0, 1)


def test_later_revisions_are_added_once(exports):
    exports.keep(said(1, "trzy", revisions=(RawRevision("raz", None),)))
    longer = said(1, "trzy", revisions=(RawRevision("raz", None), RawRevision("dwa", None)))
    exports.keep(longer)
    exports.keep(longer)
    (message,) = exports.stored()
    assert [one.text for one in message.other_texts] == ["raz", "dwa"]


def test_reactions_come_and_go_with_later_copies(exports):
    exports.keep(said(1, reactions=(RawReaction("👍", JAN),)))
    exports.keep(said(1, reactions=(RawReaction("❤", EWA),)), seen_at=LATER)
    exports.keep(said(1, reactions=(RawReaction("❤", EWA),)), seen_at=LATER)
    (message,) = exports.stored()
    assert [(one.emoji, one.gone_at) for one in message.reactions] == [("👍", LATER), ("❤", None)]


def test_an_older_export_takes_no_reaction_away(exports):
    exports.keep(said(1, reactions=(RawReaction("👍", JAN),)), said(2, "Dobrze, robimy tak jak mówisz"))
    exports.keep(said(1), seen_at=LATER, ahead=True, place="old.zip")
    assert [one.gone_at for one in exports.stored()[0].reactions] == [None]


def test_a_reaction_that_is_only_counted_now_is_not_gone(exports):
    exports.keep(said(1, reactions=(RawReaction("👍", JAN),)))
    exports.keep(said(1, reactions=(RawReaction("👍", None, None, 4),)), seen_at=LATER)
    (message,) = exports.stored()
    assert [(one.count, one.gone_at) for one in message.reactions] == [(1, None), (4, None)]


def reaction(number: int, target: str, **changes) -> RawMessage:
    return said(number, "👍", kind=Kind.REACTION, reply_to=target, author=JAN, **changes)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_reaction_of_its_own_finds_its_target_in_any_order(exports, order, at_once):
    records = [said(1), reaction(2, "1")]
    batches = [[records[one] for one in order]] if at_once else [[records[one]] for one in order]
    for _ in range(2):
        for batch in batches:
            exports.keep(*batch)
    message, record = exports.stored()
    assert record.kind == "reaction"
    assert [(one.emoji, one.actor.name, one.at) for one in message.reactions] == [
        ("👍", "Jan", AT + timedelta(minutes=2))
    ]


def test_a_reaction_of_its_own_that_is_deleted_is_gone(exports, session):
    exports.keep(said(1), reaction(2, "1"))
    exports.keep(said(2, "", kind=Kind.DELETED), seen_at=LATER)
    assert session.exec(select(ReactionRow.gone_at)).all() == [LATER]


# The trust report.


def test_the_report_names_what_each_export_lacks(exports):
    exports.keep(said(1), said(2, "Zatwierdzam."), said(3, "Drukujemy jutro"), place="ours.zip")
    changed = said(3, "Drukujemy w piątek", original=b"other")
    exports.keep(said(1), changed, said(4, "Dzięki"), place="theirs.zip", seen_at=LATER)
    (first, second, third, _) = exports.stored()
    report = trust(exports.session, EVERYTHING, first.conversation_id)
    ours, theirs = report.exports
    assert [(one.place, one.messages, one.new) for one in report.exports] == [
        ("ours.zip", 3, 3),
        ("theirs.zip", 3, 1),
    ]
    assert [(one.seen_in, one.missing_in, one.message_ids) for one in report.missing] == [
        (ours.file_id, theirs.file_id, (second.id,))
    ]
    assert [
        (one.message_id, one.first_in, one.text, one.other_in, one.other_text) for one in report.differing
    ] == [(third.id, ours.file_id, "Drukujemy jutro", theirs.file_id, "Drukujemy w piątek")]


def test_the_report_names_what_was_taken_back(exports):
    exports.keep(said(1), place="ours.zip")
    exports.keep(said(1, "", kind=Kind.DELETED, original=b"tombstone"), place="theirs.zip", seen_at=LATER)
    (message,) = exports.stored()
    report = trust(exports.session, EVERYTHING, message.conversation_id)
    assert [(one.message_id, one.shown_in) for one in report.taken_back] == [
        (message.id, report.exports[1].file_id)
    ]
    assert report.is_doubtful


def test_exports_that_agree_leave_no_doubt(exports):
    exports.keep(said(1), said(2, "Zatwierdzam."), place="ours.zip")
    exports.keep(said(2, "Zatwierdzam."), said(3, "Dzięki"), place="theirs.zip")
    report = trust(exports.session, EVERYTHING, exports.stored()[0].conversation_id)
    assert not report.is_doubtful


def test_a_reader_without_grants_gets_no_report(exports):
    exports.keep(said(1))
    assert trust(exports.session, NOTHING, exports.stored()[0].conversation_id) is None
