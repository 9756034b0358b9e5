"""A server that lies costs at most what it lies about: never a hang, never an error that is not ours."""

import re
import socket
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imap_meddler import Meddling, Replacing, meddling

from service.errors import SourceError, Throttled, Unreachable
from service.sources.imap import wire
from service.sources.imap.mailbox import Choice, Credentials, Folder, Security, Server
from service.sources.imap.session import Mailbox

INBOX = Folder("INBOX")


@pytest.fixture(autouse=True)
def three(dovecot, anna, mails):
    """Three mails to lie about."""
    dovecot.append(anna, "INBOX", mails(3))


class Spoiling(Meddling):
    """Changes the lines that match, or puts other bytes in their place."""

    def __init__(self, pattern: bytes, change, *, times: int = 1_000) -> None:
        self._pattern = re.compile(pattern)
        self._change = change
        self._times = times

    def to_client(self, line):
        if self._times and self._pattern.search(line):
            self._times -= 1
            return self._change if isinstance(self._change, bytes) else self._change(line)
        return line


@pytest.mark.parametrize(
    ("lie", "validity"),
    [
        ({b"[UIDVALIDITY": b"[NOTHING"}, 0),
        ({b"[UIDVALIDITY ": b"[UIDVALIDITY -"}, 0),
        ({b"[UIDVALIDITY ": b"[UIDVALIDITY 99999999999999999999"}, 0),
        ({b"[UIDVALIDITY ": b"[UIDVALIDITY 1"}, None),
    ],
)
def test_uidvalidity_may_be_missing_or_longer_than_the_standard_allows(connect_through, lie, validity):
    told = connect_through(Replacing(lie)).examine(INBOX)
    assert told.messages == 3
    assert told.uid_validity == validity if validity is not None else told.uid_validity > 2**32


def test_a_status_without_numbers_is_absent_or_as_far_as_it_goes(connect_through):
    assert connect_through(Replacing({b"MESSAGES 3": b"MESSAGES x"})).statuses([INBOX]) == {}
    told = connect_through(Replacing({b"UIDNEXT": b"NOTHING", b"UIDVALIDITY": b"NOT"})).statuses([INBOX])[
        "INBOX"
    ]
    assert (told.messages, told.uid_next, told.uid_validity) == (3, None, 0)


def test_sizes_that_are_wrong_change_nothing_but_themselves(connect_through, mails):
    mailbox = connect_through(
        Spoiling(rb"RFC822.SIZE", lambda line: re.sub(rb"SIZE \d+", b"SIZE 99999999999", line))
    )
    mailbox.examine(INBOX)
    assert [listed.size for listed in mailbox.listing()] == [99999999999] * 3
    assert [message.body for message in mailbox.fetch([1, 2, 3])] == mails(3)
    mailbox = connect_through(Spoiling(rb"RFC822.SIZE", lambda line: re.sub(rb" RFC822.SIZE \d+", b"", line)))
    mailbox.examine(INBOX)
    assert [(listed.uid, listed.size) for listed in mailbox.listing()] == [(3, 0), (2, 0), (1, 0)]


def test_garbage_between_responses_is_passed_over(connect_through, mails):
    garbage = (
        b"garbage\r\n\r\n* 12\r\n+ what?\r\n* OK [ALERT] hello\r\n* 2 FETCH (FLAGS ())\r\n* 9 FETCH (((\r\n"
    )
    mailbox = connect_through(Spoiling(rb"^\* \d+ FETCH|^S\d+ OK|^\* LIST", lambda line: garbage + line))
    assert mailbox.folders(Choice()) == [INBOX]
    mailbox.examine(INBOX)
    assert [listed.uid for listed in mailbox.listing()] == [3, 2, 1]
    assert [message.body for message in mailbox.fetch([1, 2, 3])] == mails(3)


def test_garbage_behind_a_literal_costs_that_message_alone(connect_through, mails):
    mailbox = connect_through(Spoiling(rb"^\)\r\n", b" garbage\r\n", times=1))
    mailbox.examine(INBOX)
    assert [message.body for message in mailbox.fetch([1, 2, 3])] == mails(3)[1:]
    assert [message.body for message in mailbox.fetch([1])] == mails(1)


