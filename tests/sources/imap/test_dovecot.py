"""The server that other tests rely on does what they think it does."""

import ssl

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from service.sources.imap.mailbox import Security

MAILS = [b"Subject: %d\r\n\r\nhello\r\n" % number for number in range(1, 6)]


def connect(dovecot, security=Security.TLS):
    server = dovecot.server(security)
    context = ssl.create_default_context(cafile=server.ca_file)
    client = IMAPClient(
        server.host, server.port, ssl=security is Security.TLS, ssl_context=context, timeout=30
    )
    if security is Security.STARTTLS:
        client.starttls(context)
    return client


@pytest.mark.parametrize("security", list(Security))
def test_it_takes_mails_and_gives_them_back(dovecot, security):
    password = dovecot.user("anna@studio.pl")
    dovecot.append("anna@studio.pl", "INBOX", MAILS)
    with connect(dovecot, security) as client:
        client.login("anna@studio.pl", password)
        assert client.select_folder("INBOX", readonly=True)[b"EXISTS"] == 5
        assert [told[b"BODY[]"] for told in client.fetch(range(1, 6), ["BODY.PEEK[]"]).values()] == MAILS


def test_a_user_taken_again_has_an_empty_mailbox(dovecot):
    for _ in range(2):
        dovecot.user("anna@studio.pl")
        assert dovecot.status("anna@studio.pl", "INBOX")["messages"] == 0
        dovecot.append("anna@studio.pl", "INBOX", MAILS)
        assert dovecot.status("anna@studio.pl", "INBOX")["messages"] == 5


def test_mails_are_removed_moved_and_numbered_anew(dovecot):
    dovecot.user("jan@studio.pl")
    dovecot.create("jan@studio.pl", 'Klienci "Ż" [2025]/Проект & co')
    dovecot.append("jan@studio.pl", "INBOX", MAILS)
    dovecot.expunge("jan@studio.pl", "INBOX", [1, 2])
    dovecot.move("jan@studio.pl", "INBOX", 'Klienci "Ż" [2025]/Проект & co', [3])
    assert sorted(dovecot.flags("jan@studio.pl", "INBOX")) == [4, 5]
    assert sorted(dovecot.flags("jan@studio.pl", 'Klienci "Ż" [2025]/Проект & co')) == [1]
    before = dovecot.status("jan@studio.pl", "INBOX")
    new = dovecot.reset_uidvalidity("jan@studio.pl", "INBOX")
    after = dovecot.status("jan@studio.pl", "INBOX")
    assert (after["messages"], after["uidvalidity"]) == (2, new)
    assert new != before["uidvalidity"]


def test_passwords_and_tokens_are_checked(dovecot):
    dovecot.user("anna@studio.pl")
    with connect(dovecot) as client, pytest.raises(LoginError):
        client.login("anna@studio.pl", "wrong")
    with connect(dovecot) as client:
        client.oauth2_login("anna@studio.pl", dovecot.token("anna@studio.pl"))


def talk(client):
    # A signal takes its time; that of a kicked connection is over after a few words.
    for _ in range(10_000):
        client.noop()


def test_a_kicked_user_and_a_stopped_server_lose_their_connections(own_dovecot):
    password = own_dovecot.user("anna@studio.pl")
    with connect(own_dovecot) as client:
        client.login("anna@studio.pl", password)
        own_dovecot.kick("anna@studio.pl")
        with pytest.raises((IMAPClient.AbortError, OSError)):
            talk(client)
    own_dovecot.stop()
    with pytest.raises(ConnectionError):
        connect(own_dovecot)
    own_dovecot.start()
    with connect(own_dovecot) as client:
        client.login("anna@studio.pl", password)
