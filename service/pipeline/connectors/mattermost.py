"""The channels of an account on a Mattermost server.

settings = {
    "server": "https://chat.example.com",
    "include": ["*"], "exclude": ["off-topic"],    # names of channels, with * and ?
}
secret = '{"password": "<personal access token>"}'

A channel is read once from its newest post down; from then on the server tells what was written, edited,
deleted or reacted to since.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any

from service import clock
from service.db.session import reading
from service.errors import ConfigError
from service.intake.live_chats import LiveChat, places
from service.pipeline.archive_chats import ChatArchive, Deaths
from service.pipeline.installation import Installation
from service.pipeline.live_channels import Choice, Memory, go_through
from service.pipeline.run import Run
from service.pipeline.secret import open_token
from service.sources.json_values import members, number, objects, unix_time, word
from service.sources.live.ask import base_address
from service.sources.live.chat import Chat, position
from service.sources.live.mattermost_api import CHANGED_AT_MOST, LARGEST_FILE, PAGE, Mattermost, Posts
from service.sources.mattermost_post import (
    FORMAT,
    MattermostChat,
    MattermostDirectory,
    full_name,
    name_of,
    read_post,
)
from service.sources.media import media_type
from service.sources.raw_message import RawAttachment, RawConversation, RawMessage

OVERLAP_MS = 5000
"""Asked for again at each run: a post is committed a moment after its time."""


@dataclass(slots=True)
class People:
    """Who is who on the server, as far as somebody wrote."""

    server: Mattermost
    names: dict[str, str] = field(default_factory=dict)
    usernames: dict[str, str] = field(default_factory=dict)

    def learn(self, ids: set[str]) -> MattermostDirectory:
        """Ask for those who are not known yet."""
        for user in self.server.users(ids - self.usernames.keys() - {""}):
            username = word(user.get("username"))
            self.usernames[word(user.get("id"))] = username
            self.names[username] = full_name(user)
        return MattermostDirectory(self.names, self.usernames)


@dataclass(slots=True)
class MattermostConnection:
    """One account while it is followed."""

    house: Installation
    source_id: int
    server: Mattermost | None = None
    people: People | None = None
    memories: dict[str, Memory] = field(default_factory=dict)
    deaths: Deaths = field(default_factory=Deaths)

    def pull(self, run: Run) -> None:
        """Bring every channel up to date."""
        server, people = self._opened(run)
        me, listed = server.me(), server.channels()
        archive, choice = ChatArchive(run, FORMAT, self.deaths), Choice.of(run.source.settings)
        with reading(self.house.engine) as session:
            known = places(session, self.source_id)
        people.learn({id_ for one in listed for id_ in _two(one)})
        chats = [_chat(one, me, people, server.api.base) for one in listed]

        def read(chat: Chat) -> None:
            memory = self.memories.setdefault(chat.key, Memory())
            ChannelRun(run, server, people, chat, memory, archive).read(known.get(chat.key))

        archive.note(go_through(run, [one for one in chats if choice.takes(one.title)], read))

    def wait(self, stop: Event, wait_s: float) -> None:
        """Wait: what changed is asked for at the next run."""
        stop.wait(wait_s)

    def close(self) -> None:
        """Close the connection."""
        if self.server is not None:
            self.server.api.close()
            self.server = self.people = None

    def _opened(self, run: Run) -> tuple[Mattermost, People]:
        base, token = server_of(run.source.settings), open_token(self.house, self.source_id)
        if self.server is None or (self.server.api.base, self.server.api.secret) != (base, token):
            self.close()
            self.server = Mattermost.at(base, token)
        self.server.api.stop = run.stop
        self.people = self.people or People(self.server)
        return self.server, self.people


@dataclass(slots=True)
class ChannelRun:
    """The work on one channel in one run.

    Its place: all is here that changed until `since`; where there is `before`, nothing older than that post.
    """

    run: Run
    server: Mattermost
    people: People
    chat: Chat
    memory: Memory
    archive: ChatArchive

    def read(self, known: LiveChat | None) -> None:
        """Bring what changed; the first time, and where too much did, all of it."""
        place: dict[str, Any] = json.loads(known.cursor) if known and known.cursor else {}
        since, before = number(place.get("since")) or 0, word(place.get("before"))
        if before or not since or self.run.reconcile:
            since = self._walk(since, before)
        if since:
            self._follow(since)

    def _walk(self, since: int, before: str) -> int:
        """Archive from the newest post, or from where a walk broke off, down to the first."""
        while True:
            found = self.server.posts(self.chat.key, before)
            since = since or found.changed_at
            is_last = found.count < PAGE or found.oldest == before
            before = "" if is_last else found.oldest
            if found.every:
                self._archive(found, {"since": since} | ({"before": before} if before else {}))
            if is_last:
                return since

    def _follow(self, since: int) -> None:
        found = self.server.changed(self.chat.key, since - OVERLAP_MS)
        latest = max(since, found.changed_at)
        if found.count >= CHANGED_AT_MOST:
            # The server left the older ones out.
            self._walk(latest, "")
        else:
            self._archive(found, {"since": latest}, unless_as_before=since == latest)

    def _archive(self, found: Posts, place: dict[str, Any], *, unless_as_before: bool = False) -> None:
        people = {id_ for one in found.every for id_ in _people(one)}
        chat = MattermostChat(
            RawConversation(self.chat.key, self.chat.title), self.people.learn(people), self._attach
        )
        records = self.memory.changed([_record(one, chat) for one in found.every])
        if records or not unless_as_before:
            self.archive.archive([(self.chat, one) for one in records], {self.chat.key: json.dumps(place)})
        self.memory.note(records)

    def _attach(self, file: dict[str, Any]) -> RawAttachment | None:
        id_, name, size = word(file.get("id")), name_of(file), number(file.get("size"))
        type_ = word(file.get("mime_type")) or media_type(name)
        if not id_:
            return None
        if (size or 0) > LARGEST_FILE:
            mib = LARGEST_FILE // 1024**2
            return RawAttachment(name, type_, size, missing=f"larger than {mib} MiB: it stays in Mattermost")
        return RawAttachment(name, type_, size, partial(self.server.file, id_))


def _record(raw: dict[str, Any], chat: MattermostChat) -> RawMessage:
    # As Mattermost gave it, key by key; only the spaces between are ours.
    original = json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    at = unix_time(raw.get("create_at"), per_second=1000) or clock.now()
    return read_post(raw, original, position(at), chat)


def _people(raw: Mapping[str, Any]) -> list[str]:
    reactions = objects(members(raw.get("metadata")).get("reactions"))
    return [word(raw.get("user_id")), *(word(one.get("user_id")) for one in reactions)]


def _two(raw: Mapping[str, Any]) -> Sequence[str]:
    """Return the people of a talk of two, whose ids are its name."""
    return word(raw.get("name")).split("__") if raw.get("type") == "D" else ()


def _chat(raw: Mapping[str, Any], me: str, people: People, base: str) -> Chat:
    id_, title = word(raw.get("id")), word(raw.get("display_name"))
    if two := _two(raw):
        other = next((one for one in two if one != me), me)
        username = people.usernames.get(other, other)
        title = people.names.get(username, username)
    return Chat(id_, title or word(raw.get("name")) or id_, f"{base}/channels/{id_}")


def server_of(settings: Mapping[str, Any]) -> str:
    """Return the address of the server. Raises ConfigError."""
    server = str(settings.get("server") or "").strip()
    if not server:
        raise ConfigError(
            "A Mattermost source needs the address of its server, like https://chat.example.com."
        )
    return base_address(server)


class MattermostSource:
    """An account that is read with a personal access token."""

    kind = "mattermost"
    label = "Mattermost"

    def check(self, settings: Mapping[str, Any], secret: str) -> None:
        """Refuse a server that is none, and choices that cannot be."""
        server_of(settings)
        Choice.of(settings)

    def connect(self, house: Installation, source_id: int) -> MattermostConnection:
        """Return an account that was not asked anything yet."""
        return MattermostConnection(house, source_id)


CONNECTOR = MattermostSource()
