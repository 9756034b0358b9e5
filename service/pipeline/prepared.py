"""What of a record can be made before its transaction begins. In: Records. Out: batches of Prepared.

Never: touches the database. So it can be done in another process.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service.errors import SourceError
from service.search.keys import Keys, keys_of
from service.sources.raw_message import RawMessage, Record, Unreadable
from service.sources.recognise import source_named
from service.sources.source import Export, Source
from service.sources.whole_file import bytes_at

BATCH_RECORDS = 500
"""Larger batches are no faster, and each record of one is in memory until it is committed."""
BATCH_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record with what it will be found by."""

    raw: RawMessage
    keys: Keys


def prepare(raw: RawMessage) -> Prepared:
    """Find the keys of a record."""
    return Prepared(raw, keys_of(raw))


def read_export(name: str, export: Export) -> Iterator[list[Prepared] | Unreadable]:
    """Read an export by the name of its format: what another process is told to do."""
    return batches(records(source_named(name), export))


def batches(found: Iterable[Record]) -> Iterator[list[Prepared] | Unreadable]:
    """Cut records by count and by bytes; what cannot be read comes at once."""
    batch: list[Prepared] = []
    size = 0
    for record in found:
        if isinstance(record, Unreadable):
            yield record
            continue
        batch.append(prepare(record))
        size += len(record.original)
        if len(batch) >= BATCH_RECORDS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def records(source: Source, export: Export) -> Iterator[Record]:
    """Read to the end, or to where nothing more can be read: that too is a record of what went wrong."""
    try:
        yield from source.read(export)
    except SourceError as error:
        yield Unreadable(export.place, str(error), bytes_at(export.path))
    except OSError as error:
        why = f"stopped being readable: {error.strerror or error}; check the disk and import it again"
        yield Unreadable(export.place, why, bytes_at(export.path))
