"""What became of each signature of a mail (RFC 6376, 8463, 8617), and what they amount to. Never: rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LARGEST_HEADER = 1024 * 1024
"""Bytes of a mail in which its header is looked for."""


class Method(StrEnum):
    """What kind of header field holds the signature."""

    DKIM = "dkim"
    ARC = "arc"
    """The message signature of the last forwarder that sealed the mail."""
    ARC_SEAL = "arc-seal"
    """A forwarder's word that all seals before its own were right."""


class Result(StrEnum):
    """How a check ended, in the words of RFC 8601."""

    VALID = "pass"
    FAIL = "fail"
    """Its key was had, and what stands here is not what was signed with it."""
    NONE = "none"
    """There is no key to check it with."""
    TEMPERROR = "temperror"
    """The key could not be asked for; it may be later."""
    PERMERROR = "permerror"
    """It proves nothing, whatever its key: unreadable, too weak, out of its time."""


class Reason(StrEnum):
    """Why a check ended so."""

    MATCHES = "matches"
    TEXT_CHANGED = "text_changed"
    HEADER_CHANGED = "header_changed"
    """Signed header fields differ, or the domain signs with another key by now."""
    PARTLY_COVERED = "partly_covered"
    """It matches, but covers only the beginning of the text (tag l=): the rest may be anybody's."""
    CHAIN_BROKEN = "chain_broken"
    """Sets of ARC fields are missing or doubled, or a forwarder found the seals before its own broken."""
    KEY_MISSING = "key_missing"
    KEY_REVOKED = "key_revoked"
    KEY_UNREADABLE = "key_unreadable"
    KEY_WEAK = "key_weak"
    """An RSA key below 1024 bits, which others can work out (RFC 8301, 3.2)."""
    NO_ANSWER = "no_answer"
    NOT_ASKED = "not_asked"
    """The installation asks nobody for keys (SCRIPTA_DNS=off)."""
    UNREADABLE = "unreadable"
    ALGORITHM = "algorithm"
    """An algorithm that proves nothing today (rsa-sha1, RFC 8301) or is not known."""
    SENDER_NOT_COVERED = "sender_not_covered"
    """The mail has no From, or its signature leaves it out, so anybody could write it anew."""
    OUT_OF_TIME = "out_of_time"
    """When the mail arrived, the signature had expired (x=) or was not made yet (t=)."""
    TOO_MANY = "too_many"
    """The mail has more signatures than are checked."""


class Status(StrEnum):
    """What DNS said to the question for a key."""

    FOUND = "found"
    ABSENT = "absent"
    """The name or its TXT record does not exist: final."""
    FAILED = "failed"
    """Nobody answered, or the answer was an error: asked again later."""
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of DNS to the question for a signing key."""

    name: str
    """`selector._domainkey.domain`, in lower case."""
    status: Status
    text: str = ""
    """The TXT records, strings joined, one record a line."""
    authenticated: bool = False
    """True where the resolver says that it checked DNSSEC (flag AD): worth as much as the way to it."""
    kept_as: int | None = None
    """Its id where it was given and kept before; None where it was given just now."""


Keys = Callable[[str], Iterable[Answer]]
"""Gives the answers that may hold the key of a name, today's first; never raises."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature and what became of it."""

    method: Method
    domain: str
    selector: str
    result: Result
    reason: Reason
    key: Answer | None = None
    """What it was checked with; None where nothing was asked."""


class Verdict(StrEnum):
    """What the signatures of a mail amount to; a mail without any has no verdict."""

    WAITING = "waiting"
    SIGNED = "signed"
    """A valid signature of the sender's own domain covers the mail as it stands."""
    OTHER_DOMAIN = "other_domain"
    """Only others vouch for it: a mailing service, a list, a forwarder."""
    BROKEN = "broken"
    """No signature is valid, and at least one fails although its key was had."""
    UNKNOWN = "unknown"
    """Its keys are not to be had any more, or its signatures prove nothing either way."""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key as DNS gave it, and when."""

    id: int
    name: str
    answer: str
    authenticated: bool
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class KeptSignature:
    """A signature as it was kept, with the key that it was checked with."""

    method: str
    domain: str
    selector: str
    result: str
    reason: str
    key: KeptKey | None


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of where a signed mail comes from."""

    verdict: Verdict
    signatures: tuple[KeptSignature, ...]
    checked_at: datetime | None

    @property
    def domains(self) -> list[str]:
        """Return whose signatures are valid."""
        valid = (one.domain for one in self.signatures if one.result == Result.VALID)
        return list(dict.fromkeys(valid))
