"""Every question to the archive. Out: records. Never: rows, or anything outside the reader's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from service.accounts.scope import Scope
from service.archive.history import (
    NOTHING_MORE,
    Correspondent,
    Deletion,
    OtherText,
    Reaction,
    by_external_key,
    correspondents,
    history_of,
)
from service.archive.message import Conversation, Message, Person, Side
from service.archive.tables import (
    AddressRow,
    AttachmentRow,
    ConversationRow,
    MessageRow,
    PersonRow,
    ProjectRow,
    RecipientRow,
    SightingRow,
    SourceFileRow,
)
from service.db.bulk import chunks


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation in a list."""

    id: int
    channel: str
    title: str
    project: str | None
    client: str | None
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; `kept` says whether its bytes can be had."""

    position: int
    name: str
    media_type: str
    size: int | None
    missing: str | None
    blob_sha256: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """One archived message with everything a reader may ask of it."""

    id: int
    conversation_id: int
    channel: str
    kind: str
    author: Correspondent | None
    to: tuple[Correspondent, ...]
    sent_at: datetime
    offset_minutes: int | None
    claimed_at: datetime | None
    stamped_at: datetime | None
    internal_at: datetime | None
    seen_at: datetime
    time_rule: str
    """claimed, stamped, internal or seen: which of the times `sent_at` is."""
    subject: str | None
    text: str
    duration_s: int | None
    edited: bool
    detail: str
    external_id: str
    format: str
    blob_sha256: str
    attachments: tuple[Attachment, ...]
    reply_to: int | None = None
    """The message that it answers, where that is kept."""
    thread: int | None = None
    """The message that opened its thread in a chat, where that is kept."""
    forwarded_from: str | None = None
    """Whose words they are where the author only passed them on."""
    edited_at: datetime | None = None
    reactions: tuple[Reaction, ...] = ()
    other_texts: tuple[OtherText, ...] = ()
    """What it said before it was edited, and what other exports of the chat say in its place."""
    deletion: Deletion | None = None
    """Set where somebody took it back."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place where a message was found."""

    place: str
    format: str
    position: int
    zone: str | None


def conversations(
    session: Session, scope: Scope, *, limit: int = 50, before: tuple[datetime, int] | None = None
) -> list[Summary]:
    """Return conversations, the latest active first; `before` is (last_at, id) of the last one seen."""
    query = (
        select(ConversationRow, ProjectRow)
        .outerjoin(ProjectRow, col(ProjectRow.id) == col(ConversationRow.project_id))
        .where(col(ConversationRow.merged_into).is_(None))
        .order_by(col(ConversationRow.last_at).desc(), col(ConversationRow.id).desc())
        .limit(limit)
    )
    if not scope.everything:
        query = query.where(col(ConversationRow.project_id).in_(scope.projects))
    if before is not None:
        last_at, key = before
        query = query.where(
            (col(ConversationRow.last_at) < last_at)
            | ((col(ConversationRow.last_at) == last_at) & (col(ConversationRow.id) < key))
        )
    return [_summary(row, project) for row, project in session.exec(query)]


def summary(session: Session, scope: Scope, conversation_id: int) -> Summary | None:
    """Return one conversation, or None where it is unknown or outside the scope; follows joined threads."""
    row = session.get(ConversationRow, conversation_id)
    while row is not None and row.merged_into is not None:
        row = session.get(ConversationRow, row.merged_into)
    if row is None or not scope.allows(row.project_id):
        return None
    return _summary(row, session.get(ProjectRow, row.project_id) if row.project_id else None)


def conversation(session: Session, conversation_id: int, zone: str) -> Conversation | None:
    """Load a conversation as later stages read it; `zone` is read where neither it nor its mails say one."""
    row = session.get(ConversationRow, conversation_id)
    if row is None or row.merged_into is not None:
        return None
    rows = session.exec(
        select(MessageRow)
        .where(MessageRow.conversation_id == conversation_id)
        .order_by(col(MessageRow.sent_at), col(MessageRow.id))
    ).all()
    authors = _people(session, {one.author_id for one in rows if one.author_id})
    by_key = _by_key(session, rows)
    home = ZoneInfo(row.zone or zone)
    people = {person.id: person for person in authors.values()}
    messages = tuple(
        Message(
            id=str(one.id),
            author=authors[one.author_id].id if one.author_id else "",
            sent_at=_local(one, home),
            type=one.kind,
            text=one.text,
            subject=one.subject,
            reply_to=None if one.reply_key is None else by_key.get(one.reply_key),
            duration_for=None if one.duration_s is None else timedelta(seconds=one.duration_s),
            detail=one.detail,
        )
        for one in rows
    )
    return Conversation(
        id=str(row.id),
        channel=row.channel,
        title=row.title,
        zone=str(home),
        people=tuple(people.values()),
        messages=messages,
    )


