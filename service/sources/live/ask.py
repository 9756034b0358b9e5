"""Ask a platform's API over HTTP, with the manners that all of them want.

In: a path, parameters, a token. Out: Answer, or the bytes of a file. Never: follows a redirect, sends the
token to another host, shows or logs it, takes an answer without end.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx

from service.errors import ConfigError, RunStopped, SignInRefused, SourceError, Throttled, Unreachable
from service.sources.json_values import seconds
from service.sources.oauth.ask import shown
from service.sources.oauth.provider import is_protected

TIMEOUT_S = 20.0
"""For connecting, and for each piece of an answer; a long poll adds its own."""
LONGEST_S = 120.0
"""For a whole answer: a server may not hold us with a byte now and then."""
LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes; the longest are first syncs of Matrix, with a few megabytes."""
PATIENCE_S = 60.0
"""A pause that a platform asks for and that a run waits out; a longer one ends the run, to be tried later."""
PAUSE_S = 5.0
"""Where it asks for a pause and does not say how long."""
MOST_PAUSES = 10
"""In a row: then the platform is left alone for longer."""

# It logs every address that is asked, and Telegram wants its token in the address.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform said: any JSON, with its status."""

    status: int
    body: Any
    headers: httpx.Headers = field(default_factory=httpx.Headers)


def base_address(address: str) -> str:
    """Return the address of a server without a slash at its end.

    Raises ConfigError for one at which a token could be read on its way: it is https, or this machine.
    """
    clean = address.strip().rstrip("/")
    if not is_protected(clean):
        raise ConfigError(
            f"{address!r} is no address to send a token to: write it as https://chat.example.com"
        )
    parts = urlsplit(clean)
    if parts.query or parts.fragment:
        raise ConfigError(
            f"{address!r} has more than a server's address in it: leave out ? and # with the rest."
        )
    return clean


