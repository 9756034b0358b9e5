"""Forwarders vouch for each other, or the chain is broken."""

import pytest
from signed_mails import RECEIVED_AT, key_name, published, rsa_key, rsa_record, seal, sign

from service.origin.judge import judge
from service.origin.signature import Method, Reason, Result, Verdict
from service.origin.verify import verify

KEYS = published(
    {
        key_name(): rsa_record(rsa_key()),
        key_name("list.example", "arc"): rsa_record(rsa_key("list")),
        key_name("second.example", "arc"): rsa_record(rsa_key("second")),
    }
)


def forwarded() -> bytes:
    """Return a mail that a list changed and sealed, and that a second forwarder sealed again."""
    changed = sign().replace(b"print.", b"print.\r\n-- \r\nThe list")
    once = seal(changed, "list.example", rsa_key("list"), found="dkim=pass header.d=clinic.example")
    return seal(once, "second.example", rsa_key("second"), found="arc=pass")


def outcomes(mail: bytes) -> list[tuple[str, Result, Reason]]:
    found = verify(mail, KEYS, RECEIVED_AT)
    return [(one.domain, one.result, one.reason) for one in found if one.method is not Method.DKIM]


@pytest.mark.parametrize("ends", [b"\r\n", b"\n"])
def test_a_sealed_mail_names_its_forwarders(ends):
    mail = forwarded().replace(b"\r\n", ends)
    assert outcomes(mail) == [
        ("second.example", Result.VALID, Reason.MATCHES),
        ("list.example", Result.VALID, Reason.MATCHES),
        ("second.example", Result.VALID, Reason.MATCHES),
    ]
    assert judge(verify(mail, KEYS, RECEIVED_AT), "clinic.example") is Verdict.OTHER_DOMAIN


def test_a_seal_does_not_make_the_mail_its_authors():
    mail = seal(sign().replace(b"print.", b"stop."), "list.example", rsa_key("list"))
    assert judge(verify(mail, KEYS, RECEIVED_AT), "list.example") is Verdict.OTHER_DOMAIN


def test_a_text_changed_after_the_last_seal_is_told():
    mail = forwarded().replace(b"64 000", b"46 000")
    assert outcomes(mail)[0] == ("second.example", Result.FAIL, Reason.TEXT_CHANGED)
    assert judge(verify(mail, KEYS, RECEIVED_AT), "clinic.example") is Verdict.BROKEN


def test_what_a_forwarder_wrote_cannot_be_changed():
    mail = forwarded().replace(b"dkim=pass", b"dkim=fail")
    assert [result for _, result, _ in outcomes(mail)] == [Result.VALID, Result.FAIL, Result.FAIL]


@pytest.mark.parametrize(
    "damage",
    [
        lambda mail: mail.replace(b"ARC-Message-Signature: i=1;", b"X-Message-Signature: i=1;"),
        lambda mail: mail.replace(b"ARC-Seal: i=1;", b"ARC-Seal: i=3;"),
        lambda mail: mail.replace(b"ARC-Seal: i=1;", b"ARC-Seal: i=2;"),
        lambda mail: mail.replace(b"ARC-Seal: i=1;", b"ARC-Seal: i=x;"),
        lambda mail: mail.replace(b"ARC-Seal: i=1;", b"ARC-Seal: i=" + b"1" * 5000 + b";"),
        lambda mail: mail.replace(b"cv=none", b"cv=pass"),
        lambda mail: mail.replace(b"cv=pass", b"cv=fail"),
        lambda mail: mail.replace(b"cv=pass", b"h=from; cv=pass"),
    ],
)
def test_sets_that_make_no_chain_are_broken(damage):
    mail = damage(forwarded())
    assert mail != forwarded()
    assert [(result, reason) for _, result, reason in outcomes(mail)] == [(Result.FAIL, Reason.CHAIN_BROKEN)]


def test_hundreds_of_sets_are_not_checked():
    mail = b"ARC-Seal: i=1; cv=none\r\n" * 300 + sign()
    assert [reason for _, _, reason in outcomes(mail)] == [Reason.TOO_MANY]
