"""The matters of a conversation while it is read. In: Matters. Out: those perhaps meant. Never: judges."""

from collections import defaultdict
from dataclasses import dataclass, field

from service.agreements.joining.lifecycle import Matter
from service.agreements.joining.timeline import Turn

REACH = 60
"""Turns after which a matter is only meant where a reply link says so."""


@dataclass(slots=True)
class Board:
    """Every matter in the order in which it came up, and the few that the next words may be about."""

    matters: list[Matter] = field(default_factory=list)
    _live: list[Matter] = field(default_factory=list)
    _by_message: dict[str, list[Matter]] = field(default_factory=lambda: defaultdict(list))

    def add(self, matter: Matter, after: Matter | None = None) -> None:
        """Put a matter on the board: last, or right after the one that it was parted from."""
        for pile in (self.matters, self._live):
            place = next((i for i, one in enumerate(pile) if one is after), len(pile) - 1)
            pile.insert(place + 1, matter)
        self._by_message[matter.opener.message].append(matter)

    def at_hand(self, turn: Turn) -> list[Matter]:
        """Return the matters that the turn may be about, in the order in which they came up."""
        self._live = [one for one in self._live if turn.position - one.last_at <= REACH]
        linked = self._by_message.get(turn.message.reply_to or "", [])
        old = [one for one in linked if all(one is not live for live in self._live)]
        return [*old, *self._live]
