"""Who may sign in does, over a connection that nobody else can read; who may not is told why."""

import dataclasses
from datetime import timedelta

import pytest
from imap_meddler import Replacing, meddling

from service.errors import SignInRefused, SourceError, Throttled, Unreachable
from service.sources.imap.mailbox import Choice, Credentials, Security, Server
from service.sources.imap.session import Mailbox

ANNA = "anna@studio.pl"


@pytest.mark.parametrize("security", list(Security))
def test_a_password_signs_in_over_every_kind_of_connection(connect, security):
    assert [folder.name for folder in connect(security).folders(Choice())] == ["INBOX"]


@pytest.mark.parametrize("mechanism", [b"AUTH=OAUTHBEARER", b"AUTH=XOAUTH2"])
def test_a_token_signs_in_by_either_mechanism(dovecot, anna, mechanism):
    other = {b"AUTH=OAUTHBEARER", b"AUTH=XOAUTH2"} - {mechanism}
    what = Replacing({b" " + other.pop(): b""})
    with meddling(dovecot.port, what) as server:
        with Mailbox.open(server, Credentials(anna, token=dovecot.token(anna))) as mailbox:
            assert mailbox.folders(Choice())
        late = dovecot.token(anna, good_for=timedelta(hours=-1))
        # Dovecot's reason is in the challenge, which is answered, so that its NO comes.
        with pytest.raises(SignInRefused, match=r"(?s)AUTHENTICATIONFAILED.*status") as error:
            Mailbox.open(server, Credentials(anna, token=late))
    assert late not in str(error.value)
    assert sum(mechanism[5:] in line for line in what.met) == 2


@pytest.mark.parametrize("password", ["zażółć gęślą", "пароль", 'a "quoted" \\ one', "with space", "{5}"])
@pytest.mark.parametrize("offered", ["plain", "login"])
def test_any_password_can_be_sent(dovecot, anna, password, offered):
    dovecot.change_password(anna, password)
    what = Replacing({b" AUTH=PLAIN": b""} if offered == "login" else {})
    with meddling(dovecot.port, what) as server, Mailbox.open(server, Credentials(anna, password)) as mailbox:
        assert mailbox.folders(Choice())
    assert any(b" LOGIN " in line for line in what.met) == (offered == "login")


def test_a_wrong_password_is_refused_once_and_not_told_on(dovecot, anna):
    what = Replacing()
    with meddling(dovecot.port, what) as server, pytest.raises(SignInRefused, match="Sign in again") as error:
        Mailbox.open(server, Credentials(anna, "wrong secret"))
    assert "wrong secret" not in str(error.value)
    assert sum(b"AUTHENTICATE" in line or b"LOGIN" in line for line in what.met) == 1


def test_a_server_that_quotes_the_password_is_not_quoted(dovecot, anna):
    what = Replacing({b"Authentication failed.": b"no: hunter2 and aHVudGVyMg=="})
    with meddling(dovecot.port, what) as server, pytest.raises(SignInRefused) as error:
        Mailbox.open(server, Credentials(anna, "hunter2"))
    assert "no: *** and ***" in str(error.value)
    assert "hunter2" not in repr(Credentials(anna, "hunter2", "hunter2"))


@pytest.mark.parametrize(
    "said",
    [
        b"[UNAVAILABLE] Temporary authentication failure.",
        b"[LIMIT] LOGIN Rate limit hit.",
        b"[INUSE] Mailbox in use.",
        b"[ALERT] Too many simultaneous connections. (Failure)",
        b"Account exceeded command or bandwidth limits. (Failure)",
        b"User is authenticated but not connected.",
    ],
)
def test_a_server_that_asks_to_wait_is_no_refusal(dovecot, anna, said):
    what = Replacing({b"[AUTHENTICATIONFAILED] Authentication failed.": said})
    with (
        meddling(dovecot.port, what) as server,
        pytest.raises(Throttled, match="left alone for a while"),
    ):
        Mailbox.open(server, Credentials(anna, "wrong"))


@pytest.mark.parametrize(
    "said",
    [
        b"[EXPIRED] That password has expired, try again.",
        b"[WEBALERT https://accounts.google.com/x] Web login required.",
        b"[ALERT] Application-specific password required",
        b"LOGIN failed.",
    ],
)
def test_a_refusal_is_one_in_any_words(dovecot, anna, said):
    for verdict in (b"NO ", b"BAD "):
        what = Replacing({b"NO [AUTHENTICATIONFAILED] Authentication failed.": verdict + said})
        with meddling(dovecot.port, what) as server, pytest.raises(SignInRefused):
            Mailbox.open(server, Credentials(anna, "wrong"))


