"""Ids that sort by time. In: records and their times. Out: free ids. Never: one that is taken."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from service.archive.identity import PLACE_BITS
from service.archive.incoming import Incoming
from service.archive.tables import MessageRow
from service.db.bulk import chunks


def free_ids(session: Session, fresh: Sequence[Incoming]) -> list[int]:
    """Return an id for each record: its minute, and its place in its file as far as that is free."""
    places = 1 << PLACE_BITS
    wanted = [
        max(0, int(one.times.sent_at.timestamp()) // 60) * places + one.raw.position % places for one in fresh
    ]
    following: dict[int, int] = {}
    for chunk in chunks(wanted):
        taken = session.exec(select(MessageRow.id).where(col(MessageRow.id).in_(chunk)))
        following.update({one: one + 1 for one in taken})
    looked: set[int] = set()
    return [_free(session, candidate, following, looked) for candidate in wanted]


def _free(session: Session, candidate: int, following: dict[int, int], looked: set[int]) -> int:
    """Take the first free id from `candidate` on; `following` leads from a taken one on to the next to try.

    Thousands of mails without a date share one minute: nobody may walk all their ids once more for each.
    """
    passed = []
    free = candidate
    while free in following or (free != candidate and _look(session, free, following, looked)):
        passed.append(free)
        free = following[free]
    following.update(dict.fromkeys([*passed, free], free + 1))
    return free


def _look(session: Session, wanted: int, following: dict[int, int], looked: set[int]) -> bool:
    """Read which ids around this one are kept, a block at a time, and say whether it is."""
    block = wanted >> PLACE_BITS
    if block not in looked:
        looked.add(block)
        start = block << PLACE_BITS
        here = select(MessageRow.id).where(
            col(MessageRow.id) >= start, col(MessageRow.id) < start + (1 << PLACE_BITS)
        )
        for one in session.exec(here):
            following.setdefault(one, one + 1)
    return wanted in following