def test_a_literal_that_is_longer_than_announced_is_not_believed(connect_through):
    mailbox = connect_through(
        Spoiling(rb"UID 2 .*\{\d+\}", lambda line: re.sub(rb"\{\d+\}", b"{10}", line), times=1)
    )
    mailbox.examine(INBOX)
    assert [message.uid for message in mailbox.fetch([1, 2, 3])] == [1, 3]


def test_a_literal_that_is_shorter_than_announced_is_not_believed(connect_through, mails):
    def announce_more(line):
        return re.sub(rb"\{(\d+)\}", lambda found: b"{%d}" % (int(found[1]) + 5), line)

    mailbox = connect_through(Spoiling(rb"UID 2 .*\{\d+\}", announce_more, times=1))
    mailbox.examine(INBOX)
    bodies = [message.body for message in mailbox.fetch([1, 2, 3])]
    assert mails(1)[0] in bodies
    assert all(body in mails(3) for body in bodies)


def test_a_literal_that_never_comes_is_a_time_out(connect_through):
    mailbox = connect_through(
        Spoiling(rb"UID 3 .*\{\d+\}", lambda line: re.sub(rb"\{\d+\}", b"{1000000}", line)), timeout_s=1
    )
    mailbox.examine(INBOX)
    with pytest.raises(Unreachable, match="does not answer in time"):
        list(mailbox.fetch([1, 2, 3]))


def test_an_absurd_literal_is_refused(connect_through):
    mailbox = connect_through(Spoiling(rb"\{\d+\}", lambda line: re.sub(rb"\{\d+\}", b"{9999999999}", line)))
    mailbox.examine(INBOX)
    with pytest.raises(Unreachable, match="literal of 9999999999 bytes"):
        list(mailbox.fetch([1]))


def test_a_body_that_is_nil_is_absent(connect_through):
    mailbox = connect_through(
        Replacing({b"* 2 FETCH (UID 2": b"* 2 FETCH (UID 2 BODY[] NIL)\r\n* 2 FETCH (UID 77"})
    )
    mailbox.examine(INBOX)
    assert [message.uid for message in mailbox.fetch([1, 2, 3])] == [1, 3]


def test_one_message_that_the_server_refuses_does_not_sink_its_batch(dovecot, anna, connect_through, mails):
    dovecot.append(anna, "INBOX", mails(29, first=4))

    class Refusing(Meddling):
        """Answers NO wherever message 17 is in the set, as servers with a broken index do."""

        bad = False

        def to_server(self, line):
            found = re.search(rb"UID FETCH (\S+)", line)
            spans = [part.split(b":") for part in found[1].split(b",")] if found else []
            self.bad = any(int(span[0]) <= 17 <= int(span[-1]) for span in spans)
            return line.replace(b"UID FETCH", b"UID NONSENSE") if self.bad else line

        def to_client(self, line):
            return (
                re.sub(rb"BAD .*\r\n", b"NO [SERVERBUG] Message 17 is broken\r\n", line) if self.bad else line
            )

    mailbox = connect_through(Refusing())
    mailbox.examine(INBOX)
    fetched = [message.uid for message in mailbox.fetch(range(1, 33))]
    assert sorted(fetched) == [uid for uid in range(1, 33) if uid != 17]
    assert len(fetched) == len(set(fetched))
    assert mailbox.refused.keys() == {17}
    assert "Message 17 is broken" in mailbox.refused[17]


def test_throttling_in_the_middle_is_told_from_a_refusal(connect_through):
    for verdict in (b"NO [LIMIT] Bandwidth", b"NO Account exceeded command or bandwidth limits."):
        mailbox = connect_through(Replacing({b"OK Fetch completed": verdict}))
        mailbox.examine(INBOX)
        with pytest.raises(Throttled):
            list(mailbox.fetch([1, 2, 3]))


