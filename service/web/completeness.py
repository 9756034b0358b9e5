"""How much of a folder is here, as a bar. In: FolderState. Out: Bar. Never: rounds up to all of it."""

from dataclasses import dataclass

from service.intake.source import FolderState

WIDTH = 100.0
"""Of the bar, in its own units."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The parts of a folder: archived or known, refused or failed; the rest was not asked for yet."""

    here: float
    lost: float

    @property
    def percent(self) -> int:
        """Return how much is here; 100 only where nothing at all is missing."""
        return int(self.here)


def bar_of(folder: FolderState) -> Bar:
    """Return the bar of a folder; an empty one is complete."""
    total = max(folder.on_server, folder.accounted)
    if not total:
        return Bar(WIDTH, 0.0)
    here = WIDTH * (folder.archived + folder.known) / total
    lost = WIDTH * (folder.refused + folder.failed) / total
    return Bar(round(here, 2) if here == WIDTH else min(round(here, 2), 99.99), round(lost, 2))
