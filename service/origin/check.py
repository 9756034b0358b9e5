"""Check one signature (RFC 6376, 6.1). In: a mail, one of its fields, keys. Out: Signature. Never: raises.

Built on dkimpy's parts, not on its `verify`: that one judges by today's clock, needs PyNaCl for Ed25519,
takes a signature that leaves out From, and stumbles over hostile fields.
"""

from datetime import datetime, timedelta

from service.origin.claim import Claim, read_claim, signer
from service.origin.key import PublicKey, read_key
from service.origin.signature import Answer, Keys, Method, Reason, Result, Signature, Status
from service.origin.signed_mail import Field, SignedMail

SLACK = timedelta(days=1)
"""How far the clocks of signer and receiver may be apart."""

Outcome = tuple[Result, Reason, Answer | None]

_WITHOUT_KEY = {
    Status.ABSENT: (Result.NONE, Reason.KEY_MISSING),
    Status.FAILED: (Result.TEMPERROR, Reason.NO_ANSWER),
    Status.NOT_ASKED: (Result.NONE, Reason.NOT_ASKED),
}


def check(mail: SignedMail, own: Field, method: Method, keys: Keys, received_at: datetime) -> Signature:
    """Check a signature that covers fields and body."""
    claim = read_claim(own[1], method)
    if isinstance(claim, Claim) and not mail.named(b"from"):
        claim = Reason.SENDER_NOT_COVERED
    if isinstance(claim, Reason):
        return Signature(method, *signer(own[1]), Result.PERMERROR, claim)
    signed = mail.signed_fields(claim.header_policy, claim.names, own)
    result, reason, answer = try_keys(claim, signed, keys)
    if result in {Result.VALID, Result.FAIL}:
        result, reason = _with_body(mail, claim, result, reason)
    if result is Result.VALID and _is_out_of_time(claim, received_at):
        result, reason = Result.PERMERROR, Reason.OUT_OF_TIME
    return Signature(method, claim.domain, claim.selector, result, reason, answer)


def try_keys(claim: Claim, signed: bytes, keys: Keys) -> Outcome:
    """Try the answers in turn: the first that makes it valid counts, else the first of all."""
    first: Outcome | None = None
    for answer in keys(claim.key_name):
        outcome = _try_key(claim, signed, answer)
        if outcome[0] is Result.VALID:
            return outcome
        first = first or outcome
    return first or (Result.TEMPERROR, Reason.NO_ANSWER, None)


def _try_key(claim: Claim, signed: bytes, answer: Answer) -> Outcome:
    if answer.status is not Status.FOUND:
        return (*_WITHOUT_KEY[answer.status], answer)
    key = read_key(answer.text)
    if key is Reason.KEY_REVOKED:
        return Result.NONE, key, answer
    if not isinstance(key, PublicKey) or key.algorithm != claim.algorithm:
        return Result.PERMERROR, Reason.KEY_UNREADABLE, answer
    if key.is_weak:
        return Result.PERMERROR, Reason.KEY_WEAK, answer
    if not key.verifies(claim.signature, signed):
        return Result.FAIL, Reason.HEADER_CHANGED, answer
    return Result.VALID, Reason.MATCHES, answer


def _with_body(mail: SignedMail, claim: Claim, result: Result, reason: Reason) -> tuple[Result, Reason]:
    """Look at the body as well: a changed text says more than a changed header."""
    digest, is_whole = mail.body_hash(claim.body_policy, claim.length)
    if digest != claim.body_hash:
        return Result.FAIL, Reason.TEXT_CHANGED
    if result is Result.VALID and not is_whole:
        return Result.FAIL, Reason.PARTLY_COVERED
    return result, reason


def _is_out_of_time(claim: Claim, received_at: datetime) -> bool:
    expired = claim.expires_at is not None and claim.expires_at < received_at - SLACK
    return expired or (claim.signed_at is not None and claim.signed_at > received_at + SLACK)
