"""Emoji on messages. In: records. Never: forgets one that was taken away; it gets the time of that.

Most exports tell reactions with the message. On platforms where each is a record of its own, that record is
archived like any other, and its target gets the reaction, whichever of both comes first.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlmodel import Session, col

from service.archive.incoming import Again, Incoming
from service.archive.people import Key
from service.archive.people import key_of as address_key
from service.archive.storable import storable
from service.archive.tables import CopyRow, DeletionRow, MessageRow, ReactionRow
from service.db.bulk import chunks, insert_rows
from service.sources.raw_message import Kind

LONGEST_EMOJI = 200
_Mark = tuple[int | None, str, int]
"""Actor, emoji and count."""


def keep_reactions(
    session: Session, found: Iterable[tuple[int, Incoming]], people: dict[Key, int], seen_at: datetime
) -> None:
    """Keep what new messages carry."""
    rows = [
        _row(message_id, mark, at, seen_at)
        for message_id, one in found
        if one.raw.reactions
        for mark, at in _marks(one, people).items()
    ]
    insert_rows(session, ReactionRow, rows)


def renew_reactions(
    session: Session, again: Sequence[Again], people: dict[Key, int], seen_at: datetime
) -> None:
    """Add what another copy shows; what a later one of the same format no longer shows is gone.

    What an older copy still shows, and a later one did not, is no news.
    """
    wanted = {one.message_id: one for one in again if one.one.place is not None}
    standing: dict[int, dict[_Mark, ReactionRow]] = defaultdict(dict)
    ended: dict[int, dict[_Mark, set[datetime | None]]] = defaultdict(dict)
    for row in _every(session, sorted(wanted)):
        mark = (row.actor_id, row.emoji, row.count)
        if row.gone_at is None:
            standing[row.message_id][mark] = row
        else:
            ended[row.message_id].setdefault(mark, set()).add(row.at)
    formats = _formats(session, sorted(standing))
    rows = []
    gone: list[int] = []
    for message_id, one in wanted.items():
        raw, place, before = one.one.raw, one.one.place, standing[message_id]
        is_latest = place is not None and place.is_latest
        marks = _marks(one.one, people)
        for mark, at in marks.items():
            past = ended[message_id].get(mark, set())
            is_past = past and (not is_latest or (at is not None and at in past))
            if mark not in before and not is_past and not _is_counted(mark, before, is_latest=is_latest):
                rows.append(_row(message_id, mark, at, seen_at))
        if before and is_latest and raw.kind is not Kind.DELETED:
            # A format that tells no reactions says nothing of them either.
            tells = bool(raw.reactions) or formats.get(message_id) == raw.format
            gone += [row.id or 0 for mark, row in before.items() if tells and _is_gone(mark, marks)]
    insert_rows(session, ReactionRow, rows)
    _end(session, gone, seen_at)


def keep_answers(
    session: Session, new: Sequence[tuple[int, int | None, int | None]], seen_at: datetime
) -> None:
    """Put reactions that are records of their own on what they answer.

    `new`: message id, own key and, of a reaction, the key of its target.
    """
    targets = {key: message_id for message_id, key, _ in new if key is not None}
    asked = [answers for _, _, answers in new if answers is not None and answers not in targets]
    for some in chunks(sorted(set(asked))):
        own = select(col(MessageRow.external_key), col(MessageRow.id))
        copies = select(col(CopyRow.external_key), col(CopyRow.message_id))
        for query in (
            own.where(col(MessageRow.external_key).in_(some)),
            copies.where(col(CopyRow.external_key).in_(some)),
        ):
            targets.update((key or 0, place) for key, place in session.execute(query))
    records = {row.id: row for row in _records_on(session, sorted(targets))}
    pairs = [(targets[row.reply_key], row) for row in records.values()]
    current = {
        (row.message_id, row.actor_id, row.emoji)
        for row in _current(session, sorted({target for target, _ in pairs}))
    }
    rows = {
        (target, row.author_id, row.text[:LONGEST_EMOJI]): _row(
            target, (row.author_id, row.text[:LONGEST_EMOJI], 1), row.sent_at, seen_at
        )
        for target, row in pairs
    }
    insert_rows(session, ReactionRow, [row for key, row in rows.items() if key not in current])


def take_back(session: Session, message_ids: Sequence[int], seen_at: datetime) -> None:
    """End the reactions of these records, which were deleted."""
    for chunk in chunks(message_ids):
        is_one = col(MessageRow.kind) == Kind.REACTION.value
        query = select(col(MessageRow.reply_key), col(MessageRow.author_id), col(MessageRow.text))
        for row in session.connection().execute(query.where(col(MessageRow.id).in_(chunk), is_one)):
            own = select(col(MessageRow.id)).where(col(MessageRow.external_key) == row.reply_key)
            copies = select(col(CopyRow.message_id)).where(col(CopyRow.external_key) == row.reply_key)
            which = (
                col(ReactionRow.message_id).in_(own.union(copies))
                & (col(ReactionRow.actor_id) == row.author_id)
                & (col(ReactionRow.emoji) == row.text[:LONGEST_EMOJI])
                & col(ReactionRow.gone_at).is_(None)
            )
            session.connection().execute(update(ReactionRow).where(which).values(gone_at=seen_at))


def _records_on(session: Session, keys: Sequence[int]) -> Iterable[Any]:
    deleted = select(col(DeletionRow.message_id))
    for chunk in chunks(keys):
        query = select(
            col(MessageRow.id),
            col(MessageRow.reply_key),
            col(MessageRow.author_id),
            col(MessageRow.text),
            col(MessageRow.sent_at),
        ).where(
            # In these words, or the index on reactions alone is not used.
            text("message.kind = 'reaction'"),
            col(MessageRow.reply_key).in_(chunk),
            col(MessageRow.id).not_in(deleted),
        )
        yield from session.connection().execute(query)


def _every(session: Session, message_ids: Sequence[int]) -> Iterable[ReactionRow]:
    for chunk in chunks(message_ids):
        query = select(ReactionRow).where(col(ReactionRow.message_id).in_(chunk))
        yield from session.execute(query).scalars()


def _current(session: Session, message_ids: Sequence[int]) -> Iterable[ReactionRow]:
    for chunk in chunks(message_ids):
        query = select(ReactionRow).where(
            col(ReactionRow.message_id).in_(chunk), col(ReactionRow.gone_at).is_(None)
        )
        yield from session.execute(query).scalars()


def _formats(session: Session, message_ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for chunk in chunks(message_ids):
        query = select(col(MessageRow.id), col(MessageRow.format)).where(col(MessageRow.id).in_(chunk))
        found.update((key, name) for key, name in session.execute(query))
    return found


def _marks(incoming: Incoming, people: dict[Key, int]) -> dict[_Mark, datetime | None]:
    return {
        (
            people[address_key(one.actor)] if one.actor else None,
            storable(one.emoji)[:LONGEST_EMOJI],
            one.count if one.actor is None else 1,
        ): incoming.utc(one.at)
        for one in incoming.raw.reactions
    }


def _is_gone(mark: _Mark, marks: dict[_Mark, datetime | None]) -> bool:
    """Say whether a copy shows that a reaction was taken away: not where it counts some without names."""
    actor, emoji, _ = mark
    if mark in marks:
        return False
    return actor is None or not any(other is None and same == emoji for other, same, _ in marks)


def _is_counted(mark: _Mark, before: Iterable[_Mark], *, is_latest: bool) -> bool:
    """Say whether a number without names is in what stands: by names, or by a later copy's number."""
    actor, emoji, count = mark
    same = [other for other in before if other[1] == emoji]
    named = sum(other[0] is not None for other in same)
    return actor is None and (count <= named or (bool(same) and not is_latest))


def _row(message_id: int, mark: _Mark, at: datetime | None, seen_at: datetime) -> dict[str, Any]:
    actor, emoji, count = mark
    return {
        "message_id": message_id,
        "actor_id": actor,
        "emoji": emoji,
        "count": count,
        "at": at,
        "seen_at": seen_at,
    }


def _end(session: Session, ids: Sequence[int], seen_at: datetime) -> None:
    for chunk in chunks(ids):
        ended = update(ReactionRow).where(col(ReactionRow.id).in_(chunk)).values(gone_at=seen_at)
        session.connection().execute(ended)
