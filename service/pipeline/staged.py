"""Uploads on their way into the archive: staged, chosen for, queued, imported. Survives a restart.

In: a folder below `uploads`. Out: Import. Never: two at once, reads anything before a person has chosen.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from service.archive import imports
from service.archive.imports import Import, State
from service.archive.message import Side
from service.archive.organise import SIDE_RULES, create_project, put_on_side
from service.db.session import reading, writing
from service.errors import ArchiveError, ConfigError
from service.pipeline.ingest import Ingested, Progress, Wish, ingest
from service.pipeline.installation import Installation
from service.sources.open import size_of

UPLOADS = "uploads"
FILES = "files"
"""The folder of an upload in which its files lie, as they were named."""
Started = Callable[[Ingested], None]


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


def stage(
    house: Installation, folder: Path, names: tuple[str, ...], actor: str, key: str | None = None
) -> int:
    """Enter an upload, whose files lie in `folder/files`, and return the number of its import.

    An upload with the key of an earlier one is that one: the new folder is removed.
    """
    with writing(house.engine) as session:
        known = imports.by_key(session, key) if key else None
        if known is None:
            size = size_of(folder / FILES)
            return imports.stage(session, ", ".join(names), actor, folder.name, total_bytes=size, key=key)
    shutil.rmtree(folder, ignore_errors=True)
    return known.id


def files_of(house: Installation, one: Import) -> Path:
    """Return the folder with the files of an upload that is not at its end."""
    if one.folder is None:
        raise ArchiveError(f"The files of import {one.id} are in the archive, or were discarded.")
    return house.settings.data / UPLOADS / one.folder / FILES


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
    choice = choice_of(one)
    files = files_of(house, one)
    try:
        with writing(house.engine) as session:
            for kind, value, side in choice.sides:
                put_on_side(session, kind, value, side)
            project_id = create_project(session, choice.project, "") if choice.project.strip() else None
        wish = Wish(
            choice.format_name,
            choice.zone,
            choice.date_order,
            actor=one.actor,
            hidden=files,
            import_id=one.id,
            project_id=project_id,
        )
        return ingest(house, sorted(files.iterdir()), wish, progress)
    finally:
        with writing(house.engine) as session:
            now = imports.find(session, one.id)
            ended = State(now.state) if now else State.FAILED
            imports.move_on(session, one.id, State.FAILED if ended in imports.ACTIVE else ended)
        shutil.rmtree(files.parent, ignore_errors=True)


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