def test_too_many_connections_are_throttling(connect):
    for _ in range(5):  # as many as the server's configuration allows
        connect()
    with pytest.raises(Throttled, match="Maximum number of connections"):
        connect()


def test_a_password_is_never_sent_in_clear_to_another_machine():
    for host in ("imap.example.com", "192.0.2.1", "localhost.example.com"):
        with pytest.raises(SignInRefused, match="in clear"):
            Mailbox.open(Server(host, 143, Security.NONE), Credentials("a", "b"))


def test_a_server_that_forbids_passwords_gets_none(dovecot, anna):
    what = Replacing({b" AUTH=PLAIN": b" LOGINDISABLED"})
    with meddling(dovecot.port, what) as server, pytest.raises(SignInRefused, match="use tls"):
        Mailbox.open(server, dovecot.credentials(anna))
    assert not any(b"LOGIN" in line or b"AUTHENTICATE" in line for line in what.met)


def test_a_server_without_tokens_gets_none(dovecot, anna):
    what = Replacing({b" AUTH=XOAUTH2": b"", b" AUTH=OAUTHBEARER": b""})
    with meddling(dovecot.port, what) as server, pytest.raises(SignInRefused, match="by password"):
        Mailbox.open(server, Credentials(anna, token="t"))


@pytest.mark.parametrize("letter", "\r\n\0\x01")
def test_no_command_can_be_smuggled_in(dovecot, letter):
    for credentials in (
        Credentials(f"a{letter}b", "c"),
        Credentials("a", f"b{letter}c"),
        Credentials("a", token=letter),
    ):
        with pytest.raises(SignInRefused, match="line break"):
            Mailbox.open(dovecot.server(), credentials)


def test_without_starttls_nothing_is_sent(dovecot, anna):
    what = Replacing({b" STARTTLS": b""})
    with meddling(dovecot.port, what) as server, pytest.raises(Unreachable, match="does not offer STARTTLS"):
        Mailbox.open(dataclasses.replace(server, security=Security.STARTTLS), dovecot.credentials(anna))
    assert not any(b"LOGIN" in line or b"AUTHENTICATE" in line for line in what.met)


def test_what_comes_in_clear_before_tls_is_not_read_as_if_it_came_through_it(dovecot, anna):
    # CVE-2011-0411: a man in the middle adds lines behind the answer to STARTTLS.
    injected = b"now.\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN X-GM-EXT-1\r\nS3 OK done\r\n"
    with meddling(dovecot.port, Replacing({b"Begin TLS negotiation now.\r\n": injected})) as proxy:
        server = dataclasses.replace(dovecot.server(Security.STARTTLS), port=proxy.port)
        with Mailbox.open(server, dovecot.credentials(anna)) as mailbox:
            assert not mailbox.is_gmail()
            assert [folder.name for folder in mailbox.folders(Choice())] == ["INBOX"]


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_for_another_name_is_refused_and_says_so(dovecot, anna, security):
    server = dataclasses.replace(dovecot.server(security), host="127.0.0.1")
    with pytest.raises(Unreachable, match=r"certificate of 127\.0\.0\.1:\d+ is for a name") as error:
        Mailbox.open(server, dovecot.credentials(anna))
    assert not isinstance(error.value, Throttled)


def test_a_certificate_that_nobody_signed_is_refused(dovecot, anna):
    server = dataclasses.replace(dovecot.server(), ca_file="")
    with pytest.raises(Unreachable, match="not signed by anybody trusted"):
        Mailbox.open(server, dovecot.credentials(anna))


def test_a_wrong_port_or_host_says_what_to_check(dovecot, anna, own_dovecot):
    credentials = dovecot.credentials(anna)
    with pytest.raises(Unreachable, match="does not speak TLS"):
        Mailbox.open(dataclasses.replace(dovecot.server(), port=dovecot.port), credentials)
    with pytest.raises(Unreachable, match="localhost"):
        Mailbox.open(
            dataclasses.replace(dovecot.server(Security.NONE), port=dovecot.tls_port),
            credentials,
            timeout_s=1,
        )
    own_dovecot.stop()
    with pytest.raises(Unreachable, match="takes no connections"):
        Mailbox.open(own_dovecot.server(), credentials)
    for host in ("..", "a\0b"):
        with pytest.raises(Unreachable):
            Mailbox.open(Server(host), credentials)


def test_a_missing_file_of_certificates_is_an_error_of_ours(dovecot, anna):
    with pytest.raises(SourceError):
        Mailbox.open(
            dataclasses.replace(dovecot.server(), ca_file="/no/such/file"), dovecot.credentials(anna)
        )
