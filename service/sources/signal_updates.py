"""Say in words what happened in a Signal chat. In: the parts of an update message. Out: kind, words, length.

Never: drops an update that is not known: it is of the kind unknown, named by its key.

The keys are those of Signal's Backups.proto as protobuf writes JSON: defaults are left out, 64-bit numbers
are strings, enumerations are names (or numbers, where a writer did not know the name).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from service.sources.json_values import members, number, objects, unix_time, word
from service.sources.raw_message import Kind, RawAddress
from service.sources.signal_people import People, service_id

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CALL_TYPES = ("UNKNOWN_TYPE", "AUDIO_CALL", "VIDEO_CALL")
_DIRECTIONS = ("UNKNOWN_DIRECTION", "INCOMING", "OUTGOING")
_CALL_STATES = ("UNKNOWN_STATE", "ACCEPTED", "NOT_ACCEPTED", "MISSED", "MISSED_NOTIFICATION_PROFILE")
_GROUP_CALL_STATES = (
    *("UNKNOWN_STATE", "GENERIC", "JOINED", "RINGING", "ACCEPTED", "DECLINED", "MISSED"),
    *("MISSED_NOTIFICATION_PROFILE", "OUTGOING_RING"),
)
_OUTCOMES = {
    "MISSED_NOTIFICATION_PROFILE": "missed",
    "GENERIC": "started",
    "OUTGOING_RING": "started",
}
_SIMPLE_TYPES = (
    *("UNKNOWN", "JOINED_SIGNAL", "IDENTITY_UPDATE", "IDENTITY_VERIFIED", "IDENTITY_DEFAULT"),
    *("CHANGE_NUMBER", "RELEASE_CHANNEL_DONATION_REQUEST", "END_SESSION", "CHAT_SESSION_REFRESH"),
    *("BAD_DECRYPT", "PAYMENTS_ACTIVATED", "PAYMENT_ACTIVATION_REQUEST", "UNSUPPORTED_PROTOCOL_MESSAGE"),
    *("REPORTED_SPAM", "BLOCKED", "UNBLOCKED", "MESSAGE_REQUEST_ACCEPTED"),
)
_KNOWN = frozenset(
    {"profileChange", "threadMerge", "sessionSwitchover", "learnedProfileChange", "pollTerminate"}
    | {"expirationTimerChange", "pinMessage", "simpleUpdate", "groupChange"}
)


@dataclass(frozen=True, slots=True)
class Update:
    """What an update message says."""

    kind: Kind
    detail: str
    lasted: timedelta | None = None
    about: tuple[Any, RawAddress | None] | None = None
    """The time and author of the message that it is about."""


def read_update(update: dict[str, Any], people: People) -> Update:
    """Return what an update says; one call is one record."""
    if isinstance(call := update.get("individualCall"), dict):
        return Update(Kind.CALL, _call_words(call))
    if isinstance(call := update.get("groupCall"), dict):
        outcome = _outcome(call.get("state"), _GROUP_CALL_STATES)
        return Update(Kind.CALL, f"{outcome}, group", _lasted(call))
    key = next(iter(update), "")
    if key not in _KNOWN:
        return Update(Kind.UNKNOWN, f"update: {key or 'empty'}")
    value = members(update[key])
    about = None
    if "targetSentTimestamp" in value:
        about = (value["targetSentTimestamp"], people.person(value.get("authorId")))
    return Update(Kind.SYSTEM, _words(key, value, people), about=about)


def ad_hoc_call(call: dict[str, Any]) -> str:
    """Return the outcome of a call by link."""
    return f"{_named(call.get('state'), ('UNKNOWN_STATE', 'GENERIC')).lower().replace('_', ' ')}, by link"


def disappears(milliseconds: Any) -> str:
    """Say how long messages stay; empty for forever."""
    length = number(milliseconds)
    try:
        return f"disappears after {timedelta(milliseconds=length)}" if length and length > 0 else ""
    except OverflowError:
        return ""


def _call_words(call: dict[str, Any]) -> str:
    direction = _named(call.get("direction"), _DIRECTIONS)
    direction = "outgoing" if direction == "OUTGOING" else "incoming"
    outcome = _outcome(call.get("state"), _CALL_STATES)
    if outcome == "not accepted" and direction == "incoming":
        outcome = "declined"
    video = _named(call.get("type"), _CALL_TYPES) == "VIDEO_CALL"
    return f"{outcome}, {direction}, {'video' if video else 'audio'}"


def _lasted(call: dict[str, Any]) -> timedelta | None:
    began = unix_time(call.get("startedCallTimestamp"), per_second=1000)
    ended = unix_time(call.get("endedCallTimestamp"), per_second=1000)
    return ended - began if began and ended and ended > began and began.timestamp() > 0 else None


def _outcome(state: Any, states: tuple[str, ...]) -> str:
    name = _named(state, states)
    name = states[1] if name == states[0] else name  # as Backups.proto tells importers to
    return _OUTCOMES.get(name, name.lower().replace("_", " "))


def _named(value: Any, names: tuple[str, ...]) -> str:
    """Return the name of an enumeration's value; the first where it was left out as the default."""
    if isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    return word(value) or names[0]


def _words(key: str, value: dict[str, Any], people: People) -> str:
    if key == "simpleUpdate":
        return _named(value.get("type"), _SIMPLE_TYPES).lower().replace("_", " ")
    if key == "groupChange":
        return "; ".join(_group_words(value, people)) or "group changed"
    if key == "expirationTimerChange":
        return disappears(value.get("expiresInMs")) or "messages no longer disappear"
    if key == "profileChange":
        return f"profile name: {word(value.get('previousName'))} → {word(value.get('newName'))}"
    return ": ".join(filter(None, (_spaced(key), word(value.get("question")))))


def _group_words(change: dict[str, Any], people: People) -> Iterator[str]:
    for update in objects(change.get("updates")):
        for key, parts in update.items():
            said = [_spaced(key.removesuffix("Update"))]
            said += [_group_part(name, value, people) for name, value in members(parts).items()]
            yield " ".join(filter(None, said))


def _group_part(name: str, value: Any, people: People) -> str:
    """Return a person's name, or the new value of what was changed."""
    if name.endswith(("Aci", "ServiceId")) or name == "aci":
        by = "by " if name in ("updaterAci", "removerAci", "revokerAci", "inviterAci") else ""
        who = service_id(value)
        return by + people.names.get(who, who)
    if name == "expiresInMs":
        return disappears(value)
    return word(value) if name.startswith("new") or name.endswith("Level") else ""


def _spaced(key: str) -> str:
    """Return the words of a key.

    >>> _spaced("groupMemberJoined")
    'group member joined'
    """
    return _WORDS.sub(" ", key).lower()
