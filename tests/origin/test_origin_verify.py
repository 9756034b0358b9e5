"""Each signature is checked for what it is worth, whoever wrote the mail."""

import re
from datetime import UTC, datetime, timedelta

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA1
from hypothesis import given
from hypothesis import strategies as st
from signed_mails import (
    MAIL,
    RECEIVED_AT,
    SIGNED_FIELDS,
    by_ed25519,
    by_rsa,
    ed25519_key,
    ed25519_record,
    key_name,
    published,
    rsa_key,
    rsa_record,
    sign,
    sign_with,
)

from service.origin.judge import is_aligned, judge
from service.origin.signature import Answer, Method, Reason, Result, Signature, Status, Verdict
from service.origin.signed_mail import read_signed_mail, relaxed_body, simple_body
from service.origin.verify import MOST, verify

KEYS = published({key_name(): rsa_record(rsa_key())})
POLICIES = [(one, other) for one in (b"simple", b"relaxed") for other in (b"simple", b"relaxed")]
TAGS = "a=rsa-sha256; d=clinic.example; s=s1"
# RFC 8463, appendix A: signed with both algorithms.
FOOTBALL = b"""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
FOOTBALL_KEYS = {
    "brisbane._domainkey.football.example.com": (
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    ),
    "test._domainkey.football.example.com": (
        "v=DKIM1; k=rsa; "
        "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
        "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G"
        "+2kryOTIKT+l/K4w3QIDAQAB"
    ),
}


def outcome(mail: bytes, keys=KEYS, at: datetime = RECEIVED_AT) -> tuple[Result, Reason]:
    """Return what became of the only signature."""
    (one,) = verify(mail, keys, at)
    return one.result, one.reason


def test_the_mail_of_the_rfc_is_valid_by_both_algorithms():
    found = verify(FOOTBALL, published(FOOTBALL_KEYS), datetime(2018, 6, 11, tzinfo=UTC))
    assert [(one.selector, one.result) for one in found] == [
        ("brisbane", Result.VALID),
        ("test", Result.VALID),
    ]
    assert judge(found, "football.example.com") is Verdict.SIGNED


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("bits", [1024, 2048])
def test_a_signed_mail_is_valid_under_every_policy(policy, bits):
    key = rsa_key(bits=bits)
    mail = sign(key=key, policy=policy)
    keys = published({key_name(): rsa_record(key)})
    assert outcome(mail, keys) == (Result.VALID, Reason.MATCHES)


@pytest.mark.parametrize("policy", POLICIES)
def test_line_ends_of_a_store_break_nothing(policy):
    mail = sign(policy=policy)
    assert outcome(mail.replace(b"\r\n", b"\n"))[0] is Result.VALID
    assert outcome(b"From igor@clinic.example Mon Mar  2 10:00:00 2026\n" + mail)[0] is Result.VALID


def test_an_ed25519_signature_is_valid():
    mail = sign_with(by_ed25519(ed25519_key()), "a=ed25519-sha256; d=clinic.example; s=s1")
    assert outcome(mail, published({key_name(): ed25519_record(ed25519_key())}))[0] is Result.VALID
    assert outcome(mail, published({key_name(): ed25519_record(ed25519_key("another"))}))[0] is Result.FAIL


def test_keys_are_read_in_both_forms_that_are_published():
    assert outcome(sign(), published({key_name(): rsa_record(rsa_key(), pkcs1=True)}))[0] is Result.VALID


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        (b"64 000", b"46 000", Reason.TEXT_CHANGED),
        (b"print.", b"print. And 10 000 more.", Reason.TEXT_CHANGED),
        (b"Subject: =?utf-8?q?Umowa?=", b"Subject: Offer", Reason.HEADER_CHANGED),
        (b"From: Igor Samoilov", b"From: Anna Levina", Reason.HEADER_CHANGED),
        (b"From: Igor", b"From: ceo@clinic.example\r\nFrom: Igor", Reason.HEADER_CHANGED),
        (b"\r\nTo:", b"\r\nFrom: ceo@clinic.example\r\nTo:", Reason.HEADER_CHANGED),
    ],
)
def test_what_was_changed_after_signing_is_told(was, becomes, reason):
    mail = sign()
    assert was in mail
    assert outcome(mail.replace(was, becomes, 1)) == (Result.FAIL, reason)


def test_a_field_that_was_not_signed_may_change():
    assert outcome(b"X-Spam: no\r\n" + sign())[0] is Result.VALID


def test_all_signatures_are_checked_not_only_the_first():
    mail = sign(sign(), "sendgrid.example", rsa_key("service"), selector="m1")
    found = verify(mail, KEYS, RECEIVED_AT)
    assert [(one.domain, one.result) for one in found] == [
        ("sendgrid.example", Result.NONE),
        ("clinic.example", Result.VALID),
    ]
    assert judge(found, "clinic.example") is Verdict.SIGNED


def test_a_text_that_is_covered_only_at_its_beginning_is_not_valid():
    mail = sign(length=True)
    assert outcome(mail)[0] is Result.VALID
    assert outcome(mail + b"I also approve 90 000.\r\n") == (Result.FAIL, Reason.PARTLY_COVERED)


@pytest.mark.parametrize(
    ("extra", "received_after", "expected"),
    [
        ("t={signed}; x={expires}", timedelta(), Result.VALID),
        ("t={signed}; x={expires}", timedelta(days=3), Result.PERMERROR),
        ("t={signed}", timedelta(days=3000), Result.VALID),
        ("t={signed}", timedelta(days=-3), Result.PERMERROR),
    ],
)
def test_expiry_is_judged_when_the_mail_came_not_today(extra, received_after, expected):
    times = {"signed": int(RECEIVED_AT.timestamp()), "expires": int(RECEIVED_AT.timestamp()) + 3600}
    mail = sign_with(by_rsa(rsa_key()), f"{TAGS}; {extra.format(**times)}")
    assert outcome(mail, at=RECEIVED_AT + received_after)[0] is expected


def test_a_key_that_others_can_work_out_proves_nothing():
    weak = rsa_record(RSAPublicNumbers(65_537, 2**511 + 111))
    assert outcome(sign(), published({key_name(): weak})) == (Result.PERMERROR, Reason.KEY_WEAK)


def test_a_key_made_to_cost_time_is_refused():
    large = rsa_record(RSAPublicNumbers(65_537, 2**8200 + 1))
    assert outcome(sign(), published({key_name(): large})) == (Result.PERMERROR, Reason.KEY_UNREADABLE)
    slow = rsa_record(RSAPublicNumbers(2**2047 + 1, 2**4095 + 1))
    assert outcome(sign(), published({key_name(): slow})) == (Result.FAIL, Reason.HEADER_CHANGED)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (None, (Result.NONE, Reason.KEY_MISSING)),
        ("v=DKIM1; p=", (Result.NONE, Reason.KEY_REVOKED)),
        ("v=DKIM1; k=rsa", (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        ("v=DKIM2; p=AAAA", (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        ("v=DKIM1; p=AAA", (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        ("v=DKIM1; p=AAAA", (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        ("v=DKIM1; k=falcon; p=AAAA", (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        ("v=DKIM1; k=ed25519; p=AAAA", (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        (ed25519_record(ed25519_key()), (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        ("ключ", (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        ("", (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        (rsa_record(rsa_key()) + "; h=sha1", (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        (rsa_record(rsa_key()) + "; s=tlsrpt", (Result.PERMERROR, Reason.KEY_UNREADABLE)),
        (rsa_record(rsa_key()) + "; h=sha1:sha256; s=*; t=y", (Result.VALID, Reason.MATCHES)),
        ("v=spf1 -all\n" + rsa_record(rsa_key()), (Result.VALID, Reason.MATCHES)),
    ],
    ids=range(15),  # keys are fresh: as names they would differ between the workers
)
def test_each_kind_of_key_record_gives_a_clear_result(record, expected):
    assert outcome(sign(), published({} if record is None else {key_name(): record})) == expected


def test_an_older_key_is_tried_where_todays_does_not_fit():
    def keys(name: str) -> list[Answer]:
        today = Answer(name, Status.FOUND, rsa_record(rsa_key("new")))
        return [today, Answer(name, Status.FOUND, rsa_record(rsa_key()), kept_as=7)]

    (one,) = verify(sign(), keys, RECEIVED_AT)
    assert one.result is Result.VALID
    assert one.key is not None
    assert one.key.kept_as == 7
    # A text that was changed stays changed, whatever key is tried.
    assert outcome(sign().replace(b"64 000", b"46 000"), keys)[1] is Reason.TEXT_CHANGED


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.FAILED, (Result.TEMPERROR, Reason.NO_ANSWER)),
        (Status.NOT_ASKED, (Result.NONE, Reason.NOT_ASKED)),
    ],
)
def test_a_key_that_was_not_had_breaks_nothing(status, expected):
    assert outcome(sign(), lambda name: [Answer(name, status)]) == expected


@pytest.mark.parametrize(
    "tags",
    [
        "",
        "v=1",
        "v=2; a=rsa-sha256; d=clinic.example; s=s1; h=from; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; s=s1; h=from; bh=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; s=s1; h=from; bh=A; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; s=s1; h=from; bh=AAAA; b=A!",
        "v=1; a=rsa-sha256; d=clinic.example; d=other.example; s=s1; h=from; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=example; s=s1; h=from; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic..example/; s=s1; h=from; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; i=clinic.example; s=s1; h=from; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; i=x@other.example; s=s1; h=from; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; s=s1; c=nofws; h=from; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; s=s1; q=http; h=from; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; s=s1; l=-1; h=from; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; s=s1; t=" + "9" * 5000 + "; h=from; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; s=s1; h=from" + ":x" * 5000 + "; bh=AAAA; b=AAAA",
        "v=1; a=rsa-sha256; d=clinic.example; s=s1; h=from; bh=AAAA; b=" + " " * 100_000 + "AAAA",
        "\xff\x00;;;===",
    ],
)
def test_a_signature_that_cannot_be_read_is_no_exception(tags):
    mail = b"DKIM-Signature: " + tags.encode("latin-1") + b"\r\n" + MAIL
    assert outcome(mail) == (Result.PERMERROR, Reason.UNREADABLE)


def test_an_algorithm_of_the_past_proves_nothing():
    mail = sign_with(
        lambda signed: rsa_key().sign(signed, PKCS1v15(), SHA1()), TAGS.replace("sha256", "sha1")
    )
    assert outcome(mail) == (Result.PERMERROR, Reason.ALGORITHM)


def test_a_signature_that_leaves_out_the_sender_proves_nothing():
    mail = sign_with(by_rsa(rsa_key()), TAGS, names=(b"to", b"subject"))
    assert outcome(mail) == (Result.PERMERROR, Reason.SENDER_NOT_COVERED)
    senderless = re.sub(rb"From: Igor[^\r]*\r\n", b"", MAIL)
    mail = sign_with(by_rsa(rsa_key()), TAGS, senderless, SIGNED_FIELDS)
    assert outcome(mail) == (Result.PERMERROR, Reason.SENDER_NOT_COVERED)


def test_a_mail_with_hundreds_of_signatures_costs_no_more_than_a_few():
    asked = []

    def keys(name: str) -> list[Answer]:
        asked.append(name)
        return [Answer(name, Status.ABSENT)]

    own = sign().removesuffix(MAIL)
    found = verify(own * 300 + MAIL, keys, RECEIVED_AT)
    assert len(asked) == MOST
    assert [one.reason for one in found] == [*[Reason.KEY_MISSING] * MOST, Reason.TOO_MANY]


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_no_bytes_raise(head, body):
    mail = b"DKIM-Signature: v=1; " + head + b"\nARC-Seal: i=1;" + head + b"\nFrom: a@b.example\n\n" + body
    assert all(one.result is not Result.VALID for one in verify(mail, KEYS, RECEIVED_AT))
    assert verify(head, KEYS, RECEIVED_AT) == [] or b":" in head


@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"\r", b"a", b"From "]), max_size=30).map(b"".join))
def test_bodies_are_canonical_as_dkimpy_has_them(body):
    # dkimpy leaves blanks at the end of a last line without CRLF; RFC 6376, 3.4.4 has them ignored.
    whole = body + b"\r\n"
    assert simple_body(whole) == dkim.canonicalization.Simple.canonicalize_body(whole)
    assert relaxed_body(whole) == dkim.canonicalization.Relaxed.canonicalize_body(whole)


def test_blanks_and_line_ends_by_the_million_are_read_at_once():
    # Each took dkimpy's expressions minutes: they are quadratic in the length of a run.
    for run in (b" ", b"\t ", b"\r\n", b"\r", b"\n"):
        long = run * 1_000_000
        mail = sign_with(by_rsa(rsa_key()), TAGS, MAIL).replace(b"64 000", long)
        assert outcome(mail)[0] is Result.FAIL
        assert relaxed_body(long + b"x")
    folded = b"X: 1\r\n" + b" \r\n" * 300_000 + MAIL
    assert len(read_signed_mail(folded).fields) == 7


def one(method: Method, domain: str, result: Result) -> Signature:
    return Signature(method, domain, "s1", result, Reason.MATCHES)


@pytest.mark.parametrize(
    ("signatures", "verdict"),
    [
        ([one(Method.DKIM, "clinic.example", Result.VALID)], Verdict.SIGNED),
        ([one(Method.DKIM, "mail.clinic.example", Result.VALID)], Verdict.SIGNED),
        ([one(Method.DKIM, "sendgrid.example", Result.VALID)], Verdict.OTHER_DOMAIN),
        ([one(Method.DKIM, "clinic.example", Result.FAIL)], Verdict.BROKEN),
        ([one(Method.DKIM, "clinic.example", Result.NONE)], Verdict.UNKNOWN),
        ([one(Method.DKIM, "clinic.example", Result.PERMERROR)], Verdict.UNKNOWN),
        ([one(Method.DKIM, "clinic.example", Result.TEMPERROR)], Verdict.WAITING),
        (
            [
                one(Method.DKIM, "sendgrid.example", Result.VALID),
                one(Method.DKIM, "clinic.example", Result.TEMPERROR),
            ],
            Verdict.WAITING,
        ),
        (
            [
                one(Method.DKIM, "clinic.example", Result.FAIL),
                one(Method.DKIM, "list.example", Result.VALID),
            ],
            Verdict.OTHER_DOMAIN,
        ),
        (
            [
                one(Method.DKIM, "clinic.example", Result.VALID),
                one(Method.DKIM, "list.example", Result.TEMPERROR),
            ],
            Verdict.SIGNED,
        ),
        (
            [
                one(Method.ARC, "clinic.example", Result.VALID),
                one(Method.ARC_SEAL, "x.example", Result.VALID),
            ],
            Verdict.OTHER_DOMAIN,
        ),
        (
            [one(Method.ARC, "clinic.example", Result.VALID), one(Method.ARC_SEAL, "x.example", Result.FAIL)],
            Verdict.BROKEN,
        ),
        ([], Verdict.UNKNOWN),
    ],
)
def test_only_a_valid_signature_of_the_senders_domain_counts_as_theirs(signatures, verdict):
    assert judge(signatures, "clinic.example") is verdict


def test_what_could_not_be_asked_for_to_the_last_is_unknown():
    assert (
        judge([one(Method.DKIM, "a.example", Result.TEMPERROR)], "a.example", final=True) is Verdict.UNKNOWN
    )


@pytest.mark.parametrize(
    ("signer", "author", "aligned"),
    [
        ("clinic.example", "clinic.example", True),
        ("CLINIC.example", "Clinic.Example.", True),
        ("xn--80ak6aa92e.example", "аррӏе.example", True),
        ("clinic.example", "notclinic.example", False),
        ("news.clinic.example", "mail.clinic.example", False),
        ("example", "clinic.example", False),
        ("clinic.example", "", False),
        ("localhost", "localhost", False),
        ("clinic.example", "b\u00fccher..example", False),
    ],
)
def test_a_domain_speaks_for_itself_and_those_below(signer, author, aligned):
    assert is_aligned(signer, author) is aligned
