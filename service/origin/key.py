"""A public key as a domain publishes it (RFC 6376, 3.6.1; RFC 8463). In: a TXT record. Out: PublicKey.

The mathematics is OpenSSL's, through `cryptography`: it bounds exponents, so a hostile key costs nothing.
"""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from dkim.util import InvalidTagValueList, parse_tag_value

from service.origin.signature import Reason

FEWEST_BITS = 1024
MOST_BITS = 8192
ED25519_BYTES = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that a domain signs its mails with."""

    _key: RSAPublicKey | Ed25519PublicKey

    @property
    def algorithm(self) -> bytes:
        """Return the only value of tag a= that it can check."""
        return b"rsa-sha256" if isinstance(self._key, RSAPublicKey) else b"ed25519-sha256"

    @property
    def is_weak(self) -> bool:
        """Say whether others can work out the private key."""
        return isinstance(self._key, RSAPublicKey) and self._key.key_size < FEWEST_BITS

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Say whether the signature over these bytes was made with its private key."""
        try:
            if isinstance(self._key, RSAPublicKey):
                self._key.verify(signature, signed, PKCS1v15(), SHA256())
            else:
                self._key.verify(signature, sha256(signed).digest())
        except (InvalidSignature, ValueError):  # ValueError: a signature longer than the key
            return False
        return True


@lru_cache(maxsize=1024)
def read_key(text: str) -> PublicKey | Reason:
    """Return the first usable key among the records of an answer, or why there is none."""
    found = [_read_record(line) for line in text.splitlines()]
    reasons = [one for one in found if isinstance(one, Reason)]
    keys = [one for one in found if isinstance(one, PublicKey)]
    return keys[0] if keys else next(iter(reasons), Reason.KEY_UNREADABLE)


def _read_record(record: str) -> PublicKey | Reason:
    try:
        tags = parse_tag_value(record.encode("ascii"))
        is_ours = (
            tags.get(b"v", b"DKIM1") == b"DKIM1"
            and _lists(tags, b"h", {b"sha256"})
            and _lists(tags, b"s", {b"*", b"email"})
        )
        material = b"".join(tags[b"p"].split())
        if not material:
            return Reason.KEY_REVOKED
        return _load(tags.get(b"k", b"rsa"), b64decode(material)) if is_ours else Reason.KEY_UNREADABLE
    except (InvalidTagValueList, KeyError, binascii.Error, UnicodeEncodeError):
        return Reason.KEY_UNREADABLE


def _lists(tags: dict[bytes, bytes], name: bytes, wanted: set[bytes]) -> bool:
    """Say whether a list of what the key may be used for names one of these, or is not there."""
    return name not in tags or bool(wanted & {one.strip().lower() for one in tags[name].split(b":")})


def _load(kind: bytes, material: bytes) -> PublicKey | Reason:
    if kind == b"ed25519" and len(material) == ED25519_BYTES:
        return PublicKey(Ed25519PublicKey.from_public_bytes(material))
    if kind != b"rsa":
        return Reason.KEY_UNREADABLE
    try:
        key = load_der_public_key(material)
    except (ValueError, UnsupportedAlgorithm):
        return Reason.KEY_UNREADABLE
    if not isinstance(key, RSAPublicKey) or key.key_size > MOST_BITS:
        return Reason.KEY_UNREADABLE
    return PublicKey(key)
