"""Whether the day or the month comes first in a file. In: its stamps. Out: DateOrders. Never: guesses.

A number above 12 shows it; then the names of media, the running of time, a person's word and what locales do.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from service.sources.printed_times import DateOrder, PrintedDay, Stamp

UNDECIDED = (
    "no date in this chat shows whether the day or the month comes first; "
    "say so with --date-order day-first or --date-order month-first"
)
_FIRST_YEAR = 2009
"""Messengers are no older."""
_HALVES = 4
"""So many words for halves of the day are looked at."""
_DAY, _MONTH, _YEAR = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST, DateOrder.YEAR_FIRST


@dataclass(slots=True)
class ShapeEvidence:
    """What the stamps of one shape, in file order, say about their date order."""

    switches: list[tuple[int, DateOrder]] = field(default_factory=list)
    """From which record on an order is certain: a second entry means that the phone's setting changed."""
    lengths: list[int] = field(default_factory=list)
    """How many days spoke for each of them."""
    backwards: dict[DateOrder, int] = field(default_factory=lambda: dict.fromkeys(DateOrder, 0))
    """How often time runs back by a day or more, read in this order."""
    walked: dict[DateOrder, int] = field(default_factory=lambda: dict.fromkeys(DateOrder, 0))
    """How many days lie between neighbours, read in this order: the right one goes the shortest way."""
    existed: dict[DateOrder, int] = field(default_factory=lambda: dict.fromkeys(DateOrder, 0))
    """How many of the dates exist in this order."""
    days: int = 0
    named: dict[DateOrder, int] = field(default_factory=lambda: dict.fromkeys(DateOrder, 0))
    """How often the date in a media file's name agrees with this order only."""
    ambiguous: int = 0
    padded: bool = False
    unpadded: bool = False
    turned: bool = True
    """All dates could have a year of two digits in front."""
    half_leads: bool = True
    """All words for the half of the day stand before the hour."""
    halves: set[str] = field(default_factory=set)
    last: dict[DateOrder, date] = field(default_factory=dict)
    last_day: PrintedDay | None = None
    separator: str = ""
    year_digits: int = 4

    def add(self, stamp: Stamp, record: int) -> None:
        """Take in one stamp."""
        if stamp.day is not self.last_day:
            self._add_day(stamp.day, record)
        self.half_leads &= stamp.clock.half_leads
        if stamp.clock.half and len(self.halves) < _HALVES:
            self.halves.add(stamp.clock.half)

    def _add_day(self, day: PrintedDay, record: int) -> None:
        self.last_day = day
        self.days += 1
        orders = tuple(day.days)
        if len(orders) == 1:
            self._add_certain(orders[0], record)
        self.ambiguous += len(orders) == 2 and not day.is_same_either_way
        self.separator, self.year_digits = day.shape[0], int(day.shape[-1])
        self.padded |= day.padded
        self.unpadded |= day.unpadded
        self.turned &= day.turned is not None and day.turned.year >= _FIRST_YEAR
        for order in DateOrder:
            if at := day.on(order):
                step = (at - self.last.get(order, at)).days
                self.existed[order] += 1
                self.backwards[order] += step < 0
                self.walked[order] += abs(step)
                self.last[order] = at

    def _add_certain(self, order: DateOrder, record: int) -> None:
        if not self.switches or self.switches[-1][1] != order:
            self.switches.append((record, order))
            self.lengths.append(0)
        self.lengths[-1] += 1

    def settled(self) -> list[tuple[int, DateOrder]]:
        """Return the switches without single days between two longer runs: somebody pasted another chat."""
        kept: list[tuple[int, DateOrder]] = []
        for place, (record, order) in enumerate(self.switches):
            is_single = self.lengths[place] == 1 and 0 < place < len(self.switches) - 1
            if not is_single and (not kept or kept[-1][1] != order):
                kept.append((record, order))
        return kept

    def add_named(self, stamp: Stamp, named: str) -> None:
        """Take in the date (`20250303`) in the name of a file that was sent at `stamp`."""
        agreeing = [order for order, day in stamp.day.days.items() if f"{day:%Y%m%d}" == named]
        if len(agreeing) == 1:
            self.named[agreeing[0]] += 1

    @property
    def year_leads(self) -> bool:
        """Say whether the first of three small numbers is the year: so the dates lie close together."""
        if not self.turned or self.days == 0:
            return False
        others = [self.walked[order] for order in (_DAY, _MONTH) if self.existed[order] == self.days]
        return self.half_leads or all(self.walked[_YEAR] * 4 < other for other in others)

    def decide(self, languages: frozenset[str]) -> DateOrder | None:
        """Return the order of dates that no number decides; None where nothing in the file does."""
        if not self.ambiguous:
            return _DAY
        for seen in (self.named, {_DAY: self.backwards[_MONTH], _MONTH: self.backwards[_DAY]}):
            less, more = sorted((seen[_DAY], seen[_MONTH]))
            if less * 2 < more:
                return _DAY if seen[_DAY] == more else _MONTH
        return self._by_habit(languages)

    def _by_habit(self, languages: frozenset[str]) -> DateOrder | None:
        """Decide by what locales do (Unicode CLDR): only en-US and a few like it put the month first.

        They print `3/4/22`, never `03/04/22`, and their halves of the day are `AM` and `PM`. English words
        alone show nothing: phones in Buenos Aires speak English too.
        """
        if self.separator != "/" or (languages and "en" not in languages):
            return _DAY
        american = self.unpadded and not self.padded and self.year_digits == 2
        capitals = bool(self.halves & {"AM", "PM"})
        if american and capitals:
            return _MONTH
        british = self.padded and not capitals
        return _DAY if british and languages == {"en"} else None


