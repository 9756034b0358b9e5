"""What a provider gave after a sign-in, and when it ends. Never: a token in a repr."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from service.errors import SignInRefused

_SLACK = timedelta(minutes=5)
"""More than a sign-in to IMAP takes on the slowest line."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one mailbox; all times are aware."""

    access: str = field(repr=False)
    """What IMAP takes in place of a password."""
    refresh: str = field(repr=False)
    """What the provider takes for the next access token."""
    expires_at: datetime
    """When the access token ends; where nobody said, when it came: so it is renewed before each use."""
    refresh_expires_at: datetime | None
    """When a person must sign in again unless the tokens are renewed before; None where nobody knows."""
    scope: str = ""
    """What was granted, as the provider writes it; empty where it did not say."""
    refresh_ends: bool = False
    """True where the provider stated that end itself: then renewing does not move it."""
    public: bool = False
    """True where no client secret was shown to get them; then none may be shown to renew them."""

    def to_json(self) -> str:
        """Return everything as one line of JSON: a secret, to be encrypted before it is kept."""
        return json.dumps(asdict(self), default=datetime.isoformat, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Tokens":
        """Read what `to_json` wrote. Raises SignInRefused where it is anything else."""
        try:
            kept = json.loads(text)
            ends = kept["refresh_expires_at"]
            times = {
                "expires_at": _instant(kept["expires_at"]),
                "refresh_expires_at": None if ends is None else _instant(ends),
            }
            return cls(**{**kept, **times})
        except (TypeError, KeyError, ValueError):
            # No cause: it would quote the text, and the text is a secret.
            raise SignInRefused("the kept tokens of the mailbox cannot be read; sign in again") from None


def needs_refresh(tokens: Tokens, now: datetime, slack: timedelta = _SLACK) -> bool:
    """Say whether the access token has ended, or will within `slack`."""
    return tokens.expires_at - now <= slack


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a time without a zone")
    return instant
