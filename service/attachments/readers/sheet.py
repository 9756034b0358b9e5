"""Tables of Excel and LibreOffice. Out: names of sheets and the values of cells, a row to a line."""

from collections.abc import Iterator
from io import BytesIO

from service.attachments.looks import is_ole
from service.attachments.reader import Given, Words
from service.attachments.zipped import is_zip, open_document

_BOOKS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
"""How old versions name the stream with the table."""
_ROWS_AT_ONCE = 500


class SheetReader:
    """Reads `.xlsx`, `.xlsm`, `.xlsb`, `.xls` and `.ods`."""

    name = "sheet-1"
    media_types = frozenset(
        {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.ms-excel",
            "application/vnd.ms-excel.sheet.macroenabled.12",
            "application/vnd.ms-excel.sheet.binary.macroenabled.12",
            "application/vnd.oasis.opendocument.spreadsheet",
        }
    )
    endings = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})

    def fits(self, content: bytes) -> bool:
        """Say whether there is a table in it."""
        if is_zip(content):
            return b"xl/workbook" in content or b"opendocument.spreadsheet" in content[:200]
        return is_ole(content) and any(name in content for name in _BOOKS)

    def read(self, given: Given) -> Iterator[Words]:
        """Yield some rows at a time."""
        from python_calamine import CalamineWorkbook, PasswordError

        if is_zip(given.content):
            open_document(given.content).close()
        try:
            book = CalamineWorkbook.from_filelike(BytesIO(given.content))
        except PasswordError:
            yield Words("", lacking="is protected by a password: ask its sender for one that is not")
            return
        for name in book.sheet_names:
            yield Words(f"{name}\n")
            lines: list[str] = []
            for row in book.get_sheet_by_name(name).iter_rows():
                lines.append("\t".join(filter(None, map(_shown, row))))
                if len(lines) >= _ROWS_AT_ONCE:
                    yield Words(_joined(lines))
                    lines.clear()
            yield Words(_joined(lines))


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines if line)


def _shown(value: object) -> str:
    """Write a value as people see it; a whole number is kept as a fraction there."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


READER = SheetReader()
