"""Where a mail comes from, on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from service.origin.signature import KeptKey, KeptSignature, Origin


class KeyOut(BaseModel):
    """A signing key as DNS gave it: with it and the original, anybody can check the signature again."""

    name: str = Field(examples=["s1._domainkey.clinic.example"])
    text: str = Field(
        examples=["v=DKIM1; k=rsa; p=MIGfMA0..."], description="The TXT record; empty where there was none."
    )
    authenticated: bool = Field(description="True where the resolver checked it by DNSSEC.")
    dns_seen_at: datetime = Field(description="When DNS first gave this answer.")
    dns_seen_until: datetime = Field(description="When DNS last gave this answer.")

    @classmethod
    def of(cls, key: KeptKey) -> Self:
        """Return what goes over the wire."""
        return cls(
            name=key.name,
            text=key.answer,
            authenticated=key.authenticated,
            dns_seen_at=key.first_at,
            dns_seen_until=key.last_at,
        )


class SignatureOut(BaseModel):
    """One signature of a mail, and what became of it."""

    method: str = Field(examples=["dkim"], description="dkim, arc or arc-seal")
    domain: str = Field(examples=["clinic.example"], description="Who signed; empty where unreadable.")
    selector: str = Field(examples=["s1"])
    result: str = Field(examples=["pass"], description="pass, fail, none, temperror or permerror (RFC 8601)")
    reason: str = Field(examples=["matches"], description="Why: matches, text_changed, key_missing, ...")
    key: KeyOut | None = Field(description="The key that it was checked with; null where none was asked for.")

    @classmethod
    def of(cls, signature: KeptSignature) -> Self:
        """Return what goes over the wire."""
        return cls(
            method=signature.method,
            domain=signature.domain,
            selector=signature.selector,
            result=signature.result,
            reason=signature.reason,
            key=KeyOut.of(signature.key) if signature.key else None,
        )


class OriginOut(BaseModel):
    """What a mail's signatures (DKIM, ARC) say about where it comes from."""

    verdict: str = Field(
        examples=["signed"],
        description="signed (by the sender's domain), other_domain, broken, unknown, waiting or unsigned",
    )
    checked_at: datetime | None
    signatures: list[SignatureOut]

    @classmethod
    def of(cls, origin: Origin | None) -> Self:
        """Return what goes over the wire; None: the mail carries no signature."""
        if origin is None:
            return cls(verdict="unsigned", checked_at=None, signatures=[])
        return cls(
            verdict=origin.verdict,
            checked_at=origin.checked_at,
            signatures=[SignatureOut.of(one) for one in origin.signatures],
        )
