"""See what an upload holds before it is imported: formats, chats, people with a guess, and what to ask.

In: a folder of files. Out: Preview. Never: archives anything, reads longer than it may.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from time import monotonic

from sqlmodel import Session

from service.archive.message import Side
from service.archive.people import known_sides
from service.db.session import reading
from service.pipeline.ingest import Wish
from service.pipeline.installation import Installation
from service.pipeline.prepared import records
from service.pipeline.staged import named_in
from service.sources.open import OpenedExport, PassedOver, open_exports
from service.sources.printed_times import DateOrder, read_stamp
from service.sources.raw_message import SERVICE_KINDS, AddressKind, Kind, RawAddress, RawMessage, Unreadable
from service.sources.unpack import Limits

MOST_FILES = 200
MOST_PEOPLE = 100
MOST_NAMED = 50
"""Chats of one file, or troubles."""
SAMPLE = 64 * 1024
"""Bytes of a file in which an example of its dates is looked for."""
UNDECIDED = "day or the month"
"""What formats say of dates whose order nothing shows."""
_DATE = re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\d)")


@dataclass(frozen=True, slots=True)
class Depth:
    """How much is looked at."""

    records: int = 20_000
    """Of one file: more shows the same people."""
    seconds: float = 20.0
    """Of all files: a person waits for this."""


@dataclass(frozen=True, slots=True)
class TwoWays:
    """A date of which nothing shows whether the day or the month comes first."""

    printed: str
    day_first: date
    month_first: date


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who wrote, and the side that the system takes them for."""

    address: RawAddress
    messages: int
    side: Side
    is_guess: bool
    """True where a rule or a person has not said so: somebody of this name is on that side elsewhere."""
    rule: tuple[str, str]
    """Kind and value of the rule that puts them on another side: by name, as the page of people does, where
    they have one of their own."""

    @property
    def sure_side(self) -> Side:
        """Return the side that they are on if nobody chooses one."""
        return Side.OTHER if self.is_guess else self.side


@dataclass(slots=True)
class PreviewedFile:
    """One export of an upload."""

    place: str
    label: str
    channel: str
    records: int = 0
    messages: int = 0
    calls: int = 0
    voice: int = 0
    chats: list[str] = field(default_factory=list)
    """Titles of its conversations; none for mail."""
    first_at: datetime | None = None
    last_at: datetime | None = None
    """Naive where the export prints no zone; of the records that were looked at."""
    is_whole: bool = True
    """False where it has more than was looked at."""
    has_no_zone: bool = False
    is_undecided: bool = False
    """Nothing in it shows whether the day or the month comes first."""
    example: TwoWays | None = None
    """One of its dates, where that is so."""
    troubles: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Preview:
    """What an upload holds."""

    files: list[PreviewedFile] = field(default_factory=list)
    writers: list[Writer] = field(default_factory=list)
    """The busiest first."""
    unreadable: list[Unreadable] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)
    is_whole: bool = True
    """False where there are more files, or more in them, than were looked at."""

    @property
    def has_no_zone(self) -> bool:
        """Say whether a zone must be assumed."""
        return any(one.has_no_zone for one in self.files)

    @property
    def is_undecided(self) -> bool:
        """Say whether the order of day and month must be asked for."""
        return any(one.is_undecided for one in self.files)


def preview(house: Installation, files: Path, wish: Wish | None = None) -> Preview:
    """Look into every file below the folder `files` of an upload, for a bounded time."""
    return look_into(house, named_in(files), replace(wish or Wish(), hidden=files))


def look_into(house: Installation, paths: Iterable[Path], wish: Wish, depth: Depth = Depth()) -> Preview:
    """Look into everything under the paths, for a bounded time."""
    looker = _Looker(house, wish, depth, monotonic() + depth.seconds)
    for path in paths:
        looker.look(path)
    with reading(house.engine) as session:
        looker.found.writers = _writers(session, looker.people)
    return looker.found


def with_sides(house: Installation, seen: Preview) -> Preview:
    """Return a preview with the sides that its people are on now."""
    people = Counter({one.address: one.messages for one in seen.writers})
    with reading(house.engine) as session:
        return replace(seen, writers=_writers(session, people))


