"""Whether two people are one. In: what is known of addresses. Out: Suggestions. Never: merges anybody.

By keys, never each with each: people who share a mail address, a phone, a handle or a name stand in one
bucket. A name that many bear says nothing, so its bucket is passed over. What exports say of the same
messages counts most, a short name least; reasons add up, and what a person has said is never asked again.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, islice
from math import prod

from service.archive.name_sounds import is_first_name, keys_of
from service.archive.phones import phone_of
from service.sources.raw_message import AddressKind

MOST = 100
"""Suggestions that are made at once: the strongest."""
CROWD = 5
"""People in a bucket who are compared each with each; of more, the first with each of the others."""
MANY = 30
"""A full name that so many bear is no name but a title: Support, or a robot's."""
WORTH_ASKING = 0.3
"""Less is not suggested."""

Pair = tuple[int, int]
"""Two people, the lower id first."""


class Why(StrEnum):
    """What speaks for two people being one."""

    MESSAGES = "same_messages"
    MAIL = "same_mail"
    PHONE = "same_phone"
    CARD = "contact_card"
    SIGNED = "signed_phone"
    HANDLE = "same_handle"
    NAME = "same_name"
    FAMILIAR = "short_name"
    FIRST = "first_name"


_WEIGHTS = {
    Why.MAIL: 0.95,
    Why.PHONE: 0.9,
    Why.CARD: 0.85,
    Why.SIGNED: 0.8,
    Why.NAME: 0.6,
    Why.HANDLE: 0.5,
    Why.FAMILIAR: 0.4,
    Why.FIRST: 0.3,
}
_BY_MESSAGES = {1: 0.7, 2: 0.9}
"""How many messages are the same; from three on, it is as good as sure."""
_MAIL = re.compile(r"[^@\s:;,<>]+@[^@\s:;,<>]+\.[^@\s:;,<>.]{2,}")
_HANDLE = re.compile(r"@?(?:live:)?\.?([a-z][a-z0-9._-]{3,}[a-z0-9])")
_SEPARATED = re.compile(r"[._\d-]")
_NUMBERED = re.compile(r"(?:user|id|channel|recipient|cid)?[\W_]*\d+")
_NUMBERS = frozenset({AddressKind.PHONE, AddressKind.WHATSAPP, AddressKind.VIBER, AddressKind.OTHER})
_NO_HANDLES = frozenset({AddressKind.MAIL, AddressKind.PHONE, AddressKind.SLACK, AddressKind.TEAMS})
_SHARED = frozenset(
    re.findall(
        r"\S+",
        """
        admin administracja biuro billing contact faktury finance hello help hr info invoice jobs kontakt mail
        marketing news newsletter no-reply noreply notification notifications office order orders robot sales
        sekretariat service sklep spam support team zakaz
        """,
    )
)
"""Mailboxes of nobody in particular: the name on them is whoever used them first."""


