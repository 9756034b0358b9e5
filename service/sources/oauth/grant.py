"""Read what a provider granted. In: the answer of its token address. Out: Tokens. Never: trusts its types."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from service.errors import SignInRefused, Unreachable
from service.sources.oauth.provider import Provider
from service.sources.oauth.tokens import Tokens

_TOKEN = re.compile(r"[\x21-\x7e]+")
"""RFC 6749, appendix A.12, less the space: a control sign in a token would end it early in SASL."""
_LONGEST = timedelta(days=3650)


def first_tokens(provider: Provider, answer: Mapping[str, Any], now: datetime, *, public: bool) -> Tokens:
    """Return the tokens of a sign-in; `public`: no client secret was shown for them.

    Raises SignInRefused where nothing would renew them, Unreachable where the answer is nonsense.
    """
    if not answer.get("refresh_token"):
        raise SignInRefused(
            f"{provider.label} let the person in but gave nothing to come back with (no refresh token); "
            "check what deploy/OAUTH.md says about the app, and sign in again"
        )
    return _tokens(provider, answer, now, Tokens("", "", now, None, public=public))


def next_tokens(provider: Provider, answer: Mapping[str, Any], now: datetime, old: Tokens) -> Tokens:
    """Return the tokens after a renewal; what the answer does not say stays as it was. Raises Unreachable."""
    return _tokens(provider, answer, now, old)


def seconds(said: object) -> timedelta | None:
    """Read a number of seconds, as a number or in quotes; None where it is none, or not above zero."""
    try:
        number = float(str(said))
    except ValueError:
        return None
    return timedelta(seconds=min(number, _LONGEST.total_seconds())) if number > 0 else None


def _tokens(provider: Provider, answer: Mapping[str, Any], now: datetime, old: Tokens) -> Tokens:
    if str(answer.get("token_type")).lower() != "bearer":
        raise _nonsense(provider)
    refresh = _token(provider, answer.get("refresh_token") or old.refresh)
    stated = seconds(answer.get("refresh_token_expires_in"))
    # An end that was stated once holds for that token, however often it is used.
    holds = stated is None and old.refresh_ends and refresh == old.refresh
    ends_in = stated or provider.refresh_for
    ends_at = None if ends_in is None else now + ends_in
    return Tokens(
        access=_token(provider, answer.get("access_token")),
        refresh=refresh,
        expires_at=now + (seconds(answer.get("expires_in")) or timedelta()),
        refresh_expires_at=old.refresh_expires_at if holds else ends_at,
        scope=str(answer.get("scope") or old.scope),
        refresh_ends=holds or stated is not None,
        public=old.public,
    )


def _token(provider: Provider, said: object) -> str:
    if not isinstance(said, str) or not _TOKEN.fullmatch(said):
        raise _nonsense(provider)
    return said


def _nonsense(provider: Provider) -> Unreachable:
    return Unreachable(f"{provider.label} answers without tokens that can be used; try again in a while")
