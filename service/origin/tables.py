"""What was found of a mail's signatures, with the key as DNS gave it on that day: keys disappear."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from service.db.base import Table, UtcDateTime


class OriginKeyRow(Table, table=True):
    """One answer of DNS to the question for a signing key (RFC 6376, 3.6.2), as it was given."""

    __tablename__ = "origin_key"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    """`selector._domainkey.domain`, in lower case."""
    answer: str
    """The TXT record, its strings joined; empty where there is none."""
    authenticated: bool = False
    """True where the resolver validated it by DNSSEC (AD flag)."""
    first_at: datetime = Field(sa_type=UtcDateTime)
    """When it was first given so."""
    last_at: datetime = Field(sa_type=UtcDateTime)
    """When it was last given so."""


class OriginRow(Table, table=True):
    """The verdict on a signed mail; a mail without a row carries no signature."""

    __tablename__ = "origin"

    message_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="message.id")
    verdict: str = Field(index=True)
    """waiting, signed, other_domain, broken or unknown: see `service.origin.signature.Verdict`."""
    signatures: str = "[]"
    """JSON list: each signature with method, domain, selector, result, reason and the id of its key."""
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    """How often its keys were asked for; 0 where they never were, also because DNS is switched off."""
