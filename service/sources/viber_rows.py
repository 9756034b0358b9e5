"""Cut Viber's message history into its records. In: a csv. Out: Row. Never: loads the file, loses a line.

A row is date, time, sender, phone and text, between tabs, commas or semicolons. Older versions protect cells
from Excel (`="17/08/2014"`), some quote only the text, and some quote nothing: there commas and line breaks
belong to the text, and a row ends where the next one begins.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from service.sources.date_orders import DateEvidence
from service.sources.printed_times import Stamp, read_stamp
from service.sources.text_lines import ends_line, text_lines

MAX_ROW = 64 * 1024 * 1024
"""Bytes of one record beyond which it is reported and not kept."""
_LONGEST_QUOTED = 64 * 1024
"""A text in quotes is not longer (Viber allows 7,000 characters): its closing quote was lost."""
_LONGEST_START = 500
"""Characters of everything before the text."""
_PHONE = re.compile(r"\+?[\d(][\d\s()X-]{4,20}", re.IGNORECASE)
_PROTECTED = re.compile(r'=?"((?:[^"]|"")*)"')
_OPENING = re.compile(r'=?"')


def _cell(delimiter: str) -> str:
    return rf'\s?(=?"(?:[^"]|"")*"|[^{delimiter}"=][^{delimiter}]*|)\s?{delimiter}'


_STARTS = {
    delimiter: re.compile(rf"\ufeff?{_cell(delimiter) * 3}((?:{_cell(delimiter)}\s?)?)")
    for delimiter in "\t,;"
}
"""Three cells and, where the version has it, the phone number."""


@dataclass(slots=True)
class Row:
    """One record: the line that starts it, and the lines that continue it."""

    start: int
    """Byte offset in the file."""
    stamp: Stamp | None = None
    """None for lines before the first record, and for a row whose date cannot be read."""
    sender: str = ""
    phone: str = ""
    fourth: str = ""
    """The cell of the phone number with its delimiter, as printed; text where the version has no phones."""
    protected: bool = False
    lines: list[str] = field(default_factory=list)
    """The text, as printed."""
    original: bytearray = field(default_factory=bytearray)
    size: int = 0
    quotes: int = 0
    warnings: list[str] = field(default_factory=list)

    def add(self, raw: bytes, line: str | None, *, starts_line: bool) -> None:
        """Take in a line, or more of the last one; beyond MAX_ROW only its bytes are counted."""
        self.size += len(raw)
        if self.size > MAX_ROW:
            return
        self.original += raw
        if line is None:
            return
        self.quotes += line.count('"')
        if starts_line:
            self.lines.append(line)
        else:
            self.lines[-1] += line

    @property
    def is_quoted(self) -> bool:
        """Say whether the text begins with a quote."""
        return bool(self.lines) and _OPENING.match(self.lines[0]) is not None

    @property
    def is_open(self) -> bool:
        """Say whether the quotes around the text have not closed yet."""
        return self.is_quoted and self.quotes % 2 == 1


def unquoted(cell: str) -> str:
    """Return what a cell says without quotes and Excel's protection."""
    inner = _PROTECTED.fullmatch(cell)
    return inner.group(1).replace('""', '"') if inner else cell


def is_phone(words: str) -> bool:
    """Say whether a cell holds a phone number; Viber leaves it empty for people that it hides."""
    return _PHONE.fullmatch(words) is not None


def delimiter_of(line: str) -> str | None:
    """Return what stands between the cells of a line that starts a record; None for any other line."""
    return next((delimiter for delimiter in _STARTS if row_at(line, delimiter)), None)


def row_at(line: str, delimiter: str, start: int = 0) -> Row | None:
    """Return the record that a line begins, or None."""
    found = _STARTS[delimiter].match(line, 0, _LONGEST_START)
    if found is None:
        return None
    date, time, sender, phone = (unquoted(found[cell] or "").strip() for cell in (1, 2, 3, 5))
    stamp = read_stamp(f"{date}, {time}")
    protected = found[1].startswith("=")
    if stamp is None and not protected:
        return None
    text = line[found.end() :]
    return Row(start, stamp, sender, phone, found[4], protected, [text], quotes=text.count('"'))


@dataclass(frozen=True, slots=True)
class Layout:
    """What the cells of one file are."""

    delimiter: str
    has_phones: bool = True
    quotes: bool = False
    """Texts with delimiters and line breaks are in quotes; else a row ends where the next one begins."""


def read_rows(path: Path, layout: Layout) -> Iterator[Row]:
    """Yield the records of a file in order; lines before the first one become a row without a stamp."""
    row: Row | None = None
    offset, starts_line = 0, True
    with path.open("rb") as file:
        for raw, line, warning in text_lines(file):
            begun = row_at(line, layout.delimiter, offset) if starts_line else None
            if begun is not None and not (layout.quotes and _is_inside(row, begun)):
                if row is not None:
                    yield row
                row = begun
                row.add(raw, None, starts_line=True)
            else:
                row = row or Row(offset)
                row.add(raw, line, starts_line=starts_line)
            if warning and warning not in row.warnings:
                row.warnings.append(warning)
            starts_line = ends_line(raw)
            offset += len(raw)
    if row is not None:
        yield row


def _is_inside(row: Row | None, begun: Row) -> bool:
    """Say whether what looks like a row is a line of the quoted text before it; protected cells cannot be."""
    return row is not None and row.is_open and not begun.protected and row.size < _LONGEST_QUOTED


@dataclass(slots=True)
class Survey:
    """What one pass over the file showed."""

    layout: Layout
    dates: DateEvidence


def survey(path: Path, delimiter: str) -> Survey:
    """Read a file once for what single records cannot tell."""
    dates = DateEvidence()
    has_phones = is_bare = False
    for position, row in enumerate(read_rows(path, Layout(delimiter))):
        if row.stamp is None:
            continue
        dates.add(row.stamp, position)
        has_phones = has_phones or is_phone(row.phone)
        is_bare = is_bare or (not row.is_quoted and (len(row.lines) > 1 or delimiter in row.lines[0]))
    return Survey(Layout(delimiter, has_phones, quotes=not is_bare), dates)
