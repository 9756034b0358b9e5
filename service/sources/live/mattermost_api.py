"""Mattermost's API, version 4, as far as reading needs it. In: a personal token. Out: its own objects.

Never: writes anything. https://developers.mattermost.com/api-documentation/
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

from service.errors import SourceError
from service.sources.json_values import members, number, objects, word
from service.sources.live.ask import Answer, Api
from service.sources.oauth.ask import shown

PAGE = 200
CHANGED_AT_MOST = 1000
"""Posts that the server gives of those that changed since a time: older ones are left out without a word."""
LARGEST_FILE = 100 * 1024 * 1024
_USERS = 100


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts of a channel."""

    every: list[dict[str, Any]]
    """With those that others answer, in order of time."""
    oldest: str
    """The id to go on before; empty where there is nothing."""
    count: int

    @property
    def changed_at(self) -> int:
        """Return when the latest of them changed, in milliseconds since 1970."""
        return max((number(one.get("update_at")) or 0 for one in self.every), default=0)


@dataclass(frozen=True, slots=True)
class Mattermost:
    """An account on a server; every call raises SourceError."""

    api: Api

    @classmethod
    def at(cls, base: str, token: str) -> "Mattermost":
        """Return the account of a token, without asking anybody."""
        return cls(Api("Mattermost", base, token))

    def me(self) -> str:
        """Ask whose token it is."""
        return word(members(self._ask("/users/me")).get("id"))

    def channels(self) -> list[dict[str, Any]]:
        """Return the channels and talks of which the account is a member."""
        found: dict[str, dict[str, Any]] = {}
        for team in objects(self._ask("/users/me/teams")):
            path = f"/users/me/teams/{quote(word(team.get('id')), safe='')}/channels"
            # Talks of two belong to no team, and come with each.
            found |= {word(one.get("id")): one for one in objects(self._ask(path))}
        return list(found.values())

    def users(self, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield people by id."""
        wanted = iter(sorted(set(ids)))
        while some := list(islice(wanted, _USERS)):
            yield from objects(self._told(self.api.post("/api/v4/users/ids", some)))

    def posts(self, channel: str, before: str = "") -> Posts:
        """Return the newest 200 posts, or those before one."""
        return self._posts(channel, {"per_page": PAGE} | ({"before": before} if before else {}))

    def changed(self, channel: str, since: int) -> Posts:
        """Return posts that were written, edited or deleted since, at most 1000."""
        return self._posts(channel, {"since": since})

    def file(self, id_: str) -> bytes:
        """Fetch a file."""
        return self.api.download(f"{self.api.base}/api/v4/files/{quote(id_, safe='')}", LARGEST_FILE)

    def _posts(self, channel: str, asked: Mapping[str, Any]) -> Posts:
        told = members(self._ask(f"/channels/{quote(channel, safe='')}/posts", asked))
        every = [one for one in members(told.get("posts")).values() if isinstance(one, dict)]
        order = told.get("order")
        ids = [word(one) for one in order] if isinstance(order, list) else []
        every.sort(key=lambda one: (number(one.get("create_at")) or 0, word(one.get("id"))))
        return Posts(every, next(reversed(ids), ""), len(ids))

    def _ask(self, path: str, asked: Mapping[str, Any] | None = None) -> Any:
        return self._told(self.api.get(f"/api/v4{path}", asked))

    def _told(self, answer: Answer) -> Any:
        if answer.status == 200:
            return answer.body
        said = shown(word(members(answer.body).get("message")))
        raise SourceError(f"Mattermost refuses it (HTTP {answer.status}; {said})")