@dataclass(slots=True)
class _Looker:
    house: Installation
    wish: Wish
    depth: Depth
    until: float
    found: Preview = field(default_factory=Preview)
    people: Counter[RawAddress] = field(default_factory=Counter)

    def look(self, path: Path) -> None:
        limits = Limits(total_bytes=self.house.settings.unpack_limit)
        for opened in open_exports(path, format_name=self.wish.format_name, limits=limits):
            if len(self.found.files) >= MOST_FILES or monotonic() > self.until:
                self.found.is_whole = False
                return
            match opened:
                case OpenedExport():
                    self._look_into(opened)
                case Unreadable():
                    shown = self.wish.shown(opened.where)
                    self.found.unreadable.append(Unreadable(shown, opened.why))
                case PassedOver():
                    shown = self.wish.shown(opened.place)
                    self.found.passed_over.append(replace(opened, place=shown))

    def _look_into(self, opened: OpenedExport) -> None:
        place = self.wish.shown(opened.export.place)
        export = replace(opened.export, place=place, date_order=self.wish.date_order)
        one = PreviewedFile(place, opened.source.label, opened.source.channel)
        self.found.files.append(one)
        stream: Iterator[RawMessage | Unreadable] = records(opened.source, export)
        for record in islice(stream, self.depth.records):
            if monotonic() > self.until:
                one.is_whole = False
                break
            self._take(one, record)
        else:
            one.is_whole = next(stream, None) is None
        if one.is_undecided:
            one.example = _two_ways(opened.export.path)
        self.found.is_whole &= one.is_whole

    def _take(self, one: PreviewedFile, record: RawMessage | Unreadable) -> None:
        if isinstance(record, Unreadable):
            one.is_undecided |= UNDECIDED in record.why
            _note(one.troubles, f"{record.where}: {record.why}")
            return
        one.records += 1
        one.calls += record.kind == Kind.CALL
        one.voice += record.kind == Kind.VOICE
        if record.conversation:
            _note(one.chats, record.conversation.title)
        if record.kind not in SERVICE_KINDS:
            one.messages += 1
            if record.author is not None:
                self.people[record.author] += 1
        if record.sent_at is not None:
            _span(one, record.sent_at)


def _two_ways(path: Path) -> TwoWays | None:
    """Return the first date of a file that means one thing with the day first and another with the month."""
    try:
        with path.open("rb") as file:
            text = file.read(SAMPLE).decode("utf-8", "replace")
    except OSError:
        return None
    for printed in _DATE.findall(text):
        stamp = read_stamp(f"{printed} 00:00")
        days = stamp.day.days if stamp and not stamp.day.is_same_either_way else {}
        if len(days) == len((DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST)):
            return TwoWays(printed, days[DateOrder.DAY_FIRST], days[DateOrder.MONTH_FIRST])
    return None


def _note(named: list[str], name: str) -> None:
    if len(named) < MOST_NAMED and name not in named:
        named.append(name)


def _span(one: PreviewedFile, at: datetime) -> None:
    one.has_no_zone |= at.tzinfo is None
    # An export whose times change their kind is shown by the kind that it begins with.
    if one.first_at is None or one.last_at is None:
        one.first_at = one.last_at = at
    elif (at.tzinfo is None) == (one.first_at.tzinfo is None):
        one.first_at, one.last_at = min(one.first_at, at), max(one.last_at, at)


def _writers(session: Session, people: Counter[RawAddress]) -> list[Writer]:
    busiest = people.most_common(MOST_PEOPLE)
    sides = known_sides(session, [address for address, _ in busiest])
    names = Counter(address.name.lower() for address, _ in busiest)
    return [
        Writer(address, messages, side, is_guess, _rule(address, is_alone=names[address.name.lower()] == 1))
        for (address, messages), (side, is_guess) in zip(busiest, sides, strict=True)
    ]


def _rule(address: RawAddress, *, is_alone: bool) -> tuple[str, str]:
    if address.kind == AddressKind.MAIL or not address.name or not is_alone:
        return "address", address.value
    return "name", address.name
