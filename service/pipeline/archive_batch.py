"""Archive one batch inside the caller's transaction: everything that must be true as soon as it is kept.

In: records of one place. Out: Kept. Never: commits, reads what can wait.
"""

from collections.abc import Sequence

from sqlmodel import Session

from service.archive import imports
from service.archive.identity import blob_sha256
from service.archive.keep import Keeper, Kept
from service.archive.organise import file_arrivals
from service.attachments import store as attachments
from service.ledger.append import append
from service.ledger.entry import Fact
from service.origin import store as origins
from service.pipeline.prepared import Prepared
from service.search.index import Document
from service.search.write import write
from service.sources.raw_message import Kind

ACTOR = "ingest"


def archive_batch(session: Session, keeper: Keeper, batch: Sequence[Prepared]) -> Kept:
    """Keep the originals, make them findable, record their hashes; open it in `recording`."""
    kept = keeper.keep(session, [one.raw for one in batch])
    file_arrivals(session, [new.id for new in kept.new])
    arrivals = [(new.id, new.raw) for new in kept.new]
    origins.expect(session, arrivals)
    attachments.expect(session, arrivals)
    attachments.expect_late(session, kept.filled)
    # Kept records are the very ones that were given. A placeholder is found only by words that come later.
    keys = {id(one.raw): one.keys for one in batch}
    worded = [new for new in (*kept.new, *kept.revealed) if new.raw.kind is not Kind.DELETED]
    write(session, [Document(new.id, keys[id(new.raw)]) for new in worded])
    imports.note_file(session, keeper.file_id, len(batch), len(kept.new))
    append(session, _facts(keeper, kept))
    return kept


def _facts(keeper: Keeper, kept: Kept) -> list[Fact]:
    """Record the hash of each original, so that none can be swapped later, and what was taken back."""
    originals = [*(new.blob_sha256 for new in (*kept.new, *kept.revealed)), *kept.versions]
    facts = [
        Fact(
            "message.deleted",
            f"message:{one.message_id}",
            {"at": one.at.isoformat() if one.at else None, "record": one.blob_sha256},
            ACTOR,
        )
        for one in kept.deleted
    ]
    if originals:
        body = {"file": keeper.file_id, "originals": originals}
        subject = f"batch:{blob_sha256(''.join(originals).encode())[:32]}"
        facts.insert(0, Fact("messages.archived", subject, body, ACTOR))
    return facts
