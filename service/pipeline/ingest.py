"""First stage of ingest: read, archive, index, record. In: paths. Out: Ingested. Never: loses a record.

A stream: records are kept in batches, each in one transaction, so memory does not grow with the source, and a
crash at any point leaves whole batches; running again adds the rest and nothing twice.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

from service import clock
from service.archive import imports
from service.archive.chats import Chats
from service.archive.imports import Counts
from service.archive.keep import Keeper, Kept
from service.archive.organise import file_messages
from service.config import zone_named
from service.db.session import writing
from service.errors import ConfigError, ScriptaError
from service.pipeline.archive_batch import archive_batch
from service.pipeline.installation import Installation, recording
from service.pipeline.look_ahead import is_worth_a_process, look_ahead
from service.pipeline.prepared import Prepared, batches, read_export, records
from service.pipeline.reading_process import ReadingProcess
from service.sources.open import OpenedExport, PassedOver, open_exports, size_of
from service.sources.raw_message import RawMessage, Unreadable
from service.sources.recognise import source_named
from service.sources.source import Export, Source, Wants, everything
from service.sources.unpack import Limits
from service.sources.whole_file import bytes_at

MOST_REPAIRS = 200
"""Kinds of repairs that are counted: some name what they found, and memory must not grow with the source."""
NOTHING_IN_IT = "is recognised as {} and holds no message; if it should, export it again"
DATE_ORDERS = ("day-first", "month-first")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for beside the paths."""

    format_name: str | None = None
    zone: str | None = None
    """Zone of times that carry none; None: the installation's."""
    date_order: str | None = None
    actor: str = "cli"
    hidden: Path | None = None
    """The folder of an upload: people know its files by the number of the import and what follows."""
    import_id: int | None = None
    """An import that is in the book already; None: a new one."""
    project_id: int | None = None
    """Conversations that have no project belong to this one."""

    def check(self) -> None:
        """Raise ScriptaError for what cannot be meant, before anything is begun."""
        if self.format_name:
            source_named(self.format_name)
        if self.zone:
            zone_named(self.zone)
        if self.date_order and self.date_order not in DATE_ORDERS:
            raise ConfigError(f"The date order is {' or '.join(DATE_ORDERS)}, not {self.date_order!r}.")

    def shown(self, place: str) -> str:
        """Return a place as people know it."""
        if self.hidden is None:
            return place
        inside = place.removeprefix(str(self.hidden)).lstrip("/")
        return inside if self.import_id is None else f"upload {self.import_id}/{inside}".rstrip("/")


@dataclass(slots=True)
class Repaired:
    """Something that had to be repaired or assumed to read a message; the original has the truth."""

    where: str
    """The first message of which this is so."""
    times: int = 0


@dataclass(slots=True)
class Ingested:
    """What an import came to so far: `read == new + known + changed`."""

    import_id: int
    place: str
    files: int = 0
    read: int = 0
    new: int = 0
    known: int = 0
    changed: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    """Each with its reason; bytes are in the archive, not here."""
    lost: list[str] = field(default_factory=list)
    """Where those are whose bytes could not be kept either."""
    passed_over: list[PassedOver] = field(default_factory=list)
    done_bytes: int = 0
    """Of originals and files that were read: for progress."""
    total_bytes: int | None = None
    """What there is to read, as far as that can be seen from outside."""
    without_zone: int = 0
    """Times that were printed without a zone, and read as those of one zone."""
    repairs: dict[str, Repaired] = field(default_factory=dict)
    """What was repaired, by the words that say so."""

    def note_repairs(self, place: str, batch: Iterable[RawMessage]) -> None:
        """Count what was repaired or assumed in a batch of one file."""
        for raw in batch:
            self.without_zone += raw.sent_at is not None and raw.sent_at.tzinfo is None
            for why in raw.warnings:
                if why in self.repairs or len(self.repairs) < MOST_REPAIRS:
                    where = f"{place}, record {raw.position + 1}"
                    self.repairs.setdefault(why, Repaired(where)).times += 1

    @property
    def complete(self) -> bool:
        """Say whether everything could be read."""
        return not self.unreadable

    @property
    def counts(self) -> Counts:
        """Return the numbers alone."""
        refused, passed = len(self.unreadable), len(self.passed_over)
        return Counts(self.read, self.new, self.known, self.changed, refused, passed)


Progress = Callable[[Ingested], None]


