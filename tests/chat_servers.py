"""Chat platforms on loopback: real HTTP servers that answer in the recorded shapes, and can be made to fail.

A conftest that needs one says `from chat_servers import telegram`.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest


@dataclass(frozen=True)
class Reply:
    """What is answered; `cut`: the connection breaks off after half of the body."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    token: str


def said(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value, ensure_ascii=False).encode())


def slow_down(after: float = 0.01, status: int = 429) -> Reply:
    """Ask to wait, as RFC 9110 has it."""
    return Reply(status, b'{"ok": false, "error": "ratelimited"}', (("Retry-After", str(after)),))


BROKEN = Reply(500, b"<html>Internal Server Error</html>")
CUT = Reply(cut=True)
"""Answer as usual, and break off in the middle."""


def nothing(_asked: Asked) -> None:
    """Do nothing before an answer."""


@dataclass
class ChatServer:
    """A platform; the tests read and turn its books."""

    url: str = ""
    token: str = "token-that-nobody-may-see"
    asked: list[Asked] = field(default_factory=list)
    faults: deque[tuple[str, Reply]] = field(default_factory=deque)
    """For the next request whose path holds the text: what is answered instead."""
    before: Callable[[Asked], None] = nothing

    def fail(self, *replies: Reply, at: str = "") -> None:
        self.faults.extend((at, one) for one in replies)

    def paths(self, part: str = "") -> list[str]:
        return [one.path for one in self.asked if part in one.path]

    def answer(self, asked: Asked) -> Reply:
        raise NotImplementedError

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        self.before(asked)
        fault = next((one for one in self.faults if one[0] in asked.path), None)
        if fault is not None:
            self.faults.remove(fault)
            if not fault[1].cut:
                return fault[1]
        usual = self.answer(asked)
        return usual if fault is None else Reply(usual.status, usual.body, usual.headers, cut=True)


