"""What is kept of origins: which mails wait, what was found, with which keys. Never: commits, asks DNS."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from service.archive.tables import AddressRow, MessageRow
from service.db.bulk import chunks, insert_rows
from service.origin.signature import (
    LARGEST_HEADER,
    Answer,
    KeptKey,
    KeptSignature,
    Origin,
    Reason,
    Signature,
    Status,
    Verdict,
)
from service.origin.tables import OriginKeyRow, OriginRow
from service.sources.raw_message import RawMessage

AGAIN_AFTER = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=2),
    timedelta(days=4),
)
"""How long to wait after each attempt at which DNS did not answer; after one more, the key is given up."""
RECONSTRUCTED = frozenset({"msg", "pst"})
"""Formats whose originals are not the bytes that were sent: no signature could match them."""
MOST_KEPT_KEYS = 4
_BLANK_LINE = re.compile(rb"\n\r?\n")
_SIGNED = re.compile(rb"^(?:dkim-signature|arc-seal)[ \t]*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail whose signatures are to be checked."""

    message_id: int
    blob_sha256: str
    author: str
    """The address that the archive shows as its author; empty where there is none."""
    received_at: datetime
    """When a server took it in; where none says so, when we first saw it."""
    is_last_attempt: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a mail that waited."""

    mail: Waiting
    verdict: Verdict
    signatures: tuple[Signature, ...]


def expect(session: Session, arrivals: Sequence[tuple[int, RawMessage]]) -> None:
    """Note which of the newly archived mails carry signatures: they wait to be checked."""
    rows = [
        {"message_id": message_id, "verdict": Verdict.WAITING.value}
        for message_id, raw in arrivals
        if raw.channel == "email" and raw.format not in RECONSTRUCTED and _is_signed(raw.original)
    ]
    insert_rows(session, OriginRow, rows)


def waiting(session: Session, now: datetime, limit: int, *, also_not_asked: bool) -> list[Waiting]:
    """Return mails to check now, the newest first: their keys are the most likely to be still there.

    `also_not_asked`: those as well whose keys were not asked for because DNS was switched off.
    """
    due = [
        and_(col(OriginRow.attempts) == attempts, col(OriginRow.checked_at) <= now - pause)
        for attempts, pause in enumerate(AGAIN_AFTER, start=1)
    ]
    ready = and_(col(OriginRow.verdict) == Verdict.WAITING, or_(col(OriginRow.attempts) == 0, *due))
    if also_not_asked:
        ready = or_(ready, _not_asked())
    query = (
        select(OriginRow, MessageRow, AddressRow.value)
        .join(MessageRow, col(MessageRow.id) == col(OriginRow.message_id))
        .outerjoin(AddressRow, col(AddressRow.id) == col(MessageRow.author_id))
        .where(ready)
        .order_by(col(OriginRow.message_id).desc())
        .limit(limit)
    )
    return [_waiting(row, message, author) for row, message, author in session.exec(query)]


def kept_keys(session: Session, name: str) -> list[Answer]:
    """Return the keys that DNS gave for a name before, the newest first."""
    query = (
        select(OriginKeyRow)
        .where(OriginKeyRow.name == name, OriginKeyRow.answer != "")
        .order_by(col(OriginKeyRow.id).desc())
        .limit(MOST_KEPT_KEYS)
    )
    return [
        Answer(row.name, Status.FOUND, row.answer, row.authenticated, row.id) for row in session.exec(query)
    ]


def put(
    session: Session, checked: Sequence[Checked], now: datetime
) -> tuple[list[tuple[Waiting, Origin]], list[KeptKey]]:
    """Keep what was found; return what is settled by it, and the keys that were not known before.

    A mail that somebody else has settled meanwhile stays as it is.
    """
    desk = _Keys(session, now)
    rows = {row.message_id: row for row in _rows(session, [one.mail.message_id for one in checked])}
    settled = []
    for one in checked:
        row = rows.get(one.mail.message_id)
        if row is None or not (row.verdict == Verdict.WAITING or _was_not_asked(row)):
            continue
        row.signatures = json.dumps([_written(found, desk) for found in one.signatures])
        row.verdict, row.checked_at = one.verdict.value, now
        row.attempts += all(found.reason is not Reason.NOT_ASKED for found in one.signatures)
        session.add(row)
        if one.verdict is not Verdict.WAITING:
            settled.append(one.mail)
    session.flush()
    found_now = origin_of(session, [mail.message_id for mail in settled])
    return [(mail, found_now[mail.message_id]) for mail in settled], [_key(row) for row in desk.fresh]


def origin_of(session: Session, message_ids: Sequence[int]) -> dict[int, Origin]:
    """Return what is known of these messages; one without an entry carries no signature."""
    rows = list(_rows(session, message_ids))
    written = {row.message_id: json.loads(row.signatures) for row in rows}
    keys = _keys_by_id(session, {one["key"] for found in written.values() for one in found} - {None})
    return {
        row.message_id: Origin(
            verdict=Verdict(row.verdict),
            signatures=tuple(_read(one, keys) for one in written[row.message_id]),
            checked_at=row.checked_at,
        )
        for row in rows
    }


def _rows(session: Session, message_ids: Sequence[int]) -> Iterator[OriginRow]:
    for chunk in chunks(message_ids):
        yield from session.exec(select(OriginRow).where(col(OriginRow.message_id).in_(chunk)))


def _is_signed(original: bytes) -> bool:
    blank = _BLANK_LINE.search(original, 0, LARGEST_HEADER)
    return _SIGNED.search(original, 0, blank.end() if blank else LARGEST_HEADER) is not None


def _not_asked() -> ColumnElement[bool]:
    return and_(col(OriginRow.verdict) == Verdict.UNKNOWN, col(OriginRow.attempts) == 0)


def _was_not_asked(row: OriginRow) -> bool:
    return row.verdict == Verdict.UNKNOWN and row.attempts == 0


def _waiting(row: OriginRow, message: MessageRow, author: str | None) -> Waiting:
    return Waiting(
        message_id=row.message_id,
        blob_sha256=message.blob_sha256,
        author=author or "",
        received_at=message.stamped_at or message.internal_at or message.seen_at,
        is_last_attempt=row.attempts >= len(AGAIN_AFTER),
    )


class _Keys:
    """Finds or makes the row of each answer; the same answer again only moves the time it was last given."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self.fresh: list[OriginKeyRow] = []
        self._ids: dict[Answer, int] = {}

    def id_of(self, answer: Answer | None) -> int | None:
        if answer is None or answer.status not in {Status.FOUND, Status.ABSENT}:
            return None
        if answer.kept_as is not None:
            return answer.kept_as
        if answer not in self._ids:
            self._ids[answer] = self._keep(answer)
        return self._ids[answer]

    def _keep(self, answer: Answer) -> int:
        newest = self.session.exec(
            select(OriginKeyRow)
            .where(OriginKeyRow.name == answer.name)
            .order_by(col(OriginKeyRow.id).desc())
            .limit(1)
        ).first()
        given = (answer.text, answer.authenticated)
        if newest is None or (newest.answer, newest.authenticated) != given:
            newest = OriginKeyRow(
                name=answer.name,
                answer=answer.text,
                authenticated=answer.authenticated,
                first_at=self.now,
                last_at=self.now,
            )
            self.fresh.append(newest)
        newest.last_at = max(newest.last_at, self.now)
        self.session.add(newest)
        self.session.flush()
        assert newest.id is not None
        return newest.id


def _written(one: Signature, keys: _Keys) -> dict[str, Any]:
    return {
        "method": one.method.value,
        "domain": one.domain,
        "selector": one.selector,
        "result": one.result.value,
        "reason": one.reason.value,
        "key": keys.id_of(one.key),
    }


def _read(one: dict[str, Any], keys: dict[int, KeptKey]) -> KeptSignature:
    return KeptSignature(**(one | {"key": keys.get(one["key"])}))


def _keys_by_id(session: Session, ids: Iterable[int]) -> dict[int, KeptKey]:
    return {one.id: one for one in _kept(session, sorted(ids))}


def _kept(session: Session, ids: Sequence[int]) -> Iterator[KeptKey]:
    for chunk in chunks(ids):
        for row in session.exec(select(OriginKeyRow).where(col(OriginKeyRow.id).in_(chunk))):
            yield _key(row)


def _key(row: OriginKeyRow) -> KeptKey:
    assert row.id is not None
    return KeptKey(row.id, row.name, row.answer, row.authenticated, row.first_at, row.last_at)
