"""Who wrote and who received. In: RawAddress. Out: address ids. Never: merges two addresses by itself.

Each new address starts as a person of its own, on the side that the team's rules give: by mail domain,
by address, or by the name a messenger shows.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from service.archive.message import Side
from service.archive.storable import storable
from service.archive.tables import AddressRow, PersonRow, SideRuleRow
from service.db.bulk import chunks
from service.sources.raw_message import AddressKind, RawAddress

Key = tuple[str, str]

REMEMBERED = 50_000
"""Addresses kept in memory during one import."""


class People:
    """Finds or creates the rows of addresses; remembers them for the length of an import."""

    def __init__(self) -> None:
        self._ids: dict[Key, int] = {}

    def resolve(self, session: Session, addresses: Iterable[RawAddress]) -> dict[Key, int]:
        """Return the address ids of all of these, keyed by (kind, value)."""
        wanted = {key_of(address): address for address in addresses}
        if len(self._ids) > REMEMBERED:
            self._ids.clear()
        unknown = [key for key in wanted if key not in self._ids]
        for chunk in chunks(unknown):
            pairs = tuple_(col(AddressRow.kind), col(AddressRow.value)).in_(chunk)
            for row in session.exec(select(AddressRow).where(pairs)):
                self._ids[row.kind, row.value] = _present(row.id)
        fresh = [wanted[key] for key in unknown if key not in self._ids]
        if fresh:
            self._add(session, fresh)
        return {key: self._ids[key] for key in wanted}

    def _add(self, session: Session, fresh: list[RawAddress]) -> None:
        rules = {(rule.kind, rule.value): rule.side for rule in session.exec(select(SideRuleRow))}
        people = [
            PersonRow(name=storable(address.name or address.value)[:320], side=side_of(rules, address))
            for address in fresh
        ]
        session.add_all(people)
        session.flush()
        rows = [
            AddressRow(
                kind=kind, value=value, name=storable(address.name)[:320], person_id=_present(person.id)
            )
            for address, person in zip(fresh, people, strict=True)
            for kind, value in [key_of(address)]
        ]
        session.add_all(rows)
        session.flush()
        self._ids.update({(row.kind, row.value): _present(row.id) for row in rows})


def known_sides(session: Session, addresses: Sequence[RawAddress]) -> list[tuple[Side, bool]]:
    """Return for each address the side that it is on or would be put on, and whether that is a guess.

    A rule or a known address says it; else, as a guess, somebody known by the same name does.
    """
    rules = {(rule.kind, rule.value): rule.side for rule in session.exec(select(SideRuleRow))}
    known: dict[Key, str] = {}
    names: dict[str, set[str]] = {}
    for chunk in chunks([key_of(address) for address in addresses]):
        pairs = tuple_(col(AddressRow.kind), col(AddressRow.value)).in_(chunk)
        same = select(AddressRow, PersonRow).join(PersonRow, col(PersonRow.id) == col(AddressRow.person_id))
        known.update({(row.kind, row.value): person.side for row, person in session.exec(same.where(pairs))})
    for some in chunks([address.name for address in addresses if address.name]):
        for name, side in session.exec(
            select(PersonRow.name, PersonRow.side).where(col(PersonRow.name).in_(some))
        ):
            names.setdefault(name, set()).add(side)
    found = []
    for address in addresses:
        sure = known.get(key_of(address), side_of(rules, address))
        likely = names.get(address.name, set()) - {Side.OTHER}
        if sure == Side.OTHER and len(likely) == 1:
            found.append((Side(*likely), True))
        else:
            found.append((Side(sure), False))
    return found


def key_of(address: RawAddress) -> Key:
    """Return what makes an address unique; values are clamped, as some mails carry kilobytes there."""
    return address.kind.value, storable(address.value)[:320]


def rule_keys(address: RawAddress) -> Iterator[Key]:
    """Yield the keys of the rules that fit an address, the most exact first."""
    yield "address", address.value.lower()
    if address.name:
        yield "name", address.name.lower()
    if address.kind == AddressKind.MAIL:
        yield "domain", address.value.rpartition("@")[2].lower()
    if address.kind == AddressKind.WHATSAPP:
        yield "name", address.value.lower()


def side_of(rules: dict[Key, str], address: RawAddress) -> str:
    """Return the side that the rules give this address; OTHER where none fits."""
    return next((rules[key] for key in rule_keys(address) if key in rules), Side.OTHER)


def _present(key: int | None) -> int:
    assert key is not None
    return key
