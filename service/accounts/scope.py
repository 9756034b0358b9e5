"""What a reader may see. Out: Scope. Never: an empty grant that means everything."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The projects whose conversations may be seen."""

    everything: bool = False
    projects: frozenset[int] = frozenset()
    """Project ids; empty means none, and conversations without a project are for `everything` alone."""

    def allows(self, project_id: int | None) -> bool:
        """Say whether something of this project may be seen."""
        return self.everything or (project_id is not None and project_id in self.projects)


EVERYTHING = Scope(everything=True)
NOTHING = Scope()
