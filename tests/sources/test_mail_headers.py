from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.mail_headers import (
    addresses,
    decode_words,
    message_ids,
    read_header,
    read_time,
    received_at,
)


def at(hours, *moment):
    return datetime(*moment, tzinfo=timezone(timedelta(hours=hours)))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Mon, 3 Feb 2025 09:15:00 +0300", at(3, 2025, 2, 3, 9, 15)),
        ("3 feb 2025 9:15 -0500", at(-5, 2025, 2, 3, 9, 15)),
        ("Mon, 3 Feb 2025 09:15:60 +0000", datetime(2025, 2, 3, 9, 15, 59, tzinfo=UTC)),
        ("Mon, 3 Feb 2025 09:15:00 GMT", datetime(2025, 2, 3, 9, 15, tzinfo=UTC)),
        ("Mon, 3 Feb 2025 09:15:00 -0000", datetime(2025, 2, 3, 9, 15, tzinfo=UTC)),
        ("Mon, 3 Feb 2025 09:15:00", at(0, 2025, 2, 3, 9, 15).replace(tzinfo=None)),
        ("2025-02-03T09:15:00+03:00", at(3, 2025, 2, 3, 9, 15)),
        ("Fri, 6 Apr 2001 09:23:06 -0800 (GMT-0800)", at(-8, 2001, 4, 6, 9, 23, 6)),
    ],
)
def test_dates_are_read_as_programs_write_them(written, meant):
    read = read_time(written)
    assert read == meant
    assert read.utcoffset() == meant.utcoffset()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "32 Feb 2025 09:15:00 +0300",
        "3 Feb 0001 00:00:00 +0000",
        "3 Feb 2025 09:15:00 +9999",
        "0",
    ],
)
def test_what_is_no_time_is_none(written):
    assert read_time(written) is None


@given(st.text(max_size=60))
def test_every_time_read_can_be_moved_to_any_zone(written):
    moment = read_time(written)
    if moment and moment.tzinfo:
        moment.astimezone(UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("=?utf-8?b?0J/R?= =?utf-8?b?gNC40LLQtdGC?=", "Привет"),
        ("=?utf-8?B?0J/RgNC40LLQtdGC", "Привет"),
        ("=?utf-8?Q?a_b=20c?= d", "a b c d"),
        ("x=?utf-8?Q?=C5=82?=y", "xły"),
        ("=?utf-8*pl?Q?=C5=82?=", "ł"),
        ("=?koi8-r?Q?=F0?= =?utf-8?Q?=C5=82?=", "Пł"),
        ("=?nowhere?B?yOLg7Q==?=", "Иван"),
        ("=?utf-8?B?YQ?=", "a"),
        ("=?utf-8?B??=", ""),
        ("=??B?YQ==?=", "=??B?YQ==?="),
    ],
)
def test_encoded_words_are_decoded_also_when_broken(written, meant):
    assert decode_words(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Anna <ANNA@x.pl>", [("Anna", "anna@x.pl")]),
        ("anna@x.pl, <jan@x.pl>", [("", "anna@x.pl"), ("", "jan@x.pl")]),
        ('"Kowalska, Anna" <a@x.pl>', [("Kowalska, Anna", "a@x.pl")]),
        ("=?utf-8?Q?Kowalska=2C_Anna?= <a@x.pl>", [("Kowalska, Anna", "a@x.pl")]),
        ("a@x.pl (Anna K.)", [("Anna K.", "a@x.pl")]),
        ("Team: a@x.pl, b@x.pl;, c@x.pl", [("", "a@x.pl"), ("", "b@x.pl"), ("", "c@x.pl")]),
        ("undisclosed-recipients:;", []),
        ("Anna a@x.pl", [("Anna", "a@x.pl")]),
        ("Anna <a@x.pl", [("Anna", "a@x.pl")]),
        ('"never closed <a@x.pl>', [("never closed", "a@x.pl")]),
        ("'a@x.pl' <a@x.pl>", [("a@x.pl", "a@x.pl")]),
        ("Anna", [("", "anna")]),
        ("", []),
    ],
)
def test_address_lists_are_read_as_programs_write_them(written, meant):
    assert [(address.name, address.value) for address in addresses(written)] == meant


@given(st.text(alphabet='ab@<>()",;:\\ =?', max_size=300))
def test_no_address_list_is_refused(written):
    assert all(address.value for address in addresses(written))


def test_the_topmost_received_with_a_time_counts():
    header = read_header(
        b"Received: by one; yesterday\nReceived: by two;\n Mon, 3 Feb 2025 09:15:00 +0300\n"
        b"Received: by three; Mon, 3 Feb 2025 08:00:00 +0300\nFrom: a@b.pl\n\n"
    )
    assert received_at(header) == at(3, 2025, 2, 3, 9, 15)


def test_ids_lose_their_brackets_and_folds():
    assert message_ids("<a@b>\r\n <c@ d> junk") == ("a@b", "c@d")
    assert message_ids("a@b c@d") == ("a@b", "c@d")
    assert message_ids("<>") == ()


def test_equal_long_ids_stay_equal_and_different_ones_different():
    long, other = message_ids(f"<{'x' * 8000}@a>"), message_ids(f"<{'x' * 8000}@b>")
    assert long == message_ids(f"<{'x' * 8000}@a>")
    assert long != other
    assert len(long[0]) < 200
