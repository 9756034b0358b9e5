"""Matrix's client-server API as far as reading needs it. In: an access token. Out: events. Never: writes any.

https://spec.matrix.org/latest/client-server-api/: syncing, `/messages`, and the content repository.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from service.errors import SourceError
from service.sources.json_values import members, number, objects, word
from service.sources.live.ask import Answer, Api
from service.sources.oauth.ask import shown

CLIENT = "/_matrix/client"
PAGE = 100
FIRST = 30
"""Events of a room that one sync gives at most; `/messages` gives the others."""
LARGEST_FILE = 100 * 1024 * 1024
_LAZY = {"lazy_load_members": True, "include_redundant_members": True}
_NOTHING: dict[str, Any] = {"types": []}
_FILTER = json.dumps(
    {
        "presence": _NOTHING,
        "account_data": _NOTHING,
        "room": {
            "timeline": {"limit": FIRST, **_LAZY},
            "state": _LAZY,
            "ephemeral": _NOTHING,
            "account_data": _NOTHING,
        },
    }
)


@dataclass(frozen=True, slots=True)
class RoomNews:
    """What a sync tells of one room."""

    room: str
    state: list[dict[str, Any]]
    events: list[dict[str, Any]]
    """In order of time."""
    gap_from: str = ""
    """Where older events lie that were left out; empty where there are none."""
    heroes: tuple[str, ...] = ()
    """Ids of people after whom a room without a name is called."""
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """What happened since a token."""

    token: str
    """To ask with the next time."""
    rooms: list[RoomNews]


@dataclass(frozen=True, slots=True)
class Page:
    """Events further back, the newest first."""

    events: list[dict[str, Any]]
    state: list[dict[str, Any]]
    token: str
    """To go on with; empty where there is nothing more."""


@dataclass(slots=True)
class Matrix:
    """An account on a homeserver; every call raises SourceError."""

    api: Api
    media: str = ""
    """Where its files are, found out with the first."""

    @classmethod
    def at(cls, base: str, token: str) -> "Matrix":
        """Return the account of a token, without asking anybody."""
        return cls(Api("The Matrix server", base, token))

    def me(self) -> str:
        """Ask whose token it is."""
        return word(self._ask("/v3/account/whoami").get("user_id"))

    def sync(self, since: str = "", wait_s: int = 0) -> News | None:
        """Return what is new, as soon as there is something; None where `since` is no longer known."""
        asked: dict[str, Any] = {"filter": _FILTER, "timeout": wait_s * 1000, "set_presence": "offline"}
        answer = self.api.get(f"{CLIENT}/v3/sync", asked | ({"since": since} if since else {}), wait_s=wait_s)
        if since and answer.status == 400:
            return None
        told = _object(answer)
        rooms = members(told.get("rooms"))
        joined = [_room(id_, members(one)) for id_, one in members(rooms.get("join")).items()]
        left = [_room(id_, members(one), is_left=True) for id_, one in members(rooms.get("leave")).items()]
        return News(word(told.get("next_batch")), joined + left)

    def messages(self, room: str, start: str, end: str = "") -> Page:
        """Return what lies before `start`, down to `end`."""
        asked = {"dir": "b", "from": start, "limit": PAGE, "filter": json.dumps(_LAZY)}
        path = f"/v3/rooms/{quote(room, safe='')}/messages"
        told = self._ask(path, asked | ({"to": end} if end else {}))
        events, token = list(objects(told.get("chunk"))), word(told.get("end"))
        # Some servers give a token that leads nowhere.
        return Page(events, list(objects(told.get("state"))), token if events and token != start else "")

    def event(self, room: str, event_id: str) -> dict[str, Any] | None:
        """Return one event as it now is; None where the server does not show it."""
        answer = self.api.get(f"{CLIENT}/v3/rooms/{quote(room, safe='')}/event/{quote(event_id, safe='')}")
        return members(answer.body) or None if answer.status == 200 else None

    def file(self, address: str) -> bytes:
        """Fetch `mxc://server/id` through the account's own server (MSC3916, since version 1.11)."""
        server, _, id_ = address.removeprefix("mxc://").partition("/")
        if not address.startswith("mxc://") or not server or not id_ or "/" in id_:
            raise SourceError("it has no address on a Matrix server")
        path = f"{quote(server, safe='')}/{quote(id_, safe='')}"
        self.media = self.media or self._media()
        return self.api.download(f"{self.api.base}{self.media}/{path}", LARGEST_FILE)

    def _media(self) -> str:
        """Return where files are: before version 1.11 anybody could fetch them."""
        told = self._ask("/versions")
        versions, unstable = told.get("versions"), members(told.get("unstable_features"))
        numbers = (
            [word(one).removeprefix("v").split(".") for one in versions] if isinstance(versions, list) else []
        )
        is_new = any(number(one[0]) == 1 and (number(one[-1]) or 0) >= 11 for one in numbers)
        is_new = is_new or unstable.get("org.matrix.msc3916.stable") is True
        return f"{CLIENT}/v1/media/download" if is_new else "/_matrix/media/v3/download"

    def _ask(self, path: str, asked: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return _object(self.api.get(f"{CLIENT}{path}", asked))


def _object(answer: Answer) -> dict[str, Any]:
    told = members(answer.body)
    if answer.status == 200:
        return told
    said = shown(f"{word(told.get('errcode'))}: {word(told.get('error'))}")
    raise SourceError(f"The Matrix server refuses it (HTTP {answer.status}; {said})")


def _room(id_: str, raw: Mapping[str, Any], *, is_left: bool = False) -> RoomNews:
    timeline, heroes = members(raw.get("timeline")), members(raw.get("summary")).get("m.heroes")
    return RoomNews(
        room=word(id_),
        state=list(objects(members(raw.get("state")).get("events"))),
        events=list(objects(timeline.get("events"))),
        gap_from=word(timeline.get("prev_batch")) if timeline.get("limited") is True else "",
        heroes=tuple(map(word, heroes)) if isinstance(heroes, list) else (),
        is_left=is_left,
    )
