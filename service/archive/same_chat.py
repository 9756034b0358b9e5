"""Whether a chat of a file is a chat that is kept. In: Sketch, lines. Out: Likeness. Never: joins on little.

Two clients whose chats became one would read each other, so a chat that only looks like another stays apart:
short words prove nothing, long ones only where most of what both chats say on the same days is the same, by
the same people, and nobody speaks in one of them of whom the other knows nothing. Days, not hours: what two
colleagues post to all clients at nine is all that some chats say in that hour.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from service.archive.alike import Trace
from service.archive.identity import key_of
from service.archive.people import Key

LONG_TEXTS = 3
"""Different distinctive texts that two copies of one chat must share."""
SHARE = 0.5
"""Of what the smaller copy says on the days of both, so much is in the other: people delete messages."""
FOREIGN_SHARE = 0.3
FEW = 3
DAY = 24 * 60
"""Minutes."""
SAMPLED_IDS = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """A kept message, as far as it is compared."""

    id: int
    minute: int
    author_id: int | None
    """None for what nobody wrote."""
    alike: int
    external_id: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who writes in a kept chat."""

    address_id: int
    key: Key
    name: str


@dataclass(slots=True)
class Sketch:
    """A chat of a file, as far as it is compared: some 50 bytes a message."""

    channel: str
    key: str
    title: str
    people: dict[Key, int] = field(default_factory=dict)
    """Those who write, with the number that each has in `who`."""
    names: dict[Key, str] = field(default_factory=dict)
    has_ids: bool = False
    minutes: "array[int]" = field(default_factory=lambda: array("q"))
    who: "array[int]" = field(default_factory=lambda: array("i"))
    alike: "array[int]" = field(default_factory=lambda: array("q"))
    near: "array[int]" = field(default_factory=lambda: array("q"))
    """Two for each line; 0 where its words say too little."""
    words: "array[int]" = field(default_factory=lambda: array("q"))
    ids: "array[int]" = field(default_factory=lambda: array("q"))
    sample: dict[str, int] = field(default_factory=dict)
    """Some external ids with their minutes."""
    hits: Counter[int] = field(default_factory=Counter)
    """Distinctive texts found in kept conversations."""
    known: Counter[int] = field(default_factory=Counter)
    """Records found in kept conversations of this key by their identity."""
    step: int = 1

    def add(self, trace: Trace) -> None:
        """Take up one record."""
        number = -1
        if trace.author is not None:
            number = self.people.setdefault(trace.author, len(self.people))
            self.names.setdefault(trace.author, trace.author_name)
        self.minutes.append(trace.minute)
        self.who.append(number)
        self.alike.append(trace.alike)
        self.near.extend(trace.near or (0, 0))
        self.words.append(trace.words)
        self.ids.append(key_of(trace.external_id) if trace.external_id else 0)
        if trace.external_id:
            self._sample(trace)

    def _sample(self, trace: Trace) -> None:
        self.has_ids = True
        if len(self.minutes) % self.step == 0:
            self.sample[trace.external_id] = trace.minute
        if len(self.sample) > SAMPLED_IDS:
            self.step *= 2
            self.sample = dict(list(self.sample.items())[::2])

    @property
    def is_stable(self) -> bool:
        """Say whether its key is the platform's own, and the same for everybody who exports it."""
        return self.has_ids and self.key != self.title and self.namesake is None

    @property
    def namesake(self) -> Key | None:
        """Return the person whose name the chat bears: such a chat is of two, and each has another."""
        return next((key for key in self.people if bears(self.key, self.title, key, self.names[key])), None)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a chat of a file and a kept one have in common, on the days on which both speak."""

    here: int = 0
    """Messages that people wrote in the file."""
    there: int = 0
    matched: int = 0
    long_texts: int = 0
    voices: int = 0
    """People on both sides whose words are the same."""
    has_strangers: bool = False
    """Somebody wrote in one of them what the other lacks, and nothing that it has."""
    same_ids: int = 0
    other_ids: int = 0
    people: frozenset[tuple[int, int]] = frozenset()
    """Who is who: numbers of the sketch, with addresses of the same person in the kept chat."""

    @property
    def share(self) -> float:
        """Return the part of the smaller one that is in both."""
        return self.matched / max(1, min(self.here, self.there))

    @property
    def is_strong(self) -> bool:
        """Say whether they must be copies of one chat."""
        voices = self.voices >= 2 or self.same_ids > max(LONG_TEXTS, self.other_ids)
        return self.long_texts >= LONG_TEXTS and voices and self.share >= SHARE and not self.has_strangers

    @property
    def is_foreign(self) -> bool:
        """Say whether both speak on the same days, and of other things."""
        return min(self.here, self.there) >= FEW and self.share < FOREIGN_SHARE


def compare(sketch: Sketch, kept: Sequence[Line]) -> Likeness:
    """Compare a chat of a file with the kept lines of its time."""
    if not kept:
        return Likeness()
    first, last = min(one.minute for one in kept) - 1, max(one.minute for one in kept) + 1
    here = [index for index, minute in enumerate(sketch.minutes) if first <= minute <= last]
    pairs = list(_pairs(sketch, here, kept))
    people = _people(sketch, pairs)
    pairs = [(index, line) for index, line in pairs if (sketch.who[index], line.author_id) in people]
    said_here = [index for index in here if sketch.who[index] >= 0]
    said_there = [one for one in kept if one.author_id is not None]
    days = {sketch.minutes[index] // DAY for index in said_here} & {one.minute // DAY for one in said_there}
    both_here = [index for index in said_here if sketch.minutes[index] // DAY in days]
    both_there = [one for one in said_there if one.minute // DAY in days]
    same = [bool(line.external_id) and key_of(line.external_id) == sketch.ids[index] for index, line in pairs]
    both = [bool(line.external_id) and sketch.ids[index] != 0 for index, line in pairs]
    return Likeness(
        here=len(both_here),
        there=len(both_there),
        matched=len(pairs),
        long_texts=len({sketch.words[index] for index, _ in pairs if sketch.words[index]}),
        voices=_voices(sketch, pairs),
        has_strangers=_has_strangers(sketch, both_here, both_there, pairs)
        or _has_silent(sketch, said_here, said_there, pairs),
        same_ids=sum(same),
        other_ids=sum(both) - sum(same),
        people=people,
    )


def is_same_by_key(
    sketch: Sketch, members: Sequence[Member], likeness: Likeness, *, is_known: bool, is_elsewhere: bool
) -> bool:
    """Say whether a chat is the kept one that bears the same key, which may be no more than a title.

    `is_known`: its records are kept there by their very identity. `is_elsewhere`: somebody says that the file
    is of another project than the kept chat; then its key proves nothing.
    """
    if likeness.is_strong or likeness.same_ids > likeness.other_ids:
        return True
    differs = _others_differ(sketch, members)
    if is_known or differs:
        return not differs
    if is_elsewhere or likeness.is_foreign:
        return False
    if sketch.has_ids and sketch.key != sketch.title and not _is_personal(sketch, members):
        return True
    here, there = set(sketch.people), {one.key for one in members}
    if not (here <= there or there <= here):
        return False
    return bool(here & there) if likeness.matched else len(here & there) >= 2


def is_same_by_words(
    sketch: Sketch, key: str, title: str, members: Sequence[Member], likeness: Likeness
) -> bool:
    """Say whether a chat is a kept one of another key: somebody else's export, or in another format."""
    if not likeness.is_strong:
        return False
    is_personal = any(bears(key, title, one.key, one.name) for one in members)
    both_stable = sketch.is_stable and key != title and not is_personal
    # Of two groups with ids of the platform, into which the same is posted, each has its own.
    return not (both_stable and likeness.other_ids >= likeness.same_ids)


