"""Rows of a table, with the exact bytes of each. In: a CSV file. Out: Row. Never: loads the file.

Any delimiter; UTF-8, UTF-16, windows-1251 and its like; line breaks inside quotes; what Excel adds (`sep=;`,
`="0123"`). A quote that never closes costs the end of its own row, not the rest of the file.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from service.sources.charsets import decode
from service.sources.json_values import storable

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CHARSETS = (
    *("utf-8", "utf-16-le", "utf-16-be", "windows-1251", "windows-1250", "windows-1252"),
    *("koi8-r", "iso-8859-2", "cp866", "cp852"),
)
_LONGEST_LINE = 1_000_000
_LONGEST_ROW = 4_000_000
"""Characters; a message of a messenger has a few thousand, one cell may have 131,072 (Python's csv)."""
_PROTECTED = re.compile(r'="(.*)"', re.DOTALL)
"""How programs keep Excel from taking `0123` for a number."""
_ESCAPED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row, or lines that are none: then `error` says why."""

    line: int
    """Number of its first line in the file, from 1."""
    cells: tuple[str, ...]
    original: bytes | None
    """The exact bytes; None where they are too many."""
    warnings: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """How the text of a file is written."""

    charset: str
    bom: int
    """Bytes before the text."""


def writing_of(head: bytes) -> Writing:
    """Return how a file with this head is written."""
    for bom, charset in _BOMS:
        if head.startswith(bom):
            return Writing(charset, len(bom))
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    text, _ = decode(whole_lines)
    right = (one for one in _CHARSETS if whole_lines.decode(one, "replace") == text)
    return Writing(next(right, "utf-8"), 0)


def head_text(head: bytes) -> str:
    """Return the head of a file as text, without a mark before it."""
    writing = writing_of(head)
    return head[writing.bom :].decode(writing.charset, "replace")


def read_rows(path: Path, writing: Writing, delimiter: str) -> Iterator[Row]:
    """Yield every row that is not blank, the header too, in file order."""
    with path.open("rb") as binary:
        binary.seek(writing.bom)
        errors = "surrogatepass" if writing.charset.startswith("utf-16") else "surrogateescape"
        file = TextIOWrapper(binary, writing.charset, errors, newline="")
        try:
            yield from _Rows(file, delimiter).read()
        finally:
            file.detach()


class _Rows:
    """Parts lines into rows; `taken` are those of the row being read, `waiting` are to be read again."""

    def __init__(self, file: TextIOWrapper, delimiter: str) -> None:
        self.file = file
        self.delimiter = delimiter
        self.taken: list[str] = []
        self.waiting: deque[str] = deque()
        self.line = 1

    def read(self) -> Iterator[Row]:
        reader = self._reader()
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                # What is behind the first line may be rows of its own: it is read again.
                self.waiting.extendleft(reversed(self.taken[1:]))
                del self.taken[1:]
                yield self._line_alone(str(error))
                reader = self._reader()
            except UnicodeError as error:
                yield self._unread(f"text that is not {self.file.encoding} ({error}); the rest was not read")
                return
            else:
                if any(cell.strip() for cell in cells):
                    yield self._row(cells)
            self.line += len(self.taken)
            self.taken.clear()

    def _line_alone(self, error: str) -> Row:
        """Read the line in which a row begins that is none: most often a quote is missing."""
        try:
            cells = next(csv.reader([self.taken[0].rstrip("\r\n")], delimiter=self.delimiter))
        except (csv.Error, StopIteration):
            return self._unread(f"a row that is none ({error}); the others were read")
        return self._row(cells, "a quote that does not close, or closes too early")

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines(), delimiter=self.delimiter, strict=True)

    def _lines(self) -> Iterator[str]:
        size = 0
        while line := self.waiting.popleft() if self.waiting else self.file.readline(_LONGEST_LINE):
            size = size + len(line) if self.taken else len(line)
            self.taken.append(line)
            if size > _LONGEST_ROW:
                raise csv.Error(f"longer than {_LONGEST_ROW:,} characters")
            yield line

    def _row(self, cells: list[str], *noticed: str) -> Row:
        warnings = dict.fromkeys(noticed)
        read = tuple(self._cell(cell, warnings) for cell in cells)
        return Row(self.line, read, self._original(), tuple(warnings))

    def _cell(self, cell: str, warnings: dict[str, None]) -> str:
        if _ESCAPED.search(cell):
            # Half a character of UTF-16 is no byte: it is replaced below.
            with suppress(UnicodeError):
                cell, _ = decode(cell.encode(self.file.encoding, "surrogateescape"))
            warnings[f"bytes that are not {self.file.encoding}"] = None
        protected = _PROTECTED.fullmatch(cell)
        return storable(protected[1] if protected else cell).replace("\r\n", "\n")

    def _unread(self, why: str) -> Row:
        return Row(self.line, (), self._original(), error=why)

    def _original(self) -> bytes:
        errors = self.file.errors or "strict"
        return "".join(self.taken).encode(self.file.encoding, errors)
