"""The rooms of an account on a Matrix server.

settings = {
    "server": "https://matrix.example.com",     # the homeserver itself, not Element's page
}
secret = '{"password": "<access token>"}'

One stream tells of all rooms. What it leaves out of a room (a first sync, a long absence) is a gap that is
written down in the same transaction, and filled from its newest end.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from service.db.session import reading
from service.errors import ConfigError, RunStopped, SignInRefused, SourceBusy, SourceError, Unreachable
from service.intake.live_chats import LiveChat, places
from service.pipeline.archive_chats import ChatArchive, Deaths
from service.pipeline.installation import Installation
from service.pipeline.run import Run
from service.pipeline.secret import open_token
from service.pipeline.sync_room import FORMAT, Reader, Room, learn
from service.sources.live.ask import base_address
from service.sources.live.matrix_api import Matrix, News

STREAM = ""
POLL_S = 5
"""How long one question of a wait lasts: a service that ends waits for its answer."""

Gap = tuple[str, str]
"""Between two tokens, the newer first; the older is empty where it goes to the beginning."""


@dataclass(slots=True)
class MatrixConnection:
    """One account while it is followed."""

    house: Installation
    source_id: int
    matrix: Matrix | None = None
    reader: Reader | None = None
    since: str = ""
    deaths: Deaths = field(default_factory=Deaths)

    def pull(self, run: Run) -> None:
        """Archive what the stream tells, then what it left out."""
        matrix, reader = self._opened(run)
        archive = ChatArchive(run, FORMAT, self.deaths)
        with reading(self.house.engine) as session:
            known = places(session, self.source_id)
        for chat in known.values():
            reader.room(chat.key, chat.title, chat.trouble)
        gaps = {key: _gaps(chat) for key, chat in known.items() if key != STREAM}
        self.since = known[STREAM].cursor if STREAM in known else ""
        for news in self._news(matrix):
            self._take(archive, reader, news, gaps)
            self.since = news.token
        for key in sorted(key for key, found in gaps.items() if found):
            self._fill(run, archive, reader.room(key), gaps[key])

    def wait(self, stop: Event, wait_s: float) -> None:
        """Return as soon as something happened in a room."""
        if self.matrix is None or not self.since:
            stop.wait(wait_s)
            return
        until = time.monotonic() + wait_s
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            news = self.matrix.sync(self.since, round(min(POLL_S, left)))
            if news is None or any(room.events or room.is_left for room in news.rooms):
                return

    def close(self) -> None:
        """Close the connection."""
        if self.matrix is not None:
            self.matrix.api.close()
            self.matrix = self.reader = None

    def _opened(self, run: Run) -> tuple[Matrix, Reader]:
        base, token = server_of(run.source.settings), open_token(self.house, self.source_id)
        if self.matrix is None or (self.matrix.api.base, self.matrix.api.secret) != (base, token):
            self.close()
            self.matrix = Matrix.at(base, token)
        self.matrix.api.stop = run.stop
        self.reader = self.reader or Reader(self.house, self.matrix)
        return self.matrix, self.reader

    def _news(self, matrix: Matrix) -> Iterator[News]:
        """Yield what is new until nothing is; from the beginning where the server has forgotten our place."""
        news = matrix.sync(self.since)
        if news is None:
            self.since = ""
            news = matrix.sync()
        while news is not None:
            yield news
            if not any(room.events for room in news.rooms):
                return
            news = matrix.sync(news.token)
        raise Unreachable("The Matrix server forgets at once where a reading ended; it is asked again.")

    def _take(self, archive: ChatArchive, reader: Reader, news: News, gaps: dict[str, list[Gap]]) -> None:
        base, batch, cursors = reader.matrix.api.base, [], {STREAM: news.token}
        told = []
        for one in news.rooms:
            room = reader.room(one.room)
            room.learn(one)
            records = reader.read(room, one.events)
            batch += [(room.chat(base), record) for record in records]
            told.append(room)
            if one.gap_from and not one.is_left:
                gaps.setdefault(one.room, []).append((one.gap_from, self.since))
                cursors[one.room] = json.dumps(gaps[one.room])
        archive.archive(batch, cursors)
        archive.note([room.chat(base) for room in told])

    def _fill(self, run: Run, archive: ChatArchive, room: Room, gaps: list[Gap]) -> None:
        """Bring what a sync left out, a page at a time; a room that is refused costs no other."""
        assert self.matrix is not None
        assert self.reader is not None
        try:
            while gaps:
                start, end = gaps[-1]
                page = self.matrix.messages(room.id, start, end)
                learn(room, page.state)
                records = self.reader.read(room, page.events[::-1])
                gaps[-1:] = [(page.token, end)] if page.token else []
                chat = room.chat(self.matrix.api.base)
                archive.archive([(chat, one) for one in records], {room.id: json.dumps(gaps)})
        except (Unreachable, SignInRefused, SourceBusy, RunStopped):
            raise
        except SourceError as error:
            run.fall_short(f"{room.known.title or room.id}: {error}.")


def _gaps(chat: LiveChat) -> list[Gap]:
    return [(one[0], one[1]) for one in json.loads(chat.cursor)] if chat.cursor else []


def server_of(settings: Mapping[str, Any]) -> str:
    """Return the address of the server. Raises ConfigError."""
    server = str(settings.get("server") or "").strip()
    if not server:
        raise ConfigError("A Matrix source needs the address of its server, like https://matrix.example.com.")
    return base_address(server)


class MatrixSource:
    """An account that is read with an access token."""

    kind = "matrix"
    label = "Matrix"

    def check(self, settings: Mapping[str, Any], secret: str) -> None:
        """Refuse a server that is none."""
        server_of(settings)

    def connect(self, house: Installation, source_id: int) -> MatrixConnection:
        """Return an account that was not asked anything yet."""
        return MatrixConnection(house, source_id)


CONNECTOR = MatrixSource()
