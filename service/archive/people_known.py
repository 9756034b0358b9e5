"""The people that a reader may see, and what may join them. Out: Persons, Suggestions. Never: rows.

A reader of some projects sees those who take part in their conversations, and of these the addresses that
they use there: what somebody is called elsewhere is not theirs to know.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union
from sqlmodel import Session, col

from service.accounts.scope import Scope
from service.archive.blobs import Blobs
from service.archive.copies import alike_people
from service.archive.message import Side
from service.archive.one_person import Merged, holders, merges_into
from service.archive.same_person import Known, Pair, Shared, Suggestion, Why, suggest
from service.archive.signed_phones import card_contacts, signed_phones
from service.archive.spellings import holds
from service.archive.tables import (
    AddressRow,
    ConversationRow,
    CopyRow,
    DistinctPeopleRow,
    MessageRow,
    PersonRow,
    ProjectRow,
    RecipientRow,
)
from service.db.bulk import chunks


@dataclass(frozen=True, slots=True)
class Address:
    """A way to reach somebody."""

    id: int
    kind: str
    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody wrote on a channel, or in a project."""

    name: str
    messages: int


@dataclass(frozen=True, slots=True)
class PersonKnown:
    """Somebody, with what a reader may know of them."""

    id: int
    name: str
    side: Side
    addresses: tuple[Address, ...]
    messages: int = 0
    """That they wrote."""
    first_at: datetime | None = None
    """Of their first message; None for whoever only received."""
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """Somebody in full."""

    person: PersonKnown
    channels: tuple[Spoken, ...]
    projects: tuple[Spoken, ...]
    """Where the name is empty, those without a project."""
    merges: tuple[Merged, ...]
    """The latest first; only for a reader of everything."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people to list."""

    side: Side | None = None
    text: str = ""
    """Part of a name or of an address."""


@dataclass(frozen=True, slots=True)
class MaybeOne:
    """A suggestion with the people whom it is about."""

    kept: PersonKnown
    """Whose name and side say more."""
    merged: PersonKnown
    suggestion: Suggestion


def people(
    session: Session, scope: Scope, wanted: Wanted, *, limit: int = 50, after: int = 0
) -> list[PersonKnown]:
    """Return people by their ids, from the one after `after`."""
    has = col(AddressRow.person_id) == col(PersonRow.id)
    query = select(col(PersonRow.id)).join(AddressRow, has).where(col(PersonRow.id) > after)
    if wanted.side is not None:
        query = query.where(col(PersonRow.side) == wanted.side.value)
    if wanted.text:
        texts = (col(PersonRow.name), col(AddressRow.name), col(AddressRow.value))
        query = query.where(holds(wanted.text, *texts))
    query = query.where(_seen(scope)).distinct().order_by(col(PersonRow.id)).limit(limit)
    return people_of(session, scope, list(session.execute(query).scalars()))


def people_of(session: Session, scope: Scope, ids: Sequence[int]) -> list[PersonKnown]:
    """Return these people in this order, without those whom the reader may not see."""
    addresses: dict[int, list[Address]] = defaultdict(list)
    rows: dict[int, tuple[str, str]] = {}
    for chunk in chunks(sorted(set(ids))):
        query = select(AddressRow, PersonRow).join(PersonRow, col(PersonRow.id) == col(AddressRow.person_id))
        query = query.where(col(PersonRow.id).in_(chunk), _seen(scope)).order_by(col(AddressRow.id))
        for address, person in session.execute(query):
            rows[person.id] = (person.name, person.side)
            addresses[person.id].append(Address(address.id, address.kind, address.value, address.name))
    spoken = _spoken(session, scope, list(rows))
    return [
        PersonKnown(key, rows[key][0], Side(rows[key][1]), tuple(addresses[key]), *spoken.get(key, ()))
        for key in ids
        if key in rows
    ]


def person(session: Session, scope: Scope, person_id: int) -> PersonDetail | None:
    """Return somebody in full, or None for whoever is unknown, outside the scope, or somebody else by now."""
    found = people_of(session, scope, [person_id])
    if not found:
        return None
    counted = (col(AddressRow.person_id) == person_id, *_allowed(scope))
    return PersonDetail(
        person=found[0],
        channels=tuple(_counts(session, col(ConversationRow.channel), counted)),
        projects=tuple(_counts(session, func.coalesce(col(ProjectRow.name), ""), counted)),
        merges=tuple(merges_into(session, person_id)) if scope.everything else (),
    )


