"""Keys are asked for once a run, within limits, and a resolver in trouble is told from a key that is gone."""

import pytest
from dns_server import EMPTY, SERVFAIL, SILENT, DnsServer, dns_server
from signed_mails import key_name, rsa_key, rsa_record

from service.origin import dns
from service.origin.dns import MOST_CHARACTERS, MOST_FAILURES, Lookup
from service.origin.signature import Answer, Status

NAME = key_name()
RECORD = rsa_record(rsa_key(bits=2048))


@pytest.fixture
def server():
    with dns_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(dns, "LIFETIME_S", 0.3)
    monkeypatch.setattr(dns, "TRY_S", 0.1)


def ask(server: DnsServer, name: str = NAME) -> Answer:
    return Lookup(server.address)(name)


def test_a_key_longer_than_one_string_comes_whole(server):
    server.records[NAME] = RECORD
    assert ask(server) == Answer(NAME, Status.FOUND, RECORD)


def test_an_answer_that_dnssec_vouches_for_is_marked(server):
    server.records[NAME], server.authenticated = RECORD, True
    assert ask(server).authenticated


def test_a_cut_answer_is_asked_for_again_by_tcp(server):
    server.records[NAME], server.cut_udp = RECORD, True
    assert ask(server).text == RECORD
    assert (server.asked[NAME], server.by_tcp[NAME]) == (1, 1)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (None, Status.ABSENT),
        (EMPTY, Status.ABSENT),
        (SERVFAIL, Status.FAILED),
        (SILENT, Status.FAILED),
    ],
)
def test_a_key_that_is_gone_is_told_from_a_server_in_trouble(server, told, status):
    if told is not None:
        server.records[NAME] = told
    assert ask(server) == Answer(NAME, status)


@pytest.mark.parametrize(
    "name", ["s1._domainkey.a..example", "s" * 64 + "._domainkey.a.example", ".", "a." * 200]
)
def test_a_name_that_dns_cannot_hold_is_nowhere(server, name):
    assert ask(server, name).status is Status.ABSENT


def test_each_name_is_asked_for_once_a_run(server):
    server.records[NAME] = RECORD
    lookup = Lookup(server.address)
    assert [lookup(NAME).status for _ in range(3)] == [Status.FOUND] * 3
    assert server.asked[NAME] == 1


def test_nobody_is_asked_any_more_once_dns_is_down(server):
    lookup = Lookup(server.address)
    names = [f"s{number}._domainkey.a.example" for number in range(MOST_FAILURES + 3)]
    server.records.update(dict.fromkeys(names, SILENT))
    assert {lookup(name).status for name in names} == {Status.FAILED}
    assert lookup.is_down
    assert set(server.asked) == set(names[:MOST_FAILURES])


def test_several_records_read_the_same_in_any_order(server):
    server.records[NAME] = ["v=spf1 -all", RECORD]
    first = ask(server).text
    server.records[NAME] = [RECORD, "v=spf1 -all"]
    assert ask(server).text == first == f"{RECORD}\nv=spf1 -all"


def test_what_no_database_holds_is_written_out_and_a_flood_is_cut(server):
    server.cut_udp = True
    server.records[NAME] = "p=\x00\n\xff"
    assert ask(server).text == "p=\\x00\\x0a\\xff"
    server.records[NAME] = "x" * 20_000
    assert len(ask(server).text) == MOST_CHARACTERS


def test_nobody_is_asked_where_dns_is_off():
    lookup = Lookup("off")
    assert lookup(NAME) == Answer(NAME, Status.NOT_ASKED)
    assert not lookup.is_down


def test_a_system_without_a_resolver_is_one_that_does_not_answer(monkeypatch):
    def none(configure: bool) -> None:
        raise dns.dns.resolver.NoResolverConfiguration(configure)

    monkeypatch.setattr(dns, "Resolver", none)
    assert Lookup("")(NAME).status is Status.FAILED


def test_a_port_where_nobody_listens_is_no_answer():
    with dns_server() as server:
        address = server.address
    assert Lookup(address)(NAME).status is Status.FAILED