@dataclass(frozen=True, slots=True)
class Known:
    """An address, and whose it is."""

    id: int
    kind: str
    value: str
    name: str
    person_id: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two people may be one."""

    why: Why
    detail: str = ""
    """The mail address, number, handle or names that say it."""
    count: int = 1
    """How many messages; 1 for anything else."""

    def __str__(self) -> str:
        """Return the reason in words."""
        messages = "1 message" if self.count == 1 else f"{self.count} messages"
        return {
            Why.MESSAGES: f"two exports show the same {messages} as theirs",
            Why.MAIL: f"same mail address: {self.detail}",
            Why.PHONE: f"same phone: {self.detail}",
            Why.CARD: f"one contact card has both: {self.detail}",
            Why.SIGNED: f"the phone is in the mail signature: {self.detail}",
            Why.HANDLE: f"same handle: {self.detail}",
            Why.NAME: f"same name: {self.detail}",
            Why.FAMILIAR: f"same name, shortened: {self.detail}",
            Why.FIRST: f"same first name: {self.detail}",
        }[self.why]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two people who may be one, and why."""

    pair: Pair
    reasons: tuple[Reason, ...]
    """The strongest first."""
    strength: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What two addresses have in common beyond themselves."""

    why: Why
    one: int
    """Address id."""
    other: int
    detail: str = ""
    count: int = 1


def suggest(known: Sequence[Known], shared: Iterable[Shared], apart: frozenset[Pair]) -> list[Suggestion]:
    """Return who may be one, the strongest first; never the pairs that somebody has told apart."""
    found: dict[Pair, dict[Why, Reason]] = defaultdict(dict)
    people = {one.id: one.person_id for one in known}
    counts: dict[Pair, int] = defaultdict(int)
    for one in shared:
        if one.one in people and one.other in people:
            pair = _pair(people[one.one], people[one.other])
            counts[pair] += one.count
            count = counts[pair] if one.why is Why.MESSAGES else 1
            found[pair][one.why] = Reason(one.why, one.detail, count)
    for pair, reason in _by_keys(known):
        found[pair].setdefault(reason.why, reason)
    told = [
        _suggestion(pair, reasons)
        for pair, reasons in found.items()
        if pair[0] != pair[1] and pair not in apart
    ]
    worth = [one for one in told if one.strength >= WORTH_ASKING]
    return list(islice(_joining(sorted(worth, key=lambda one: (-one.strength, one.pair))), MOST))


def _joining(found: Iterable[Suggestion]) -> Iterator[Suggestion]:
    """Leave out what follows from stronger ones: who is one with two others makes these one as well."""
    groups: dict[int, set[int]] = {}
    for one in found:
        first, second = (groups.setdefault(key, {key}) for key in one.pair)
        if first is not second:
            yield one
            first |= second
            groups.update(dict.fromkeys(second, first))


def phones_of(one: Known) -> set[str]:
    """Return the phone numbers that an address is, or is called: ids of platforms are digits too."""
    texts = [one.name]
    if one.kind in _NUMBERS or one.value.startswith("+"):
        texts.append(one.value)
    # Most names do not end in a digit; a number does.
    return {phone for text in texts if text[-1:].isdigit() and (phone := phone_of(text))}


def _suggestion(pair: Pair, reasons: Mapping[Why, Reason]) -> Suggestion:
    left_out = {
        weaker
        for stronger, weaker in ((Why.NAME, Why.FAMILIAR), (Why.PHONE, Why.SIGNED), (Why.MAIL, Why.HANDLE))
        if stronger in reasons
    }
    weighed = sorted(
        ((_weight(reason), reason) for why, reason in reasons.items() if why not in left_out),
        key=lambda one: -one[0],
    )
    strength = 1 - prod(1 - weight for weight, _ in weighed)
    return Suggestion(pair, tuple(reason for _, reason in weighed), round(strength, 3))


def _weight(reason: Reason) -> float:
    return _BY_MESSAGES.get(reason.count, 0.97) if reason.why is Why.MESSAGES else _WEIGHTS[reason.why]


def _by_keys(known: Sequence[Known]) -> Iterator[tuple[Pair, Reason]]:
    buckets: dict[tuple[Why, str], list[Known]] = defaultdict(list)
    for one in known:
        for why, key in _keys(one):
            buckets[why, key].append(one)
    for (why, key), some in buckets.items():
        if len(some) > 1:
            people = {one.person_id: one for one in reversed(some)}
            for one, other in _pairs(why, key, list(reversed(people.values()))):
                yield _pair(one.person_id, other.person_id), Reason(why, _detail(why, key, one, other))


def _pairs(why: Why, key: str, people: Sequence[Known]) -> Iterable[tuple[Known, Known]]:
    if why is Why.FIRST:
        # Two Kasias may be one, if there is no third, and no platform tells them apart.
        kinds = {one.kind for one in people}
        return [(people[0], people[1])] if len(people) == len(kinds) == 2 else []
    if why is Why.HANDLE and not _SEPARATED.search(key):
        # What stands before the @ of two firms is often the same word.
        people = [*(one for one in people if one.kind == AddressKind.MAIL)][:1] + [
            one for one in people if one.kind != AddressKind.MAIL
        ]
    if len(people) > MANY or (why is Why.FAMILIAR and len(people) > CROWD):
        return []
    if len(people) <= CROWD:
        return combinations(people, 2)
    return [(people[0], other) for other in people[1:]]


def _detail(why: Why, key: str, one: Known, other: Known) -> str:
    if why in {Why.NAME, Why.FAMILIAR, Why.FIRST}:
        names = dict.fromkeys((one.name or one.value, other.name or other.value))
        return " = ".join(names)
    return key


def _keys(one: Known) -> Iterator[tuple[Why, str]]:
    value = one.value.casefold()
    mails = {text.casefold() for text in (value, one.name) if "@" in text and _MAIL.fullmatch(text)}
    for mail in mails:
        yield Why.MAIL, mail
    phones = phones_of(one)
    for phone in phones:
        yield Why.PHONE, phone
    for handle in _handles(one, value):
        yield Why.HANDLE, handle
    if one.name and not (phones or one.name.casefold() in mails) and not _is_shared(one):
        yield from _by_name(one)


def _handles(one: Known, value: str) -> Iterator[str]:
    texts = [one.name.casefold()] if one.name.startswith("@") else []
    if one.kind == AddressKind.MAIL and not _is_shared(one):
        texts.append(value.partition("@")[0])
    elif one.kind == AddressKind.MATRIX:
        texts.append(value.removeprefix("@").partition(":")[0])
    elif one.kind not in _NO_HANDLES and one.value != one.name:
        texts.append(value)
    for text in texts:
        found = _HANDLE.fullmatch(text)
        if (
            found
            and found[1] not in _SHARED
            and not _NUMBERED.fullmatch(found[1])
            and not is_first_name(found[1])
        ):
            yield found[1]


def _by_name(one: Known) -> Iterator[tuple[Why, str]]:
    keys = keys_of(one.name)
    for key in keys.whole:
        yield Why.NAME, key
    for key in keys.familiar:
        yield Why.FAMILIAR, key
    if keys.single:
        yield Why.FIRST, keys.single


def _is_shared(one: Known) -> bool:
    """Say whether an address is of nobody in particular."""
    local = one.value.partition("@")[0].partition("+")[0]
    return one.kind == AddressKind.MAIL and (local in _SHARED or local.startswith(("no-reply", "noreply")))


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