def _by_key(session: Session, rows: Sequence[MessageRow]) -> dict[int, str]:
    """Return messages by the keys that others of the conversation name them by."""
    own = {one.external_key: str(one.id) for one in rows if one.external_key is not None}
    others = {one.reply_key for one in rows if one.reply_key is not None} - own.keys()
    here = {one.conversation_id for one in rows}
    found = by_external_key(session, sorted(others))
    return own | {key: str(place) for (talk, key), place in found.items() if talk in here}


def unread_conversations(session: Session, version: str) -> list[int]:
    """Return conversations that this version of the extraction has not read whole, the newest first."""
    waiting = col(ConversationRow.extracted_by).is_(None) | col(ConversationRow.extracted_by).not_in(
        [version, _failed(version)]
    )
    query = select(ConversationRow.id).where(waiting, col(ConversationRow.merged_into).is_(None))
    return list(session.exec(query.order_by(col(ConversationRow.last_at).desc())))


def unread_messages(session: Session, conversation_id: int, version: str) -> set[str]:
    """Return the ids of messages that this version of the extraction has not read."""
    waiting = col(MessageRow.extracted_by).is_(None) | (col(MessageRow.extracted_by) != version)
    query = select(MessageRow.id).where(MessageRow.conversation_id == conversation_id, waiting)
    return {str(key) for key in session.exec(query)}


def mark_read(session: Session, conversation_id: int, version: str, *, messages: int) -> None:
    """Note that this version has read a conversation, unless messages came while it did."""
    row = session.get(ConversationRow, conversation_id)
    here = col(MessageRow.conversation_id) == conversation_id
    if (
        row is not None
        and session.exec(select(func.count()).select_from(MessageRow).where(here)).one() == messages
    ):
        row.extracted_by = version
        session.exec(update(MessageRow).where(here).values(extracted_by=version))


def mark_failed(session: Session, conversation_id: int, version: str) -> None:
    """Note that this version cannot read a conversation: only new messages or another version try again."""
    row = session.get(ConversationRow, conversation_id)
    if row is not None:
        row.extracted_by = _failed(version)


def _failed(version: str) -> str:
    return f"failed:{version}"


def messages(session: Session, scope: Scope, ids: Sequence[int]) -> list[Stored]:
    """Return these messages in the order asked for, without those outside the scope."""
    found: dict[int, tuple[MessageRow, ConversationRow]] = {}
    for chunk in chunks(ids):
        query = (
            select(MessageRow, ConversationRow)
            .join(ConversationRow, col(ConversationRow.id) == col(MessageRow.conversation_id))
            .where(col(MessageRow.id).in_(chunk))
        )
        found.update(
            {row.id: (row, talk) for row, talk in session.exec(query) if scope.allows(talk.project_id)}
        )
    rows = [found[one] for one in ids if one in found]
    return _stored(session, rows)


def messages_of(
    session: Session, scope: Scope, conversation_id: int, *, after: int = 0, limit: int = 500
) -> list[Stored]:
    """Return a page of a conversation in time order, starting after a message id."""
    talk = session.get(ConversationRow, conversation_id)
    if talk is None or not scope.allows(talk.project_id):
        return []
    query: SelectOfScalar[MessageRow] = (
        select(MessageRow)
        .where(MessageRow.conversation_id == conversation_id, col(MessageRow.id) > after)
        .order_by(col(MessageRow.id))
        .limit(limit)
    )
    return _stored(session, [(row, talk) for row in session.exec(query)])


def sightings(session: Session, message_id: int) -> list[Sighting]:
    """Return every place where a message was found."""
    query = (
        select(SightingRow, SourceFileRow)
        .join(SourceFileRow, col(SourceFileRow.id) == col(SightingRow.file_id))
        .where(SightingRow.message_id == message_id)
        .order_by(col(SourceFileRow.id))
    )
    return [Sighting(file.place, file.format, row.position, file.zone) for row, file in session.exec(query)]