def suggestions(session: Session, scope: Scope, blobs: Blobs) -> list[MaybeOne]:
    """Return people who may be one, the strongest reasons first."""
    known = _known(session, scope)
    shared = [
        *(Shared(Why.MESSAGES, one, two, count=times) for one, two, times in alike_people(session, 1, scope)),
        *signed_phones(session, scope, known),
        *card_contacts(session, scope, blobs, known),
    ]
    found = suggest(known, shared, _apart(session))
    briefs = {
        one.id: one for one in people_of(session, scope, sorted({key for one in found for key in one.pair}))
    }
    return [_maybe_one(briefs[one.pair[0]], briefs[one.pair[1]], one) for one in found]


def _maybe_one(one: PersonKnown, other: PersonKnown, found: Suggestion) -> MaybeOne:
    def tells(person: PersonKnown) -> tuple[bool, bool, int, int]:
        is_named = any(letter.isalpha() for letter in person.name) and "@" not in person.name
        return person.side is Side.OTHER, not is_named, -len(person.addresses), person.id

    kept, merged = sorted((one, other), key=tells)
    return MaybeOne(kept, merged, found)


def _known(session: Session, scope: Scope) -> list[Known]:
    query = select(
        col(AddressRow.id),
        col(AddressRow.kind),
        col(AddressRow.value),
        col(AddressRow.name),
        col(AddressRow.person_id),
    ).where(_seen(scope))
    rows = session.execute(query.order_by(col(AddressRow.person_id), col(AddressRow.id)))
    return [Known(row[0] or 0, *row[1:]) for row in rows]


def _apart(session: Session) -> frozenset[Pair]:
    """Return who was told apart, as the people who they are by now."""
    rows = session.execute(select(DistinctPeopleRow)).scalars().all()
    now = holders(session, {key for row in rows for key in (row.one_id, row.other_id)})
    pairs = [sorted((now[row.one_id], now[row.other_id])) for row in rows]
    return frozenset((one, other) for one, other in pairs)


def _spoken(session: Session, scope: Scope, ids: Sequence[int]) -> dict[int, tuple[int, datetime, datetime]]:
    found: dict[int, tuple[int, datetime, datetime]] = {}
    key = col(MessageRow.id)
    for chunk in chunks(ids):
        query = _messages(scope, col(AddressRow.person_id), func.count(), func.min(key), func.max(key))
        query = query.where(col(AddressRow.person_id).in_(chunk)).group_by(col(AddressRow.person_id))
        counted = session.connection().execute(query).all()
        ends = {message for row in counted for message in row[2:]}
        times: dict[int, datetime] = {}
        for some in chunks(sorted(ends)):
            at = select(key, col(MessageRow.sent_at)).where(key.in_(some))
            times.update((message, sent_at) for message, sent_at in session.connection().execute(at))
        found |= {row[0]: (row[1], times[row[2]], times[row[3]]) for row in counted}
    return found


def _counts(
    session: Session, name: ColumnElement[str] | Any, conditions: Sequence[ColumnElement[bool]]
) -> Iterator[Spoken]:
    query = (
        select(name, func.count())
        .select_from(MessageRow)
        .join(AddressRow, col(AddressRow.id) == col(MessageRow.author_id))
        .join(ConversationRow, col(ConversationRow.id) == col(MessageRow.conversation_id))
        .outerjoin(ProjectRow, col(ProjectRow.id) == col(ConversationRow.project_id))
        .where(*conditions)
        .group_by(name)
        .order_by(func.count().desc(), name)
    )
    for row in session.connection().execute(query):
        yield Spoken(row[0], row[1])


def _messages(scope: Scope, *columns: Any) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(*columns)
        .select_from(MessageRow)
        .join(AddressRow, col(AddressRow.id) == col(MessageRow.author_id))
    )
    if scope.everything:
        return query
    place = col(ConversationRow.id) == col(MessageRow.conversation_id)
    return query.join(ConversationRow, place).where(*_allowed(scope))


def _allowed(scope: Scope) -> list[ColumnElement[bool]]:
    """Return the condition on ConversationRow that a scope makes."""
    return [] if scope.everything else [col(ConversationRow.project_id).in_(sorted(scope.projects))]


def _seen(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on AddressRow: it wrote or received in a conversation of the scope."""
    if scope.everything:
        return col(AddressRow.id).is_not(None)
    talks = select(col(ConversationRow.id)).where(*_allowed(scope))
    here = col(MessageRow.conversation_id).in_(talks)
    wrote = select(col(MessageRow.author_id)).where(here)
    received = select(col(RecipientRow.address_id)).join(
        MessageRow, col(MessageRow.id) == col(RecipientRow.message_id)
    )
    copied = select(col(CopyRow.author_id)).join(MessageRow, col(MessageRow.id) == col(CopyRow.message_id))
    return col(AddressRow.id).in_(union(wrote, received.where(here), copied.where(here)))