@dataclass(frozen=True, slots=True)
class DateOrders:
    """The order of every date of a file."""

    by_shape: dict[str, tuple[tuple[int, ...], tuple[DateOrder | None, ...]]]
    """For each shape the records from which on an order holds, after the first one."""

    @property
    def undecided(self) -> bool:
        """Say whether a person must be asked."""
        return any(None in orders for _, orders in self.by_shape.values())

    def at(self, stamp: Stamp, record: int) -> DateOrder | None:
        """Return the order of a stamp: its only one, else what was certain last, or first in the file."""
        starts, orders = self.by_shape[stamp.day.shape]
        order = orders[bisect_right(starts, record)] if starts else orders[0]
        if order in stamp.day.days or len(stamp.day.days) != 1 or order == _YEAR:
            return order
        return next(iter(stamp.day.days))


@dataclass(slots=True)
class DateEvidence:
    """What all dates of a file say, by their shapes: phones change, and with them their settings."""

    shapes: dict[str, ShapeEvidence] = field(default_factory=dict)

    def add(self, stamp: Stamp, record: int) -> ShapeEvidence:
        """Take in the stamp of a record and return all that is known of its shape."""
        evidence = self.shapes.get(stamp.day.shape)
        if evidence is None:
            evidence = self.shapes[stamp.day.shape] = ShapeEvidence()
        evidence.add(stamp, record)
        return evidence

    def orders(self, given: str | None, languages: Iterable[str]) -> DateOrders:
        """Return the orders; `given` is what a person said, `languages` those of words that the app wrote.

        A person's word goes before habits; last, one shape follows the others of the file if they all agree.
        """
        said = DateOrder(given) if given else None
        spoken = frozenset(languages)
        others = {order for evidence in self.shapes.values() for _, order in evidence.switches}
        elsewhere = others.pop() if len(others) == 1 else None
        found: dict[str, tuple[tuple[int, ...], tuple[DateOrder | None, ...]]] = {}
        for shape, evidence in self.shapes.items():
            if evidence.year_leads:
                found[shape] = ((), (_YEAR,))
            elif switches := evidence.settled():
                starts, orders = zip(*switches, strict=True)
                found[shape] = (starts[1:], orders)
            else:
                found[shape] = ((), (said or evidence.decide(spoken) or elsewhere,))
        return DateOrders(found)
