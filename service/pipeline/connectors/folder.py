"""A folder that people drop exports and mails into, or that a mail program fills. Never: changes a file.

settings = {
    "path": "/srv/exports",      # absolute
    "zone": "Europe/Warsaw",     # of times without one; nothing: the installation's
    "date_order": "day-first",   # or month-first, of chats that do not show it themselves
    "move_read": False,          # move what is archived into the folder `read` inside it
}
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from service.errors import ConfigError
from service.intake.watched_folder import SETTLES_S, Look, WatchedFolder, is_maildir
from service.pipeline.installation import Installation
from service.pipeline.read_folder import READ, FolderRun, FolderSettings
from service.pipeline.run import Run

REST = 10
"""Looking takes one part in so many of the time at most: the largest folders are looked at less often."""


@dataclass(slots=True)
class FolderConnection:
    """A watched folder, and what it looked like when it was last read."""

    house: Installation
    source_id: int
    settings: FolderSettings | None = None
    watched: WatchedFolder | None = None
    seen: dict[str, int] = field(default_factory=dict)
    """What the last run found, read or not."""
    waiting: frozenset[str] = frozenset()
    """What it found and did not read, since it was not settled."""

    def pull(self, run: Run) -> None:
        """Read every file that is settled and was not read before as it is now."""
        settings = FolderSettings.of(run.source.settings)
        if settings != self.settings or self.watched is None:
            self.settings, self.watched = settings, _watched(settings)
        self._check(settings)
        reader = FolderRun(run, settings, self.watched)
        try:
            reader.read()
        except OSError as error:
            raise ConfigError(
                f"The folder {settings.path} cannot be read: {error.strerror or error}. Check that it is "
                "there and that this account may read it."
            ) from error
        self.seen, self.waiting = reader.look.files, reader.waiting

    def wait(self, stop: Event, wait_s: float) -> None:
        """Look every few seconds; return when something can be read, or was taken away."""
        until = time.monotonic() + wait_s
        rest = SETTLES_S
        while self.watched is not None and not stop.wait(min(rest, max(0.0, until - time.monotonic()))):
            began = time.monotonic()
            if began >= until:
                return
            try:
                look = self.watched.look()
            except OSError:
                return  # the next run meets it and says so
            if self._is_news(look):
                return
            rest = max(SETTLES_S, REST * (time.monotonic() - began))

    def close(self) -> None:
        """Forget what was seen."""
        self.watched = None

    def _is_news(self, look: Look) -> bool:
        changed = {name for name, number in look.files.items() if self.seen.get(name) != number}
        return not look.settled.isdisjoint(changed | self.waiting) or bool(
            self.seen.keys() - look.files.keys()
        )

    def _check(self, settings: FolderSettings) -> None:
        root, data = settings.path.resolve(), self.house.settings.data.resolve()
        if root.is_relative_to(data) or data.is_relative_to(root):
            raise ConfigError(f"{settings.path} and the data folder {data} lie in each other; watch another.")
        if settings.move_read and is_maildir(settings.path):
            raise ConfigError(f"{settings.path} is filled by a mail program: switch move_read off.")


def _watched(settings: FolderSettings) -> WatchedFolder:
    return WatchedFolder(settings.path, frozenset({READ}) if settings.move_read else frozenset())


class Folder:
    """A folder that is watched."""

    kind = "folder"
    label = "Watched folder"

    def check(self, settings: Mapping[str, Any], secret: str) -> None:
        """Refuse a path that is none, and a zone or order of dates that there is not."""
        FolderSettings.of(settings)

    def connect(self, house: Installation, source_id: int) -> FolderConnection:
        """Return a folder that was not looked at yet."""
        return FolderConnection(house, source_id)


CONNECTOR = Folder()
