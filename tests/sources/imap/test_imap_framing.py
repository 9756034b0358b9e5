"""Responses are cut where they end, and what is no response costs nothing but itself."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.imap import framing
from service.sources.imap.framing import (
    Malformed,
    Nonsense,
    join_words,
    read_fetch,
    read_internal_date,
    read_number,
    read_response,
    read_uid_set,
    read_values,
    write_quoted,
    write_uid_sets,
)
from service.sources.imap.opened import read_message


def read(raw: bytes):
    return read_response(io.BytesIO(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b'* 1 FETCH (UID 7 INTERNALDATE "01-Feb-2025 10:00:00 +0000" BODY[] {4}\r\nBody)\r\n',
        b'* 1 FETCH (BODY[] {4}\r\nBody INTERNALDATE " 1-Feb-2025 10:00:00 +0000" UID 7)\r\n',
        b'* 1 fetch (uid 7 flags (\\Seen) body[] "Body" internaldate "01-Feb-2025 11:00:00 +0100")\r\n',
        b'* 1 FETCH (BODY[] ~{4}\r\nBody UID 7 MODSEQ (12) INTERNALDATE "01-Feb-2025 10:00:00 +0000")\n',
    ],
)
def test_a_message_is_read_in_any_order_and_spelling(raw):
    message = read_message(read(raw))
    assert (message.uid, message.body) == (7, b"Body")
    assert message.internal_at == datetime(2025, 2, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        b"* 1 FETCH (UID 7 BODY[] NIL)\r\n",
        b"* 1 FETCH (UID 7 FLAGS (\\Seen))\r\n",
        b"* 1 FETCH (BODY[] {4}\r\nBody)\r\n",
        b"* 1 FETCH (UID 99999999999999999999 BODY[] {4}\r\nBody)\r\n",
        b"* 1 FETCH (UID 7 BODY[] {4}\r\nBody and more than was announced\r\n",
        b"* 1 FETCH (UID 7 BODY[] {4}\r\nBody and)\r\n",
        b"* 1 FETCH (UID 7 BODY[] {4}\r\nBody and more)\r\n",
        b"* 1 FETCH (UID 7 BODY[] {4}\r\nBody UID 8 BODY[] {4}\r\nBody)\r\n",
        b"* 1 FETCH (UID 7 BODY[] {9}\r\nBody)\r\n* 2 FETCH (UID 8)\r\n",
        b'* 1 FETCH (UID 7 BODY[] "Bod\r\n',
        b"* 1 FETCH UID 7 BODY[] Body\r\n",
        b"* 1 FETCH\r\n",
    ],
)
def test_what_is_no_whole_message_is_not_believed(raw):
    assert read_message(read(raw)) is None


@pytest.mark.parametrize("raw", [b"\r\n", b"garbage\r\n", b"*\r\n", b"* 12\r\n", b"\xff\xfe\r\n", b"* (\r\n"])
def test_garbage_is_no_response(raw):
    assert read(raw) is None


def test_a_connection_that_ends_is_told_from_nonsense(monkeypatch):
    for raw in (b"", b"* OK unfini", b"* 1 FETCH (BODY[] {9}\r\nshort"):
        with pytest.raises(ConnectionError):
            read(raw)
    monkeypatch.setattr(framing, "LONGEST_LINE", 100)
    with pytest.raises(Nonsense, match="100 bytes"):
        read(b"* OK " + b"x" * 200)


def test_a_literal_beyond_any_mail_is_refused_before_memory_is_taken():
    class Stream(io.BytesIO):
        def read(self, size=-1, /):
            raise AssertionError("it was to be refused")

    with pytest.raises(Nonsense, match="99999999999"):
        read_response(Stream(b"* 1 FETCH (BODY[] {99999999999}\r\n"))


def test_many_literals_together_are_bounded_as_well(monkeypatch):
    monkeypatch.setattr(framing, "LARGEST_MAIL", 10_000)
    with pytest.raises(Nonsense):
        read(b"* LIST () " + b"{1}\r\na " * 100_000 + b"\r\n")


@pytest.mark.parametrize("raw", [b"(", b")", b"(()", b'"', b'"\\"', b"())"])
def test_what_is_not_closed_is_malformed(raw):
    with pytest.raises(Malformed):
        read_values([raw])


def test_lists_may_be_as_deep_as_a_line_is_long():
    assert read_values([b"(" * 50_000 + b")" * 50_000])


def test_quotes_that_never_close_are_given_up_at_once():
    # Looked for anew from each quote, this would take hours.
    with pytest.raises(Malformed):
        read_values([b'"' + b'\\"' * 500_000])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw):
    try:
        response = read(raw)
    except (Nonsense, ConnectionError):
        return
    if response is not None and response.word == b"FETCH":
        assert isinstance(read_fetch(response), dict)


@given(st.binary().filter(lambda text: not set(text) & set(b"\r\n")))
def test_a_quoted_string_reads_as_it_was_written(text):
    assert read_values([write_quoted(text)]) == [text]


@given(st.lists(st.integers(1, 5_000)), st.integers(12, 60))
def test_sets_hold_each_uid_once_and_keep_to_the_length(uids, longest):
    lines = list(write_uid_sets(uids, longest))
    assert all(len(line) <= longest for line in lines)
    read_back = [uid for line in lines for uid in sorted(read_uid_set(line, 10_000))]
    assert read_back == sorted(set(uids))


def test_a_word_longer_than_a_line_has_its_own():
    assert list(join_words([b"a", b"b" * 9, b"c"], longest=5)) == [b"a", b"b" * 9, b"c"]


def test_a_set_of_all_numbers_takes_no_memory():
    assert read_uid_set(b"1:4294967295", most=1_000) is None
    assert read_uid_set(b"1:600,700:1299", most=1_000) is None
    assert read_uid_set(b"nonsense,5,*,7:*,9:8", most=10) == {5, 8, 9}


def test_numbers_that_no_database_holds_are_none():
    assert read_number(b"9223372036854775807") == 2**63 - 1
    for value in (b"9223372036854775808", b"9" * 5_000, b"-1", b"1.5", b"", None, [b"1"], "²".encode()):
        assert read_number(value) is None


@pytest.mark.parametrize(
    "text", [b"32-Jan-2025 10:00:00 +0000", b"01-Foo-2025 10:00:00 +0000", b"", b"now", None]
)
def test_an_internal_date_that_is_none_is_none(text):
    assert read_internal_date(text) is None


def test_an_offset_beyond_a_day_is_no_date_and_a_leap_second_is_one():
    assert read_internal_date(b"01-Jan-2025 10:00:00 +9900") is None
    assert read_internal_date(b"31-Dec-2016 23:59:60 +0000") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
