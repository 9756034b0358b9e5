"""A conversation as turns with their acts. In: Conversation, Statements. Out: Turn, Act. Never: judges.

Everything that joining needs to know about a statement is worked out here once: whose side spoke, what the
words are about, which point of a list they are, which quoted lines they answer.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.agreements.joining.likeness import NOTHING, Content, content_of
from service.archive.message import Conversation, Message, Person, Side
from service.extraction.statement import Statement, StatementKind

_POINT = re.compile(r"(?:^|(?<=\s))[(\[]?(\d{1,2}|[a-zа-я])[.)\]]\s*$", re.IGNORECASE)
"""A label right before a point: `1.` `(a)` `2)`."""
_OWN_POINT = re.compile(r"[(\[]?(\d{1,2}|[a-zа-я])[.)\]](?=\s)", re.IGNORECASE)
"""A label that the quote itself begins with."""
_QUOTED = re.compile(r"^\s*>", re.MULTILINE)

_SIDES = frozenset({Side.AGENCY.value, Side.CLIENT.value})


@dataclass(frozen=True, slots=True)
class Act:
    """One statement and what joining needs to know of it."""

    statement: Statement
    author: str
    """`Person.id`."""
    party: str
    """The side, or the person where their side is unknown: nobody agrees with their own party."""
    position: int
    """Place of the message in the conversation."""
    content: Content
    point: str | None
    """`1`, `a`: the label of the list point that the statement is in."""
    answers: Content
    """What the quoted lines right above the statement are about; empty where there are none."""

    @property
    def kind(self) -> StatementKind:
        """The statement's kind."""
        return self.statement.kind

    @property
    def place(self) -> tuple[int, int]:
        """Where in the conversation the words are, for ordering."""
        return self.position, self.statement.start

    @property
    def side_known(self) -> bool:
        """Say whether somebody has said which side the author is on."""
        return self.party in _SIDES

    @property
    def message(self) -> str:
        """`Message.id`."""
        return self.statement.message


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and its acts in the order of their words."""

    message: Message
    party: str
    position: int
    acts: tuple[Act, ...]
    content: Content
    """What the message is about, quoted lines left out."""

    def of(self, *kinds: StatementKind) -> tuple[Act, ...]:
        """Return the acts of these kinds."""
        return tuple(act for act in self.acts if act.kind in kinds)


def turns_of(conversation: Conversation, statements: Iterable[Statement]) -> tuple[Turn, ...]:
    """Return the conversation's turns by time; messages of one instant keep the order they are given in.

    Statements of messages that are not in the conversation are left out.
    """
    spoken: dict[str, list[Statement]] = defaultdict(list)
    for statement in sorted(statements, key=lambda one: (one.start, one.end, one.kind)):
        spoken[statement.message].append(statement)
    parties = {person.id: party_of(person) for person in conversation.people}
    ordered = sorted(conversation.messages, key=lambda message: message.sent_at)
    return tuple(
        _turn(position, message, parties.get(message.author, message.author), spoken[message.id])
        for position, message in enumerate(ordered)
    )


def party_of(person: Person) -> str:
    """Name whom a person speaks for: their side, or only themselves where the side is unknown."""
    return person.id if person.side is Side.OTHER else person.side.value


def _turn(position: int, message: Message, party: str, statements: Sequence[Statement]) -> Turn:
    acts = tuple(_act(position, message, party, statement) for statement in statements)
    own = "\n".join(line for line in message.text.splitlines() if not _QUOTED.match(line))
    return Turn(message, party, position, acts, content_of(own))


def _act(position: int, message: Message, party: str, statement: Statement) -> Act:
    before = message.text[: statement.start]
    point = _OWN_POINT.match(statement.quote) or _POINT.search(before[before.rfind("\n") + 1 :])
    return Act(
        statement=statement,
        author=message.author,
        party=party,
        position=position,
        content=content_of(statement.quote),
        point=point.group(1).lower() if point else None,
        answers=_quoted_above(before),
    )


def _quoted_above(before: str) -> Content:
    """Return what the block of quoted lines directly above is about (blank lines between are usual)."""
    lines = before.splitlines()
    if before and not before.endswith("\n") and lines:
        lines.pop()
    quoted: list[str] = []
    for line in reversed(lines):
        if _QUOTED.match(line):
            quoted.append(line)
        elif quoted or line.strip():
            break
    return content_of("\n".join(quoted)) if quoted else NOTHING
