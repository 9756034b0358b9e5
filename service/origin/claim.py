"""What a signature field says of itself (RFC 6376, 3.5; RFC 8617, 4.1). In: its value. Out: Claim, Reason."""

import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime

from dkim.util import InvalidTagValueList, parse_tag_value

from service.origin.signature import Method, Reason

LARGEST = 16 * 1024
"""Bytes of a signature field that are read; real ones stay below 4 KiB."""
MOST_NAMES = 300
_DOMAIN = re.compile(rb"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")
_NUMBER = re.compile(rb"[0-9]{1,11}")
_ALGORITHMS = frozenset({b"rsa-sha256", b"ed25519-sha256"})
_POLICIES = frozenset({b"simple", b"relaxed"})

Tags = dict[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature field, read."""

    domain: str
    selector: str
    algorithm: bytes
    signature: bytes
    header_policy: bytes
    body_policy: bytes
    names: list[bytes]
    """Signed fields in lower case, From once more than said: a second From must not hide behind the first."""
    body_hash: bytes
    length: int | None
    signed_at: datetime | None
    expires_at: datetime | None

    @property
    def key_name(self) -> str:
        """Return where its key is published."""
        return f"{self.selector}._domainkey.{self.domain}".lower()


def read_claim(value: bytes, method: Method) -> Claim | Reason:
    """Read a signature field, or say why it proves nothing."""
    tags = _tags(value)
    if tags is None:
        return Reason.UNREADABLE
    try:
        if tags[b"a"].lower() not in _ALGORITHMS:
            return Reason.ALGORITHM
        if method is Method.ARC_SEAL:
            return _claim(tags, ("relaxed", "relaxed"), [], b"")
        _check(tags, method)
        names = [one.strip().lower() for one in tags[b"h"].split(b":")]
        if b"from" not in names:
            return Reason.SENDER_NOT_COVERED
        return _claim(tags, _policies(tags), [*names, b"from"], _decoded(tags[b"bh"]))
    except (KeyError, ValueError):
        return Reason.UNREADABLE


def signer(value: bytes) -> tuple[str, str]:
    """Return domain and selector of a signature field, empty where they cannot be read."""
    tags = _tags(value) or {}
    return _name(tags.get(b"d", b"")) or "", _name(tags.get(b"s", b"")) or ""


def read_tag(value: bytes, name: bytes) -> bytes:
    """Return the value of one tag, empty where there is none."""
    return (_tags(value) or {}).get(name, b"")


def _tags(value: bytes) -> Tags | None:
    try:
        return parse_tag_value(value) if len(value) <= LARGEST else None
    except InvalidTagValueList:
        return None


def _claim(tags: Tags, policies: tuple[str, str], names: list[bytes], body_hash: bytes) -> Claim:
    domain, selector = _name(tags[b"d"]), _name(tags[b"s"])
    if not domain or not selector or "." not in domain:
        raise ValueError(domain)
    return Claim(
        domain=domain,
        selector=selector,
        algorithm=tags[b"a"].lower(),
        signature=_decoded(tags[b"b"]),
        header_policy=policies[0].encode(),
        body_policy=policies[1].encode(),
        names=names,
        body_hash=body_hash,
        length=_length(tags),
        signed_at=_moment(tags, b"t"),
        expires_at=_moment(tags, b"x"),
    )


def _check(tags: Tags, method: Method) -> None:
    """Refuse what the RFC has verifiers refuse. Raises ValueError, KeyError."""
    domain = tags[b"d"].lower()
    agent = tags.get(b"i", b"@" + domain).lower()
    is_dkim = method is Method.DKIM
    if is_dkim and (tags[b"v"] != b"1" or not agent.endswith((b"@" + domain, b"." + domain))):
        raise ValueError(agent)
    if tags.get(b"q", b"dns/txt") != b"dns/txt" or tags[b"h"].count(b":") >= MOST_NAMES:
        raise ValueError(tags[b"h"])
    if not is_dkim and b"arc-seal" in tags[b"h"].lower():
        raise ValueError(tags[b"h"])


def _policies(tags: Tags) -> tuple[str, str]:
    header, _, body = tags.get(b"c", b"simple").lower().partition(b"/")
    if {header, body or b"simple"} - _POLICIES:
        raise ValueError(header)
    return header.decode(), (body or b"simple").decode()


def _name(value: bytes) -> str | None:
    return value.decode().lower() if _DOMAIN.fullmatch(value) else None


def _decoded(value: bytes) -> bytes:
    return b64decode(b"".join(value.split()), validate=True)


def _length(tags: Tags) -> int | None:
    return _number(tags[b"l"]) if b"l" in tags else None


def _moment(tags: Tags, name: bytes) -> datetime | None:
    return datetime.fromtimestamp(_number(tags[name]), UTC) if name in tags else None


def _number(value: bytes) -> int:
    if not _NUMBER.fullmatch(value):
        raise ValueError(value)
    return int(value)
