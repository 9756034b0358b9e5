"""Uploads on their way into the archive: staged, chosen for, queued, imported. Survives a restart.

In: a folder below `uploads`. Out: Import. Never: two at once, reads anything before a person has chosen.
"""

import json
import shutil
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from service.archive import imports
from service.archive.imports import Import, State
from service.archive.message import Side
from service.archive.organise import SIDE_RULES, create_project, put_on_side, zone_of_project
from service.db.session import reading, writing
from service.errors import (
    ArchiveError,
    ConfigError,
    DatabaseError,
    RunStopped,
    ScriptaError,
    SourceError,
    TooManyUploads,
)
from service.pipeline.ingest import Ingested, Progress, Wish, ingest
from service.pipeline.installation import Installation
from service.sources.open import size_of

UPLOADS = "uploads"
FILES = "files"
"""The folder of an upload in which its files lie, as they were named."""
MOST_WAITING = 50
"""Uploads that wait for somebody's choice, or for their turn."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose for an upload."""

    zone: str | None = None
    date_order: str | None = None
    format_name: str | None = None
    project: str = ""
    """Its conversations that have no project belong to this one; made where there is none of that name."""
    sides: tuple[tuple[str, str, Side], ...] = ()
    """(`address` or `name`, value, side): rules, which also hold for what comes later."""

    def check(self) -> None:
        """Raise ConfigError for what cannot be meant."""
        Wish(self.format_name, self.zone, self.date_order).check()
        for kind, value, _ in self.sides:
            if kind not in SIDE_RULES or not value.strip():
                raise ConfigError(f"A side is given by {', '.join(SIDE_RULES)} and a value.")


@dataclass(frozen=True, slots=True)
class Key:
    """What makes an upload that is sent again the same import (Idempotency-Key)."""

    name: str
    """Of one account: what it sent, with whatever makes it unique among all accounts."""
    content: str = ""
    """A hash of what came with it."""

    @property
    def digest(self) -> str:
        """Return what stands for the name, however long or odd that is."""
        return sha256(self.name.encode()).hexdigest()


def expect_room(house: Installation) -> None:
    """Raise TooManyUploads where so many wait that no more are taken."""
    with reading(house.engine) as session:
        waiting = sum(one.state in imports.WAITING for one in imports.active(session))
    if waiting >= MOST_WAITING:
        raise TooManyUploads(
            f"{waiting} uploads wait already: import or discard some on the imports page, then send this one."
        )


def stage(
    house: Installation, folder: Path, names: tuple[str, ...], actor: str, key: Key | None = None
) -> tuple[int, bool]:
    """Enter an upload, whose files lie in `folder/files`; return the number of its import, and if it is new.

    An upload with the key of an earlier one is that one: the new folder is removed. Raises SourceError
    where it has other content than the earlier one.
    """
    size = size_of(folder / FILES)
    with writing(house.engine) as session:
        known = imports.by_key(session, key.digest) if key else None
        if known is None:
            line = f"{key.digest}:{key.content}" if key else None
            place = ", ".join(names)
            return imports.stage(session, place, actor, folder.name, total_bytes=size, key=line), True
    shutil.rmtree(folder, ignore_errors=True)
    one, content = known
    if key and content != key.content:
        raise SourceError(
            f"This Idempotency-Key came with other content before, as import {one.id}: take another key."
        )
    return one.id, False


def files_of(house: Installation, one: Import) -> Path:
    """Return the folder with the files of an upload that is not at its end."""
    if one.folder is None:
        raise ArchiveError(f"The files of import {one.id} are in the archive, or were discarded.")
    return house.settings.data / UPLOADS / one.folder / FILES


def named_in(files: Path) -> list[Path]:
    """Return what an upload names: its one file, or all of them as a folder, where media belong to chats."""
    found = list(files.iterdir())
    return found if len(found) == 1 else [files]


def choose(house: Installation, import_id: int, choice: Choice) -> None:
    """Queue an upload with what was chosen. Raises ConfigError; ArchiveError where it is under way."""
    choice.check()
    with writing(house.engine) as session:
        _expect(imports.find(session, import_id), State.STAGED)
        imports.move_on(session, import_id, State.QUEUED, choice=json.dumps(asdict(choice)))


def discard(house: Installation, import_id: int) -> None:
    """Throw away an upload that waits. Raises ArchiveError where it is under way already."""
    with writing(house.engine) as session:
        one = _expect(imports.find(session, import_id), *imports.WAITING)
        files = files_of(house, one)
        imports.move_on(session, import_id, State.DISCARDED)
    shutil.rmtree(files.parent, ignore_errors=True)


def next_queued(house: Installation) -> Import | None:
    """Return the upload to import next; one that a stopped service left half done goes on first."""
    with reading(house.engine) as session:
        waiting = [one for one in imports.active(session) if one.state != State.STAGED]
    return min(waiting, key=lambda one: (one.state != State.RUNNING, one.id), default=None)


def run_staged(house: Installation, one: Import, progress: Progress = lambda _report: None) -> Ingested:
    """Import an upload as was chosen, and remove its folder. Raises ScriptaError as `ingest` does."""
    files = files_of(house, one)
    try:
        wish = replace(wish_of(house, choice_of(one)), actor=one.actor, hidden=files, import_id=one.id)
        report = ingest(house, named_in(files), wish, progress)
    except (DatabaseError, RunStopped):
        # Not the upload's fault: it goes on when the database or the service is back.
        with writing(house.engine) as session:
            imports.move_on(session, one.id, State.RUNNING)
        raise
    except (ScriptaError, OSError) as error:
        _end(house, one.id, files.parent, f"{error}\nThe uploaded files are gone: send them again.")
        raise
    _end(house, one.id, files.parent, None)
    return report


def _end(house: Installation, import_id: int, folder: Path, why: str | None) -> None:
    with writing(house.engine) as session:
        now = imports.find(session, import_id)
        ended = State(now.state) if now and why is None else State.FAILED
        imports.move_on(session, import_id, ended, detail=why)
    shutil.rmtree(folder, ignore_errors=True)


def wish_of(house: Installation, choice: Choice) -> Wish:
    """Put people on their sides, make the project where it is missing, and return the rest as a wish."""
    choice.check()
    with writing(house.engine) as session:
        for kind, value, side in choice.sides:
            put_on_side(session, kind, value, side)
        project_id = create_project(session, choice.project, "") if choice.project.strip() else None
        zone = choice.zone or (zone_of_project(session, project_id) if project_id else None)
    return Wish(choice.format_name, zone, choice.date_order, project_id=project_id)


def choice_of(one: Import) -> Choice:
    """Return what was chosen for an upload."""
    said = json.loads(one.choice or "{}")
    sides = tuple((kind, value, Side(side)) for kind, value, side in said.pop("sides", ()))
    return Choice(**said, sides=sides)


def _expect(one: Import | None, *states: State) -> Import:
    if one is None or one.folder is None:
        raise ArchiveError("There is no such upload, or it is in the archive already.")
    if one.state not in states:
        raise ArchiveError(f"The upload {one.id} is {one.state}: it can no longer be changed.")
    return one
