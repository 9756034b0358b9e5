"""Whose side people are on and which project talks belong to, also for what arrives later."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from service.archive import imports
from service.archive.blobs import open_blobs
from service.archive.keep import Keeper
from service.archive.message import Side
from service.archive.organise import (
    add_project_rule,
    create_project,
    file_arrivals,
    project_named,
    put_on_side,
)
from service.archive.tables import AddressRow, ConversationRow, MessageRow, PersonRow, ProjectRow
from service.errors import ConfigError
from service.sources.raw_message import AddressKind, Kind, RawAddress, RawConversation, RawMessage

SEEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
EWA = RawAddress(AddressKind.MAIL, "ewa@klos.example", "Ewa Rutka")
KASIA = RawAddress(AddressKind.MAIL, "kasia@kreska.example", "Kasia")
CHAT_EWA = RawAddress(AddressKind.WHATSAPP, "Ewa Rutka", "Ewa Rutka")


def mail(number: int, author: RawAddress = EWA, to: RawAddress = KASIA, **changes) -> RawMessage:
    plain = RawMessage(
        format="eml",
        channel="email",
        kind=Kind.TEXT,
        original=f"Message-ID: <{number}@x.example>\n\n{number}".encode(),
        position=number,
        external_id=f"{number}@x.example",
        author=author,
        sent_at=datetime(2026, 11, 2, 10, tzinfo=UTC) + timedelta(minutes=number),
        text=f"Text {number}",
        subject=f"Temat {number}",
        to=(to,),
    )
    return replace(plain, **changes)


def chat(number: int, title: str, author: RawAddress = CHAT_EWA) -> RawMessage:
    return replace(
        mail(number, author),
        channel="whatsapp",
        external_id="",
        to=(),
        subject=None,
        conversation=RawConversation(title, title),
    )


@pytest.fixture
def keep(session, tmp_path):
    """Archive messages as ingest does, and return their ids."""
    import_id = imports.begin(session, "inbox", "test")
    file_id = imports.source_file(session, import_id, "inbox", "eml", None)
    keeper = Keeper(open_blobs((tmp_path / "originals").as_uri()), file_id, ZoneInfo("UTC"), SEEN)

    def archive(*records: RawMessage) -> list[int]:
        ids = [new.id for new in keeper.keep(session, list(records)).new]
        file_arrivals(session, ids)
        return ids

    return archive


def sides(session) -> dict[str, str]:
    rows = session.exec(select(AddressRow, PersonRow).where(AddressRow.person_id == PersonRow.id))
    return {address.value: person.side for address, person in rows}


def projects(session) -> dict[str, str | None]:
    names = {row.id: row.name for row in session.exec(select(ProjectRow))}
    return {row.title: names.get(row.project_id) for row in session.exec(select(ConversationRow))}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("domain", "klos.example"),
        ("domain", "@KLOS.example"),
        ("address", " Ewa@Klos.Example "),
        ("name", "ewa rutka"),
    ],
)
@pytest.mark.parametrize("known_before", [True, False])
def test_a_side_holds_for_people_known_and_people_to_come(session, keep, kind, value, known_before):
    if known_before:
        keep(mail(1))
    moved = put_on_side(session, kind, value, Side.CLIENT)
    if not known_before:
        keep(mail(1))
    assert moved == known_before
    assert sides(session) == {"ewa@klos.example": "client", "kasia@kreska.example": "other"}


def test_a_messenger_shows_only_a_name(session, keep):
    keep(chat(1, "Ewa"))
    assert put_on_side(session, "name", "Ewa Rutka", Side.CLIENT) == 1
    assert sides(session) == {"Ewa Rutka": "client"}


@pytest.mark.parametrize("exact_first", [True, False])
def test_the_most_exact_rule_holds_in_any_order(session, keep, exact_first):
    keep(mail(1))
    rules = [("address", "ewa@klos.example", Side.AGENCY), ("domain", "klos.example", Side.CLIENT)]
    for kind, value, side in rules if exact_first else reversed(rules):
        put_on_side(session, kind, value, side)
    keep(mail(2, RawAddress(AddressKind.MAIL, "jan@klos.example", "Jan")))
    assert sides(session)["ewa@klos.example"] == "agency"
    assert sides(session)["jan@klos.example"] == "client"


def test_a_changed_rule_moves_people_again(session, keep):
    keep(mail(1))
    put_on_side(session, "domain", "klos.example", Side.AGENCY)
    assert put_on_side(session, "domain", "klos.example", Side.CLIENT) == 1
    assert put_on_side(session, "domain", "klos.example", Side.CLIENT) == 0
    assert sides(session)["ewa@klos.example"] == "client"


def test_moving_somebody_makes_their_talks_wait_and_no_others(session, keep):
    keep(mail(1), mail(2, KASIA, EWA))
    for row in session.exec(select(ConversationRow)):
        row.extracted_by = "rules-1"
    put_on_side(session, "domain", "klos.example", Side.CLIENT)
    waiting = {row.title for row in session.exec(select(ConversationRow)) if row.extracted_by is None}
    assert waiting == {"Temat 1"}
    for row in session.exec(select(ConversationRow)):
        row.extracted_by = "rules-1"
    put_on_side(session, "domain", "klos.example", Side.CLIENT)
    assert all(row.extracted_by for row in session.exec(select(ConversationRow)))


@pytest.mark.parametrize("domain", ["%.example", "klos_example", "%", "k%s.example", "los.example"])
def test_characters_of_a_domain_mean_only_themselves(session, keep, domain):
    keep(mail(1))
    key = create_project(session, "Sklep", "")
    assert put_on_side(session, "domain", domain, Side.CLIENT) == 0
    assert add_project_rule(session, key, "domain", domain) == 0


@pytest.mark.parametrize("author", [EWA, KASIA])
def test_a_domain_files_talks_whoever_began_them(session, keep, author):
    keep(mail(1, author, KASIA if author == EWA else EWA))
    key = create_project(session, "Sklep", "Piekarnia")
    assert add_project_rule(session, key, "domain", "KLOS.example") == 1
    assert projects(session) == {"Temat 1": "Sklep"}


def test_a_domain_files_by_mail_alone_whatever_a_chat_name_looks_like(session, keep):
    key = create_project(session, "Sklep", "")
    add_project_rule(session, key, "domain", "klos.example")
    name = RawAddress(AddressKind.WHATSAPP, "ewa@KLOS.EXAMPLE", "ewa@KLOS.EXAMPLE")
    keep(chat(1, "Bułki", name))
    assert projects(session) == {"Bułki": None}


@pytest.mark.parametrize("words", ["Złoty Kłos", "złoty kłos", "ZŁOTY KŁOS"])
def test_words_of_a_title_file_chats(session, keep, words):
    keep(chat(1, "Piekarnia Złoty Kłos"), chat(2, "Inna piekarnia"))
    key = create_project(session, "Sklep", "")
    assert add_project_rule(session, key, "title", words) == 1
    assert projects(session) == {"Piekarnia Złoty Kłos": "Sklep", "Inna piekarnia": None}


def test_the_longest_words_win_where_two_titles_fit(session, keep):
    bread, cake = create_project(session, "Chleb", ""), create_project(session, "Tort", "")
    add_project_rule(session, bread, "title", "piekarnia")
    add_project_rule(session, cake, "title", "piekarnia tortowa")
    keep(chat(1, "Piekarnia tortowa"), chat(2, "Piekarnia"))
    assert projects(session) == {"Piekarnia tortowa": "Tort", "Piekarnia": "Chleb"}


def test_what_arrives_later_is_filed(session, keep):
    key = create_project(session, "Sklep", "")
    assert add_project_rule(session, key, "domain", "klos.example") == 0
    keep(mail(1))
    assert projects(session) == {"Temat 1": "Sklep"}


def test_a_talk_is_filed_when_the_client_is_brought_into_it(session, keep):
    key = create_project(session, "Sklep", "")
    add_project_rule(session, key, "domain", "klos.example")
    keep(mail(1, KASIA, RawAddress(AddressKind.MAIL, "ola@kreska.example")))
    assert projects(session) == {"Temat 1": None}
    keep(mail(2, KASIA, EWA, reply_to="1@x.example", references=("1@x.example",)))
    assert projects(session) == {"Temat 1": "Sklep"}


def test_a_talk_stays_in_its_first_project(session, keep):
    first, second = create_project(session, "Sklep", ""), create_project(session, "Logo", "")
    add_project_rule(session, first, "domain", "klos.example")
    (number,) = keep(mail(1))
    assert add_project_rule(session, second, "title", "temat") == 0
    row = session.get(ConversationRow, session.get(MessageRow, number).conversation_id)
    assert row.project_id == first


def test_a_project_is_made_once_and_learns_its_client(session):
    key = create_project(session, "Sklep", "")
    assert create_project(session, " Sklep ", "Piekarnia") == key
    assert create_project(session, "Sklep", "") == key
    (row,) = session.exec(select(ProjectRow)).all()
    assert (row.name, row.client) == ("Sklep", "Piekarnia")
    assert project_named(session, "Sklep") == key


def test_a_mistyped_project_is_answered_with_those_there_are(session):
    create_project(session, "Sklep", "")
    with pytest.raises(ConfigError, match=r"no project 'Skelp'\. Projects: Sklep"):
        project_named(session, "Skelp")


def test_a_rule_of_another_project_is_not_taken_silently(session):
    first, second = create_project(session, "Sklep", ""), create_project(session, "Logo", "")
    add_project_rule(session, first, "domain", "klos.example")
    add_project_rule(session, first, "domain", "klos.example")
    with pytest.raises(ConfigError, match="belongs to the project 'Sklep' already"):
        add_project_rule(session, second, "domain", "klos.example")


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda session: put_on_side(session, "colour", "red", Side.CLIENT), "not by 'colour'"),
        (lambda session: put_on_side(session, "domain", " @ ", Side.CLIENT), "Give a value"),
        (lambda session: create_project(session, "  ", ""), "needs a name"),
        (lambda session: add_project_rule(session, 1, "colour", "red"), "not by 'colour'"),
        (lambda session: add_project_rule(session, 1, "title", " "), "an empty one would fit all"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(session, act, why):
    with pytest.raises(ConfigError, match=why):
        act(session)
