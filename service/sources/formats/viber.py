"""Viber's "Email message history": one csv for each chat, in a zip. In: a csv. Out: one record per message.

Never: guesses the order of day and month, drops a line, takes another app's table for a chat.

Times are local and without a zone; there are no ids, replies, reactions or files, only words that stand for
them. The author is the phone number where the export has it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.sources.date_orders import UNDECIDED, DateOrders
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    Record,
    Unreadable,
)
from service.sources.source import SAMPLE_BYTES, Export, Sample
from service.sources.text_lines import wide_charset
from service.sources.viber_rows import (
    MAX_ROW,
    Layout,
    Row,
    delimiter_of,
    is_phone,
    read_rows,
    row_at,
    survey,
    unquoted,
)

_LEFT_OUT = {
    "photo message": (Kind.IMAGE, "image/jpeg"),
    "message photo": (Kind.IMAGE, "image/jpeg"),
    "autocollant": (Kind.FILE, "image/webp"),
}
"""What stands for media, in the words of the phone's language: those that were seen in real exports."""
_MISSING = "Viber exports no media"
_CUT = "the quotes around its text do not close"
_NO_DIGIT = re.compile(r"\D+")


class Viber:
    """All versions of the export; the zip around it is opened elsewhere."""

    name = "viber"
    label = "Viber (csv)"
    channel = "viber"

    def score(self, sample: Sample) -> float:
        """Look for rows that start with date and time, and for the protection of cells or phone numbers."""
        lines = _head(sample)
        delimiter = next(filter(None, map(delimiter_of, lines[:2])), None)
        if delimiter is None:
            return 0.0
        rows = [row for line in lines if (row := row_at(line, delimiter))]
        if all(row.protected for row in rows):
            return 0.95
        if any(is_phone(row.phone) for row in rows):
            return 0.8
        return 0.7 if "viber" in sample.path.name.casefold() else 0.0

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every record in file order; one Unreadable where day and month cannot be told apart."""
        seen = survey(export.path, _delimiter(export))
        orders = seen.dates.orders(export.date_order, ())
        if orders.undecided:
            yield Unreadable(export.place, UNDECIDED)
            return
        title = export.path.stem
        chat = _Chat(seen.layout, orders, RawConversation(title, title))
        for position, row in enumerate(read_rows(export.path, seen.layout)):
            if row.stamp is None and position == 0 and _is_heading(row, seen.layout.delimiter):
                continue
            why = _unreadable(row)
            where = f"{export.place}, byte {row.start}"
            original = bytes(row.original)
            yield Unreadable(where, why, original) if why else chat.message(row, position)


SOURCE = Viber()


def _head(sample: Sample) -> list[str]:
    if sample.is_folder:
        return []
    text = sample.head.decode(wide_charset(sample.head) or "utf-8", "replace")
    return [line for line in text.splitlines()[:100] if line.strip()]


def _delimiter(export: Export) -> str:
    """Return what stands between the cells of the first row."""
    with export.path.open("rb") as file:
        sample = Sample(export.path, file.read(SAMPLE_BYTES))
    return next(filter(None, map(delimiter_of, _head(sample))), ",")


def _is_heading(row: Row, delimiter: str) -> bool:
    """Say whether lines before the first record only name the columns."""
    line = row.lines[0] if len(row.lines) == 1 else ""
    return line.count(delimiter) >= 3 and not any(letter.isdigit() for letter in line)


def _unreadable(row: Row) -> str | None:
    if row.size > MAX_ROW:
        return f"one record of {row.size} bytes"
    if row.stamp is not None:
        return None
    return "its date cannot be read" if row.sender else "lines before the first record: they have no date"


@dataclass(frozen=True, slots=True)
class _Chat:
    """One export while it is being read."""

    layout: Layout
    orders: DateOrders
    conversation: RawConversation

    def message(self, row: Row, position: int) -> RawMessage:
        text, warning = self._text(row)
        kind, media_type = _LEFT_OUT.get(text.strip().casefold(), (Kind.TEXT, ""))
        left_out = (RawAttachment("", media_type, missing=_MISSING),) if media_type else ()
        stamp = row.stamp
        order = self.orders.at(stamp, position) if stamp else None
        sent_at = stamp.at(order) if stamp and order else None
        doubts = [
            warning,
            stamp.clock.warning if stamp else None,
            None if sent_at else "the date does not exist",
        ]
        return RawMessage(
            format=Viber.name,
            channel=Viber.channel,
            kind=kind,
            original=bytes(row.original),
            position=position,
            external_id="",
            author=_address(row.sender, row.phone if self.layout.has_phones else ""),
            sent_at=sent_at,
            text="" if left_out else text,
            conversation=self.conversation,
            attachments=left_out,
            detail=text if left_out else "",
            warnings=(*row.warnings, *filter(None, doubts)),
        )

    def _text(self, row: Row) -> tuple[str, str | None]:
        printed = "\n".join(row.lines).rstrip("\r\n")
        if not self.layout.has_phones:
            printed = row.fourth.lstrip() + printed
        if self.layout.quotes and row.is_quoted:
            text = printed.removeprefix("=").removeprefix('"').replace('""', '"')
            return (text, _CUT) if row.is_open else (text.removesuffix('"'), None)
        return unquoted(printed), None


def _address(sender: str, phone: str) -> RawAddress | None:
    digits = _NO_DIGIT.sub("", phone)
    if digits:
        return RawAddress(
            AddressKind.PHONE, f"+{digits}" if phone.startswith("+") else digits, sender or phone
        )
    return RawAddress(AddressKind.VIBER, sender, sender) if sender else None
