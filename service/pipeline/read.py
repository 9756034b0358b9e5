"""Second stage of ingest: extract and join. In: conversations that wait. Never: blocks search.

The extraction runs outside the writing transaction; a conversation that got new messages meanwhile
stays waiting.
"""

from collections.abc import Callable

from service.agreements.derive import derive
from service.agreements.register import register
from service.archive.store import conversation, mark_read, unread_conversations
from service.db.session import reading
from service.extraction.extract import VERSION, extract
from service.pipeline.installation import Installation, recording

AT_ONCE = 200
"""Conversations asked for at a time."""

Progress = Callable[[int, int], None]


def read_waiting(house: Installation, progress: Progress = lambda _done, _total: None) -> int:
    """Extract from every conversation that waits, and return how many there were."""
    done = 0
    tried: set[int] = set()
    while True:
        with reading(house.engine) as session:
            waiting = [key for key in unread_conversations(session, VERSION, AT_ONCE) if key not in tried]
        if not waiting:
            return done
        for number, key in enumerate(waiting):
            read_one(house, key)
            tried.add(key)
            progress(done + number + 1, done + len(waiting))
        done += len(waiting)


def read_one(house: Installation, conversation_id: int) -> None:
    """Extract from one conversation and register what follows, in one transaction."""
    with reading(house.engine) as session:
        talk = conversation(session, conversation_id, house.settings.zone)
    if talk is None:
        return
    statements = extract(talk)
    derived = derive(talk, statements)
    with recording(house) as session:
        register(session, talk, statements, derived, VERSION)
        mark_read(session, conversation_id, VERSION, messages=len(talk.messages))
