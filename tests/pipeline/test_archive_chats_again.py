"""What a later copy of a chat brings is found, recorded and read like what came first."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from service.accounts.scope import EVERYTHING
from service.archive import imports
from service.archive.identity import blob_sha256
from service.archive.keep import Keeper
from service.archive.tables import MessageRow
from service.attachments import store as attachments
from service.db.session import reading
from service.ledger.store import verify_log
from service.ledger.tables import LedgerEntryRow
from service.pipeline.archive_batch import archive_batch
from service.pipeline.installation import recording
from service.pipeline.prepared import prepare
from service.search.find import find
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
)

WORDS = RawMessage(
    format="slack",
    channel="slack",
    kind=Kind.TEXT,
    original=b'{"ts":"1","text":"nakretka"}',
    position=0,
    external_id="1",
    author=RawAddress(AddressKind.SLACK, "U1", "Ewa"),
    sent_at=datetime(2026, 11, 2, 10, tzinfo=UTC),
    text="Zatwierdzam złotą nakrętkę",
    conversation=RawConversation("C1", "etykieta"),
)
TOMBSTONE = replace(WORDS, kind=Kind.DELETED, text="", original=b'{"ts":"1","subtype":"tombstone"}')


@pytest.fixture
def keep(house):
    def archive(*raws, place="export.zip"):
        with recording(house) as session:
            run = imports.begin(session, place, "test")
            file_id = imports.source_file(session, run, place, "slack", None)
            keeper = Keeper(house.blobs, file_id, ZoneInfo("UTC"), datetime(2026, 11, 20, tzinfo=UTC))
            return archive_batch(session, keeper, [prepare(raw) for raw in raws])

    return archive


def test_a_deletion_is_an_entry_of_the_ledger(house, keep):
    (new,) = keep(WORDS).new
    for _ in range(2):
        keep(TOMBSTONE)
    with reading(house.engine) as session:
        told = select(LedgerEntryRow.subject).where(LedgerEntryRow.kind == "message.deleted")
        assert session.exec(told).all() == [f"message:{new.id}"]


def test_words_that_come_after_their_placeholder_are_found(house, keep):
    (new,) = keep(TOMBSTONE).new
    keep(WORDS, place="older.zip")
    with reading(house.engine) as session:
        found = find(session, "nakrętka", scope=EVERYTHING)
        archived = session.exec(
            select(LedgerEntryRow.canonical).where(LedgerEntryRow.kind == "messages.archived")
        ).all()
        own = session.exec(select(MessageRow.blob_sha256)).one()
    assert [one.message_id for one in found.hits] == [new.id]
    assert own.encode() in archived[-1]


def test_a_file_that_came_later_is_read(house, keep):
    missing = RawAttachment("oferta.pdf", "application/pdf", missing="left out")
    there = RawAttachment("oferta.pdf", "application/pdf", load=lambda: b"%PDF-1.4")
    (new,) = keep(replace(WORDS, attachments=(missing,))).new
    keep(replace(WORDS, attachments=(there,)), place="with-files.zip")
    with reading(house.engine) as session:
        waiting = attachments.waiting(session, 10)
    assert [one.place for one in waiting] == [(new.id, 0)]


def told(house, kind):
    with reading(house.engine) as session:
        rows = session.exec(select(LedgerEntryRow).where(LedgerEntryRow.kind == kind)).all()
        return [(row.subject, row.canonical.decode()) for row in rows]


def test_a_deletion_that_is_known_before_its_words_is_an_entry_of_the_ledger(house, keep):
    (new,) = keep(TOMBSTONE).new
    for _ in range(2):
        keep(WORDS, place="older.zip")
        keep(TOMBSTONE)
    [(subject, body)] = told(house, "message.deleted")
    assert subject == f"message:{new.id}"
    assert blob_sha256(TOMBSTONE.original) in body


def test_the_bytes_of_another_text_are_in_the_ledger(house, keep):
    edited = replace(WORDS, text="Zatwierdzam srebrną nakrętkę", original=b'{"ts":"1","text":"srebrna"}')
    keep(WORDS)
    for _ in range(2):
        keep(edited, place="newer.zip")
    facts = [body for _, body in told(house, "messages.archived") if blob_sha256(edited.original) in body]
    assert len(facts) == 1


def test_what_is_taken_back_in_the_batch_that_brings_it_is_an_entry_too(house, keep):
    keep(WORDS, TOMBSTONE)
    assert len(told(house, "message.deleted")) == 1
    with reading(house.engine) as session:
        assert verify_log(session, house.key.verifier).ok
