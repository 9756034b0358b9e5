"""Sign a mailbox in at its provider. In: Provider, App. Out: Tokens. Never: shows or logs a secret.

Two ways: a browser that is sent there and back (RFC 6749, section 4.1, with PKCE of RFC 7636), or a code that
is typed on another device (RFC 8628). The pending record between the two steps belongs to one person and one
try: whoever keeps it forgets it after use.
"""

import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from service import clock
from service.errors import ConfigError, SignInRefused, Unreachable
from service.sources.oauth.ask import ask, refusal, shown
from service.sources.oauth.grant import first_tokens, next_tokens, seconds
from service.sources.oauth.provider import Provider, is_protected
from service.sources.oauth.tokens import Tokens

REDIRECT_PATH = "/sources/oauth/callback"
"""Where browsers come back to, below SCRIPTA_PUBLIC_URL: apps are registered with it, so it stays."""
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
_PAUSE_S = 5
"""RFC 8628, sections 3.2 and 3.5: between two questions where none is given, and more after `slow_down`."""
_LONGEST_PAUSE_S = 60


@dataclass(frozen=True, slots=True)
class App:
    """What this installation is registered as at a provider (deploy/OAUTH.md)."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    tenant: str = ""
    """The directory of one organisation, for an app that is for it alone."""


@dataclass(frozen=True, slots=True)
class PendingRedirect:
    """A browser is on its way to the provider."""

    url: str = field(repr=False)
    """Where to send the browser."""
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_url: str


@dataclass(frozen=True, slots=True)
class PendingDevice:
    """A person is asked to type `user_code` at `verification_url`."""

    user_code: str
    verification_url: str
    device_code: str = field(repr=False)
    interval_s: int
    """Wait this many seconds before each `poll_device`."""
    expires_at: datetime


def begin_redirect(provider: Provider, app: App, redirect_url: str, user: str = "") -> PendingRedirect:
    """Prepare the way to the provider and back to `redirect_url`; `user` fills in the address there.

    Raises ConfigError where the app or the way back cannot be used.
    """
    _check(provider, app)
    if not is_protected(redirect_url):
        raise ConfigError(
            f"{provider.label} sends nobody back to {redirect_url!r}: "
            "set SCRIPTA_PUBLIC_URL to an https address, or to one of this machine"
        )
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    url = prepare_grant_uri(
        _address(provider, app, provider.authorize_url),
        app.client_id,
        "code",
        redirect_uri=redirect_url,
        scope=" ".join(provider.scopes),
        state=state,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        login_hint=user or None,
        **dict(provider.authorize_with),
    )
    return PendingRedirect(str(url), state, verifier, redirect_url)


def finish_redirect(provider: Provider, app: App, pending: PendingRedirect, code: str, state: str) -> Tokens:
    """Take what the browser brought back in `code` and `state`.

    Raises SignInRefused, Unreachable, Throttled; a code is good for one try.
    """
    ours = secrets.compare_digest(state.encode("utf-8", "replace"), pending.state.encode())
    if not (ours and code.isascii()):
        raise SignInRefused(
            f"this answer of {provider.label} belongs to no sign-in that was begun here; begin it again"
        )
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": pending.redirect_url,
        "code_verifier": pending.verifier,
    }
    now = clock.now()
    answer = _granted(provider, app, form)
    return first_tokens(provider, answer, now, public=not app.client_secret)


def redirect_refused(provider: Provider, error: str, description: str = "") -> SignInRefused:
    """Return the error for a browser that came back with `error` in place of a code (RFC 6749, 4.1.2.1)."""
    said = shown(f"{error}: {description}")
    return SignInRefused(f"{provider.label} refused the sign-in ({said}); sign in again")


def begin_device(provider: Provider, app: App) -> PendingDevice:
    """Ask for a code that a person types on another device.

    Raises ConfigError where the provider has no such way, SignInRefused, Unreachable, Throttled.
    """
    _check(provider, app)
    if provider.device_url is None:
        raise ConfigError(
            f"{provider.label} gives no mail to codes typed on another device; sign in with the browser"
        )
    form = {"client_id": app.client_id, "scope": " ".join(provider.scopes)}
    now = clock.now()
    answer = ask(provider, _address(provider, app, provider.device_url), form)
    if "error" in answer:
        raise refusal(provider, answer, form)
    return _pending_device(provider, answer, now)


def poll_device(provider: Provider, app: App, pending: PendingDevice) -> Tokens | PendingDevice:
    """Ask whether the person has finished; if not, return what to wait with before the next time.

    Raises SignInRefused where the person said no or was too late, Unreachable, Throttled.
    """
    now = clock.now()
    if now >= pending.expires_at:
        raise SignInRefused(f"the code for {provider.label} was not used in time; begin the sign-in again")
    # No client secret: these are public clients (RFC 8628, 5.6), and Microsoft refuses one (AADSTS700025).
    form = {"client_id": app.client_id, "grant_type": _DEVICE_GRANT, "device_code": pending.device_code}
    answer = ask(provider, _address(provider, app, provider.token_url), form)
    match answer.get("error"):
        case None:
            return first_tokens(provider, answer, now, public=True)
        case "authorization_pending":
            return pending
        case "slow_down":
            return replace(pending, interval_s=min(pending.interval_s + _PAUSE_S, _LONGEST_PAUSE_S))
    raise refusal(provider, answer, form)


def refresh(provider: Provider, app: App, tokens: Tokens) -> Tokens:
    """Renew the tokens; the old ones may be worthless from then on, so keep the new ones before using them.

    Raises SignInRefused where a person must sign in again, Unreachable, Throttled.
    """
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
    now = clock.now()
    answer = _granted(provider, replace(app, client_secret="") if tokens.public else app, form)
    return next_tokens(provider, answer, now, tokens)


def _granted(provider: Provider, app: App, form: dict[str, str]) -> dict[str, Any]:
    _check(provider, app)
    asked = {**form, "client_id": app.client_id}
    if app.client_secret:
        asked["client_secret"] = app.client_secret
    answer = ask(provider, _address(provider, app, provider.token_url), asked)
    if "error" in answer:
        raise refusal(provider, answer, asked)
    return answer


def _pending_device(provider: Provider, answer: dict[str, Any], now: datetime) -> PendingDevice:
    # Google's name for it is older than the RFC's.
    address = str(answer.get("verification_uri") or answer.get("verification_url"))
    ends_in = seconds(answer.get("expires_in"))
    user_code, device_code = answer.get("user_code"), answer.get("device_code")
    if not (isinstance(user_code, str) and isinstance(device_code, str) and ends_in):
        raise _no_code(provider)
    # People will open the address and type the code: neither may be anything but that.
    if not (is_protected(address) and shown(user_code) == user_code):
        raise _no_code(provider)
    pause = seconds(answer.get("interval")) or timedelta(seconds=_PAUSE_S)
    interval_s = max(1, min(round(pause.total_seconds()), _LONGEST_PAUSE_S))
    return PendingDevice(user_code, address, device_code, interval_s, now + ends_in)


def _no_code(provider: Provider) -> Unreachable:
    return Unreachable(f"{provider.label} gives no code that a person could type; try again later")


def _check(provider: Provider, app: App) -> None:
    if not app.client_id:
        raise ConfigError(
            f"no app is registered at {provider.label}: set SCRIPTA_{provider.name.upper()}_CLIENT_ID "
            "as deploy/OAUTH.md says"
        )


def _address(provider: Provider, app: App, address: str) -> str:
    tenant = app.tenant or provider.tenant
    if "{tenant}" in address and not _TENANT.fullmatch(tenant):
        raise ConfigError(
            f"{tenant!r} is no tenant of {provider.label}: write a directory id or a domain "
            f"in SCRIPTA_{provider.name.upper()}_TENANT"
        )
    return address.replace("{tenant}", tenant)
