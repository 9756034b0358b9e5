"""The log's private key: made once, kept in one file of the data folder, used to sign checkpoints.

The file holds one line, `PRIVATE+KEY+name+hash+base64`, as Go's note package writes it. Whoever reads it can
sign another history: it stays at mode 0600 and out of backups that others can open.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from service.errors import LedgerError
from service.ledger.checkpoint import (
    ED25519_TYPE,
    Checkpoint,
    VerifierKey,
    decode_base64,
    encode_base64,
    sign_line,
)

_PREFIX = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key with the name of its log; never printed, `verifier` is what others get."""

    verifier: VerifierKey
    _private: Ed25519PrivateKey

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the checkpoint as a signed note."""
        text = checkpoint.text()
        return f"{text}\n{sign_line(self.verifier, self._private.sign(text.encode()))}"

    def export_text(self) -> str:
        """Return the secret in the form that the key file holds."""
        verifier = self.verifier
        material = encode_base64(ED25519_TYPE + self._private.private_bytes_raw())
        return f"{_PREFIX}{verifier.name}+{verifier.key_id.hex()}+{material}"


def create_key(path: Path, origin: str) -> SigningKey:
    """Make a key for the log `origin` and write it; raises LedgerError rather than replace a file."""
    key = _make(origin, Ed25519PrivateKey.generate())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    except FileExistsError as error:
        raise LedgerError(f"ledger key: {path} exists; a second key would start a second history") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key.export_text() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def load_key(path: Path) -> SigningKey:
    """Read the key file; refuses one that other users of the machine can open."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(f"ledger key: {path} cannot be read: {error}; restore your backup") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise LedgerError(f"ledger key: {path} is open to other users; run: chmod 600 {path}")
    return parse_key(text)


def parse_key(text: str) -> SigningKey:
    """Read `PRIVATE+KEY+name+hash+base64`; raises LedgerError without repeating the secret."""
    name, _, rest = text.strip().removeprefix(_PREFIX).partition("+")
    material = decode_base64(rest.partition("+")[2])
    if material is None or len(material) != 33:
        raise LedgerError("ledger key: the file holds no Ed25519 key; restore it from your backup")
    key = _make(name, Ed25519PrivateKey.from_private_bytes(material[1:]))
    if key.export_text() != text.strip():
        raise LedgerError("ledger key: the file is damaged (its hash differs); restore it from your backup")
    return key


def verify_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Do what `ed25519.verify` does, with the `cryptography` package: about twenty times faster."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _make(origin: str, private: Ed25519PrivateKey) -> SigningKey:
    return SigningKey(VerifierKey(origin, private.public_key().public_bytes_raw()), private)
