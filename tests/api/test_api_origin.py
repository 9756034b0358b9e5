"""The API gives the verdict on a mail's signatures, and the keys with which anybody can check them again."""

import pytest
from dns_server import dns_server
from factories import PASSWORD, installation
from signed_mails import MAIL, RECEIVED_AT, key_name, rsa_key, rsa_record, sign
from time_machine import travel

from service.accounts.store import create_account, issue_token
from service.api.app import build_api
from service.db.session import reading, writing
from service.ledger.store import read_entries
from service.pipeline.ingest import Wish, ingest
from service.pipeline.prove_origin import prove_origins


@pytest.fixture
def client(engine, tmp_path):
    """An archive with a signed mail, checked, one that waits and one without a signature."""
    from asgi_client import Client

    mails = tmp_path / "mails"
    mails.mkdir()
    (mails / "1.eml").write_bytes(sign())
    (mails / "2.eml").write_bytes(MAIL.replace(b"<1@", b"<2@"))
    with dns_server() as server, travel(RECEIVED_AT, tick=False):
        server.records[key_name()] = rsa_record(rsa_key())
        server.authenticated = True
        house = installation(engine, tmp_path / "data", dns=server.address)
        ingest(house, [mails], Wish(actor="test"))
        prove_origins(house)
        (mails / "3.eml").write_bytes(sign(MAIL.replace(b"<1@", b"<3@")))
        ingest(house, [mails], Wish(actor="test"))
    with writing(engine) as session:
        create_account(session, "olga", PASSWORD, is_admin=True)
        secret = issue_token(session, "olga", "crm")
    return Client(build_api(house), headers={"Authorization": f"Bearer {secret}"})


def messages(client) -> dict[str, dict]:
    """Return the messages of all conversations by their Message-ID."""
    talks = client.get("/conversations").json()["items"]
    pages = [client.get(f"/conversations/{talk['id']}/messages").json()["items"] for talk in talks]
    return {one["external_id"].partition("@")[0]: one for page in pages for one in page}


def test_a_message_carries_its_verdict_with_the_key_as_dns_gave_it(client):
    found = messages(client)
    assert {key: one["origin"]["verdict"] for key, one in found.items()} == {
        "1": "signed",
        "2": "unsigned",
        "3": "waiting",
    }
    alone = client.get(f"/messages/{found['1']['id']}").json()
    assert (
        alone["origin"]
        == found["1"]["origin"]
        == {
            "verdict": "signed",
            "checked_at": "2026-03-02T09:00:00Z",
            "signatures": [
                {
                    "method": "dkim",
                    "domain": "clinic.example",
                    "selector": "s1",
                    "result": "pass",
                    "reason": "matches",
                    "key": {
                        "name": key_name(),
                        "text": rsa_record(rsa_key()),
                        "authenticated": True,
                        "dns_seen_at": "2026-03-02T09:00:00Z",
                        "dns_seen_until": "2026-03-02T09:00:00Z",
                    },
                }
            ],
        }
    )


def test_the_ledger_entry_of_a_message_has_its_proof(client, engine):
    message = messages(client)["1"]
    with reading(engine) as session:
        (entry,) = read_entries(session, subject=f"message:{message['id']}")
    assert entry.body["blob_sha256"] == message["original_sha256"]
    assert client.get(f"/ledger/entries/{entry.seq}/proof").json()["seq"] == entry.seq
