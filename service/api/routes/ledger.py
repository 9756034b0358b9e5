"""GET /ledger: entries, proofs and signed checkpoints, for anybody who audits."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import PlainTextResponse, Response

from service.api.cursors import LARGE, Cursor, Limit, Words, cut, unpack_number
from service.api.deps import Auditor, House, Id
from service.api.schemas.ledger import EntryOut
from service.api.schemas.page import Page
from service.db.session import reading
from service.ledger import store

ROUTER = APIRouter(prefix="/ledger", tags=["ledger"])


@ROUTER.get("/entries")
def list_entries(
    house: House,
    _account: Auditor,
    subject: Words = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[EntryOut]:
    """Return entries in the order in which they were recorded; `subject`: only those about this thing."""
    after = unpack_number(cursor, LARGE)
    with reading(house.engine) as session:
        found = store.read_entries(
            session, after=-1 if after is None else after, limit=limit + 1, subject=subject
        )
    page, last = cut(found, limit)
    return Page(items=[EntryOut.of(one) for one in page], next_cursor=str(last.seq) if last else None)


@ROUTER.get("/entries/{seq}/proof", response_class=Response)
def read_proof(seq: Id, house: House, _account: Auditor) -> Response:
    """Return an entry with its inclusion proof; `python -m service.ledger.verify` checks it offline."""
    with reading(house.engine) as session:
        if not 0 <= seq < store.log_size(session):
            raise HTTPException(404, f"The ledger has no entry {seq}.")
        proof = store.prove_entry(session, seq)
    return Response(proof.text(), media_type="application/json")


@ROUTER.get("/consistency", response_class=Response)
def read_consistency(
    old: Annotated[int, Query(ge=0, lt=2**63, description="Size of a checkpoint that you kept.")],
    house: House,
    _account: Auditor,
) -> Response:
    """Return the proof that the newest checkpoint extends an older one."""
    with reading(house.engine) as session:
        return Response(store.prove_extension(session, old).text(), media_type="application/json")


@ROUTER.get("/checkpoint", response_class=PlainTextResponse)
def read_checkpoint(house: House, _account: Auditor) -> PlainTextResponse:
    """Return the newest signed checkpoint, a note in the C2SP tlog-checkpoint form."""
    with reading(house.engine) as session:
        note = store.newest_note(session)
    if note is None:
        raise HTTPException(404, "Nothing was signed yet.")
    return PlainTextResponse(note)


@ROUTER.get("/key", response_class=PlainTextResponse)
def read_key(house: House, _account: Auditor) -> PlainTextResponse:
    """Return the public key that verifies checkpoints, `name+hash+base64`."""
    return PlainTextResponse(str(house.key.verifier))
