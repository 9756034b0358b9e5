"""The secret of a source, opened for one moment. In: a source's id. Out: text. Never: logs or caches it."""

import json
from datetime import datetime

from service.db.session import reading, writing
from service.errors import SignInRefused
from service.intake.secret import Vault
from service.intake.store import put_secret, secret_of
from service.pipeline.installation import Installation


def keep_secret(house: Installation, source_id: int, secret: str, expires_at: datetime | None = None) -> None:
    """Encrypt and keep a secret; `expires_at` is when a person must sign in again at the latest."""
    sealed = Vault(house.settings.data).seal(secret)
    with writing(house.engine) as session:
        put_secret(session, source_id, sealed, expires_at)


def open_secret(house: Installation, source_id: int) -> str:
    """Return the secret. Raises SignInRefused where there is none."""
    with reading(house.engine) as session:
        sealed = secret_of(session, source_id)
    if sealed is None:
        raise SignInRefused("Nobody has signed in to this source yet; sign in or enter the password.")
    return Vault(house.settings.data).open(sealed)


def open_token(house: Installation, source_id: int) -> str:
    """Return the token of a chat platform. Raises SignInRefused where there is none."""
    token = token_of(open_secret(house, source_id))
    if not token:
        raise SignInRefused("The kept token cannot be read; enter it again.")
    return token


def token_of(secret: str) -> str:
    """Return the token in a secret, which is kept as a password is; empty where there is none.

    >>> token_of('{"password": "xoxb-1"}')
    'xoxb-1'
    """
    try:
        kept = json.loads(secret)
    except ValueError:
        return ""
    token = kept.get("password") if isinstance(kept, dict) else None
    return token.strip() if isinstance(token, str) else ""
