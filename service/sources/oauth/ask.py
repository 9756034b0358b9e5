"""Ask a provider one thing. In: a form. Out: its answer, a JSON object. Never: shows what was sent.

Errors are those of RFC 6749, section 5.2, and of RFC 8628, section 3.5.
"""

import json
from collections.abc import Mapping
from time import monotonic
from typing import Any

import httpx

from service.errors import SignInRefused, SourceError, Throttled, Unreachable
from service.sources.oauth.provider import Provider

TIMEOUT_S = 10.0
"""For connecting, and for each piece of the answer."""
LONGEST_S = 30.0
"""For the whole answer: a server may not hold us with a byte now and then."""
LIMIT = 65_536
"""The most bytes of an answer; Microsoft's tokens, the longest, take a few thousand."""
SHOWN = 200
"""The most characters of a provider's own words in a message."""

_ABOUT_THE_APP = frozenset(
    {"invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type", "invalid_request"}
)
_PASSING = frozenset({"server_error", "temporarily_unavailable"})


def ask(provider: Provider, address: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Send the form; return the answer, which has a key `error` where the provider refused.

    Raises Throttled and Unreachable; the answer may be anything else that JSON can say.
    """
    try:
        status, headers, body = _post(address, form)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        why = shown(str(error) or type(error).__name__)
        raise Unreachable(f"{provider.label} does not answer ({why}); try again in a while") from error
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise Throttled(f"{provider.label} asks to be left alone{_pause(headers)}; try again later")
    answer = _object(body)
    if answer is None or (status != httpx.codes.OK and "error" not in answer):
        raise Unreachable(
            f"{provider.label} answers with HTTP {status} and nothing to go by; try again in a while"
        )
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise Unreachable(f"{provider.label} has trouble of its own (HTTP {status}); try again in a while")
    return answer


def refusal(provider: Provider, answer: Mapping[str, Any], form: Mapping[str, str]) -> SourceError:
    """Return the error for an answer that holds `error`; no secret of the form is in it, even if echoed."""
    code = str(answer.get("error"))
    said = f"{code}: {answer.get('error_description', '')}"
    for name, value in form.items():
        if name in {"client_secret", "code", "code_verifier", "device_code", "refresh_token"} and value:
            said = said.replace(value, "…")
    said = shown(said)
    if code in _PASSING:
        return Unreachable(f"{provider.label} cannot sign in anybody now ({said}); try again in a while")
    if code in _ABOUT_THE_APP:
        return SignInRefused(
            f"{provider.label} refused the app, not the person ({said}); "
            f"check SCRIPTA_{provider.name.upper()}_CLIENT_ID and what deploy/OAUTH.md says"
        )
    return SignInRefused(f"{provider.label} refused the sign-in ({said}); sign in again")


def shown(text: str) -> str:
    """Return foreign words as one line that can be shown: printable, and cut."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * SHOWN])
    return " ".join(printable.split()).strip(": ")[:SHOWN]


def _post(address: str, form: Mapping[str, str]) -> tuple[int, httpx.Headers, bytes]:
    # Plain bytes: what is packed could unpack to anything.
    wanted = {"Accept": "application/json", "Accept-Encoding": "identity"}
    until = monotonic() + LONGEST_S
    body = bytearray()
    with (
        httpx.Client(timeout=TIMEOUT_S, follow_redirects=False) as client,
        client.stream("POST", address, data=dict(form), headers=wanted) as answer,
    ):
        for piece in answer.iter_raw():
            body += piece
            if len(body) > LIMIT or monotonic() > until:
                raise httpx.ReadError("its answer does not end")
        return answer.status_code, answer.headers, bytes(body)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _pause(headers: httpx.Headers) -> str:
    after = headers.get("Retry-After", "")
    return f" for {after} seconds" if after.isascii() and after.isdigit() and len(after) < 6 else ""
