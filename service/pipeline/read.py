"""Second stage of ingest: extract and join. In: conversations that wait. Never: blocks search.

The extraction runs outside the writing transaction; what was read of a conversation that has changed
meanwhile is dropped, and it stays waiting. Only new messages are read, and those after them that may
answer them.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from service.accounts.scope import EVERYTHING
from service.agreements.agreement import Derived
from service.agreements.derive import derive
from service.agreements.register import register
from service.agreements.store import statements_of
from service.archive.message import Conversation
from service.archive.store import (
    conversation,
    mark_failed,
    mark_read,
    unread_conversations,
    unread_messages,
)
from service.db.session import reading
from service.errors import DatabaseError
from service.extraction.extract import CONTEXT, VERSION, extract
from service.extraction.statement import Statement
from service.pipeline.installation import Installation, recording

AT_ONCE = 50
"""Conversations registered in one transaction."""

Progress = Callable[[int, int], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a conversation amounts to, not yet registered."""

    talk: Conversation
    statements: tuple[Statement, ...]
    derived: Derived


def read_waiting(house: Installation, progress: Progress = lambda _done, _total: None) -> int:
    """Extract from every conversation that waits, and return how many there were."""
    done = 0
    tried: set[int] = set()
    while True:
        with reading(house.engine) as session:
            waiting = [key for key in unread_conversations(session, VERSION) if key not in tried]
        if not waiting:
            return done
        for start in range(0, len(waiting), AT_ONCE):
            keys = waiting[start : start + AT_ONCE]
            _register(house, list(_understood(house, keys)))
            progress(done + start + len(keys), done + len(waiting))
        tried.update(waiting)
        done += len(waiting)


def _understood(house: Installation, keys: Sequence[int]) -> Iterator[Understood]:
    for key in keys:
        try:
            found = _understand(house, key)
        except DatabaseError:
            # Not the conversation's fault: it is read when the database is back.
            raise
        except Exception:
            # The edge of the background work: one conversation that breaks the extraction must not
            # keep all others from being read. It is marked, so that the next version tries again.
            log.exception("Conversation %d could not be read; its messages are archived and searchable", key)
            with recording(house) as session:
                mark_failed(session, key, VERSION)
        else:
            if found is not None:
                yield found


def _understand(house: Installation, key: int) -> Understood | None:
    with reading(house.engine) as session:
        talk = conversation(session, key, house.settings.zone)
        if talk is None:
            return None
        wanted = _with_answers(talk, unread_messages(session, key, VERSION))
        kept = [found.statement for found in statements_of(session, EVERYTHING, key)]
    statements = [one for one in kept if one.message not in wanted] + extract(talk, wanted)
    return Understood(talk, tuple(statements), derive(talk, statements))


def _with_answers(talk: Conversation, unread: set[str]) -> set[str]:
    """Add the messages that are read with an unread one before them: they may answer it."""
    wanted = set(unread)
    since = CONTEXT
    for message in talk.messages:
        since = 0 if message.id in unread else since + 1
        if since < CONTEXT or message.reply_to in unread:
            wanted.add(message.id)
    return wanted


def _register(house: Installation, found: Sequence[Understood]) -> None:
    with recording(house) as session:
        for one in found:
            # Somebody else may have read a newer state: an older reading would withdraw what was found there.
            if conversation(session, int(one.talk.id), house.settings.zone) != one.talk:
                continue
            register(session, one.talk, list(one.statements), one.derived, VERSION)
            mark_read(session, int(one.talk.id), VERSION, messages=len(one.talk.messages))
