"""Say who is who, for the commands, the API and the page alike. In: what a person says, and who. Out: Merged.

Each is an entry of the ledger, in the transaction that does it. What is agreed is found again where it may
have changed: a yes counts only from the other side, and nobody agrees with themselves.
"""

from collections.abc import Sequence

from sqlmodel import Session

from service.agreements.store import conversations_naming
from service.archive import one_person
from service.archive.message import Side
from service.archive.one_person import Merged
from service.archive.sides import confirm_side, read_again, talks_of
from service.ledger.append import append
from service.ledger.entry import Fact
from service.pipeline.installation import Installation, recording


def merge(
    house: Installation, kept: int, merged: int, *, side: Side | None = None, actor: str = "cli"
) -> Merged:
    """Make two people one, who bears the name of `kept`.

    Raises SidesDiffer where `side` must say which side holds; PeopleError where it cannot be done.
    """
    with recording(house) as session:
        done = one_person.merge(session, kept, merged, side=side, actor=actor)
        _find_again(session, [done.kept, done.merged], done.addresses)
        body = _told(done) | {"side": side.value if side else None}
        append(session, [Fact("people.merged", _subject(kept), body, actor)])
    return done


def undo(house: Installation, merge_id: int, *, actor: str = "cli") -> Merged:
    """Give back what a merge moved. Raises PeopleError, for one where a later merge must be undone first."""
    with recording(house) as session:
        done = one_person.undo(session, merge_id)
        _find_again(session, [done.kept, done.merged], done.addresses)
        append(session, [Fact("people.parted", _subject(done.kept), _told(done), actor)])
    return done


def part(house: Installation, address: int, *, actor: str = "cli") -> int:
    """Make a person of their own of one address, and return their id. Raises PeopleError for the last one."""
    with recording(house) as session:
        whose, alone = one_person.part(session, address, actor=actor)
        _find_again(session, [whose], [address])
        body = {"parted": alone, "addresses": [address]}
        append(session, [Fact("people.parted", _subject(whose), body, actor)])
    return alone


def keep_apart(house: Installation, one: int, other: int, *, actor: str = "cli") -> None:
    """Note that two people are not one; again changes nothing. Raises PeopleError for unknown ones."""
    with recording(house) as session:
        if one_person.keep_apart(session, one, other, actor=actor):
            body = {"other": max(one, other)}
            append(session, [Fact("people.distinct", _subject(min(one, other)), body, actor)])


def rename(house: Installation, person: int, name: str, *, actor: str = "cli") -> None:
    """Call somebody by another name. Raises PeopleError for an empty one."""
    with recording(house) as session:
        before = one_person.rename(session, person, name)
        body = {"was": before, "name": " ".join(name.split())}
        append(session, [Fact("person.renamed", _subject(person), body, actor)])


def put_person(house: Installation, person: int, side: Side, *, actor: str = "cli") -> bool:
    """Put somebody on a side, whatever address they use, now or later; return whether they moved."""
    with recording(house) as session:
        moved = confirm_side(session, person, side)
        append(session, [Fact("person.side", _subject(person), {"side": side.value}, actor)])
    return moved


def _find_again(session: Session, people: Sequence[int], addresses: Sequence[int]) -> None:
    """Let agreements name who proposed and answered them by the person who it is now."""
    naming = set(conversations_naming(session, people)) & set(talks_of(session, addresses))
    read_again(session, sorted(naming))


def _told(done: Merged) -> dict[str, object]:
    return {"merge": done.id, "merged": done.merged, "addresses": list(done.addresses)}


def _subject(person: int) -> str:
    return f"person:{person}"
