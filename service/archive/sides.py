"""Which side a person is on, whatever address they use. In: rules. Out: sides of people. Never: guesses.

What somebody said of the person holds, the last word first; else the most exact rule that fits one of their
addresses. Where two rules that are equally exact disagree, the person stays on the side that they are on.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import Session, col, delete, select

from service.archive.message import Side
from service.archive.people import Key, rule_keys
from service.archive.tables import AddressRow, ConversationRow, MessageRow, PersonRow, SideRuleRow
from service.db.bulk import chunks
from service.errors import PeopleError
from service.sources.raw_message import AddressKind, RawAddress

PERSON = "person"
"""Kind of a rule that says the side of one person: its value is their id."""
MERGE = "merge"
"""The same, said when two became one: the ids of person and merge, `7/3`; it goes with the merge."""
_EXACTNESS = ("address", "name", "domain")


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule there is."""

    by_key: dict[Key, str]
    said: dict[int, str]
    """By person: the last word."""

    def side_of(self, person_id: int, addresses: Sequence[RawAddress], now: str) -> str:
        """Return the side of a person with these addresses who is on the side `now`."""
        if person_id in self.said:
            return self.said[person_id]
        found: dict[int, list[str]] = defaultdict(list)
        for address in addresses:
            key = next((key for key in rule_keys(address) if key in self.by_key), None)
            if key is not None:
                found[_EXACTNESS.index(key[0])].append(self.by_key[key])
        best = found[min(found)] if found else [Side.OTHER.value]
        return now if now in best else best[0]


def side_rules(session: Session) -> Rules:
    """Load the rules."""
    by_key: dict[Key, str] = {}
    said: dict[int, str] = {}
    for row in session.exec(select(SideRuleRow).order_by(col(SideRuleRow.id))):
        if row.kind in {PERSON, MERGE}:
            said[int(row.value.partition("/")[0])] = row.side
        else:
            by_key[row.kind, row.value] = row.side
    return Rules(by_key, said)


def settle_sides(session: Session, person_ids: Sequence[int] | None = None) -> list[int]:
    """Put these few people, or everybody, where the rules want them, and return those who moved."""
    rules = side_rules(session)
    moved: list[int] = []
    query = select(AddressRow, PersonRow).join(PersonRow, col(PersonRow.id) == col(AddressRow.person_id))
    query = query.order_by(col(AddressRow.id))
    if person_ids is not None:
        query = query.where(col(PersonRow.id).in_(person_ids))
    people: dict[int, PersonRow] = {}
    addresses: dict[int, list[RawAddress]] = defaultdict(list)
    for address, person in session.exec(query):
        people[address.person_id] = person
        raw = RawAddress(AddressKind(address.kind), address.value, address.name)
        addresses[address.person_id].append(raw)
    for key, person in people.items():
        side = rules.side_of(key, addresses[key], person.side)
        if side != person.side:
            person.side = side
            moved.append(key)
    session.flush()
    return moved


def say_side(session: Session, kind: str, value: str, side: Side) -> None:
    """Write down what somebody says of a person, as the last word; `settle_sides` then goes by it."""
    session.exec(delete(SideRuleRow).where(col(SideRuleRow.kind) == kind, col(SideRuleRow.value) == value))
    session.add(SideRuleRow(kind=kind, value=value, side=side))
    session.flush()


def confirm_side(session: Session, person_id: int, side: Side) -> bool:
    """Put a person on a side with all addresses that they have and will have; return whether they moved."""
    if not addresses_of(session, [person_id]):
        raise PeopleError(f"There is no person {person_id}, or they were made one with another.")
    say_side(session, PERSON, str(person_id), side)
    moved = settle_sides(session, [person_id])
    read_again(session, talks_of(session, addresses_of(session, moved)))
    return bool(moved)


def addresses_of(session: Session, person_ids: Sequence[int]) -> list[int]:
    """Return the ids of the addresses of these people."""
    found: list[int] = []
    for chunk in chunks(person_ids):
        query = select(AddressRow.id).where(col(AddressRow.person_id).in_(chunk)).order_by(col(AddressRow.id))
        found += [key for key in session.exec(query) if key is not None]
    return found


def talks_of(session: Session, address_ids: Sequence[int]) -> list[int]:
    """Return the conversations in which these addresses wrote."""
    found: set[int] = set()
    for chunk in chunks(address_ids):
        wrote = select(MessageRow.conversation_id).where(col(MessageRow.author_id).in_(chunk))
        found.update(session.exec(wrote.distinct()))
    return sorted(found)


def read_again(session: Session, conversation_ids: Sequence[int]) -> None:
    """Let conversations wait to be read: who is on which side decides what every word of them does."""
    for chunk in chunks(conversation_ids):
        here = col(ConversationRow.id).in_(chunk)
        session.exec(update(ConversationRow).where(here).values(extracted_by=None))
        there = col(MessageRow.conversation_id).in_(chunk)
        session.exec(update(MessageRow).where(there).values(extracted_by=None))
