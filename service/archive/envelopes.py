"""What an envelope tells of a message and its header does not: who else got it, and the report that says so.

In: messages that are kept. Never: takes back a recipient.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import update
from sqlmodel import Session, col, select

from service.archive.blobs import Blobs
from service.archive.people import People, key_of
from service.archive.tables import RecipientRow, SightingRow
from service.db.bulk import chunks, insert_rows
from service.sources.raw_message import RawMessage


def add_recipients(session: Session, people: People, found: Iterable[tuple[int, RawMessage]]) -> None:
    """Add the recipients that a copy of a message names and the kept one lacks: a Bcc, for one."""
    named = [
        (message_id, field, address)
        for message_id, raw in found
        for field, some in (("to", raw.to), ("cc", raw.cc), ("bcc", raw.bcc))
        for address in some
    ]
    addresses = people.resolve(session, [address for _, _, address in named])
    known = _known(session, sorted({message_id for message_id, _, _ in named}))
    rows: dict[tuple[int, int], str] = {}
    for message_id, field, address in named:
        key = (message_id, addresses[key_of(address)])
        if key not in known:
            rows.setdefault(key, field)
    insert_rows(
        session,
        RecipientRow,
        [
            {"message_id": message_id, "address_id": address_id, "field": field}
            for (message_id, address_id), field in rows.items()
        ],
    )


def keep_reports(
    session: Session, blobs: Blobs, file_id: int, reports: Sequence[tuple[int, int, bytes]]
) -> None:
    """Keep the mail that carried a message, by message id and position, as the bytes of that sighting."""
    names = blobs.keep(session, [data for _, _, data in reports])
    for (message_id, position, _), name in zip(reports, names, strict=True):
        which = (
            (col(SightingRow.message_id) == message_id)
            & (col(SightingRow.file_id) == file_id)
            & (col(SightingRow.position) == position)
        )
        session.connection().execute(update(SightingRow).where(which).values(blob_sha256=name))


def _known(session: Session, message_ids: Sequence[int]) -> set[tuple[int, int]]:
    known: set[tuple[int, int]] = set()
    for chunk in chunks(message_ids):
        query = select(RecipientRow.message_id, RecipientRow.address_id)
        known.update(session.exec(query.where(col(RecipientRow.message_id).in_(chunk))).all())
    return known
