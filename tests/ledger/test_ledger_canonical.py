"""An entry has one text: RFC 8785 over the whole of it."""

import doctest
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from memory_log import make_entry

from service.errors import LedgerBroken, LedgerError
from service.ledger import canonical
from service.ledger.canonical import decode, encode
from service.ledger.entry import Fact

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAME = TEXT.filter(lambda text: text and text.isprintable())
NUMBER = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def test_the_worked_example_holds():
    assert doctest.testmod(canonical).failed == 0


@given(st.dictionaries(TEXT, JSON, max_size=4), NAME, NAME, st.datetimes(timezones=st.just(UTC)))
def test_the_text_is_that_of_rfc_8785_and_reads_back(body, subject, actor, at):
    entry = replace(make_entry(7), body=body, subject=subject, actor=actor, at=at)
    whole = {
        "v": 1,
        "seq": 7,
        "kind": entry.kind,
        "subject": subject,
        "body": body,
        "at": at.strftime("%Y").zfill(4) + at.strftime("-%m-%dT%H:%M:%S.%fZ"),
        "actor": actor,
    }
    assert encode(entry) == rfc8785.dumps(whole)
    assert decode(encode(entry)) == entry


def test_one_instant_has_one_text_in_every_zone():
    entry = make_entry(0)
    warsaw = replace(entry, at=entry.at.astimezone(timezone(timedelta(hours=1))))
    assert encode(warsaw) == encode(entry)


def test_a_naive_time_is_refused():
    with pytest.raises(LedgerError, match="zone"):
        encode(replace(make_entry(0), at=make_entry(0).at.replace(tzinfo=None)))


@pytest.mark.parametrize("value", [float("nan"), 2**53, "\ud800", {1: 2}, b"bytes", {"a"}])
def test_a_body_that_json_cannot_carry_is_refused_with_its_kind_and_subject(value):
    with pytest.raises(LedgerError, match=r"statement\.found of message-0"):
        encode(replace(make_entry(0), body={"value": value}))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"v":2}', b'{"v":1}', b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_entry_are_refused(data):
    with pytest.raises(LedgerBroken):
        decode(data)


@pytest.mark.parametrize("kind", ["", "Upper", "two words", ".dot", "dot.", "a" * 256])
def test_a_kind_is_a_dotted_lower_case_name(kind):
    with pytest.raises(LedgerError, match="kind"):
        Fact(kind, "subject", {}, "actor")


@pytest.mark.parametrize("name", ["", "a\x00b", "line\nbreak", "\ud800", "a" * 256])
def test_subject_and_actor_are_printable(name):
    with pytest.raises(LedgerError, match="subject"):
        Fact("kind", name, {}, "actor")
    with pytest.raises(LedgerError, match="actor"):
        Fact("kind", "subject", {}, name)
