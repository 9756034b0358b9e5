"""Servers that lie, break off or refuse cost nothing: the source says so, and in the end all is here."""

import contextlib
import json
import random
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from added_mailbox import mail
from imap_meddler import Meddling, Replacing, meddling
from sqlmodel import select

from service.archive.tables import MessageRow
from service.db.session import reading
from service.intake.source import State
from service.pipeline import fetch_ahead
from service.pipeline.secret import keep_secret
from service.sources.imap.mailbox import Listed
from service.sources.oauth.tokens import Tokens

QUARTER = timedelta(minutes=15)
one_engine = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For what is no matter of the database."""


class Rewriting(Meddling):
    """Gives other bytes for lines that match, the first so many times."""

    def __init__(self, pattern: bytes, new, *, times: int = 1_000_000, skip: int = 0) -> None:
        self._pattern = re.compile(pattern)
        self._new = new
        self._times = times
        self._skip = skip

    def to_client(self, line):
        if self._times and self._pattern.search(line):
            if self._skip:
                self._skip -= 1
                return line
            self._times -= 1
            return self._pattern.sub(self._new, line)
        return line


class Bare(Meddling):
    """A server of 1996: no extension, and none of their words unasked."""

    def to_client(self, line):
        if line.startswith(b"* CAPABILITY "):
            return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"
        if re.match(rb"\* OK \[(?:HIGHESTMODSEQ|UIDNEXT)", line):
            return b""
        return line


class Capped(Meddling):
    """Lists at most so many messages of each folder, whatever is asked for."""

    def __init__(self, most: int) -> None:
        self._most = most

    def to_client(self, line):
        found = re.match(rb"\* (\d+) FETCH \(.*RFC822\.SIZE", line)
        return b"" if found and int(found[1]) > self._most else line


class Refusing(Meddling):
    """Answers commands that match with something else, and keeps their data back."""

    def __init__(self, pattern: bytes, answer: bytes, *, skip: int = 0) -> None:
        self._pattern = re.compile(pattern)
        self._answer = answer
        self._skip = skip
        self._tag = b""

    def to_server(self, line):
        if self._pattern.search(line):
            if self._skip:
                self._skip -= 1
            else:
                self._tag = line.split()[0]
        return line

    def to_client(self, line):
        if self._tag and line.startswith(self._tag + b" "):
            return self._tag + b" " + self._answer + b"\r\n"
        return line


@pytest.fixture
def behind(dovecot, box):
    """Put something between the source and its server; `None` takes it away again."""
    with contextlib.ExitStack() as stack:

        def behind(what):
            server = dovecot.server() if what is None else stack.enter_context(meddling(dovecot.port, what))
            box.go_to(server)
            return box

        yield behind


@pytest.fixture
def _small_batches(monkeypatch):
    monkeypatch.setattr(fetch_ahead, "BATCH_MESSAGES", 5)


NO_VALIDITY = {b"[UIDVALIDITY ": b"[NOTHING ", b" UIDVALIDITY ": b" NOTHING "}
LIES = {
    "no uidvalidity": lambda: Replacing(NO_VALIDITY),
    "uidvalidity 0": lambda: Rewriting(rb"\bUIDVALIDITY \d+", b"UIDVALIDITY 0"),
    "uidvalidity in no status": lambda: Replacing({b" UIDVALIDITY ": b" NOTHING "}),
    "no uidnext in status": lambda: Replacing({b" UIDNEXT ": b" NOTHING "}),
    "no uidnext": lambda: Replacing({b" UIDNEXT ": b" NOTHING ", b"[UIDNEXT ": b"[NOTHING "}),
    "no extension": Bare,
    "no status": lambda: Rewriting(rb"^\* STATUS .*\r\n", b""),
    "size 0": lambda: Rewriting(rb"RFC822\.SIZE \d+", b"RFC822.SIZE 0"),
    "negative size": lambda: Rewriting(rb"RFC822\.SIZE \d+", b"RFC822.SIZE -17"),
    "no size": lambda: Rewriting(rb" RFC822\.SIZE \d+", b""),
    "lines of garbage": lambda: Rewriting(rb"^(\* \d+ FETCH)", rb"!! what is this {12} ((\r\n* 7 (\r\n\1"),
    "flags of others": lambda: Rewriting(rb"^(\* \d+ FETCH)", rb"* 1 FETCH (FLAGS (\\Seen))\r\n\1"),
}


@pytest.mark.parametrize("lie", LIES)
def test_such_a_server_is_archived_all_the_same(behind, lie):
    box = behind(LIES[lie]())
    box.append(range(12))
    box.append(range(12, 15), "Sent")
    assert (box.pull().state, box.pull().state) == ("complete", "complete")
    box.assert_whole(15)
    box.server.expunge(box.user, "INBOX", sorted(box.server.flags(box.user, "INBOX"))[2:5])
    box.append(range(20, 22))
    assert (box.pull().state, box.pull().new) == ("complete", 0)
    box.assert_whole(17)
    state = box.folders["INBOX"]
    assert (state.on_server, state.accounted, state.failed) == (11, 11, 0)


@pytest.mark.parametrize("lie", ["no uidvalidity", "no uidnext", "no extension", "no status"])
def test_as_many_gone_as_came_is_seen_within_a_day(behind, lie):
    box = behind(LIES[lie]())
    box.append(range(6))
    box.pull()
    box.server.expunge(box.user, "INBOX", sorted(box.server.flags(box.user, "INBOX"))[:2])
    box.append(range(6, 8))
    box.pull()
    assert box.pull(reconcile=True).state == "complete"
    box.assert_whole(8)


def test_a_server_that_lists_only_the_first_messages_leaves_the_source_incomplete(behind):
    box = behind(Capped(10))
    box.append(range(30))
    for _ in range(2):
        report = box.pull()
        assert (report.state, report.gone) == ("incomplete", 0)
    state = box.folders["INBOX"]
    assert (state.on_server, state.archived, state.missing) == (30, 10, 20)
    behind(None)
    assert box.pull().state == "complete"
    box.assert_whole(30)


def test_nothing_is_gone_because_a_list_was_cut_short(behind):
    box = behind(None)
    box.append(range(30))
    box.pull()
    behind(Capped(10))
    assert box.pull(reconcile=True).gone == 0
    box.append(range(30, 32))
    assert box.pull().state == "incomplete"
    behind(None)
    report = box.pull()
    assert (report.state, report.gone, report.new) == ("complete", 0, 2)
    box.assert_whole(32)


@one_engine
def test_a_size_beyond_all_measure_leaves_the_message_named(behind):
    box = behind(Rewriting(rb"^(\* 2 FETCH .*RFC822\.SIZE) \d+", rb"\1 99999999999999"))
    box.append(range(3))
    report = box.pull()
    assert (report.state, report.new, report.failed) == ("incomplete", 2, 1)
    behind(None)
    assert box.pull().state == "complete"
    box.assert_whole(3)


@one_engine
@pytest.mark.parametrize(
    "command", [rb"AUTHENTICATE|LOGIN", rb"EXAMINE", rb" LIST ", rb" FETCH \d", rb"UID FETCH"]
)
@pytest.mark.parametrize("answer", [b"NO [LIMIT] Too much today", b"NO [UNAVAILABLE] Later"])
def test_a_server_that_asks_to_wait_is_left_alone_for_a_while(behind, command, answer):
    box = behind(Refusing(command, answer))
    box.append(range(8))
    begun = datetime.now(UTC)
    report = box.pull()
    assert report.state == "failing"
    assert "asks to be left alone" in report.detail
    source = box.source
    assert QUARTER * 0.7 < source.next_at - begun < QUARTER * 1.4
    assert source.failing_since is not None
    behind(None)
    assert box.pull().state == "complete"
    box.assert_whole(8)


@pytest.mark.usefixtures("_small_batches")
def test_what_came_before_a_limit_stays(behind):
    box = behind(Refusing(rb"UID FETCH \d", b"NO [LIMIT] Bandwidth limit", skip=2))
    box.append(range(30))
    report = box.pull()
    assert report.state == "failing"
    assert 0 < report.new < 30
    box.assert_whole(report.new)
    behind(None)
    assert box.pull().new == 30 - report.new
    box.assert_whole(30)


@pytest.mark.usefixtures("_small_batches")
@pytest.mark.parametrize("times", [1, 1_000_000])
def test_a_goodbye_in_the_middle_of_a_batch_loses_nothing(behind, times):
    bye = Rewriting(rb"^\* \d+ FETCH .*BODY\[\].*\r\n", b"* BYE Shutting down\r\n", times=times, skip=12)
    box = behind(bye)
    box.append(range(30))
    report = box.pull()
    assert report.state == ("complete" if times == 1 else "failing")
    if times > 1:
        assert "Shutting down" in report.detail
        behind(None)
        assert box.pull().state == "complete"
    box.assert_whole(30)


SPOILT = {
    "garbage after a literal": (rb"^\)\r\n", b" ~~ what )\r\n"),
    "a pair after a literal": (rb"^\)\r\n", b" X-WHAT (1 2)))\r\n"),
    "a literal that is shorter": (rb"BODY\[\] \{(\d)", rb"BODY[] {1\1"),
    "a literal that is longer": (rb"BODY\[\] \{\d(\d+)", rb"BODY[] {\1"),
    "no body": (rb"BODY\[\] \{", b"BODY[TEXT] {"),
    "another uid": (rb"UID \d+ (.*BODY\[\])", rb"UID 4294967295 \1"),
    "no uid": (rb"UID \d+ (.*BODY\[\])", rb"X-NONE 1 \1"),
}


@one_engine
@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_answer_costs_at_most_its_message_until_the_next_run(behind, how):
    pattern, new = SPOILT[how]
    box = behind(Rewriting(pattern, new, times=1, skip=3))
    box.append(range(10))
    assert box.pull().state in {"complete", "incomplete", "failing"}
    behind(None)
    assert box.pull().state == "complete"
    box.assert_whole(10)
    assert kept(box) == sorted(mail(number) for number in range(10))


def kept(box):
    """Return the bytes of every original."""
    with reading(box.house.engine) as session:
        names = session.exec(select(MessageRow.blob_sha256)).all()
        return sorted(box.house.blobs.read(session, name) for name in names)


@pytest.mark.slow
def test_a_connection_cut_after_any_number_of_bytes_loses_and_repeats_nothing(behind, monkeypatch):
    monkeypatch.setattr(fetch_ahead, "BATCH_MESSAGES", 3)
    chance = random.Random(20261122)
    sent = 0
    for bytes_let_through in (1, 60, *(chance.randrange(100, 6_000) for _ in range(6))):
        box = behind(Replacing(cut_after=bytes_let_through))
        box.append(range(sent, sent + 6))
        sent += 6
        assert box.pull().state in {State.FAILING, State.INCOMPLETE, State.COMPLETE}
        behind(None)
        assert box.pull().state == "complete"
        box.assert_whole(sent)
    state = box.folders["INBOX"]
    assert (state.on_server, state.accounted, state.failed) == (sent, sent, 0)
    assert kept(box) == sorted(mail(number) for number in range(sent))


@one_engine
@pytest.mark.parametrize(
    ("where", "told"),
    [
        ({"host": "127.0.0.1"}, "give the server's name as host"),
        ({"ca_file": ""}, "as ca_file where you trust it"),
    ],
)
def test_a_certificate_that_does_not_match_is_told_with_what_to_do(box, where, told):
    box.append(range(2))
    box.go_to(replace(box.server.server(), **where))
    report = box.pull()
    assert report.state == "failing"
    assert f"The certificate of {box.source.settings['host']}" in report.detail
    assert told in report.detail
    assert box.source.detail == report.detail
    assert box.source.next_at is not None
    box.go_to(box.server.server())
    assert box.pull().new == 2


@one_engine
def test_a_revoked_token_waits_for_a_person(box, dovecot):
    box.append(range(2))
    good = dovecot.token(box.user)
    later = datetime.now(UTC) + timedelta(hours=1)

    def sign_in(access):
        tokens = Tokens(access, "not asked for", later, None)
        secret = json.dumps({"tokens": json.loads(tokens.to_json())})
        keep_secret(box.house, box.source_id, secret)

    sign_in(dovecot.token(box.user, good_for=timedelta(hours=-1)))
    report = box.pull()
    assert report.state == "sign_in"
    assert "Sign in again" in report.detail
    assert (box.source.state, box.source.next_at) == (State.SIGN_IN, None)
    sign_in(good)
    assert box.source.state == State.NEW
    assert box.pull().new == 2


def test_messages_without_a_size_are_asked_for_by_few():
    told = list(fetch_ahead.batches(1, [Listed(uid, 0) for uid in range(1, 21)], Counter()))
    assert [len(batch) for batch in told] == [8, 8, 4]
