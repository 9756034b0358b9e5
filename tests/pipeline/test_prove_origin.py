"""Archived mails are checked with the keys of the day, once, and the ledger keeps what came of it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from dns_server import SERVFAIL, DnsServer, dns_server
from factories import installation
from ledger_check import assert_ledger_intact
from signed_mails import MAIL, key_name, rsa_key, rsa_record, seal, sign
from sqlmodel import select

from service.archive.tables import MessageRow
from service.db.session import reading
from service.ledger.store import log_size, read_entries
from service.origin.signature import Origin, Reason, Verdict
from service.origin.store import AGAIN_AFTER, origin_of
from service.origin.tables import OriginKeyRow
from service.pipeline.ingest import Wish, ingest
from service.pipeline.prove_origin import prove_origins

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RECORD = rsa_record(rsa_key())


@pytest.fixture
def server():
    with dns_server() as server:
        server.records[key_name()] = RECORD
        yield server


@pytest.fixture
def house(engine, tmp_path, server):
    return installation(engine, tmp_path / "data", dns=server.address)


@pytest.fixture(autouse=True)
def _on_that_day():
    with time_machine.travel(NOW, tick=False):
        yield


def numbered(number: int, mail: bytes = MAIL) -> bytes:
    return mail.replace(b"<1@", b"<%d@" % number)


def archive(house, tmp_path, *mails: bytes) -> None:
    folder = tmp_path / "mails"
    folder.mkdir(exist_ok=True)
    for number, mail in enumerate(mails, start=len(list(folder.iterdir()))):
        (folder / f"{number}.eml").write_bytes(mail)
    ingest(house, [folder], Wish(actor="test"))


def origins(house) -> dict[str, Origin]:
    """Return what is known, by the number in the Message-ID."""
    with reading(house.engine) as session:
        rows = session.exec(select(MessageRow.id, MessageRow.external_id)).all()
        found = origin_of(session, [message_id for message_id, _ in rows])
    return {name.partition("@")[0]: found[key] for key, name in rows if key in found}


def facts(house, kind: str) -> list[dict[str, object]]:
    with reading(house.engine) as session:
        assert_ledger_intact(session, log_size(session), house.key.verifier)
        return [dict(one.body) for one in read_entries(session, limit=1000) if one.kind == kind]


def test_a_signed_mail_is_proved_with_the_key_of_the_day(house, tmp_path, server):
    server.authenticated = True
    archive(house, tmp_path, sign(), numbered(2))
    assert origins(house)["1"].verdict is Verdict.WAITING
    assert prove_origins(house) == 1
    found = origins(house)
    assert set(found) == {"1"}, "a mail without a signature has no origin"
    (signature,) = found["1"].signatures
    assert (found["1"].verdict, signature.result, signature.domain) == ("signed", "pass", "clinic.example")
    assert found["1"].domains == ["clinic.example"]
    assert signature.key is not None
    assert (signature.key.answer, signature.key.authenticated, signature.key.first_at) == (RECORD, True, NOW)


def test_the_ledger_says_what_was_found_and_which_key_dns_gave(house, tmp_path):
    archive(house, tmp_path, sign())
    prove_origins(house)
    (key,) = facts(house, "origin_key.given")
    assert (key["name"], key["answer"]) == (key_name(), RECORD)
    (origin,) = facts(house, "message.origin")
    assert (origin["verdict"], origin["author"]) == ("signed", "igor@clinic.example")
    assert origin["signatures"][0]["key"].startswith("origin_key:")


def test_what_is_proved_is_neither_asked_nor_recorded_again(house, tmp_path, server):
    archive(house, tmp_path, sign(), sign(numbered(2)))
    assert [prove_origins(house), prove_origins(house)] == [2, 0]
    archive(house, tmp_path)
    assert prove_origins(house) == 0
    assert len(facts(house, "message.origin")) == 2
    assert server.asked[key_name()] == 1


def test_the_same_answer_again_only_moves_when_it_was_last_given(house, tmp_path):
    archive(house, tmp_path, sign())
    prove_origins(house)
    later = NOW + timedelta(days=2)
    archive(house, tmp_path, sign(numbered(2)))
    prove_origins(house, later)
    with reading(house.engine) as session:
        (key,) = session.exec(select(OriginKeyRow)).all()
        assert (key.first_at, key.last_at) == (NOW, later)
    assert len(facts(house, "origin_key.given")) == 1


def test_a_key_that_was_replaced_still_proves_the_mails_of_its_time(house, tmp_path, server):
    archive(house, tmp_path, sign())
    prove_origins(house)
    server.records[key_name()] = rsa_record(rsa_key("new"))
    archive(house, tmp_path, sign(numbered(2), key=rsa_key("new")), sign(numbered(3)))
    prove_origins(house)
    found = origins(house)
    assert {name: one.verdict.value for name, one in found.items()} == dict.fromkeys("123", "signed")
    assert found["3"].signatures[0].key == found["1"].signatures[0].key
    del server.records[key_name()]
    archive(house, tmp_path, sign(numbered(4)))
    prove_origins(house)
    assert origins(house)["4"].verdict is Verdict.SIGNED


def test_a_changed_mail_is_broken_and_one_of_a_service_is_shown_as_such(house, tmp_path, server):
    server.records[key_name("sendgrid.example", "m1")] = rsa_record(rsa_key("service"))
    server.records[key_name("list.example", "arc")] = rsa_record(rsa_key("list"))
    altered = sign(numbered(2)).replace(b"64 000", b"46 000")
    archive(
        house,
        tmp_path,
        altered,
        sign(numbered(3), "sendgrid.example", rsa_key("service"), selector="m1"),
        seal(sign(numbered(4)).replace(b"print.", b"print!"), "list.example", rsa_key("list")),
    )
    prove_origins(house)
    found = origins(house)
    assert {name: one.verdict.value for name, one in found.items()} == {
        "2": "broken",
        "3": "other_domain",
        "4": "other_domain",
    }
    assert found["2"].signatures[0].reason == Reason.TEXT_CHANGED
    assert found["3"].domains == ["sendgrid.example"]
    assert [one.method for one in found["4"].signatures] == ["dkim", "arc", "arc-seal"]


def test_originals_with_bare_line_feeds_are_signed_as_well(house, tmp_path):
    mail = tmp_path / "box.mbox"
    mail.write_bytes(
        b"From igor@clinic.example Mon Mar  2 10:00:00 2026\n"
        + sign().replace(b"\r\n", b"\n").replace(b"\nFrom here", b"\n>From here")
    )
    ingest(house, [mail], Wish(actor="test"))
    prove_origins(house)
    assert origins(house)["1"].verdict is Verdict.SIGNED


def test_a_key_that_is_gone_is_final(house, tmp_path, server):
    del server.records[key_name()]
    archive(house, tmp_path, sign())
    prove_origins(house)
    (origin,) = origins(house).values()
    assert (origin.verdict, origin.signatures[0].reason) == ("unknown", "key_missing")
    assert origin.signatures[0].key is not None
    assert origin.signatures[0].key.answer == ""
    assert prove_origins(house, NOW + timedelta(days=30)) == 0


def test_a_key_that_could_not_be_asked_for_is_asked_for_later_and_given_up_in_the_end(
    house, tmp_path, server
):
    server.records[key_name()] = SERVFAIL
    archive(house, tmp_path, sign())
    at = NOW
    for pause in AGAIN_AFTER:
        assert prove_origins(house, at) == 1
        assert origins(house)["1"].verdict is Verdict.WAITING
        assert prove_origins(house, at + pause - timedelta(seconds=1)) == 0
        at += pause
    assert facts(house, "message.origin") == []
    assert prove_origins(house, at) == 1
    (origin,) = origins(house).values()
    assert (origin.verdict, origin.signatures[0].reason) == ("unknown", "no_answer")
    assert len(facts(house, "message.origin")) == 1
    assert prove_origins(house, at + timedelta(days=30)) == 0


def test_a_server_that_recovers_proves_what_waited(house, tmp_path, server):
    server.records[key_name()] = SERVFAIL
    archive(house, tmp_path, sign())
    prove_origins(house)
    server.records[key_name()] = RECORD
    assert prove_origins(house, NOW + AGAIN_AFTER[0]) == 1
    assert origins(house)["1"].verdict is Verdict.SIGNED


def test_a_run_ends_early_where_dns_is_down(house, tmp_path, server):
    mails = [sign(numbered(number), selector=f"s{number}") for number in range(9)]
    server.records.update({key_name(selector=f"s{number}"): SERVFAIL for number in range(9)})
    archive(house, tmp_path, *mails)
    assert prove_origins(house) < len(mails)
    assert len([name for name in server.asked if server.asked[name]]) < len(mails)


def test_without_dns_it_says_so_and_catches_up_once_there_is_one(engine, tmp_path, server):
    house = installation(engine, tmp_path / "data", dns="off")
    archive(house, tmp_path, sign())
    assert [prove_origins(house), prove_origins(house)] == [1, 0]
    (origin,) = origins(house).values()
    assert (origin.verdict, origin.signatures[0].reason) == ("unknown", "not_asked")
    asking = installation_with_dns(house, server)
    assert [prove_origins(asking), prove_origins(asking)] == [1, 0]
    assert origins(house)["1"].verdict is Verdict.SIGNED


def installation_with_dns(house, server: DnsServer):
    from dataclasses import replace

    return replace(house, settings=replace(house.settings, dns=server.address))


def test_a_slice_takes_no_more_than_it_may_and_the_newest_first(house, tmp_path):
    old = numbered(1).replace(b"02 Mar 2026 10:00", b"01 Mar 2026 10:00")
    archive(house, tmp_path, sign(old), sign(numbered(2)))
    assert prove_origins(house, most=1) == 1
    assert {name: one.verdict.value for name, one in origins(house).items()} == {
        "1": "waiting",
        "2": "signed",
    }


def test_one_original_that_was_changed_does_not_keep_others_waiting(house, tmp_path):
    archive(house, tmp_path, sign())
    for pack in (tmp_path / "data" / "originals").rglob("*.zst"):
        pack.write_bytes(b"x" * pack.stat().st_size)
    archive(house, tmp_path, sign(numbered(2)))
    assert prove_origins(house) == 2
    assert {name: one.verdict.value for name, one in origins(house).items()} == {
        "1": "waiting",
        "2": "signed",
    }


def test_two_runs_at_once_record_a_mail_once(house, tmp_path, monkeypatch):
    archive(house, tmp_path, sign())
    from service.pipeline import prove_origin as stage

    settle = stage._settle

    def twice(house, checked, now):
        settle(house, checked, now)
        settle(house, checked, now)

    monkeypatch.setattr(stage, "_settle", twice)
    prove_origins(house)
    assert len(facts(house, "message.origin")) == 1
