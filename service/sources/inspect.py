"""Count what is in files without storing anything. In: a path. Out: one Report per file. Never: writes.

The counts are those of the export: what a person or a bot wrote is a message, media that were left out and
messages that were taken back included; everything else is service, calls among it.

Here alone a date order that nothing shows is assumed, and said to be: counts do not depend on it, and nothing
is kept.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.errors import ConfigError, SourceError
from service.sources.date_orders import UNDECIDED
from service.sources.open import Opened, OpenedExport, open_exports
from service.sources.printed_times import DateOrder
from service.sources.raw_message import SERVICE_KINDS, Kind, RawAddress, RawAttachment, RawMessage, Unreadable

_MOST_WARNINGS = 20
_MOST_ZONES = 3
_DATE_ORDERS = (DateOrder.DAY_FIRST.value, DateOrder.MONTH_FIRST.value)
_ASSUMED = f"{UNDECIDED}; here the day is taken to come first"


@dataclass(slots=True)
class Report:
    """What one file holds, in the words of the command line."""

    path: str
    format: str | None = None
    records: int = 0
    messages: int = 0
    service: int = 0
    calls: int = 0
    voice: int = 0
    """Voice messages; round videos are messages, but one can at least see them."""
    edited: int = 0
    deleted: int = 0
    replies: int = 0
    attachments: int = 0
    unreadable: int = 0
    authors: list[str] = field(default_factory=list)
    """Everybody who wrote, by name or else address, in order of appearance."""
    first_at: str | None = None
    last_at: str | None = None
    zone: str | None = None
    """The offsets of the times, the most frequent first; None where the export has none."""
    warnings: list[str] = field(default_factory=list)


def inspect(path: Path, format_name: str | None = None, date_order: str | None = None) -> Iterator[Report]:
    """Yield a report for every file at `path`, also for those that cannot be read.

    Raises UnknownFormat or ConfigError for a format or a `date_order` that does not exist.
    """
    for opened in _open(path, format_name, date_order):
        if isinstance(opened, OpenedExport):
            yield _report(opened)
        elif isinstance(opened, Unreadable):
            yield Report(opened.where, unreadable=1, warnings=[opened.why])
        else:
            yield Report(opened.place, warnings=[opened.why])


def records(
    path: Path, format_name: str | None = None, date_order: str | None = None
) -> Iterator[RawMessage | Unreadable]:
    """Yield every record of every file at `path`; files that no format recognises are left out.

    Raises as `inspect` does.
    """
    for opened in _open(path, format_name, date_order):
        if isinstance(opened, Unreadable):
            yield opened
        elif isinstance(opened, OpenedExport):
            yield from _read(opened)


def record_line(record: RawMessage) -> dict[str, Any]:
    """Return a record as one line of JSON for comparing by eye or by program."""
    return {
        "id": record.external_id or str(record.position),
        "kind": record.kind.value,
        "author": _name(record.author),
        "sent_at": record.sent_at.isoformat() if record.sent_at else None,
        "text": record.text,
        "subject": record.subject,
        "from": record.author.value if record.author else None,
        "to": [address.value for address in record.to],
        "message_id": record.external_id or None,
        "reply_to": record.reply_to,
        "attachments": [_attachment_line(attachment) for attachment in record.attachments],
    }


def _attachment_line(attachment: RawAttachment) -> dict[str, Any]:
    content = attachment.load() if attachment.load else None
    return {
        "name": attachment.name,
        "media_type": attachment.media_type,
        "size": attachment.size if content is None else len(content),
        "sha256": None if content is None else hashlib.sha256(content).hexdigest(),
    }


def _open(path: Path, format_name: str | None, date_order: str | None) -> Iterator[Opened]:
    if date_order and date_order not in _DATE_ORDERS:
        raise ConfigError(f"The date order is {' or '.join(_DATE_ORDERS)}, not {date_order!r}.")
    for opened in open_exports(path, format_name=format_name):
        if isinstance(opened, OpenedExport):
            yield replace(opened, export=replace(opened.export, date_order=date_order))
        else:
            yield opened


def _read(opened: OpenedExport) -> Iterator[RawMessage | Unreadable]:
    """Read to the end, or to where nothing more can be read: that too is a record of what went wrong."""
    try:
        for record in opened.source.read(opened.export):
            if isinstance(record, Unreadable) and record.why == UNDECIDED:
                yield from _read_assuming(opened)
            else:
                yield record
    except (SourceError, OSError) as error:
        yield Unreadable(opened.export.place, str(error))


def _read_assuming(opened: OpenedExport) -> Iterator[RawMessage | Unreadable]:
    """Read with the day first, as all the world but one country writes it; the first record says so."""
    assumed = _ASSUMED
    for record in opened.source.read(replace(opened.export, date_order=DateOrder.DAY_FIRST)):
        if assumed and isinstance(record, RawMessage):
            yield replace(record, warnings=(*record.warnings, assumed))
            assumed = ""
        else:
            yield record


def _report(opened: OpenedExport) -> Report:
    report = Report(opened.export.place, opened.source.name)
    count = _Count(report)
    for record in _read(opened):
        if isinstance(record, Unreadable):
            report.unreadable += 1
            count.warnings[record.why] += 1
        else:
            count.add(record)
    if not report.records and not report.unreadable:
        count.warnings["holds no record; if it should, export it again"] += 1
    count.finish()
    return report


class _Count:
    """Adds records to a report; keeps only what its few lists need."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.warnings: Counter[str] = Counter()
        self.authors: dict[str, str] = {}
        self.zones: Counter[str] = Counter()
        self.span: tuple[datetime, datetime] | None = None

    def add(self, record: RawMessage) -> None:
        report = self.report
        written = record.kind not in SERVICE_KINDS
        report.records += 1
        report.messages += written
        report.service += not written
        report.calls += record.kind == Kind.CALL
        report.voice += record.kind == Kind.VOICE and not _is_video(record)
        report.edited += record.edited
        report.deleted += record.kind == Kind.DELETED
        report.replies += record.reply_to is not None
        report.attachments += len(record.attachments)
        self.warnings.update(record.warnings)
        if written and record.author is not None:
            self.authors.setdefault(record.author.value, _name(record.author) or "")
        if record.sent_at is not None:
            self._add_time(record.sent_at)

    def _add_time(self, at: datetime) -> None:
        first, last = self.span or (at, at)
        self.span = (min(first, at, key=_instant), max(last, at, key=_instant))
        if at.tzinfo is not None:
            self.zones[f"{at:%z}"[:3] + ":" + f"{at:%z}"[3:5]] += 1

    def finish(self) -> None:
        report = self.report
        if self.span is not None:
            report.first_at, report.last_at = (at.isoformat() for at in self.span)
        zones = [zone for zone, _ in self.zones.most_common()]
        report.zone = ", ".join(zones[:_MOST_ZONES]) + (", …" if len(zones) > _MOST_ZONES else "") or None
        report.authors = list(dict.fromkeys(self.authors.values()))
        report.warnings = [
            warning if times == 1 else f"{times} × {warning}"
            for warning, times in self.warnings.most_common(_MOST_WARNINGS)
        ]


def _instant(at: datetime) -> datetime:
    """Return what a time is compared by: one without an offset stands among the others as if in UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _is_video(record: RawMessage) -> bool:
    return any(attachment.media_type.startswith("video/") for attachment in record.attachments)


def _name(author: RawAddress | None) -> str | None:
    return (author.name or author.value) if author else None
