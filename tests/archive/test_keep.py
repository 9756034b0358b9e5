"""Each message is kept once, with its original, its thread and its times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from service.accounts.scope import EVERYTHING, NOTHING, Scope
from service.archive import imports, store
from service.archive.blobs import open_blobs
from service.archive.keep import Keeper
from service.archive.organise import add_project_rule, create_project, file_arrivals
from service.archive.tables import BlobRow, MessageRow, SightingRow, VersionRow
from service.errors import ArchiveError
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
)

SEEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLIENT = RawAddress(AddressKind.MAIL, "ewa@klos.example", "Ewa")
OURS = RawAddress(AddressKind.MAIL, "kasia@kreska.example", "Kasia")


def mail(number: int, **changes) -> RawMessage:
    plain = RawMessage(
        format="eml",
        channel="email",
        kind=Kind.TEXT,
        original=f"From: ewa\nMessage-ID: <{number}@klos.example>\n\nText {number}".encode(),
        position=number,
        external_id=f"{number}@klos.example",
        author=CLIENT,
        sent_at=datetime(2026, 11, 2, 10, tzinfo=UTC) + timedelta(minutes=number),
        text=f"Text {number}",
        subject="Umowa",
        to=(OURS,),
    )
    return replace(plain, **changes)


def chat(number: int, **changes) -> RawMessage:
    name = RawAddress(AddressKind.WHATSAPP, "Ewa", "Ewa")
    plain = RawMessage(
        format="whatsapp",
        channel="whatsapp",
        kind=Kind.TEXT,
        original=f"02.11.2026, 10:{number:02} - Ewa: ok\n".encode(),
        position=number,
        external_id="",
        author=name,
        sent_at=datetime.fromisoformat(f"2026-11-02T10:{number:02}"),
        text="ok",
        conversation=RawConversation("Ewa", "Ewa"),
    )
    return replace(plain, **changes)


@pytest.fixture
def blobs(tmp_path):
    return open_blobs((tmp_path / "originals").as_uri())


@pytest.fixture
def keeper(session, blobs):
    import_id = imports.begin(session, "inbox", "test")
    file_id = imports.source_file(session, import_id, "inbox.mbox", "mbox", None)
    return Keeper(blobs, file_id, ZoneInfo("Europe/Warsaw"), SEEN)


def test_a_second_run_adds_nothing(session, keeper):
    first = keeper.keep(session, [mail(1), mail(2)])
    again = keeper.keep(session, [mail(1), mail(2)])
    assert (len(first.new), first.known) == (2, 0)
    assert (len(again.new), again.known) == (0, 2)
    assert len(session.exec(select(MessageRow)).all()) == 2
    assert len(session.exec(select(SightingRow)).all()) == 2


def test_the_original_comes_back_byte_for_byte(session, keeper, blobs):
    raw = mail(1, original=b"Subject: \xff\xfe\x00 odd bytes\r\n\r\nbody\x1a")
    keeper.keep(session, [raw])
    kept = session.exec(select(MessageRow)).one()
    assert blobs.read(session, kept.blob_sha256) == raw.original


def test_the_bytes_of_a_differing_copy_are_kept_too(session, keeper, blobs):
    keeper.keep(session, [mail(1)])
    copy = mail(1, original=b"Received: from elsewhere\n" + mail(1).original)
    other = imports.source_file(session, 1, "sent.mbox", "mbox", None)
    Keeper(blobs, other, keeper.zone, SEEN).keep(session, [copy])
    found = session.exec(select(SightingRow).where(SightingRow.file_id == other)).one()
    assert blobs.read(session, found.blob_sha256) == copy.original


def test_one_message_id_with_two_bodies_is_two_messages(session, keeper):
    kept = keeper.keep(session, [mail(1), mail(1, text="Another text", original=b"other")])
    assert len(kept.new) == 2


def test_a_message_id_of_eight_kilobytes_is_kept_and_found_again(session, keeper):
    long = mail(1, external_id="x" * 8192)
    assert len(keeper.keep(session, [long]).new) == 1
    assert len(keeper.keep(session, [long]).new) == 0


def test_a_mail_without_date_and_message_id_is_kept(session, keeper):
    kept = keeper.keep(session, [mail(1, sent_at=None, external_id="")])
    row = session.exec(select(MessageRow)).one()
    assert len(kept.new) == 1
    assert row.claimed_at is None
    assert row.sent_at == SEEN


@pytest.mark.parametrize("year", [1970, 2099])
def test_an_implausible_date_gives_way_to_the_server_stamp(session, keeper, year):
    stamped = datetime(2026, 11, 3, 8, tzinfo=UTC)
    claimed = datetime(year, 1, 1, tzinfo=UTC)
    keeper.keep(session, [mail(1, sent_at=claimed, stamped_at=stamped)])
    row = session.exec(select(MessageRow)).one()
    assert (row.sent_at, row.claimed_at, row.stamped_at) == (stamped, claimed, stamped)


def test_a_stamp_from_the_future_is_no_stamp(session, keeper):
    forged = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    keeper.keep(session, [mail(1, stamped_at=forged), mail(2, sent_at=forged, stamped_at=forged)])
    rows = session.exec(select(MessageRow).order_by(MessageRow.id)).all()
    assert [row.sent_at for row in rows] == [mail(1).sent_at, SEEN]
    assert [row.stamped_at for row in rows] == [forged, forged]


def test_local_times_are_read_in_the_zone_of_the_import(session, keeper):
    keeper.keep(session, [chat(5)])
    row = session.exec(select(MessageRow)).one()
    assert row.sent_at == datetime(2026, 11, 2, 9, 5, tzinfo=UTC)
    assert row.offset_minutes is None


def test_equal_chat_lines_are_two_messages_and_stay_two(session, keeper):
    lines = [chat(5, position=0), chat(5, position=1)]
    assert len(keeper.keep(session, lines).new) == 2
    fresh = Keeper(keeper.blobs, keeper.file_id, keeper.zone, SEEN)
    assert len(fresh.keep(session, lines).new) == 0


def test_an_edited_chat_message_is_kept_as_another_version(session, keeper):
    before = chat(5, external_id="17", text="do piątku", original=b'{"id":17}')
    after = chat(5, external_id="17", text="do środy", original=b'{"id":17,"edited":1}')
    keeper.keep(session, [before])
    kept = keeper.keep(session, [after])
    again = keeper.keep(session, [after])
    assert (len(kept.new), kept.changed, again.changed) == (0, 1, 0)
    assert session.exec(select(VersionRow)).one().text == "do środy"


def test_nul_bytes_and_lone_surrogates_do_not_stop_a_batch(session, keeper):
    kept = keeper.keep(session, [mail(1, text="a\0b", subject="\udcff"), mail(2)])
    assert len(kept.new) == 2
    texts = [row.text for row in session.exec(select(MessageRow))]
    assert any("\N{REPLACEMENT CHARACTER}" in text for text in texts)


def test_a_thread_is_one_conversation_in_any_order_of_arrival(session, keeper):
    root = mail(1)
    reply = mail(2, reply_to="1@klos.example", references=("1@klos.example",))
    third = mail(3, reply_to="2@klos.example", references=("1@klos.example", "2@klos.example"))
    keeper.keep(session, [third])
    keeper.keep(session, [root])
    keeper.keep(session, [reply])
    assert len({row.conversation_id for row in session.exec(select(MessageRow))}) == 1


def test_a_mail_that_joins_two_threads_makes_them_one(session, keeper):
    keeper.keep(session, [mail(1), mail(2, subject="Inny temat")])
    keeper.keep(session, [mail(3, reply_to="2@klos.example", references=("1@klos.example",))])
    places = {row.conversation_id for row in session.exec(select(MessageRow))}
    assert len(places) == 1
    listed = store.conversations(session, EVERYTHING)
    assert [one.id for one in listed] == list(places)


def test_a_joined_conversation_lasts_as_long_as_both_did(session, keeper):
    keeper.keep(session, [mail(1), mail(900)])
    keeper.keep(session, [mail(5, references=("1@klos.example", "900@klos.example"))])
    (talk,) = store.conversations(session, EVERYTHING)
    assert (talk.first_at, talk.last_at) == (mail(1).sent_at, mail(900).sent_at)


def test_no_mail_joins_conversations_of_two_projects(session, keeper):
    projects = {domain: create_project(session, domain, "") for domain in ("a.example", "b.example")}
    for domain, project in projects.items():
        add_project_rule(session, project, "domain", domain)
    first = RawAddress(AddressKind.MAIL, "x@a.example")
    second = RawAddress(AddressKind.MAIL, "y@b.example")
    kept = keeper.keep(session, [mail(1, author=first), mail(2, author=second)])
    file_arrivals(session, [new.id for new in kept.new])
    stranger = RawAddress(AddressKind.MAIL, "z@stranger.example")
    keeper.keep(session, [mail(3, author=stranger, references=("1@klos.example", "2@klos.example"))])
    ids = [new.id for new in kept.new]
    scopes = [Scope(projects=frozenset({project})) for project in projects.values()]
    seen = [[one.text for one in store.messages(session, scope, ids)] for scope in scopes]
    assert seen == [["Text 1"], ["Text 2"]]


def test_a_joined_conversation_keeps_its_project(session, keeper):
    project = create_project(session, "Alpha", "")
    add_project_rule(session, project, "title", "alpha")
    kept = keeper.keep(session, [mail(1), mail(2, subject="Alpha")])
    file_arrivals(session, [new.id for new in kept.new])
    keeper.keep(session, [mail(3, references=("1@klos.example", "2@klos.example"))])
    assert [one.project for one in store.conversations(session, EVERYTHING)] == ["Alpha"]


STRANGER = RawAddress(AddressKind.MAIL, "jan@other.example", "Jan")


def test_a_stranger_joins_no_talk_by_naming_its_message_id(session, keeper):
    keeper.keep(session, [mail(1)])
    keeper.keep(session, [mail(2, author=STRANGER, reply_to="1@klos.example", subject="Re: Umowa")])
    assert len({row.conversation_id for row in session.exec(select(MessageRow))}) == 2


@pytest.mark.parametrize("at_once", [True, False])
def test_a_mail_forwarded_to_another_client_joins_no_two_clients(session, keeper, at_once):
    theirs = mail(2, author=STRANGER, subject="Logo", external_id="2@other.example")
    both = ("1@klos.example", "2@other.example")
    forward = mail(3, author=OURS, to=(STRANGER,), reply_to=both[1], references=both, subject="Fwd: Umowa")
    for batch in [[mail(1), theirs, forward]] if at_once else [[mail(1)], [theirs], [forward]]:
        keeper.keep(session, batch)
    rows = session.exec(select(MessageRow).order_by(MessageRow.id)).all()
    assert rows[0].conversation_id != rows[1].conversation_id == rows[2].conversation_id


def test_a_colleague_who_was_not_addressed_joins(session, keeper):
    keeper.keep(session, [mail(1)])
    colleague = RawAddress(AddressKind.MAIL, "bogdan@klos.example", "Bogdan")
    keeper.keep(session, [mail(2, author=colleague, reply_to="1@klos.example")])
    assert len({row.conversation_id for row in session.exec(select(MessageRow))}) == 1


def test_a_public_domain_makes_nobody_a_colleague(session, keeper):
    one, other = (RawAddress(AddressKind.MAIL, f"{name}@gmail.com", name) for name in ("ewa", "jan"))
    keeper.keep(session, [mail(1, author=one)])
    keeper.keep(session, [mail(2, author=other, reply_to="1@klos.example")])
    assert len({row.conversation_id for row in session.exec(select(MessageRow))}) == 2


def test_two_scans_that_differ_only_in_their_bytes_are_both_kept(session, keeper, blobs):
    scans = [
        mail(number, position=number, external_id="", sent_at=mail(1).sent_at, text="", original=content)
        for number, content in enumerate([b"scan.pdf: page one", b"scan.pdf: page two"])
    ]
    keeper.keep(session, scans)
    row = session.exec(select(MessageRow)).one()
    copies = [one.blob_sha256 or row.blob_sha256 for one in session.exec(select(SightingRow))]
    assert {blobs.read(session, copy) for copy in copies} == {scan.original for scan in scans}


def test_two_texts_of_one_chat_message_in_one_batch_are_both_kept(session, keeper):
    texts = [chat(5, external_id="17", position=n, text=text) for n, text in enumerate(["piątek", "środa"])]
    kept = keeper.keep(session, texts)
    assert (len(kept.new), kept.changed) == (1, 1)
    assert session.exec(select(VersionRow)).one().text == "środa"


def test_a_subject_joins_only_people_who_already_talk(session, keeper):
    stranger = RawAddress(AddressKind.MAIL, "jan@other.example", "Jan")
    keeper.keep(session, [mail(1)])
    keeper.keep(session, [mail(2, subject="Re: Umowa")])
    keeper.keep(session, [mail(3, subject="Re: Umowa", author=stranger, to=())])
    places = [row.conversation_id for row in session.exec(select(MessageRow).order_by(MessageRow.id))]
    assert places[0] == places[1] != places[2]


def test_message_ids_sort_by_time(session, keeper):
    keeper.keep(session, [mail(30), mail(10), mail(20)])
    rows = session.exec(select(MessageRow).order_by(MessageRow.id)).all()
    assert [row.text for row in rows] == ["Text 10", "Text 20", "Text 30"]


def test_an_export_without_seconds_keeps_its_order_within_a_minute(session, keeper):
    lines = [chat(5, position=number, text=f"{number}") for number in range(20)]
    (first, *_) = keeper.keep(session, lines).new
    talk = store.conversation(session, session.get(MessageRow, first.id).conversation_id, "UTC")
    assert [message.text for message in talk.messages] == [f"{number}" for number in range(20)]


def test_more_mails_of_one_minute_than_ids_for_it_are_all_kept(session, keeper):
    # Mails without a date share the minute of their import, and an id has 12 bits for their places.
    for start in range(0, 9000, 1000):
        keeper.keep(session, [mail(number, sent_at=None) for number in range(start, start + 1000)])
    ids = session.exec(select(MessageRow.id).order_by(MessageRow.id)).all()
    assert ids == list(range(ids[0], ids[0] + 9000))


def test_an_absurd_duration_does_not_stop_a_batch(session, keeper):
    keeper.keep(session, [chat(1, duration_for=timedelta(days=10**7))])
    assert session.exec(select(MessageRow.duration_s)).one() > 0


def test_a_missing_attachment_is_named_as_missing(session, keeper):
    def gone() -> bytes:
        raise FileNotFoundError(2, "No such file or directory")

    files = (
        RawAttachment("umowa.pdf", "application/pdf", load=lambda: b"%PDF"),
        RawAttachment("nagranie.opus", "audio/ogg", load=gone),
        RawAttachment("IMG.jpg", "image/jpeg", missing="omitted from the export"),
    )
    (new,) = keeper.keep(session, [chat(5, attachments=files)]).new
    (message,) = store.messages(session, EVERYTHING, [new.id])
    assert [(one.name, one.size, one.missing) for one in message.attachments] == [
        ("umowa.pdf", 4, None),
        ("nagranie.opus", None, "could not be read from the export: No such file or directory"),
        ("IMG.jpg", None, "omitted from the export"),
    ]


def test_a_changed_original_is_noticed(session, keeper, blobs, tmp_path):
    (new,) = keeper.keep(session, [mail(1, original=b"a" * 2000)]).new
    row = session.exec(select(BlobRow).where(BlobRow.sha256 == new.blob_sha256)).one()
    pack = next((tmp_path / "originals").rglob("*.zst"))
    data = bytearray(pack.read_bytes())
    data[row.start + row.length - 1] ^= 1
    pack.write_bytes(bytes(data))
    with pytest.raises(ArchiveError, match=new.blob_sha256):
        blobs.read(session, new.blob_sha256)


def test_a_reader_without_grants_sees_nothing(session, keeper):
    (new,) = keeper.keep(session, [mail(1)]).new
    row = session.get(MessageRow, new.id)
    for scope in (NOTHING, Scope(projects=frozenset({1}))):
        assert store.messages(session, scope, [new.id]) == []
        assert store.conversations(session, scope) == []
        assert store.summary(session, scope, row.conversation_id) is None
        assert store.messages_of(session, scope, row.conversation_id) == []