@dataclass
class TelegramServer(ChatServer):
    """The Bot API: updates wait until a higher offset confirms them."""

    token: str = "77:AbCdEfGhIjKlMnOpQrStUvWxYz"
    updates: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    last: int = 999
    """The number of the newest update."""
    webhook: bool = False
    reads_groups: bool = True

    def add(self, **update: Any) -> int:
        """Let something happen, and return its update id."""
        self.last += 1
        self.updates.append({"update_id": self.last, **update})
        return self.last

    def answer(self, asked: Asked) -> Reply:
        _, *parts = asked.path.split("/")
        if parts[:2] == ["file", f"bot{self.token}"]:
            content = self.files.get("/".join(parts[2:]))
            return Reply(404, b"{}") if content is None else Reply(200, content)
        if len(parts) != 2 or parts[0] != f"bot{self.token}":
            return said({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        found = self._method(parts[1], asked.body)
        return found if isinstance(found, Reply) else said({"ok": True, "result": found})

    def _method(self, name: str, asked: dict[str, Any]) -> Any:
        match name:
            case "getMe":
                me = {"id": 77, "is_bot": True, "username": "scripta_bot"}
                return me | {"can_read_all_group_messages": self.reads_groups}
            case "getUpdates":
                return self._updates(asked)
            case "getBusinessConnection":
                return {"id": asked["business_connection_id"], "user": {"id": 12, "first_name": "Anna"}}
            case "getFile" if asked["file_id"] in self.files:
                return {"file_id": asked["file_id"], "file_path": asked["file_id"]}
        return _telegram_error(400, "Bad Request: wrong file_id or the file is temporarily unavailable")

    def _updates(self, asked: dict[str, Any]) -> Any:
        if self.webhook:
            return _telegram_error(409, "Conflict: can't use getUpdates method while webhook is active")
        self.updates = [one for one in self.updates if one["update_id"] >= asked.get("offset", 0)]
        return [one for one in self.updates if one.keys() & {*asked["allowed_updates"]}][: asked["limit"]]


def _telegram_error(code: int, words: str) -> Reply:
    return said({"ok": False, "error_code": code, "description": words}, code)


@dataclass
class SlackServer(ChatServer):
    """Slack's Web API: a workspace with channels, threads and files."""

    token: str = "xoxb-1-abcdefghijkl"
    channels: list[dict[str, Any]] = field(default_factory=list)
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By channel, with the answers in threads."""
    users: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    most: int = 200
    """The most that one page holds, whatever is asked for."""
    error: str = ""

    def channel(self, id_: str, **more: Any) -> list[dict[str, Any]]:
        self.channels.append({"id": id_, "is_member": True, **more})
        return self.messages.setdefault(id_, [])

    def answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/files/"):
            content = self.files.get(asked.path.removeprefix("/files/"))
            return Reply(404) if content is None or asked.token != self.token else Reply(200, content)
        if asked.token != self.token or self.error:
            return said({"ok": False, "error": self.error or "invalid_auth", "needed": "mpim:read"})
        return said(self._method(asked.path.rpartition("/")[2], asked.query))

    def _method(self, name: str, asked: dict[str, str]) -> dict[str, Any]:
        match name:
            case "auth.test":
                return {"ok": True, "url": "https://studio.slack.com/", "team": "Studio", "user_id": "U1"}
            case "users.list":
                return self._page("members", self.users, asked)
            case "conversations.list":
                return self._page("channels", self.channels, asked)
            case "conversations.history" if asked["channel"] in self.messages:
                return self._history(asked)
            case "conversations.replies":
                return self._page("messages", self._thread(asked), asked)
        return {"ok": False, "error": "channel_not_found"}

    def _history(self, asked: dict[str, str]) -> dict[str, Any]:
        top = [one for one in self.messages[asked["channel"]] if _is_top(one)]
        found = sorted(self._between(top, asked), key=lambda one: one["ts"], reverse=True)
        limit = min(int(asked["limit"]), self.most)
        page = [self._with_counts(asked["channel"], one) for one in found[:limit]]
        return {"ok": True, "messages": page, "has_more": len(found) > limit}

    def _thread(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        return [
            self._with_counts(asked["channel"], one)
            for one in self.messages[asked["channel"]]
            if asked["ts"] in (one["ts"], one.get("thread_ts"))
        ]

    def _page(self, key: str, every: list[dict[str, Any]], asked: dict[str, str]) -> dict[str, Any]:
        if "ts" in asked and not every:
            return {"ok": False, "error": "thread_not_found"}
        start = int(asked.get("cursor") or 0)
        end = start + min(int(asked["limit"]), self.most)
        following = str(end) if end < len(every) else ""
        return {"ok": True, key: every[start:end], "response_metadata": {"next_cursor": following}}

    def _between(self, messages: list[dict[str, Any]], asked: dict[str, str]) -> list[dict[str, Any]]:
        low, high = float(asked.get("oldest", 0)), float(asked.get("latest", "inf"))
        ends = {low, high} if asked.get("inclusive") == "true" else set()
        return [one for one in messages if low < float(one["ts"]) < high or float(one["ts"]) in ends]

    def _with_counts(self, channel: str, one: dict[str, Any]) -> dict[str, Any]:
        answers = [
            other["ts"]
            for other in self.messages[channel]
            if other.get("thread_ts") == one["ts"] and other is not one
        ]
        counted = {
            "thread_ts": one["ts"],
            "reply_count": len(answers),
            "latest_reply": max(answers, default=""),
        }
        return one | counted if answers else one


def _is_top(one: dict[str, Any]) -> bool:
    return one.get("thread_ts", one["ts"]) == one["ts"] or one.get("subtype") == "thread_broadcast"


@dataclass
class MatrixServer(ChatServer):
    """A homeserver: one stream of events, and tokens that are places in it."""

    token: str = "syt_ZXdh_abcdefghijkl"
    stream: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Rooms with their events, in order of time."""
    state: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    most: int = 30
    oldest: int = 0
    """Tokens below it are no longer known."""

    def send(self, room: str, **event: Any) -> dict[str, Any]:
        number = len(self.stream)
        usual = {"type": "m.room.message", "sender": "@ewa:klos.example", "room_id": room}
        usual |= {"event_id": f"$e{number}", "origin_server_ts": 1_772_445_600_000 + number * 1000}
        self.stream.append((room, usual | event))
        return self.stream[-1][1]

    def answer(self, asked: Asked) -> Reply:
        if asked.path.endswith("/versions"):
            return said({"versions": ["r0.6.1", "v1.1", "v1.11"]})
        if asked.token != self.token:
            return said({"errcode": "M_UNKNOWN_TOKEN", "error": "Invalid access token"}, 401)
        _, _, file = asked.path.partition("/media/download/")
        if file:
            return (
                Reply(200, self.files[file]) if file in self.files else said({"errcode": "M_NOT_FOUND"}, 404)
            )
        if asked.path.endswith("/sync"):
            return self._sync(asked.query.get("since"))
        return self._in_room(asked.path.split("/rooms/")[1].split("/")[0], asked)

    def _in_room(self, room: str, asked: Asked) -> Reply:
        if room in self.forbidden:
            return said({"errcode": "M_FORBIDDEN", "error": "You are not in this room"}, 403)
        if "/event/" not in asked.path:
            return said(self._messages(room, asked.query))
        found = [event for _, event in self.stream if event["event_id"] == asked.path.rpartition("/")[2]]
        return said(found[0]) if found else said({"errcode": "M_NOT_FOUND"}, 404)

    def _sync(self, since: str | None) -> Reply:
        start = int((since or "s0")[1:])
        if since and start < self.oldest:
            return said({"errcode": "M_UNKNOWN_POS", "error": "Unknown position"}, 400)
        rooms: dict[str, dict[str, Any]] = {"join": {}, "leave": {}}
        for room in {room for room, _ in self.stream[start:]}:
            mine = [place for place in range(start, len(self.stream)) if self.stream[place][0] == room]
            shown = mine[-self.most :]
            timeline = {"events": [self.stream[place][1] for place in shown], "prev_batch": f"s{shown[0]}"}
            timeline["limited"] = len(shown) < len(mine)
            news = {"timeline": timeline, "state": {"events": self.state.get(room, [])}}
            rooms["leave" if room in self.left else "join"][room] = news
        return said({"next_batch": f"s{len(self.stream)}", "rooms": rooms})

    def _messages(self, room: str, asked: dict[str, str]) -> dict[str, Any]:
        low, high = int(asked.get("to", "s0")[1:]), int(asked["from"][1:])
        mine = [place for place in range(low, high) if self.stream[place][0] == room][::-1]
        shown = mine[: min(int(asked["limit"]), self.most)]
        told = {"chunk": [self.stream[place][1] for place in shown], "start": asked["from"]}
        return told | ({"end": f"s{shown[-1]}"} if len(shown) < len(mine) else {})


@dataclass
class MattermostServer(ChatServer):
    """A Mattermost server with one team."""

    token: str = "personaltoken1234567890abc"
    channels: list[dict[str, Any]] = field(default_factory=list)
    posts: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """By channel and id."""
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    most: int = 200
    most_changed: int = 1000

    def channel(self, id_: str, **more: Any) -> None:
        self.channels.append({"id": id_, "type": "O", "display_name": id_.title(), "name": id_, **more})
        self.posts[id_] = {}

    def post(self, channel: str, number: int, message: str = "", **more: Any) -> dict[str, Any]:
        at = 1_772_445_600_000 + number * 1000
        usual = {"id": f"p{number:025}", "create_at": at, "update_at": at, "delete_at": 0, "edit_at": 0}
        usual |= {"channel_id": channel, "user_id": "u1", "type": "", "root_id": ""}
        post = usual | {"message": message or f"slowo{number}"} | more
        self.posts[channel][post["id"]] = post
        return post

    def answer(self, asked: Asked) -> Reply:
        if asked.token != self.token:
            return said({"id": "api.context.session_expired.app_error", "message": "Invalid session"}, 401)
        parts = asked.path.removeprefix("/api/v4/").split("/")
        match parts:
            case ["users", "me"]:
                return said({"id": "u2", "username": "olga"})
            case ["users", "me", "teams"]:
                return said([{"id": "t1"}, {"id": "t2"}])
            case ["users", "me", "teams", _, "channels"]:
                return said(self.channels)
            case ["users", "ids"]:
                return said([self.users[one] for one in asked.body if one in self.users])
            case _:
                return self._content(parts, asked)

    def _content(self, parts: list[str], asked: Asked) -> Reply:
        if parts[0] == "files" and parts[1] in self.files:
            return Reply(200, self.files[parts[1]])
        if parts[0] == "channels" and parts[1] in self.posts:
            return said(self._posts(parts[1], asked.query))
        return said({"id": "api.context.permissions.app_error", "message": "You do not have permission"}, 403)

    def _posts(self, channel: str, asked: dict[str, str]) -> dict[str, Any]:
        every = sorted(self.posts[channel].values(), key=lambda one: one["create_at"], reverse=True)
        if "since" in asked:
            found = [one for one in every if one["update_at"] > int(asked["since"])][: self.most_changed]
        else:
            before = self.posts[channel].get(asked.get("before", ""), {"create_at": float("inf")})
            found = [one for one in every if one["create_at"] < before["create_at"] and not one["delete_at"]]
            found = found[: min(int(asked["per_page"]), self.most)]
        return {"order": [one["id"] for one in found], "posts": {one["id"]: one for one in found}}


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self._serve({})

        def do_POST(self):
            self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}"))

        def _serve(self, body):
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            with lock:
                reply = server.reply(Asked(self.command, unquote(parts.path), query, body, token))
            # Who asked may have left.
            with suppress(ConnectionError):
                self._send(reply)

        def _send(self, reply):
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
            self.close_connection = reply.cut

        def log_message(self, *_):
            """Say nothing: pytest shows what fails."""

    lock = threading.Lock()
    return Handler


@contextmanager
def listening(server: ChatServer) -> Iterator[Any]:
    """Let a platform listen on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) as http:
        # Connections stay open between requests, and their threads with them.
        http.daemon_threads = True
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        http.shutdown()
        thread.join()


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with listening(TelegramServer()) as server:
        yield server


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with listening(SlackServer()) as server:
        yield server


@pytest.fixture
def matrix() -> Iterator[MatrixServer]:
    with listening(MatrixServer()) as server:
        yield server


@pytest.fixture
def mattermost() -> Iterator[MattermostServer]:
    with listening(MattermostServer()) as server:
        yield server
