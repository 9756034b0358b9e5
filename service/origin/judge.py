"""What the signatures of a mail amount to. In: Signatures, the author's domain. Out: Verdict.

A signature speaks for the author where its domain is the author's, or one lies below the other
(agency.example, mail.agency.example). That is DMARC's relaxed alignment (RFC 7489, 3.1.1) without its list of
public suffixes: two domains side by side (mail.agency.example, news.agency.example) are not taken for one,
and a single label (com) speaks for nobody.
"""

from collections.abc import Sequence

from service.origin.signature import Method, Result, Signature, Verdict


def judge(signatures: Sequence[Signature], author_domain: str, *, final: bool = False) -> Verdict:
    """Sum up; `final`: keys that could not be asked for will not be asked for again."""
    own = [one for one in signatures if one.method is Method.DKIM]
    arc = [one for one in signatures if one.method is not Method.DKIM]
    valid = [one for one in own if one.result is Result.VALID]
    if any(is_aligned(one.domain, author_domain) for one in valid):
        return Verdict.SIGNED
    results = {one.result for one in signatures}
    if Result.TEMPERROR in results and not final:
        return Verdict.WAITING
    if valid or (arc and all(one.result is Result.VALID for one in arc)):
        return Verdict.OTHER_DOMAIN
    return Verdict.BROKEN if Result.FAIL in results else Verdict.UNKNOWN


def is_aligned(signer: str, author: str) -> bool:
    """Say whether a signature of one domain speaks for an author of the other.

    >>> is_aligned("agency.example", "mail.agency.example"), is_aligned("sendgrid.net", "agency.example")
    (True, False)
    """
    one, other = _ascii(signer), _ascii(author)
    shorter, longer = sorted((one, other), key=len)
    return "." in shorter and f".{longer}".endswith(f".{shorter}")


def _ascii(domain: str) -> str:
    """Return a domain as signatures write it; one that DNS could not hold as it is."""
    plain = domain.lower().rstrip(".")
    try:
        return plain if plain.isascii() else plain.encode("idna").decode()
    except UnicodeError:
        return plain
