"""Keep passwords and tokens encrypted at rest. In: text. Out: the same text. Never: a secret in a message.

Fernet (AES-128-CBC with HMAC-SHA256) from `cryptography`; the key is a file beside the ledger's, not in the
database: a copy of the database alone opens no mailbox.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from service.errors import ConfigError

KEY_FILE = "secrets.key"


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens the secrets of one installation; its key is made when the first one is sealed."""

    folder: Path

    def seal(self, secret: str) -> bytes:
        """Return `secret` encrypted."""
        return self._cipher(begin=True).encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Return the secret. Raises ConfigError where the key is gone or another."""
        try:
            return self._cipher(begin=False).decrypt(bytes(sealed)).decode()
        except InvalidToken as error:
            raise ConfigError(
                f"The key {self.folder / KEY_FILE} does not open these secrets. Restore it from "
                "your backup, or enter the passwords again."
            ) from error

    def _cipher(self, *, begin: bool) -> Fernet:
        path = self.folder / KEY_FILE
        if begin:
            _make(path)
        try:
            return Fernet(path.read_bytes())
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"The key of the secrets, {path}, cannot be read: {error}. Restore it from your backup, or "
                "enter the passwords again."
            ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{KEY_FILE}.{os.getpid()}")
    if path.exists():
        return
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(Fernet.generate_key())
        # A link fails where another process was first: its key is the one.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
