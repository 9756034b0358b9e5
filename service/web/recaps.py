"""Draft the recap of a talk or matter that a reader may see. Out: Recap. Never: sends it."""

from service.agreements import store as agreements
from service.agreements.agreement import Agreement, VerbalEvent
from service.agreements.recap import Recap, draft_recap
from service.archive import store as archive
from service.db.session import Session
from service.web.visit import Visit


def recap_about(session: Session, visit: Visit, gap: str) -> tuple[int, Recap] | None:
    """Return conversation and recap for a gap's key; None where it is unknown or may not be seen."""
    scope = visit.account.scope
    kind, _, key = gap.partition(":")
    if kind == "agreement":
        matter = agreements.agreement(session, scope, key)
        if matter is None:
            return None
        draft = recap_of(session, visit, matter.conversation_id, matter.agreement)
        return (matter.conversation_id, draft) if draft else None
    # 18 digits are below 2**63, more than any id has.
    stored = archive.messages(session, scope, [int(key)] if key.isdecimal() and len(key) <= 18 else [])
    for message in stored:
        for talk in agreements.verbal_events(session, scope, message.conversation_id):
            if talk.message == key:
                draft = recap_of(session, visit, message.conversation_id, talk)
                return (message.conversation_id, draft) if draft else None
    return None


def recap_of(
    session: Session, visit: Visit, conversation_id: int, thing: VerbalEvent | Agreement
) -> Recap | None:
    """Return the recap of something in a conversation that the reader may see."""
    talk = archive.conversation(session, conversation_id, visit.house.settings.zone)
    if talk is None:
        return None
    found = agreements.statements_of(session, visit.account.scope, conversation_id)
    return draft_recap(talk, thing, [one.statement for one in found])
