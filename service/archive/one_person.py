"""Make two people one, and take that back. In: what somebody said. Out: Merged. Never: by itself.

A merge moves addresses; the person who is left without any stays, so that the merge can be undone. Whatever
names that person from before means the one who has the addresses now (`holders`). Undoing goes backwards:
a merge that a later one builds on waits until that one is undone.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from service import clock
from service.archive.message import Side
from service.archive.sides import MERGE, addresses_of, read_again, say_side, settle_sides, talks_of
from service.archive.storable import storable
from service.archive.tables import AddressRow, DistinctPeopleRow, PersonMergeRow, PersonRow, SideRuleRow
from service.db.bulk import chunks
from service.errors import PeopleError, SidesDiffer

NAME_LENGTH = 320


@dataclass(frozen=True, slots=True)
class Merged:
    """Two people who were made one."""

    id: int
    kept: int
    merged: int
    """The person who has no addresses since."""
    name: str
    """What the merged one was called."""
    addresses: tuple[int, ...]
    """Ids of those that moved."""
    actor: str
    at: datetime


def merge(session: Session, kept_id: int, merged_id: int, *, side: Side | None = None, actor: str) -> Merged:
    """Give the addresses of `merged` to `kept`.

    Raises SidesDiffer where they are on different sides and `side` does not say which one holds; PeopleError
    where one of them is nobody, or both are one already.
    """
    if kept_id == merged_id:
        raise PeopleError(f"Person {kept_id} cannot be one with themselves: name two people.")
    kept, merged = _existing(session, kept_id), _existing(session, merged_id)
    holds = side or _common_side(kept, merged)
    moved, others = addresses_of(session, [merged_id]), addresses_of(session, [kept_id])
    both = set(talks_of(session, moved)) & set(talks_of(session, others))
    row = PersonMergeRow(
        kept_id=kept_id,
        merged_id=merged_id,
        addresses=json.dumps(moved),
        actor=actor,
        merged_at=clock.now(),
    )
    session.add(row)
    _move(session, moved, kept_id)
    before = {kept_id: kept.side, merged_id: merged.side}
    settle_sides(session, [kept_id])
    if kept.side != holds or side is not None:
        say_side(session, MERGE, _rule_of(row), holds)
        settle_sides(session, [kept_id])
    _read_changed(session, both, {kept_id: others, merged_id: moved}, before, kept.side)
    return _merged(row, merged.name)


def undo(session: Session, merge_id: int) -> Merged:
    """Give back the addresses that a merge moved, except those that were parted from the person since.

    Raises PeopleError where there is no such merge, or a later one moved the same addresses.
    """
    row = session.get(PersonMergeRow, merge_id)
    if row is None or row.undone_at is not None:
        raise PeopleError(f"There is no merge {merge_id} that could be undone.")
    ids = json.loads(row.addresses)
    _refuse_later(session, row, set(ids))
    merged = session.get_one(PersonRow, row.merged_id)
    kept = session.get_one(PersonRow, row.kept_id)
    now = set(addresses_of(session, [row.kept_id]))
    moved, others = [key for key in ids if key in now], sorted(now - set(ids))
    both = set(talks_of(session, moved)) & set(talks_of(session, others))
    _move(session, moved, row.merged_id)
    row.undone_at = clock.now()
    own = col(SideRuleRow.value) == _rule_of(row)
    session.exec(delete(SideRuleRow).where(col(SideRuleRow.kind) == MERGE, own))
    before = kept.side
    settle_sides(session, [row.kept_id, row.merged_id])
    for person, addresses in ((kept, others), (merged, moved)):
        if person.side != before:
            both |= set(talks_of(session, addresses))
    read_again(session, sorted(both))
    return _merged(row, merged.name)


def part(session: Session, address_id: int, *, actor: str) -> tuple[int, int]:
    """Make a person of their own of one address; return whose it was, and the new person.

    The two are told apart by it. Raises PeopleError for an address that is all that a person has.
    """
    row = session.get(AddressRow, address_id)
    others = addresses_of(session, [row.person_id]) if row is not None else []
    if row is None or len(others) < 2:
        raise PeopleError(
            f"Address {address_id} cannot be parted: it is unknown, or all that its person has."
        )
    whose = session.get_one(PersonRow, row.person_id)
    assert whose.id is not None
    both = set(talks_of(session, [address_id])) & set(
        talks_of(session, [key for key in others if key != address_id])
    )
    alone = PersonRow(name=(row.name or row.value)[:NAME_LENGTH], side=whose.side)
    session.add(alone)
    session.flush()
    assert alone.id is not None
    _move(session, [address_id], alone.id)
    settle_sides(session, [whose.id, alone.id])
    if alone.side != whose.side:
        both |= set(talks_of(session, [address_id]))
    read_again(session, sorted(both))
    keep_apart(session, whose.id, alone.id, actor=actor)
    return whose.id, alone.id


def keep_apart(session: Session, one: int, other: int, *, actor: str) -> bool:
    """Note that two people are not one: it is not suggested again. Return whether it was not known before."""
    if one == other:
        raise PeopleError(f"Person {one} is not two people: part an address from them instead.")
    for key in (one, other):
        _existing(session, key)
    pair = min(one, other), max(one, other)
    if session.get(DistinctPeopleRow, pair) is not None:
        return False
    row = DistinctPeopleRow(one_id=pair[0], other_id=pair[1], actor=actor, said_at=clock.now())
    session.add(row)
    session.flush()
    return True


def rename(session: Session, person_id: int, name: str) -> str:
    """Call somebody by another name, and return the one before."""
    name = storable(" ".join(name.split()))[:NAME_LENGTH]
    if not name:
        raise PeopleError("A person needs a name.")
    row = _existing(session, person_id)
    before, row.name = row.name, name
    return before


def holders(session: Session, person_ids: Iterable[int]) -> dict[int, int]:
    """Return for each person who has their addresses now: themselves, or whom they were merged into."""
    now = {key: key for key in person_ids}
    asked = set(now)
    while asked:
        into: dict[int, int] = {}
        for chunk in chunks(sorted(asked)):
            query = select(PersonMergeRow.merged_id, PersonMergeRow.kept_id).where(
                col(PersonMergeRow.merged_id).in_(chunk), col(PersonMergeRow.undone_at).is_(None)
            )
            into.update(session.exec(query.order_by(col(PersonMergeRow.id))).all())
        now = {key: into.get(place, place) for key, place in now.items()}
        asked = set(into.values())
    return now


def merges_into(session: Session, person_id: int) -> list[Merged]:
    """Return the merges that made a person what they are and are not undone, the latest first."""
    query = (
        select(PersonMergeRow, PersonRow.name)
        .join(PersonRow, col(PersonRow.id) == col(PersonMergeRow.merged_id))
        .where(PersonMergeRow.kept_id == person_id, col(PersonMergeRow.undone_at).is_(None))
        .order_by(col(PersonMergeRow.id).desc())
    )
    return [_merged(row, name) for row, name in session.exec(query)]


def _existing(session: Session, person_id: int) -> PersonRow:
    row = session.get(PersonRow, person_id)
    if row is None or not addresses_of(session, [person_id]):
        raise PeopleError(f"There is no person {person_id}, or they were made one with another.")
    return row


def _common_side(one: PersonRow, other: PersonRow) -> Side:
    known = {one.side, other.side} - {Side.OTHER.value}
    if len(known) > 1:
        raise SidesDiffer(
            f"{one.name} is on the {one.side} side and {other.name} on the {other.side} side: "
            "say which side holds for the one person."
        )
    return Side(*known) if known else Side.OTHER


def _refuse_later(session: Session, row: PersonMergeRow, moved: set[int]) -> None:
    query = select(PersonMergeRow).where(
        col(PersonMergeRow.id) > row.id, col(PersonMergeRow.undone_at).is_(None)
    )
    for later in session.exec(query.order_by(col(PersonMergeRow.id).desc())):
        if moved & set(json.loads(later.addresses)):
            name = session.get_one(PersonRow, later.kept_id).name
            raise PeopleError(
                f"Merge {row.id} cannot be undone alone: merge {later.id} moved its addresses on, to {name}. "
                f"Undo merge {later.id} first."
            )


def _read_changed(
    session: Session,
    both: set[int],
    addresses: dict[int, list[int]],
    before: dict[int, str],
    side: str,
) -> None:
    """Read again where both speak, and where one of them changed sides: there words may mean otherwise."""
    changed = [key for person, keys in addresses.items() if before[person] != side for key in keys]
    read_again(session, sorted(both | set(talks_of(session, changed))))


def _move(session: Session, address_ids: Sequence[int], person_id: int) -> None:
    for chunk in chunks(address_ids):
        for row in session.exec(select(AddressRow).where(col(AddressRow.id).in_(chunk))):
            row.person_id = person_id
    session.flush()


def _rule_of(row: PersonMergeRow) -> str:
    return f"{row.kept_id}/{row.id}"


def _merged(row: PersonMergeRow, name: str) -> Merged:
    assert row.id is not None
    moved = tuple(json.loads(row.addresses))
    return Merged(row.id, row.kept_id, row.merged_id, name, moved, row.actor, row.merged_at)
