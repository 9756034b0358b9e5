"""What the archive itself knows of who is one person: same messages, signatures, contact cards; by scope."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.accounts.scope import EVERYTHING, NOTHING, Scope
from service.archive import imports
from service.archive.alike import traces_of
from service.archive.blobs import open_blobs
from service.archive.chats import Chats
from service.archive.keep import Keeper
from service.archive.one_person import keep_apart, merge
from service.archive.organise import add_project_rule, create_project, file_arrivals
from service.archive.people_known import Wanted, people, suggestions
from service.archive.same_person import Why
from service.archive.signed_phones import signature_of
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
)

SEEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
ANNA = RawAddress(AddressKind.MAIL, "anna@klos.example", "Anna Kłos")
PHONE = RawAddress(AddressKind.PHONE, "+48600100200", "+48 600 100 200")
OLGA = RawAddress(AddressKind.MAIL, "olga@agency.example", "Olga Levina")
SIGNED = "Agreed.\n\n-- \nA. K.\ntel. 600 100 200\n"
CARD = (
    b"BEGIN:VCARD\r\nFN:A. K.\r\nTEL;TYPE=CELL:+48 600\r\n  100 200\r\n"
    b"item1.EMAIL:Anna@klos.example\r\nEND:VCARD\r\n"
)


def mail(number: int, author: RawAddress, text: str = "Hello.", **more) -> RawMessage:
    plain = RawMessage(
        format="eml",
        channel="email",
        kind=Kind.TEXT,
        original=f"mail {number}".encode(),
        position=number,
        external_id=f"{number}@x.example",
        author=author,
        sent_at=datetime(2026, 11, 2, 10, tzinfo=UTC) + timedelta(minutes=number),
        text=text,
        subject=f"Talk {number}",
        to=(OLGA,),
    )
    return replace(plain, **more)


def chat(number: int, author: RawAddress, title: str, text: str = "") -> RawMessage:
    said = text or f"Макет этикетки номер {number} пришлю до среды"
    here = RawConversation(title, title)
    return mail(
        number, author, said, channel="whatsapp", external_id="", conversation=here, to=(), subject=None
    )


@pytest.fixture
def blobs(tmp_path):
    return open_blobs((tmp_path / "originals").as_uri())


@pytest.fixture
def keep(session, blobs):
    """Archive records as one file, and file their conversations."""

    def archive(place: str, *records: RawMessage) -> None:
        file_id = imports.source_file(session, imports.begin(session, place, "test"), place, "eml", None)
        chats = Chats(is_whole=True)
        chats.look(session, list(traces_of(records, UTC_ZONE, SEEN)))
        chats.settle(session)
        kept = Keeper(blobs, file_id, UTC_ZONE, SEEN, chats=chats).keep(session, records)
        file_arrivals(session, [new.id for new in kept.new])

    return archive


def told(session, blobs, scope: Scope = EVERYTHING) -> dict[frozenset[str], list[Why]]:
    """Return the reasons of each suggestion, by the first addresses of both."""
    found = suggestions(session, scope, blobs)
    return {
        frozenset({one.kept.addresses[0].value, one.merged.addresses[0].value}): [
            reason.why for reason in one.suggestion.reasons
        ]
        for one in found
    }


PAIR = frozenset({"anna@klos.example", "+48600100200"})


def test_a_phone_under_mails_is_whose_they_are(session, blobs, keep):
    keep("one", mail(1, ANNA, SIGNED), chat(2, PHONE, "Chat"))
    assert told(session, blobs) == {PAIR: [Why.SIGNED]}


def test_a_phone_that_is_only_quoted_is_not(session, blobs, keep):
    quoted = "Yes.\n\nOn Mon, 2 Nov 2026 at 10:00, Tom wrote:\n> -- \n> Tom\n> tel. 600 100 200\n"
    keep("one", mail(1, ANNA, quoted), chat(2, PHONE, "Chat"))
    assert told(session, blobs) == {}


def test_a_phone_under_the_mails_of_a_whole_firm_is_nobodys(session, blobs, keep):
    firm = [RawAddress(AddressKind.MAIL, f"{name}@klos.example", name) for name in ("ania", "ela", "jan")]
    keep("one", *(mail(number, one, SIGNED) for number, one in enumerate(firm)), chat(9, PHONE, "Chat"))
    assert told(session, blobs) == {}


def test_a_contact_card_joins_what_stands_on_it(session, blobs, keep):
    card = RawAttachment("anna.vcf", "text/vcard", len(CARD), lambda: CARD)
    keep("one", mail(1, ANNA), mail(2, OLGA, attachments=(card,)), chat(3, PHONE, "Chat"))
    assert told(session, blobs) == {PAIR: [Why.CARD]}


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"TEL:\nEMAIL:\nFN:\n", b"TEL:+48600100200\n" * 1000])
def test_a_card_that_says_nothing_breaks_nothing(session, blobs, keep, content):
    card = RawAttachment("x.vcf", "text/vcard", len(content), lambda: content)
    keep("one", mail(1, ANNA), mail(2, OLGA, attachments=(card,)), chat(3, PHONE, "Chat"))
    assert told(session, blobs) == {}


def test_two_exports_of_one_chat_say_who_is_who(session, blobs, keep):
    ania = RawAddress(AddressKind.WHATSAPP, "Ania 🌾", "Ania 🌾")
    me, other = (RawAddress(AddressKind.WHATSAPP, name, name) for name in ("Olga L", "Szefowa"))
    keep("hers", *(chat(number, (ania, me)[number % 2], "Klos") for number in range(20)))
    keep("his", *(chat(number, (PHONE, other)[number % 2], "Anna") for number in range(20)))
    found = suggestions(session, EVERYTHING, blobs)
    assert {(one.kept.name, one.merged.name) for one in found} == {
        ("Ania 🌾", "+48 600 100 200"),
        ("Olga L", "Szefowa"),
    }
    assert {str(one.suggestion.reasons[0]) for one in found} == {
        "two exports show the same 10 messages as theirs"
    }


def test_who_was_told_apart_stays_so_when_one_is_merged_on(session, blobs, keep):
    keep("one", mail(1, ANNA, SIGNED), mail(2, OLGA), chat(3, PHONE, "Chat"))
    ids = {one.addresses[0].value: one.id for one in people(session, EVERYTHING, Wanted())}
    keep_apart(session, ids["anna@klos.example"], ids["+48600100200"], actor="olga")
    assert told(session, blobs) == {}
    merge(session, ids["olga@agency.example"], ids["+48600100200"], actor="olga")
    assert told(session, blobs) == {}


def test_a_reader_is_told_only_of_what_both_wrote_in_their_projects(session, blobs, keep):
    bakery, other = create_project(session, "Bakery", ""), create_project(session, "Other", "")
    add_project_rule(session, bakery, "domain", "klos.example")
    add_project_rule(session, other, "title", "chat")
    keep("one", mail(1, ANNA, SIGNED), chat(2, PHONE, "Chat"))
    both = Scope(projects=frozenset({bakery, other}))
    assert told(session, blobs, both) == {PAIR: [Why.SIGNED]}
    for scope in (NOTHING, Scope(projects=frozenset({bakery})), Scope(projects=frozenset({other}))):
        assert told(session, blobs, scope) == {}
    assert [one.name for one in people(session, Scope(projects=frozenset({other})), Wanted())] == [
        "+48 600 100 200"
    ]


@pytest.mark.parametrize(
    "text", ["", "\n", "> only quoted\n> tel. 600 100 200", "x" * 100_000, "-- \n" * 1000, "-----\n"]
)
def test_any_text_has_a_signature_or_none(text):
    assert len(signature_of(text)) <= 20_000
