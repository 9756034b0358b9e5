"""Slack's Web API as far as reading needs it. In: a token. Out: Slack's own objects. Never: writes anything.

Methods and errors: https://docs.slack.dev/reference/methods. Every method has a tier, so many calls a minute;
beyond it Slack answers 429 with Retry-After, which is waited out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from service.errors import SignInRefused, SourceError, Throttled, Unreachable
from service.sources.json_values import members, objects, word
from service.sources.live.ask import Api
from service.sources.oauth.ask import shown
from service.sources.oauth.provider import is_protected

SERVER = "https://slack.com/api"
SCOPES = (
    "channels:read channels:history groups:read groups:history im:read im:history mpim:read mpim:history "
    "users:read files:read"
)
"""What the token must be allowed to do."""
PAGE = 200
LARGEST_FILE = 100 * 1024 * 1024
TYPES = "public_channel,private_channel,mpim,im"
_ABOUT_THE_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required"}
    | {"not_allowed_token_type", "two_factor_setup_required", "team_access_not_granted", "no_permission"}
)
_PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_NOT_THERE = frozenset({"thread_not_found", "message_not_found"})


@dataclass(frozen=True, slots=True)
class Team:
    """The workspace of a token."""

    url: str
    """With a slash at its end, as `https://studio.slack.com/`."""
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """Messages of a channel, the newest first."""

    messages: list[dict[str, Any]]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Slack:
    """A workspace; every call raises SourceError."""

    api: Api

    @classmethod
    def at(cls, base: str, token: str) -> "Slack":
        """Return the workspace of a token, without asking anybody."""
        return cls(Api("Slack", base, token))

    def team(self) -> Team:
        """Ask what workspace it is."""
        told = self._ask("auth.test")
        return Team(word(told.get("url")), word(told.get("team")))

    def channels(self) -> list[dict[str, Any]]:
        """Return the conversations of which the token's owner is a member."""
        asked = {"types": TYPES, "exclude_archived": "false"}
        found = self._paged("conversations.list", "channels", asked)
        return [one for one in found if one.get("is_member") or one.get("is_im") or one.get("is_mpim")]

    def users(self) -> Iterator[dict[str, Any]]:
        """Yield everybody in the workspace."""
        return self._paged("users.list", "members", {})

    def history(self, channel: str, oldest: str, latest: str = "", *, inclusive: bool = False) -> Page:
        """Return what lies between two times without replies: those nearest to `latest`, or to now."""
        asked = {"channel": channel, "oldest": oldest or "0", "limit": PAGE}
        asked |= {"latest": latest} if latest else {}
        asked |= {"inclusive": "true"} if inclusive else {}
        told = self._ask("conversations.history", asked)
        while told.get("has_more") is True and not told.get("messages") and (cursor := _next_cursor(told)):
            # A page may be empty, and more come after it.
            told = self._ask("conversations.history", asked | {"cursor": cursor})
        found = list(objects(told.get("messages")))
        return Page(found, bool(found) and told.get("has_more") is True)

    def replies(self, channel: str, ts: str) -> list[dict[str, Any]]:
        """Return a thread with the message that opened it; empty where it is no longer there."""
        return list(self._paged("conversations.replies", "messages", {"channel": channel, "ts": ts}))

    def is_there(self, channel: str, ts: str) -> bool:
        """Say whether a message, of a thread or not, is still there."""
        asked = {"channel": channel, "ts": ts, "limit": 1, "inclusive": "true", "latest": ts, "oldest": ts}
        told = self._ask("conversations.replies", asked)
        return any(True for _ in objects(told.get("messages")))

    def file(self, address: str) -> bytes:
        """Fetch a file; the token goes to Slack alone."""
        if not self.holds(address):
            raise SourceError("Slack has only a link to it")
        content = self.api.download(address, LARGEST_FILE)
        # Without the scope for files, Slack shows a page to sign in on.
        if content[:200].lstrip().lower().startswith(b"<!doctype html") and "html" not in address:
            raise SourceError("Slack shows a page in its place: the token lacks the scope files:read")
        return content

    def holds(self, address: str) -> bool:
        """Say whether an address is one of Slack's own, to which the token may be sent."""
        host = (urlsplit(address).hostname or "") if is_protected(address) else ""
        return self.api.is_here(address) or (
            address.startswith("https:") and (host == "slack.com" or host.endswith(".slack.com"))
        )

    def _paged(self, method: str, key: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            told = self._ask(method, asked | {"limit": PAGE} | ({"cursor": cursor} if cursor else {}))
            yield from objects(told.get(key))
            before, cursor = cursor, _next_cursor(told)
            if not cursor or cursor == before:
                return

    def _ask(self, method: str, asked: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.api.get(f"/{method}", asked)
        told = members(answer.body)
        if told.get("ok") is True:
            return told
        error = word(told.get("error"))
        if error in _NOT_THERE:
            return {}
        raise _refusal(method, error, told)


def _next_cursor(told: dict[str, Any]) -> str:
    return word(members(told.get("response_metadata")).get("next_cursor"))


def _refusal(method: str, error: str, told: dict[str, Any]) -> SourceError:
    said = shown(error) or "no reason given"
    if error == "missing_scope":
        needed = shown(word(told.get("needed")))
        return SignInRefused(
            f"The token of Slack lacks the scope {needed}: add it to the app, install the app again, and "
            "enter the new token."
        )
    if error in _ABOUT_THE_TOKEN:
        return SignInRefused(f"Slack no longer takes the token ({said}): enter a new one.")
    if error == "ratelimited":
        return Throttled("Slack asks to be left alone for a while; it is asked later.")
    if error in _PASSING:
        return Unreachable(f"Slack has trouble of its own ({said}); it is asked again.")
    return SourceError(f"Slack refuses {method} ({said})")
