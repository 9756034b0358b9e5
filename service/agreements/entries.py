"""How changes of agreements and talks read in the ledger. In: Step. Out: Fact. Never: writes.

The body holds everything needed to check the claim against the originals: each quote, its place in the
message's text, and the SHA-256 of the bytes that the message was read from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.agreements.agreement import Agreement, Contradiction, Evidence, VerbalEvent
from service.ledger.entry import Fact

ACTOR = "agreements"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one agreement or talk."""

    verb: str
    """created, changed, status_changed, confirmed, reopened, withdrawn or restored."""
    conversation: int
    thing: Agreement | VerbalEvent
    was: str | None = None
    """The status or state before, where that changed."""

    @property
    def subject(self) -> str:
        """The ledger's name for the thing."""
        if isinstance(self.thing, Agreement):
            return f"agreement:{self.thing.key}"
        return f"verbal:{self.thing.message}"


def messages_of(steps: Iterable[Step]) -> set[int]:
    """Return the ids of all messages that the steps speak of."""
    return {int(message) for step in steps for message in _messages(step.thing)}


def fact(step: Step, hashes: Mapping[int, str], extractor_version: str) -> Fact:
    """Return the entry to append; `hashes` gives each message's original."""
    thing = step.thing
    body = _agreement(thing, hashes) if isinstance(thing, Agreement) else _event(thing, hashes)
    body |= {"conversation": str(step.conversation), "extractor": extractor_version}
    if step.was is not None:
        body["was"] = step.was
    kind = "agreement" if isinstance(thing, Agreement) else "verbal"
    return Fact(f"{kind}.{step.verb}", step.subject, body, ACTOR)


def _messages(thing: Agreement | VerbalEvent) -> list[str]:
    if isinstance(thing, Agreement):
        return [one.message for one in thing.evidence]
    return [one for one in (thing.message, thing.confirmed_by) if one]


def _agreement(one: Agreement, hashes: Mapping[int, str]) -> dict[str, Any]:
    return {
        "title": one.title,
        "status": one.status.value,
        "proposed_by": one.proposed_by,
        "answered_by": one.answered_by,
        "due": one.due.isoformat() if one.due else None,
        "confidence": round(one.confidence, 4),
        "superseded_by": one.superseded_by,
        "contradiction": _contradiction(one.contradiction),
        "evidence": [_evidence(kept, hashes) for kept in one.evidence],
    }


def _evidence(one: Evidence, hashes: Mapping[int, str]) -> dict[str, Any]:
    return {
        "role": one.role.value,
        "message": one.message,
        "blob_sha256": hashes[int(one.message)],
        "start": one.start,
        "end": one.end,
        "quote": one.quote,
    }


def _contradiction(found: Contradiction | None) -> list[str] | None:
    return [found.first.quote, found.second.quote] if found else None


def _event(event: VerbalEvent, hashes: Mapping[int, str]) -> dict[str, Any]:
    return {
        "kind": event.kind.value,
        "about": event.about,
        "state": event.state.value,
        "message": event.message,
        "blob_sha256": hashes[int(event.message)],
        "confirmed_by": event.confirmed_by,
        "confirmed_by_sha256": hashes[int(event.confirmed_by)] if event.confirmed_by else None,
        "agreements": list(event.agreements),
    }