def ingest(
    house: Installation, paths: Iterable[Path], wish: Wish, progress: Progress = lambda _report: None
) -> Ingested:
    """Import everything under the paths and return what it came to.

    Raises ScriptaError for a wish that cannot be met, and where the installation itself fails (disk, ledger);
    what was kept until then stays.
    """
    wish.check()
    named = list(paths)
    place = ", ".join(wish.shown(str(path)) for path in named)
    total = sum(map(size_of, named))
    with writing(house.engine) as session:
        import_id = wish.import_id or imports.begin(session, place, wish.actor)
        imports.move_on(session, import_id, imports.State.RUNNING)
        report = Ingested(import_id, place, total_bytes=total)
    state, detail = "failed", "The run was stopped before its end; run it again."
    try:
        for path in named:
            Reading(house, wish, report, progress, lambda: recording(house)).take(path)
        state, detail = ("done" if report.complete else "incomplete"), _repairs_told(report)
    except ScriptaError as error:
        detail = str(error)
        raise
    finally:
        # Also on Ctrl-C: an import must not stay "running" for ever.
        with writing(house.engine) as session:
            imports.note(session, report.import_id, report.counts, state, detail)
    return report


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of files into an import that is open: an ingest's, or a run's over a watched folder."""

    house: Installation
    wish: Wish
    report: Ingested
    progress: Progress
    recording: Callable[[], AbstractContextManager[Session]]
    """Opens the transaction of each batch."""
    wants: Wants = everything

    def take(self, path: Path) -> None:
        """Read all that is at a path and wanted. Raises ScriptaError where the installation itself fails."""
        limits = Limits(total_bytes=self.house.settings.unpack_limit)
        for opened in open_exports(path, format_name=self.wish.format_name, limits=limits, wants=self.wants):
            match opened:
                case OpenedExport():
                    self._read(opened)
                case Unreadable():
                    content = opened.original or _bytes_of(opened.where)
                    self._refuse(Unreadable(self.wish.shown(opened.where), opened.why, content))
                case PassedOver():
                    shown = self.wish.shown(opened.place)
                    self.report.passed_over.append(replace(opened, place=shown))
            self.progress(self.report)

    def _read(self, opened: OpenedExport) -> None:
        place = self.wish.shown(opened.export.place)
        export = replace(opened.export, place=place, date_order=self.wish.date_order)
        self.report.files += 1
        zone = zone_named(self.wish.zone or self.house.settings.zone)
        chosen = self.wish.project_id
        chats = look_ahead(
            self.house.engine, opened.source, export, ZoneInfo(zone), clock.now(), project_id=chosen
        )
        keeper: Keeper | None = None
        refused = len(self.report.unreadable)
        with closing(_read(opened.source, export)) as pieces:
            for piece in pieces:
                if isinstance(piece, Unreadable):
                    self._refuse(piece)
                    continue
                with self.recording() as session:
                    # With its first batch: one of its own would double the cost of a mail in a file.
                    keeper = keeper or self._begin(session, opened.source, export, zone, chats)
                    kept = archive_batch(session, keeper, piece)
                    self._file(session, kept)
                    self.report.done_bytes += sum(_size(one.raw) for one in piece)
                    imports.note_progress(
                        session, self.report.import_id, self.report.counts, self.report.done_bytes
                    )
                self._count(kept)
                self.report.note_repairs(export.place, [one.raw for one in piece])
        if keeper is None:
            with self.recording() as session:
                self._begin(session, opened.source, export, zone, chats)
            if len(self.report.unreadable) == refused:
                self.report.passed_over.append(PassedOver(place, NOTHING_IN_IT.format(opened.source.label)))

    def _begin(self, session: Session, source: Source, export: Export, zone: str, chats: Chats) -> Keeper:
        file_id = imports.source_file(session, self.report.import_id, export.place, source.name, zone)
        if source.channel != "email":
            self._keep_whole(session, file_id, export.path)
        return Keeper(self.house.blobs, file_id, ZoneInfo(zone), clock.now(), chats=chats)

    def _keep_whole(self, session: Session, file_id: int, path: Path) -> None:
        content = bytes_at(path)
        if content is not None:
            imports.note_file(session, file_id, 0, 0, self.house.blobs.keep(session, [content])[0])

    def _file(self, session: Session, kept: Kept) -> None:
        if self.wish.project_id is not None:
            file_messages(session, [new.id for new in kept.new], self.wish.project_id)

    def _count(self, kept: Kept) -> None:
        self.report.read += len(kept.ids)
        self.report.new += len(kept.new)
        self.report.known += kept.known
        self.report.changed += kept.changed
        self.progress(self.report)

    def _refuse(self, found: Unreadable) -> None:
        with self.recording() as session:
            imports.quarantine(session, self.house.blobs, self.report.import_id, found)
        self.report.unreadable.append(Unreadable(found.where, found.why))
        if found.original is None:
            self.report.lost.append(found.where)
        self.progress(self.report)


def _read(source: Source, export: Export) -> Generator[list[Prepared] | Unreadable, None, None]:
    """Read in another process what is large, and can be."""
    if not is_worth_a_process(source, export):
        yield from batches(records(source, export))
        return
    with ReadingProcess() as process:
        yield from process.run(read_export, source.name, export)


def _size(raw: RawMessage) -> int:
    files = (one.size or 0 for one in raw.attachments if one.load and not one.in_original)
    return len(raw.original) + sum(files)


def _bytes_of(place: str) -> bytes | None:
    """Return the bytes of the file that a place is or lies in: a zip's are there only while it is read."""
    return bytes_at(Path(place)) or bytes_at(Path(place.partition("!/")[0]))


def _repairs_told(report: Ingested) -> str:
    lines = (f"{found.times} × {why} (first: {found.where})" for why, found in report.repairs.items())
    return "\n".join(lines)
