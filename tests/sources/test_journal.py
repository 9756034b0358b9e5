"""A journal report gives back the mail it carries, byte for byte, and who really got it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smtp_mails import mail, report

from service.sources.journal import read_journal

NESTED = (
    b"Subject: two parts\r\nFrom: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\n\r\none\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nin\r\n--x--\r\n"
)


def values(found) -> list[str]:
    return [one.value for one in found]


@pytest.mark.parametrize(
    "inside",
    [
        mail(),
        mail().replace(b"\r\n", b"\n"),
        mail() + b"x" * 200_000,
        NESTED,
        b"Subject: koi\r\nFrom: a@b.example\r\n\r\n\xf0\xd2\xc9\xd7\xc5\xd4\r\n\xff\x00\r\n",
    ],
    ids=["8bit", "bare LF", "long line", "nested", "any bytes"],
)
def test_the_mail_inside_is_given_back_byte_for_byte(inside):
    found = read_journal(report(inside))
    assert found is not None
    assert found.mail == inside


def test_recipients_are_sorted_as_the_report_sorts_them():
    found = read_journal(report(mail()))
    assert found is not None
    assert values(found.to) == ["kasia@kreska.example"]
    assert values(found.cc) == ["lena@kreska.example"]
    assert values(found.bcc) == ["szef@agency.example", "audyt@agency.example"]


def test_other_mails_are_no_reports():
    assert read_journal(mail()) is None
    assert read_journal(b"") is None
    assert read_journal(b"X-MS-Journal-Report:\r\nFrom: a@b.example\r\n\r\nTo: c@d.example\r\n") is None


def test_a_million_recipients_are_cut():
    found = read_journal(
        report(mail(), b"".join(b"Bcc: %d@x.example\r\n" % number for number in range(20_000)))
    )
    assert found is not None
    assert len(found.bcc) == 10_000


@given(st.binary(max_size=300))
def test_nothing_that_claims_to_be_a_report_breaks_the_reader(lines):
    found = read_journal(report(mail(), lines))
    assert found is None or found.mail
