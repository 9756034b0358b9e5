"""Bring a watched folder up to date. In: a folder that is looked at. Never: reads a file twice without need.

A file is known by a number that changes with its size, time and inode; the book of the folder has a line for
each, as a mailbox's has for its messages. It is written when the archive has the file: a run that is killed
reads its files again, and keeps nothing twice.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

from service.db.session import reading
from service.errors import ConfigError
from service.intake.folders import (
    Accounted,
    Checked,
    Place,
    account,
    known_folder,
    mark_gone,
    note_checked,
    open_folder,
    present_uids,
    to_try_again,
    troubles,
)
from service.intake.source import Outcome
from service.intake.watched_folder import SETTLES_S, Look, WatchedFolder, is_delivered, is_maildir
from service.pipeline.ingest import Ingested, Reading, Wish
from service.pipeline.run import ACTOR, Run

READ = "read"
"""Where files go that were read, where a person wants that."""
ALL = 1_000_000
NAMED = 5
"""Files that are named when many wait."""


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """The settings of a watched folder, checked."""

    path: Path
    wish: Wish
    move_read: bool

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "FolderSettings":
        """Read settings. Raises ConfigError that names what is wrong."""
        path = Path(str(settings.get("path") or "").strip())
        if not path.is_absolute():
            raise ConfigError("path is the folder to watch, from the root: /srv/exports.")
        zone, date_order = (str(settings.get(name) or "").strip() or None for name in ("zone", "date_order"))
        wish = Wish(zone=zone, date_order=date_order, actor=ACTOR)
        wish.check()
        move_read = settings.get("move_read", False)
        if not isinstance(move_read, bool):
            raise ConfigError("move_read is yes or no.")
        return cls(path, wish, move_read)


@dataclass(slots=True)
class FolderRun:
    """One run over a watched folder."""

    run: Run
    settings: FolderSettings
    watched: WatchedFolder
    look: Look = field(init=False)
    waiting: frozenset[str] = frozenset()
    """What is there and was not read as it is now."""

    def read(self) -> None:
        """Look, read what is settled, write down what became of each file."""
        self.look = self.watched.look()
        known, again = self._known()
        new = self._new(known, again)
        if new - self.look.settled and not self._stopped():
            self.look = self.watched.look()
            new = self._new(known, again)
        ready = new & self.look.settled
        self._tell(new - ready)
        if ready:
            report = self._ingest(ready)
            self._account(ready, report)
        self._note(known)
        if self.settings.move_read:
            self._move()

    def _new(self, known: Collection[int], again: Collection[int]) -> set[str]:
        return {name for name, number in self.look.files.items() if number not in known or number in again}

    def _stopped(self) -> bool:
        """Wait for the second look of a run; a service that follows the folder looks again by itself."""
        return (self.run.stop or Event()).wait(SETTLES_S)

    def _place(self) -> Place:
        root = str(self.settings.path)
        return Place(self.run.source.id, root, "", 1, root, "folder")

    def _known(self) -> tuple[set[int], set[int]]:
        """Return the numbers of files that were read, and of those that are tried again."""
        with reading(self.run.house.engine) as session:
            folder = known_folder(session, self._place())
            if folder is None:
                return set(), set()
            failed = to_try_again(session, folder.folder_id, every=True)
            return set(present_uids(session, folder.folder_id)), set(failed)

    def _tell(self, waiting: Collection[str]) -> None:
        for trouble in self.look.troubles:
            self.run.fall_short(trouble)
        if waiting:
            named = ", ".join(sorted(waiting)[:NAMED])
            self.run.fall_short(
                f"{len(waiting)} files are still being written and are read when they have stayed the same "
                f"for {SETTLES_S:.0f} seconds: {named}{', ...' * (len(waiting) > NAMED)}."
            )

    def _ingest(self, ready: Collection[str]) -> Ingested:
        paths = {self.settings.path / name for name in ready}
        run, wish = self.run, self.settings.wish
        report = Ingested(run.import_id(), str(self.settings.path))
        Reading(run.house, wish, report, self._progress, run.recording, paths.__contains__).take(
            self.settings.path
        )
        return report

    def _progress(self, report: Ingested) -> None:
        own = self.run.report
        own.read, own.new, own.known, own.changed = report.read, report.new, report.known, report.changed
        own.refused = len(report.unreadable)
        self.run.progress(own)

    def _account(self, ready: Collection[str], report: Ingested) -> None:
        """Write down what became of each file that is still what it was before it was read."""
        before, self.look = self.look, self.watched.look()
        found = self._troubles(ready, report)
        outcomes = []
        for name in sorted(ready):
            outcome, why = found.get(name, (Outcome.ARCHIVED, None))
            if self.look.files.get(name) == before.files[name]:
                outcomes.append(Accounted(before.files[name], outcome, why=why and f"{name}: {why}"))
            elif name in self.look.files or not is_delivered(name):
                self.run.fall_short(f"{name} was changed or taken away while it was read.")
        with self.run.recording() as session:
            folder = open_folder(session, self._place(), self.run.import_id(), self.run.now)
            account(session, folder.folder_id, outcomes)

    def _troubles(self, ready: Collection[str], report: Ingested) -> dict[str, tuple[Outcome, str]]:
        """Return the files that were not archived: failed where even their bytes are not here."""
        root = str(self.settings.path)
        refused = [(one.where, one.why) for one in report.unreadable]
        refused += [(one.place, one.why) for one in report.passed_over]
        found: dict[str, tuple[Outcome, str]] = {}
        for where, why in refused:
            whole = where.removeprefix(root).lstrip("/")
            if whole in ready and where in report.lost:
                found[whole] = (Outcome.FAILED, why)
            elif whole in ready:
                found.setdefault(whole, (Outcome.REFUSED, why))
        return found

    def _note(self, known: Collection[int]) -> None:
        """Write down what is there now, and what was taken away: it stays here."""
        with self.run.recording() as session:
            folder = known_folder(session, self._place())
            if folder is None:
                self.waiting = frozenset(self.look.files)
                return
            gone = set(known) - set(self.look.files.values())
            self.run.report.gone += len(mark_gone(session, folder.folder_id, gone, self.run.now))
            note_checked(session, folder.folder_id, Checked(len(self.look.files)), self.run.now)
            here = set(present_uids(session, folder.folder_id))
            failed = [
                one for one in troubles(session, folder.folder_id, ALL) if one.outcome == Outcome.FAILED
            ]
        self.waiting = frozenset(name for name, number in self.look.files.items() if number not in here)
        self.run.report.failed += len(failed)
        for one in failed:
            self.run.fall_short(f"{one.why}.")

    def _move(self) -> None:
        """Move what was archived out of the way; what is left is what somebody should look at."""
        with reading(self.run.house.engine) as session:
            folder = known_folder(session, self._place())
            if folder is None:
                return
            archived = set(present_uids(session, folder.folder_id))
            archived -= {one.uid for one in troubles(session, folder.folder_id, ALL)}
        left = {name.partition("/")[0] for name, one in self.look.files.items() if one not in archived}
        root = self.settings.path
        for entry in sorted({name.partition("/")[0] for name in self.look.files} - left):
            if is_maildir(root / entry):
                continue  # its program would not find its mails
            try:
                _move_into(root / READ, root / entry)
            except OSError as error:
                self.run.fall_short(f"{entry} cannot be moved into {READ}: {error.strerror or error}.")


def _move_into(folder: Path, entry: Path) -> None:
    """Move a file or folder, under another name where there is one of its name already. Raises OSError."""
    folder.mkdir(exist_ok=True)
    for target in _names(folder, entry):
        # The name is taken first: a rename would overwrite what somebody puts there meanwhile.
        try:
            target.mkdir() if entry.is_dir() else target.touch(exist_ok=False)
        except FileExistsError:
            continue
        entry.rename(target)
        return


def _names(folder: Path, entry: Path) -> Iterator[Path]:
    yield folder / entry.name
    for number in count(2):
        yield folder / f"{entry.stem} {number}{entry.suffix}"