@dataclass(slots=True)
class Api:
    """The API of one platform for one token; opens its connections when it is asked, until `close`."""

    label: str
    """What people call the platform, for messages."""
    base: str
    """Where it is, from `base_address`."""
    secret: str = field(repr=False)
    bearer: bool = True
    """Send the token as a header (RFC 6750); otherwise the paths hold it."""
    stop: Event | None = None
    """Ends a pause."""
    client: httpx.Client | None = field(default=None, repr=False)

    def get(self, path: str, asked: Mapping[str, Any] | None = None, *, wait_s: float = 0.0) -> Answer:
        """Ask by GET; `wait_s` is how long the platform may think before it answers."""
        return self._ask("GET", path, wait_s=wait_s, params=dict(asked or {}))

    def post(self, path: str, body: Any, *, wait_s: float = 0.0) -> Answer:
        """Ask by POST with JSON."""
        return self._ask("POST", path, wait_s=wait_s, json=body)

    def download(self, address: str, limit: int, *, with_token: bool = True) -> bytes:
        """Return a file. Raises Unreachable, or another SourceError that says why it cannot be had."""
        for _ in range(MOST_PAUSES):
            status, headers, body = self._send("GET", address, limit, 0.0, with_token=with_token)
            if status != httpx.codes.TOO_MANY_REQUESTS:
                break
            self._pause(_asked_pause(headers, None))
        else:
            raise Throttled(f"{self.label} asks again and again to wait; it is asked later.")
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unreachable(f"{self.label} has trouble of its own (HTTP {status}); it is asked again.")
        if httpx.codes.is_redirect(status):
            raise SourceError(f"{self.label} sends to another place for it, where the token does not belong")
        if status != httpx.codes.OK:
            raise SourceError(f"{self.label} does not give it (HTTP {status})")
        return body

    def is_here(self, address: str) -> bool:
        """Say whether an address is on the very server that the token is for."""
        mine, other = urlsplit(self.base), urlsplit(address)
        return is_protected(address) and (mine.scheme, mine.netloc) == (other.scheme, other.netloc)

    def close(self) -> None:
        """Give the connections back."""
        if self.client is not None:
            self.client.close()
            self.client = None

    def _ask(self, method: str, path: str, *, wait_s: float, **sent: Any) -> Answer:
        """Ask, waiting out the pauses that the platform asks for. Raises SourceError and ConfigError."""
        for _ in range(MOST_PAUSES):
            status, headers, raw = self._send(method, self.base + path, LARGEST_ANSWER, wait_s, **sent)
            body = _parsed(raw)
            if status == httpx.codes.UNAUTHORIZED:
                raise SignInRefused(f"{self.label} no longer takes the token{_why(body)}: enter a new one.")
            if status >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise Unreachable(f"{self.label} has trouble of its own (HTTP {status}); it is asked again.")
            if status != httpx.codes.TOO_MANY_REQUESTS:
                return self._told(status, body, headers)
            self._pause(_asked_pause(headers, body))
        raise Throttled(f"{self.label} asks again and again to wait; it is asked later.")

    def _told(self, status: int, body: Any, headers: httpx.Headers) -> Answer:
        if httpx.codes.is_redirect(status):
            raise ConfigError(
                f"{self.label} is at another address than {urlsplit(self.base).netloc}: enter that one; "
                "the token is not sent on."
            )
        if body is _NOTHING:
            raise Unreachable(f"{self.label} answers with HTTP {status} and no JSON; it is asked again.")
        return Answer(status, body, headers)

    def _send(
        self, method: str, address: str, limit: int, wait_s: float, *, with_token: bool = True, **sent: Any
    ) -> tuple[int, httpx.Headers, bytes]:
        # Plain bytes: what is packed could unpack to anything.
        headers = {"Accept-Encoding": "identity"}
        if with_token and self.bearer:
            headers["Authorization"] = f"Bearer {self.secret}"
        until = monotonic() + LONGEST_S + wait_s
        timeout = httpx.Timeout(TIMEOUT_S, read=TIMEOUT_S + wait_s)
        try:
            with self._opened().stream(method, address, headers=headers, timeout=timeout, **sent) as answer:
                return answer.status_code, answer.headers, self._body(answer, limit, until)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            # No cause: it may quote the address, and the address may hold the token.
            said = str(error).replace(self.secret, "…") or type(error).__name__
            raise Unreachable(f"{self.label} does not answer ({shown(said)}); it is asked again.") from None

    def _body(self, answer: httpx.Response, limit: int, until: float) -> bytes:
        body = bytearray()
        for piece in answer.iter_raw():
            body += piece
            if len(body) > limit:
                raise SourceError(f"{self.label} answers with more than {limit // 1024**2} MiB: not taken")
            if monotonic() > until:
                raise Unreachable(f"{self.label} does not come to an end; it is asked again.")
        return bytes(body)

    def _opened(self) -> httpx.Client:
        if self.client is None:
            # To this machine a token goes in clear: no proxy may see it.
            is_encrypted = self.base.startswith("https:")
            self.client = httpx.Client(follow_redirects=False, trust_env=is_encrypted)
        return self.client

    def _pause(self, length_s: float) -> None:
        if length_s > PATIENCE_S:
            raise Throttled(
                f"{self.label} asks to be left alone for {length_s:.0f} seconds; it is asked later."
            )
        if (self.stop or Event()).wait(length_s):
            raise RunStopped("The service was stopped; the next run goes on from here.")


_NOTHING = object()


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return _NOTHING


def _why(body: Any) -> str:
    """Return a platform's own word for a refusal, by any of the names that they give it."""
    if not isinstance(body, dict):
        return ""
    said = next((body[key] for key in ("errcode", "error", "description", "message") if body.get(key)), "")
    return f" ({shown(str(said))})" if said else ""


def _asked_pause(headers: httpx.Headers, body: Any) -> float:
    """Return the seconds that a 429 asks for: RFC 9110 in the header, Telegram and Matrix in the body."""
    parts = body if isinstance(body, dict) else {}
    inner = parts.get("parameters")
    found = (
        (headers.get("Retry-After"), 1),
        (inner.get("retry_after") if isinstance(inner, dict) else None, 1),
        (parts.get("retry_after_ms"), 1000),
        (headers.get("X-RateLimit-Reset"), 1),  # Mattermost: seconds from now
    )
    for said, per_second in found:
        length = seconds(said)
        if length is not None:
            return length.total_seconds() / per_second
    return PAUSE_S
