"""Remove uploads that nobody comes back for. Never: one that is queued, or that is still arriving."""

import shutil
from datetime import timedelta
from pathlib import Path

from service import clock
from service.archive import imports
from service.archive.imports import State
from service.db.session import reading
from service.pipeline.installation import Installation
from service.pipeline.staged import FILES, UPLOADS, discard

KEPT = timedelta(days=7)
"""So long an upload waits for somebody's choice."""
ARRIVING = timedelta(hours=1)
"""A folder that no import knows belongs to an upload that is under way, unless nothing came for so long."""


def tidy_uploads(house: Installation) -> None:
    """Discard uploads that were staged too long ago, and remove folders that no import knows."""
    now = clock.now()
    with reading(house.engine) as session:
        active = imports.active(session)
    for one in active:
        if one.state == State.STAGED and one.started_at < now - KEPT:
            discard(house, one.id)
    known = {one.folder for one in active}
    for folder in (house.settings.data / UPLOADS).iterdir():
        arrived = _changed_at(folder) if folder.is_dir() and folder.name not in known else None
        if arrived is not None and arrived < now.timestamp() - ARRIVING.total_seconds():
            shutil.rmtree(folder, ignore_errors=True)


def _changed_at(folder: Path) -> float | None:
    """Return when something in a folder changed last; None where it goes away meanwhile."""
    try:
        return max(path.stat().st_mtime for path in (folder, folder / FILES, *(folder / FILES).iterdir()))
    except FileNotFoundError:
        return folder.stat().st_mtime if folder.exists() else None
