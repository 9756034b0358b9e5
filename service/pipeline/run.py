"""One run over an added source: its lease, counts and book of imports. Never: writes without the lease."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

from sqlmodel import Session

from service.archive import imports
from service.archive.imports import Counts
from service.archive.keep import Kept
from service.db.session import writing
from service.errors import RunStopped
from service.intake.lease import Lease
from service.intake.source import AddedSource, State
from service.intake.store import end_dead_runs, find_source
from service.pipeline.installation import Installation, recording
from service.sources.raw_message import Unreadable

ACTOR = "pull"
MOST_SHORTFALLS = 20
CHANGED = "The source was changed while it was read; the next run goes by what was entered."


@dataclass(slots=True)
class Pulled:
    """What a run came to so far: `read == new + known + changed`."""

    source: str
    place: str = ""
    """The folder that is being read."""
    import_id: int | None = None
    """None while nothing new was found."""
    read: int = 0
    new: int = 0
    known: int = 0
    changed: int = 0
    refused: int = 0
    """No mails that could be read; in quarantine."""
    failed: int = 0
    """On the server, not here."""
    gone: int = 0
    """Deleted or moved away on the server; kept here."""
    expected: int = 0
    """Messages that this run found to be fetched: for progress."""
    state: str = ""
    detail: str = ""
    shortfalls: list[str] = field(default_factory=list)
    """Why the source is not complete, for people."""

    @property
    def counts(self) -> Counts:
        """Return the numbers alone."""
        return Counts(self.read, self.new, self.known, self.changed, self.refused, 0)


Progress = Callable[[Pulled], None]


@dataclass(slots=True)
class Run:
    """What a connection works with while it pulls."""

    house: Installation
    source: AddedSource
    lease: Lease
    now: datetime
    report: Pulled
    reconcile: bool = False
    """Compare everything with the server, also what looks unchanged."""
    progress: Progress = lambda _report: None
    stop: Event | None = None
    """Set when the service ends: the run breaks off before its next batch."""

    def is_outdated(self, session: Session) -> bool:
        """Say whether a person has entered other settings since the run began."""
        now = find_source(session, self.source.id)
        return now is not None and now.settings != self.source.settings

    def import_id(self) -> int:
        """Return the run's number in the book of imports, opened when there is something to write.

        Not to be called inside a writing transaction: it has its own.
        """
        if self.report.import_id is None:
            with writing(self.house.engine) as session:
                self.lease.assert_held(session)
                end_dead_runs(session, self.source.id, self.now)
                self.report.import_id = imports.begin(
                    session, self.source.name, ACTOR, source_id=self.source.id
                )
        return self.report.import_id

    @contextmanager
    def recording(self) -> Iterator[Session]:
        """Open a transaction that is signed and committed only while the lease is held.

        Raises RunStopped where the service ends, or a person has paused or changed the source: a first run
        lasts for hours.
        """
        if self.stop is not None and self.stop.is_set():
            raise RunStopped("The service was stopped; the next run goes on from here.")
        with recording(self.house) as session:
            self.lease.assert_held(session)
            self._assert_wanted(session)
            yield session

    def _assert_wanted(self, session: Session) -> None:
        now = find_source(session, self.source.id)
        if now is not None and now.state == State.PAUSED != self.source.state:
            raise RunStopped("The source was paused; a run goes on from here when it is resumed.")
        if self.is_outdated(session):
            raise RunStopped(CHANGED)

    def count(self, kept: Kept) -> None:
        """Add a batch that was committed."""
        self.report.read += len(kept.ids)
        self.report.new += len(kept.new)
        self.report.known += kept.known
        self.report.changed += kept.changed
        self.progress(self.report)

    def quarantine(self, session: Session, import_id: int, found: Unreadable) -> None:
        """Keep what is no mail, with its reason."""
        imports.quarantine(session, self.house.blobs, import_id, found)
        self.report.refused += 1

    def fall_short(self, why: str) -> None:
        """Say why the source is not complete."""
        if len(self.report.shortfalls) < MOST_SHORTFALLS:
            self.report.shortfalls.append(why)
