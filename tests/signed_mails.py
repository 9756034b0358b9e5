"""Mails signed as real signers do, by dkimpy with fresh keys, and the DNS that publishes them."""

import base64
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import sha256

import dkim
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from dkim.canonicalization import Relaxed

from service.origin.signature import Answer, Keys, Status

RECEIVED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAIL = (
    b"From: Igor Samoilov <igor@clinic.example>\r\n"
    b"To: olga@agency.example\r\n"
    b"Subject: =?utf-8?q?Umowa?=\r\n"
    b"Date: Mon, 02 Mar 2026 10:00:00 +0100\r\n"
    b"Message-ID: <1@clinic.example>\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"\r\n"
    b"Approved,  64 000 \t net. \r\n"
    b"From here on, print.\r\n"
    b"\r\n\r\n"
)
SIGNED_FIELDS = (b"from", b"to", b"subject", b"date", b"message-id")

Records = dict[str, str]


_RSA: dict[tuple[str, int], rsa.RSAPrivateKey] = {}
_ED25519: dict[str, Ed25519PrivateKey] = {}


def rsa_key(name: str = "", bits: int = 1024) -> rsa.RSAPrivateKey:
    """Return a fresh key, the same one for a name during a run: making one takes time."""
    if (name, bits) not in _RSA:
        _RSA[name, bits] = rsa.generate_private_key(65_537, bits)
    return _RSA[name, bits]


def ed25519_key(name: str = "") -> Ed25519PrivateKey:
    return _ED25519.setdefault(name, Ed25519PrivateKey.generate())


def rsa_record(key: rsa.RSAPrivateKey | rsa.RSAPublicNumbers, *, pkcs1: bool = False) -> str:
    form = serialization.PublicFormat.PKCS1 if pkcs1 else serialization.PublicFormat.SubjectPublicKeyInfo
    data = key.public_key().public_bytes(serialization.Encoding.DER, form)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(data).decode()}"


def ed25519_record(key: Ed25519PrivateKey) -> str:
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(key.public_key().public_bytes_raw()).decode()}"


def pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def sign(
    mail: bytes = MAIL,
    domain: str = "clinic.example",
    key: rsa.RSAPrivateKey | None = None,
    *,
    selector: str = "s1",
    policy: tuple[bytes, bytes] = (b"relaxed", b"relaxed"),
    length: bool = False,
) -> bytes:
    """Return the mail with an rsa-sha256 signature above its header."""
    with time_machine.travel(RECEIVED_AT, tick=False):
        field = dkim.DKIM(mail).sign(
            selector.encode(),
            domain.encode(),
            pem(key or rsa_key()),
            canonicalize=policy,
            include_headers=list(SIGNED_FIELDS),
            length=length,
        )
    return field + mail


def sign_with(
    make: Callable[[bytes], bytes], tags: str, mail: bytes = MAIL, names: Iterable[bytes] = SIGNED_FIELDS
) -> bytes:
    """Return the mail with a relaxed signature of any tags, also those that dkimpy would not write."""
    body = Relaxed.canonicalize_body(mail.partition(b"\r\n\r\n")[2])
    covered = b":".join(names).decode()
    body_hash = base64.b64encode(sha256(body).digest()).decode()
    value = f" v=1; c=relaxed/relaxed; h={covered}; bh={body_hash}; {tags}; b="
    own = (b"DKIM-Signature", value.encode())
    fields = [tuple(field) for field in dkim.rfc822_parse(mail)[0]]
    lines = Relaxed.canonicalize_headers([*dkim.select_headers(fields, list(names)), own])
    signed = b"".join(name + b":" + rest for name, rest in lines).removesuffix(b"\r\n")
    return b"DKIM-Signature:" + own[1] + base64.b64encode(make(signed)) + b"\r\n" + mail


def by_rsa(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    return lambda signed: key.sign(signed, PKCS1v15(), SHA256())


def by_ed25519(key: Ed25519PrivateKey) -> Callable[[bytes], bytes]:
    return lambda signed: key.sign(sha256(signed).digest())


def seal(mail: bytes, domain: str, key: rsa.RSAPrivateKey | None = None, *, found: str = "arc=none") -> bytes:
    """Return the mail as a forwarder hands it on: with its set of ARC fields."""
    stamped = f"Authentication-Results: {domain}; {found}\r\n".encode() + mail
    with time_machine.travel(RECEIVED_AT, tick=False):
        fields = dkim.ARC(stamped).sign(b"arc", domain.encode(), pem(key or rsa_key()), domain.encode())
    assert fields
    return b"".join(fields) + stamped


def published(records: Records) -> Keys:
    """Return keys as a domain publishes them; other names do not exist."""

    def ask(name: str) -> list[Answer]:
        text = records.get(name)
        return [Answer(name, Status.ABSENT) if text is None else Answer(name, Status.FOUND, text)]

    return ask


def key_name(domain: str = "clinic.example", selector: str = "s1") -> str:
    return f"{selector}._domainkey.{domain}"
