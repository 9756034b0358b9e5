"""The generic import as a table: CSV of any program, with headers in English, Russian or Polish.

In: a CSV file. Out: one record per row. Never: drops a row for lack of a time or an author, guesses which
number of a date is the day. GENERIC.md is the contract.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from service.sources.date_orders import UNDECIDED, DateEvidence, DateOrders
from service.sources.generic_fields import field_named
from service.sources.generic_message import Found, Source, generic_message, time_value
from service.sources.generic_times import exact_time, printed_time
from service.sources.raw_message import RawMessage, Record, Unreadable
from service.sources.source import SAMPLE_BYTES, Export, Sample
from service.sources.table_rows import Row, Writing, head_text, read_rows, writing_of

_DELIMITERS = ",;\t|"
_LISTS = frozenset({"attachments", "reactions", "to"})
_WHEN = frozenset({"time", "date"})
_WHO = frozenset({"author", "author_id"})
_FIRST_ROWS = 3
"""The header is among them: before it, Excel's `sep=;` or a title."""


class GenericCsv:
    """A last resort: every other format that knows a file is surer."""

    name = "generic_csv"
    label = "Any messenger (generic CSV)"
    channel = "other"

    def score(self, sample: Sample) -> float:
        """Look for a header with who, when and what; a table of less is read where a person says so."""
        if b"\0" in sample.head[2:] and not sample.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return 0.0
        table = _table(sample.head)
        fields = frozenset(table.fields) if table else frozenset()
        whole = "text" in fields and fields & _WHEN and fields & _WHO
        return 0.45 if whole else 0.0

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every row in file order; one Unreadable where day and month cannot be told apart."""
        with export.path.open("rb") as file:
            table = _table(file.read(SAMPLE_BYTES))
        if table is None:
            yield Unreadable(export.place, _NO_HEADER)
            return
        orders = _survey(export, table).orders(export.date_order, ())
        if orders.undecided:
            yield Unreadable(export.place, UNDECIDED)
            return
        source = Source(self.name, export.root, export.path.stem)
        for position, row in enumerate(_rows(export, table)):
            if row.error is not None:
                yield Unreadable(f"{export.place}, line {row.line}", row.error, row.original)
            else:
                yield _message(row, position, table, orders, source)


SOURCE = GenericCsv()

_NO_HEADER = (
    "the first row names no column that is known; name at least the columns `time`, `author` and `text` "
    "(GENERIC.md lists all names)"
)


@dataclass(frozen=True, slots=True)
class _Table:
    """How a file is written and what its columns are."""

    writing: Writing
    delimiter: str
    fields: tuple[str | None, ...]
    header: int
    """How many rows come before the first message."""


def _table(head: bytes) -> _Table | None:
    """Find the header: the row and the delimiter that give the most columns with known names."""
    lines = [line for line in head_text(head).splitlines()[: _FIRST_ROWS * 2] if line.strip()]
    best: _Table | None = None
    most = 0
    for number, line in enumerate(lines[:_FIRST_ROWS]):
        for delimiter in _DELIMITERS:
            names = tuple(field_named(cell.strip().strip('"')) for cell in line.split(delimiter))
            known = len(set(names) - {None})
            if known > most and "text" in names:
                most, best = known, _Table(writing_of(head), delimiter, _once(names), number + 1)
    return best


def _once(names: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Keep the first of several columns for the same field."""
    return tuple(name if name not in names[:place] else None for place, name in enumerate(names))


def _rows(export: Export, table: _Table) -> Iterator[Row]:
    yield from islice(read_rows(export.path, table.writing, table.delimiter), table.header, None)


def _survey(export: Export, table: _Table) -> DateEvidence:
    evidence = DateEvidence()
    for position, row in enumerate(_rows(export, table)):
        value = time_value(_fields(row, table)) if row.error is None else None
        if value and exact_time(value) is None and (stamp := printed_time(value)):
            evidence.add(stamp, position)
    return evidence


def _message(row: Row, position: int, table: _Table, orders: DateOrders, source: Source) -> RawMessage:
    fields = _fields(row, table)
    found = Found(row.original or b"", position, (*row.warnings, *_too_many(row, table)))
    return generic_message(fields, found, source, _time(fields, position, orders))


def _time(fields: dict[str, object], position: int, orders: DateOrders) -> datetime | None:
    value = time_value(fields)
    if exact_time(value) is not None or (stamp := printed_time(value)) is None:
        return None
    order = orders.at(stamp, position)
    return stamp.at(order) if order else None


def _fields(row: Row, table: _Table) -> dict[str, object]:
    """Return the cells by their fields; empty ones say nothing."""
    cells = list(row.cells)
    if len(cells) > len(table.fields) and table.fields[-1] == "text":
        # A program that does not quote: the last column, the text, has the delimiter in it.
        cells[len(table.fields) - 1 :] = [table.delimiter.join(cells[len(table.fields) - 1 :])]
    pairs = zip(table.fields, cells, strict=False)
    return {field: _cell(field, cell) for field, cell in pairs if field is not None and cell.strip()}


def _cell(field: str, cell: str) -> object:
    return cell.replace("\n", "|").split("|") if field in _LISTS else cell


def _too_many(row: Row, table: _Table) -> Iterator[str]:
    if len(row.cells) > len(table.fields) and any(cell.strip() for cell in row.cells[len(table.fields) :]):
        yield f"{len(row.cells)} cells under {len(table.fields)} headers"
