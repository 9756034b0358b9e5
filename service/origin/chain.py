"""Check the chain of forwarders (ARC, RFC 8617): who sealed the mail, and do the seals hold? Never: raises.

Each forwarder adds a set of three fields with its number: what it found, a signature over the mail as it
left, and a seal over all sets so far. The newest signature and every seal must hold; older ones may fail.
"""

from datetime import datetime

from service.origin.check import check, try_keys
from service.origin.claim import read_claim, read_tag, signer
from service.origin.signature import Keys, Method, Reason, Result, Signature
from service.origin.signed_mail import Field, SignedMail, joined

FOUND = b"arc-authentication-results"
SIGNED = b"arc-message-signature"
SEALED = b"arc-seal"
ORDER = (FOUND, SIGNED, SEALED)
MOST = 8
"""Forwarders of a mail whose seals are checked; RFC 8617 allows 50, and real mails have one to three."""

Link = tuple[Field, Field, Field]
"""One forwarder's fields, in ORDER."""


def verify_arc(mail: SignedMail, keys: Keys, received_at: datetime) -> list[Signature]:
    """Return the newest message signature and every seal, or one failure for sets that make no chain."""
    fields = mail.named(*ORDER)
    if not fields:
        return []
    if len(fields) > MOST * len(ORDER):
        return [Signature(Method.ARC, "", "", Result.PERMERROR, Reason.TOO_MANY)]
    links = _links(fields)
    if links is None or not _hangs_together(links):
        seals = mail.named(SEALED)
        named = signer(seals[0][1]) if seals else ("", "")
        return [Signature(Method.ARC, *named, Result.FAIL, Reason.CHAIN_BROKEN)]
    newest = check(mail, links[-1][1], Method.ARC, keys, received_at)
    return [newest, *(_check_seal(links[: number + 1], keys) for number in range(len(links)))]


def _links(fields: list[Field]) -> list[Link] | None:
    """Return the sets in order, or None where one is incomplete or doubled."""
    places: dict[tuple[int, bytes], Field] = {}
    for one in fields:
        name = one[0].lower()
        number = one[1].partition(b";")[0].partition(b"=")[2] if name == FOUND else read_tag(one[1], b"i")
        place = (int(number) if number.strip().isdigit() and len(number) < 8 else 0, name)
        if place in places:
            return None
        places[place] = one
    count = len(fields) // len(ORDER)
    wanted = [[(number, name) for name in ORDER] for number in range(1, count + 1)]
    if places.keys() != {place for link in wanted for place in link}:
        return None
    return [(places[found], places[signed], places[sealed]) for found, signed, sealed in wanted]


def _hangs_together(links: list[Link]) -> bool:
    """Say whether each forwarder found what came before it right (tag cv), and the first one nothing."""
    said = [read_tag(seal[1], b"cv").lower() for _, _, seal in links]
    return said == [b"none", *[b"pass"] * (len(links) - 1)] and not any(
        read_tag(seal[1], b"h") for _, _, seal in links
    )


def _check_seal(links: list[Link], keys: Keys) -> Signature:
    """Check the seal of the last of these sets, which covers them all."""
    *covered, own = [one for link in links for one in link]
    claim = read_claim(own[1], Method.ARC_SEAL)
    if isinstance(claim, Reason):
        return Signature(Method.ARC_SEAL, *signer(own[1]), Result.PERMERROR, claim)
    result, reason, answer = try_keys(claim, joined(b"relaxed", covered, own), keys)
    return Signature(Method.ARC_SEAL, claim.domain, claim.selector, result, reason, answer)
