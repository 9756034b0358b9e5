"""Archive what a live platform gave, and raise its cursors with it. In: records by chat. Never: one alone.

Files are fetched before the transaction, and only of messages that are new: nobody waits for a download.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from service import clock
from service.archive.keep import Keeper
from service.db.session import reading
from service.errors import RunStopped, SignInRefused, SourceError, Throttled, Unreachable
from service.intake.live_chats import FollowedChats, note_chats, open_chat, raise_cursor, whole_ids
from service.pipeline.archive_batch import archive_batch
from service.pipeline.prepared import prepare
from service.pipeline.run import Run
from service.sources.live.chat import Chat
from service.sources.raw_message import RawAttachment, RawMessage, Record, Unreadable

DEATHS = 3
"""Times that a connection may break off over one file; then the file itself is taken for the reason."""

Batch = Sequence[tuple[Chat, Record]]
Deaths = Counter[tuple[str, str, int]]
"""How often a download broke off, by chat, message and place of the file in it."""


@dataclass(slots=True)
class ChatArchive:
    """What one run brings of one live source."""

    run: Run
    format: str
    deaths: Deaths
    """Kept between runs: the same file may end each of them."""
    keepers: dict[str, Keeper] = field(default_factory=dict)

    def archive(self, batch: Batch, cursors: Mapping[str, str] | None = None) -> None:
        """Archive a batch and raise cursors, by key of a chat, in one transaction."""
        by_chat: dict[str, list[Record]] = {}
        chats = {chat.key: chat for chat, _ in batch}
        for chat, record in batch:
            by_chat.setdefault(chat.key, []).append(record)
        with tempfile.TemporaryDirectory(prefix="scripta-") as folder:
            ready = {
                chats[key]: self._with_files(key, records, Path(folder)) for key, records in by_chat.items()
            }
            self._write(ready, cursors or {})

    def note(self, chats: Iterable[Chat]) -> None:
        """Write down which chats there are, and what is wrong with them."""
        with self.run.recording() as session:
            note_chats(session, self.run.source.id, chats, self.run.now)

    def _write(self, ready: Mapping[Chat, Sequence[Record]], cursors: Mapping[str, str]) -> None:
        import_id = self.run.import_id() if ready else 0
        kept = []
        with self.run.recording() as session:
            for chat, records in ready.items():
                if chat.key not in self.keepers:
                    file_id = open_chat(session, self.run.source.id, chat, self.format, import_id)
                    self.keepers[chat.key] = self._keeper(file_id)
                keeper = self.keepers[chat.key]
                keeper.seen_at = clock.now()
                raws = [prepare(one) for one in records if isinstance(one, RawMessage)]
                kept.append(archive_batch(session, keeper, raws))
                for found in records:
                    if isinstance(found, Unreadable):
                        self.run.quarantine(session, import_id, found)
            for key, cursor in cursors.items():
                raise_cursor(session, self.run.source.id, key, cursor, clock.now())
        for one in kept:
            self.run.count(one)

    def _keeper(self, file_id: int) -> Keeper:
        zone = ZoneInfo(self.run.house.settings.zone)
        return Keeper(self.run.house.blobs, file_id, zone, clock.now(), chats=FollowedChats())

    # Files

    def _with_files(self, key: str, records: Sequence[Record], folder: Path) -> list[Record]:
        """Fetch the files of messages that are not archived with them yet."""
        found = [one for one in records if isinstance(one, RawMessage) and one.attachments]
        if not found:
            return list(records)
        ids = [one.external_id for one in found]
        with reading(self.run.house.engine) as session:
            known = whole_ids(session, found[0].channel, key, ids)
        return [
            one if isinstance(one, Unreadable) else self._fetched(key, one, folder, known) for one in records
        ]

    def _fetched(self, key: str, raw: RawMessage, folder: Path, known: set[str]) -> RawMessage:
        if raw.external_id in known:
            return replace(raw, attachments=tuple(replace(one, load=None) for one in raw.attachments))
        return replace(
            raw,
            attachments=tuple(
                self._file((key, raw.external_id, place), one, folder)
                for place, one in enumerate(raw.attachments)
            ),
        )

    def _file(self, which: tuple[str, str, int], one: RawAttachment, folder: Path) -> RawAttachment:
        if one.load is None:
            return one
        if self.deaths[which] >= DEATHS:
            return replace(one, load=None, missing="the connection broke off each time it was asked for")
        try:
            content = one.load()
        except (SignInRefused, RunStopped, Throttled):
            raise
        except Unreachable:
            self.deaths[which] += 1
            raise
        except SourceError as error:
            return replace(one, load=None, missing=str(error))
        path = folder / str(len(list(folder.iterdir())))
        path.write_bytes(content)
        return replace(one, size=len(content), load=partial(path.read_bytes))
