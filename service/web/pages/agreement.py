"""`/agreements/{key}`: one matter, its history in the exact words, and its proof."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from service.agreements import store as agreements
from service.agreements.agreement import Evidence, Status
from service.agreements.recap import Recap
from service.agreements.store import Registered
from service.archive import store as archive
from service.archive.store import Stored
from service.db.session import Session, reading
from service.errors import LedgerError
from service.ledger.store import prove_entry, read_entries, read_entry
from service.origin.store import origin_of
from service.web.recaps import recap_of
from service.web.visit import Id, Visit, Visited, not_found

ROUTER = APIRouter()
UNSETTLED = frozenset({Status.OPEN, Status.VERBAL_ONLY, Status.CONDITIONAL})
MOST = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of the history: the words, and the message that holds them."""

    evidence: Evidence
    stored: Stored


@ROUTER.get("/agreements/{key}")
def agreement(visit: Visited, key: str) -> Response:
    """Show where a matter stands, and every word that made it so."""
    with reading(visit.house.engine) as session:
        one = _known(session, visit, key)
        beside = agreements.Filter(conversation_id=one.conversation_id)
        others = agreements.agreements(session, visit.account.scope, beside, limit=MOST)
        against = one.agreement.contradiction
        clash = _steps(session, visit, (against.first, against.second)) if against else []
        steps = _steps(session, visit, one.agreement.evidence)
        return visit.page(
            "agreement.html",
            one=one,
            matter=one.agreement,
            steps=steps,
            clash=clash,
            origins=origin_of(session, [step.stored.id for step in (*steps, *clash)]),
            later=next((o for o in others if o.agreement.key == one.agreement.superseded_by), None),
            earlier=[o for o in others if o.agreement.superseded_by == key],
            recap=_draft(session, visit, one),
            entries=read_entries(session, subject=f"agreement:{key}", limit=MOST),
        )


@ROUTER.get("/agreements/{key}/proof/{seq}")
def proof(visit: Visited, key: str, seq: Id) -> Response:
    """Send the proof of one entry; `python -m service.ledger.verify` checks it offline."""
    with reading(visit.house.engine) as session:
        _known(session, visit, key)
        entry = read_entry(session, seq)
        if entry is None or entry.subject != f"agreement:{key}":
            raise not_found()
        try:
            text = prove_entry(session, seq).text()
        except LedgerError as error:
            # The entry is newer than the last signed checkpoint.
            raise not_found() from error
    name = f'attachment; filename="entry-{seq}.proof.json"'
    return Response(text, media_type="application/json", headers={"Content-Disposition": name})


def _known(session: Session, visit: Visit, key: str) -> Registered:
    found = agreements.agreement(session, visit.account.scope, key)
    if found is None:
        raise not_found()
    return found


def _steps(session: Session, visit: Visit, evidence: Sequence[Evidence]) -> list[Step]:
    ids = [int(one.message) for one in evidence]
    stored = {one.id: one for one in archive.messages(session, visit.account.scope, ids)}
    steps = [Step(one, stored[int(one.message)]) for one in evidence if int(one.message) in stored]
    return sorted(steps, key=lambda step: (step.stored.sent_at, step.stored.id, step.evidence.start))


def _draft(session: Session, visit: Visit, one: Registered) -> Recap | None:
    if one.agreement.status not in UNSETTLED:
        return None
    return recap_of(session, visit, one.conversation_id, one.agreement)
