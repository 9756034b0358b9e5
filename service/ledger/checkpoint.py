"""The signed head of the log in C2SP form (https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note).

In: text of a note. Out: Checkpoint, VerifierKey. Never: signs (`key.py` does),
or needs more than the standard library.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from service.errors import LedgerBroken, LedgerError
from service.ledger import ed25519

ED25519_TYPE = b"\x01"
"""Signature type of signed-note for Ed25519."""
_NAME = re.compile(r"[^\s+]+")
_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")

VerifySignature = Callable[[bytes, bytes, bytes], bool]
"""(public key, message, signature) -> whether the signature is good."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The promise of a log: at `size` entries its root was `root`."""

    origin: str
    """The unique name of the log, equal to the name of its key."""
    size: int
    root: bytes

    def text(self) -> str:
        """Return the note text that is signed: three lines, each ended by a newline."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a log's key; its text form is `name+hash+base64`."""

    name: str
    public: bytes
    """32 bytes (RFC 8032, 5.1.5)."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise LedgerError(f"ledger: key name {self.name!r} is empty or holds spaces or +")

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(ED25519_TYPE + self.public)}"

    @property
    def key_id(self) -> bytes:
        """Four bytes that name the key in signatures (signed-note, Signature types)."""
        return sha256(self.name.encode() + b"\n" + ED25519_TYPE + self.public).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read `name+hash+base64`; raises LedgerError where any character of it is wrong."""
        name, _, rest = text.strip().partition("+")
        material = decode_base64(rest.partition("+")[2])
        if material is None or len(material) != 33 or material[:1] != ED25519_TYPE:
            raise LedgerError(f"ledger: {text!r} is no Ed25519 verifier key of the form name+hash+base64")
        key = cls(name, material[1:])
        if str(key) != text.strip():
            raise LedgerError(f"ledger: the hash inside verifier key {text!r} differs: it was copied badly")
        return key


def sign_line(key: VerifierKey, signature: bytes) -> str:
    """Return the signature line of a note: em dash, name, base64 of key id and signature."""
    return f"— {key.name} {encode_base64(key.key_id + signature)}\n"


def open_checkpoint(note: str, key: VerifierKey, verify: VerifySignature = ed25519.verify) -> Checkpoint:
    """Return the checkpoint in a note after checking its form and its signature by `key`.

    Signatures of unknown keys are ignored; a bad or missing one of ours raises LedgerBroken.
    """
    checkpoint, signatures = parse_checkpoint(note)
    ours = [blob[4:] for name, blob in signatures if (name, blob[:4]) == (key.name, key.key_id)]
    if not ours:
        raise LedgerBroken(
            f"checkpoint of {checkpoint.size} entries is not signed by {key.name}+{key.key_id.hex()}"
        )
    message = checkpoint.text().encode()
    if not all(verify(key.public, message, signature) for signature in ours):
        raise LedgerBroken(f"checkpoint of {checkpoint.size} entries has a wrong signature by {key.name}")
    if checkpoint.origin != key.name:
        raise LedgerBroken(f"checkpoint is of the log {checkpoint.origin!r}, not {key.name!r}")
    return checkpoint


def parse_checkpoint(note: str) -> tuple[Checkpoint, list[tuple[str, bytes]]]:
    """Return what a note says and who signed it, without checking a signature; raises LedgerBroken."""
    # signed-note: valid UTF-8 without control characters; a lone surrogate cannot be encoded at all.
    if _FORBIDDEN.search(note):
        raise LedgerBroken(f"not a checkpoint: {note[:200]!r}")
    text, _, signed = note.rpartition("\n\n")
    lines = text.split("\n")
    root = decode_base64(lines[2]) if len(lines) == 3 else None
    if root is None or len(root) != 32 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise LedgerBroken(f"not a checkpoint: {note[:200]!r}")
    if not signed.endswith("\n"):
        raise LedgerBroken(f"checkpoint of {lines[1]} entries is cut off")
    return Checkpoint(lines[0], int(lines[1]), root), [
        _parse_signature(line) for line in signed[:-1].split("\n")
    ]


def encode_base64(data: bytes) -> str:
    """Encode after RFC 4648, section 4."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes | None:
    """Decode after RFC 4648, section 4; None unless `text` is the one encoding of its bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    # Unused bits of the last character are ignored by the decoder: two texts would carry one signature.
    return data if encode_base64(data) == text else None


def _parse_signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    blob = decode_base64(encoded)
    if dash != "—" or not _NAME.fullmatch(name) or blob is None or len(blob) < 5:
        raise LedgerBroken(f"not a signature line: {line[:200]!r}")
    return name, blob