def count(session: Session) -> dict[str, int]:
    """Return how many messages, conversations and people are kept."""
    return {
        name: session.exec(select(func.count()).select_from(table)).one()
        for name, table in (
            ("messages", MessageRow),
            ("conversations", ConversationRow),
            ("people", PersonRow),
        )
    }


def _summary(row: ConversationRow, project: ProjectRow | None) -> Summary:
    return Summary(
        id=row.id,
        channel=row.channel,
        title=row.title,
        project=project.name if project else None,
        client=project.client if project else None,
        first_at=row.first_at,
        last_at=row.last_at,
    )


def _people(session: Session, address_ids: set[int]) -> dict[int, Person]:
    people: dict[int, Person] = {}
    for chunk in chunks(sorted(address_ids)):
        query = (
            select(AddressRow.id, PersonRow)
            .join(PersonRow, col(PersonRow.id) == col(AddressRow.person_id))
            .where(col(AddressRow.id).in_(chunk))
        )
        for address_id, person in session.exec(query):
            assert address_id is not None
            people[address_id] = Person(str(person.id), person.name, Side(person.side))
    return people


def _local(row: MessageRow, home: ZoneInfo) -> datetime:
    if row.offset_minutes is None:
        return row.sent_at.astimezone(home)
    return row.sent_at.astimezone(timezone(timedelta(minutes=row.offset_minutes)))


def _stored(session: Session, rows: Sequence[tuple[MessageRow, ConversationRow]]) -> list[Stored]:
    ids = [row.id for row, _ in rows]
    to = _recipients(session, ids)
    attachments = _attachments(session, ids)
    authors = correspondents(session, {row.author_id for row, _ in rows if row.author_id})
    history = history_of(session, ids)
    linked = {key for row, _ in rows for key in (row.reply_key, row.thread_key) if key is not None}
    targets = by_external_key(session, sorted(linked))
    return [
        Stored(
            **_same_fields(row),
            channel=talk.channel,
            author=authors.get(row.author_id) if row.author_id else None,
            to=tuple(to.get(row.id, ())),
            attachments=tuple(attachments.get(row.id, ())),
            reply_to=targets.get((talk.id, row.reply_key or 0)),
            thread=targets.get((talk.id, row.thread_key or 0)),
            reactions=tuple(became.reactions),
            other_texts=tuple(became.other_texts),
            deletion=became.deletion,
        )
        for row, talk in rows
        for became in (history.get(row.id, NOTHING_MORE),)
    ]


SAME = [
    "id",
    "conversation_id",
    "kind",
    "sent_at",
    "offset_minutes",
    "claimed_at",
    "stamped_at",
    "internal_at",
    "seen_at",
    "subject",
    "text",
    "duration_s",
    "edited",
    "edited_at",
    "forwarded_from",
    "detail",
    "external_id",
    "format",
    "blob_sha256",
]


def _same_fields(row: MessageRow) -> dict[str, Any]:
    # Messages that were archived before the rule was noted have none.
    rule = row.time_rule or next(
        (rule for rule in ("claimed", "stamped") if getattr(row, f"{rule}_at") == row.sent_at), "seen"
    )
    return {name: getattr(row, name) for name in SAME} | {"time_rule": rule}


def _recipients(session: Session, ids: Sequence[int]) -> dict[int, list[Correspondent]]:
    found: dict[int, list[Correspondent]] = {}
    for chunk in chunks(ids):
        rows = session.exec(select(RecipientRow).where(col(RecipientRow.message_id).in_(chunk))).all()
        people = correspondents(session, {row.address_id for row in rows})
        for row in rows:
            found.setdefault(row.message_id, []).append(people[row.address_id])
    return found


def _attachments(session: Session, ids: Sequence[int]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = {}
    for chunk in chunks(ids):
        query = (
            select(AttachmentRow)
            .where(col(AttachmentRow.message_id).in_(chunk))
            .order_by(col(AttachmentRow.message_id), col(AttachmentRow.position))
        )
        for row in session.exec(query):
            found.setdefault(row.message_id, []).append(
                Attachment(row.position, row.name, row.media_type, row.size, row.missing, row.blob_sha256)
            )
    return found
