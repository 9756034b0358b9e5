"""The second stage can be run again: it adds nothing twice, and one bad talk holds back no other."""

from datetime import UTC, datetime

import pytest
from ledger_check import assert_ledger_intact
from sqlmodel import select

from service.agreements.tables import AgreementRow, EvidenceRow, StatementRow, VerbalEventRow
from service.archive.message import Side
from service.archive.organise import put_on_side
from service.archive.tables import ConversationRow
from service.db.session import reading, writing
from service.errors import DatabaseError
from service.ledger.store import log_size
from service.pipeline import read as stage
from service.pipeline.ingest import Wish, ingest
from service.pipeline.read import read_waiting
from service.pipeline.watch import watch

SAID = {
    "1": ("kasia@kreska.example", "ewa@klos.example", "Proponuję sklep za 8400 zł do 16 marca. Akceptujesz?"),
    "2": ("ewa@klos.example", "kasia@kreska.example", "Akceptuję."),
    "3": ("ewa@klos.example", "kasia@kreska.example", "Jak ustaliliśmy przez telefon, dostawa jest gratis."),
}


@pytest.fixture
def write(tmp_path):
    """Write some of the mails, each subject a thread, and return their folder."""

    def mails(*keys: str, subject: str = "Sklep"):
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        for key in keys:
            author, to, said = SAID[key]
            (folder / f"{subject}-{key}.eml").write_text(
                f"From: {author}\nTo: {to}\nDate: Mon, 02 Mar 2026 10:0{key}:00 +0100\n"
                f"Message-ID: <{subject}-{key}@x.example>\nReferences: <{subject}@x.example>\n"
                f"Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{said}\n"
            )
        return folder

    return mails


@pytest.fixture
def sides(house):
    with writing(house.engine) as session:
        put_on_side(session, "domain", "kreska.example", Side.AGENCY)
        put_on_side(session, "domain", "klos.example", Side.CLIENT)


def kept(house) -> list[list[dict]]:
    """Return every row that the second stage writes."""
    with reading(house.engine) as session:
        return [
            sorted((row.model_dump() for row in session.exec(select(table))), key=str)
            for table in (StatementRow, AgreementRow, EvidenceRow, VerbalEventRow)
        ]


def entries(house) -> int:
    with reading(house.engine) as session:
        size = log_size(session)
        assert_ledger_intact(session, size, house.key.verifier)
    return size


def read_by_another_version(house, monkeypatch) -> int:
    monkeypatch.setattr(stage, "VERSION", "rules-next")
    return read_waiting(house)


@pytest.mark.usefixtures("sides")
def test_a_second_reading_adds_no_row_and_no_entry(house, write):
    ingest(house, [write("1", "2", "3")], Wish())
    assert read_waiting(house) == 1
    rows, size = kept(house), entries(house)
    assert all(rows)
    assert read_waiting(house) == 0
    with writing(house.engine) as session:
        session.exec(select(ConversationRow)).one().extracted_by = None
    assert read_waiting(house) == 1
    assert (kept(house), entries(house)) == (rows, size)


@pytest.mark.usefixtures("sides")
def test_another_version_that_finds_the_same_adds_no_row(house, write, monkeypatch):
    ingest(house, [write("1", "2", "3")], Wish())
    read_waiting(house)
    rows = kept(house)
    assert read_by_another_version(house, monkeypatch) == 1
    assert [len(table) for table in kept(house)] == [len(table) for table in rows]


@pytest.mark.usefixtures("sides")
def test_mails_that_come_one_by_one_amount_to_what_they_do_together(house, write):
    for key in SAID:
        ingest(house, [write(key)], Wish())
        read_waiting(house)
    piecemeal = kept(house)
    with writing(house.engine) as session:
        put_on_side(session, "domain", "kreska.example", Side.OTHER)
        put_on_side(session, "domain", "kreska.example", Side.AGENCY)
    read_waiting(house)
    changing = {"id", "changed_at", "confidence", "agreement_id", "verbal_event_id"}
    for before, after in zip(piecemeal, kept(house), strict=True):
        plain = [
            sorted(
                str({name: value for name, value in row.items() if name not in changing})
                for row in rows
                if not row.get("withdrawn")
            )
            for rows in (before, after)
        ]
        assert plain[0] == plain[1]


def test_a_side_that_becomes_known_changes_what_was_agreed(house, write):
    ingest(house, [write("1", "2")], Wish())
    read_waiting(house)
    with writing(house.engine) as session:
        put_on_side(session, "domain", "kreska.example", Side.AGENCY)
        put_on_side(session, "domain", "klos.example", Side.CLIENT)
    assert read_waiting(house) == 1
    with reading(house.engine) as session:
        statuses = session.exec(select(AgreementRow.status).where(AgreementRow.withdrawn.is_(False))).all()
    assert statuses == ["agreed"]


def test_a_talk_that_breaks_the_extraction_holds_back_no_other(house, write, monkeypatch):
    write("1", "2", subject="Zly")
    ingest(house, [write("1", "2", subject="Dobry")], Wish())

    def breaking(talk, *only):
        if talk.title == "Zly":
            raise ValueError("[E088] Text of length 1915149 exceeds maximum of 1000000.")
        return extract(talk, *only)

    extract = stage.extract
    with monkeypatch.context() as broken:
        broken.setattr(stage, "extract", breaking)
        read_waiting(house)
        assert read_waiting(house) == 0, "what failed is not tried again and again"
    with reading(house.engine) as session:
        assert {row.conversation_id for row in session.exec(select(StatementRow))} == {
            row.id for row in session.exec(select(ConversationRow)) if row.title == "Dobry"
        }
    assert read_by_another_version(house, monkeypatch) == 2


@pytest.mark.usefixtures("sides")
def test_an_older_reading_takes_nothing_back(house, write):
    ingest(house, [write("1")], Wish())
    with reading(house.engine) as session:
        key = session.exec(select(ConversationRow.id)).one()
    older = stage._understand(house, key)
    ingest(house, [write("2")], Wish())
    read_waiting(house)
    rows, size = kept(house), entries(house)
    stage._register(house, [older])
    assert (kept(house), entries(house)) == (rows, size)


def test_a_talk_is_not_blamed_for_the_database(house, write, monkeypatch):
    ingest(house, [write("1")], Wish())

    def gone(*_):
        raise DatabaseError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr(stage, "_understand", gone)
        with pytest.raises(DatabaseError):
            read_waiting(house)
    assert read_waiting(house) == 1


def test_progress_ends_at_the_number_of_talks(house, write):
    for subject in ("A", "B", "C"):
        ingest(house, [write("1", subject=subject)], Wish())
    seen = []
    assert read_waiting(house, lambda done, total: seen.append((done, total))) == 3
    assert seen[-1] == (3, 3)


def test_watching_signs_what_was_recorded_and_says_what_changed(house, write):
    ingest(house, [write("3")], Wish())
    read_waiting(house)
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert watch(house, now).opened == 1
    size = entries(house)
    assert watch(house, now).opened == 0
    assert entries(house) == size