def bears(key: str, title: str, person: Key, name: str) -> bool:
    """Say whether a chat is called after a person."""
    value = person[1]
    return key in {value, value.removeprefix("user")} or title in {value, name}


def _is_personal(sketch: Sketch, members: Sequence[Member]) -> bool:
    """Say whether a chat is called after a person: others have a chat with the same one."""
    is_named = any(bears(sketch.key, sketch.title, one.key, one.name) for one in members)
    return is_named or sketch.namesake is not None


def _others_differ(sketch: Sketch, members: Sequence[Member]) -> bool:
    """Say whether a chat of two is with another second person: two colleagues know the same Anna."""
    here = {one for one in sketch.people if not bears(sketch.key, sketch.title, one, sketch.names[one])}
    there = {one.key for one in members if not bears(sketch.key, sketch.title, one.key, one.name)}
    return _is_personal(sketch, members) and bool(here) and bool(there) and not here & there


def _pairs(sketch: Sketch, here: Sequence[int], kept: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """Yield lines of both that are alike, each once: first within the minute, then beside it."""
    waiting: dict[int, list[Line]] = {}
    for line in reversed(kept):
        if line.author_id is not None:
            waiting.setdefault(line.alike, []).append(line)
    left: list[int] = []
    for index in here:
        if sketch.who[index] < 0:
            continue
        if found := waiting.get(sketch.alike[index]):
            yield index, found.pop()
        elif sketch.words[index]:
            left.append(index)
    for index in left:
        for near in sketch.near[2 * index : 2 * index + 2]:
            if found := waiting.get(near):
                yield index, found.pop()
                break


def _people(sketch: Sketch, pairs: Sequence[tuple[int, Line]]) -> frozenset[tuple[int, int]]:
    """Return who is who: by distinctive texts, or where somebody wrote none, by the others.

    In a conversation of several exports a person has several addresses, and with two phones in the file two.
    """
    counts: Counter[tuple[int, int]] = Counter()
    for index, line in pairs:
        assert line.author_id is not None
        counts[sketch.who[index], line.author_id] += 1000 if sketch.words[index] else 1
    here: dict[int, tuple[int, int]] = {}
    there: dict[int, tuple[int, int]] = {}
    for pair, _ in counts.most_common():
        here.setdefault(pair[0], pair)
        there.setdefault(pair[1], pair)
    return frozenset({*here.values(), *there.values()})


def _voices(sketch: Sketch, pairs: Sequence[tuple[int, Line]]) -> int:
    every: Counter[int] = Counter(sketch.who[index] for index, _ in pairs)
    clear = {sketch.who[index] for index, _ in pairs if sketch.words[index]}
    return sum(who in clear or times >= FEW for who, times in every.items())


def _has_strangers(
    sketch: Sketch, here: Sequence[int], there: Sequence[Line], pairs: Sequence[tuple[int, Line]]
) -> bool:
    """Say whether somebody says on the days of both what the other does not have."""
    mine, theirs = _alone(sketch, here, there, pairs)
    matched = {index for index, _ in pairs}
    clear = {sketch.who[index] for index in here if index not in matched and sketch.words[index]}
    mine_matched = Counter(sketch.who[index] for index, _ in pairs)
    theirs_matched = Counter(line.author_id for _, line in pairs)
    return (
        any(alone >= FEW and mine_matched[who] * 2 < alone for who, alone in mine.items())
        or any(alone >= FEW and theirs_matched[who] * 2 < alone for who, alone in theirs.items())
        or any(mine_matched[who] == 0 for who in clear)
    )


def _has_silent(
    sketch: Sketch, here: Sequence[int], there: Sequence[Line], pairs: Sequence[tuple[int, Line]]
) -> bool:
    """Say whether somebody speaks in one of them, on whatever day, and the other has none of it."""
    mine, theirs = _alone(sketch, here, there, pairs)
    known_here = {sketch.who[index] for index, _ in pairs}
    known_there = {line.author_id for _, line in pairs}
    return any(who not in known_here and alone > 1 for who, alone in mine.items()) or any(
        who not in known_there and alone > 1 for who, alone in theirs.items()
    )


def _alone(
    sketch: Sketch, here: Sequence[int], there: Sequence[Line], pairs: Sequence[tuple[int, Line]]
) -> tuple[Counter[int], Counter[int | None]]:
    """Return how often each person says what only one of both has."""
    matched, taken = {index for index, _ in pairs}, {line.id for _, line in pairs}
    mine = Counter(sketch.who[index] for index in here if index not in matched)
    return mine, Counter(line.author_id for line in there if line.id not in taken)