@pytest.mark.parametrize(
    ("bye", "kind"),
    [(b"* BYE Server shutting down\r\n", Unreachable), (b"* BYE Too many connections\r\n", Throttled)],
)
def test_a_server_that_says_goodbye_is_understood(connect_through, bye, kind):
    mailbox = connect_through(Spoiling(rb"^\* 2 FETCH", bye))
    mailbox.examine(INBOX)
    with pytest.raises(kind, match=bye[6:20].decode()):
        list(mailbox.fetch([1, 2, 3]))


def test_a_folder_that_is_said_to_be_larger_than_it_is_ends(connect_through):
    mailbox = connect_through(Replacing({b"* 3 EXISTS": b"* 4000000000 EXISTS", b"BAD ": b"OK "}))
    mailbox.examine(INBOX)
    with pytest.raises(Unreachable, match="does not list them"):
        list(mailbox.listing())


def test_more_vanished_than_anybody_can_have_is_not_believed(dovecot, anna, connect_through):
    dovecot.expunge(anna, "INBOX", [2])
    mailbox = connect_through(Spoiling(rb"^\* VANISHED", b"* VANISHED (EARLIER) 1:4294967295\r\n"))
    mailbox.examine(INBOX)
    assert mailbox.changes(1) is None


@pytest.mark.parametrize(
    "greeting",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"220 mail.example.com ESMTP\r\n",
        b"* PREAUTH welcome\r\n",
        b"* BYE too busy\r\n",
        b"\r\n" * 2_000,
        b"* OK {99999999999}\r\n",
        b"\x16\x03\x01\x02\x00" * 100 + b"\r\n",
    ],
)
def test_what_is_no_mail_server_is_left(dovecot, anna, greeting):
    what = Spoiling(rb"^\* OK \[CAPABILITY", greeting)
    with meddling(dovecot.port, what) as server, pytest.raises(Unreachable, match=re.escape(server.host)):
        Mailbox.open(server, dovecot.credentials(anna), timeout_s=1)


def test_a_server_that_never_says_a_word_is_left():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Server("127.0.0.1", silent.getsockname()[1], Security.NONE)
        with pytest.raises(Unreachable, match="does not answer in time"):
            Mailbox.open(server, Credentials("a", "b"), timeout_s=0.2)


def test_an_answer_without_end_is_left(connect_through, monkeypatch):
    mailbox = connect_through(Spoiling(rb"^S\d+ OK .*NOOP|^S\d+ OK Fetch", b"* OK still here\r\n" * 5_000))
    mailbox.examine(INBOX)
    monkeypatch.setattr(wire, "_MOST_RESPONSES", 1_000)
    with pytest.raises(Unreachable, match="without end"):
        list(mailbox.fetch([1]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut_after=st.integers(1, 2_500))
def test_a_connection_may_be_cut_anywhere(dovecot, anna, mails, cut_after):
    with meddling(dovecot.port, Replacing(cut_after=cut_after)) as server:
        bodies = []
        try:
            with Mailbox.open(server, dovecot.credentials(anna), timeout_s=10) as mailbox:
                mailbox.folders(Choice())
                mailbox.statuses([INBOX])
                mailbox.examine(INBOX)
                list(mailbox.listing())
                bodies.extend(message.body for message in mailbox.fetch([1, 2, 3]))
        except Unreachable:
            pass
        assert bodies == mails(3)[: len(bodies)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_spoilt_lines_raise_nothing_but_our_errors(dovecot, anna, data):
    noise = data.draw(st.binary(max_size=30).filter(lambda raw: b"{" not in raw))
    number = data.draw(st.integers(0, 30))
    place = data.draw(st.integers(0, 80))
    lines = iter(range(10_000))

    def spoil(line):
        return line[:place] + noise + line[place:] if next(lines) == number else line

    with meddling(dovecot.port, Spoiling(b"", spoil)) as server:
        try:
            with Mailbox.open(server, dovecot.credentials(anna), timeout_s=0.3) as mailbox:
                mailbox.statuses(mailbox.folders(Choice()))
                mailbox.examine(INBOX)
                list(mailbox.listing())
                list(mailbox.fetch([1, 2, 3]))
                mailbox.changes(1)
                mailbox.idle(0.01, threading.Event())
        except SourceError:
            pass
