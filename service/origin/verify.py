"""Check all signatures of a mail, DKIM and ARC. In: its bytes, keys. Out: Signatures. Never: raises."""

from datetime import datetime

from service.origin.chain import verify_arc
from service.origin.check import check
from service.origin.signature import Keys, Method, Reason, Result, Signature
from service.origin.signed_mail import SignedMail, read_signed_mail

MOST = 8
"""Signatures of a mail that are checked; each may cost a question to DNS."""


def verify(original: bytes, keys: Keys, received_at: datetime) -> list[Signature]:
    """Return what became of each signature, as of the time when the mail was received."""
    mail = read_signed_mail(original)
    return _verify_dkim(mail, keys, received_at) + verify_arc(mail, keys, received_at)


def _verify_dkim(mail: SignedMail, keys: Keys, received_at: datetime) -> list[Signature]:
    fields = mail.named(b"dkim-signature")
    found = [check(mail, one, Method.DKIM, keys, received_at) for one in fields[:MOST]]
    if len(fields) > MOST:
        found.append(Signature(Method.DKIM, "", "", Result.PERMERROR, Reason.TOO_MANY))
    return found
