"""What is known of a Matrix room, and what happens to it. In: events. Out: names, and events in words.

Never: guesses; an event that is not known here is for the caller to keep as unknown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from service.sources.json_values import members, word
from service.sources.raw_message import AddressKind, RawAddress, RawAttachment, RawConversation

_MOST_REMEMBERED = 10_000

_STATE = {
    "m.room.create": "the room was created",
    "m.room.encryption": "encryption was switched on",
    "m.room.avatar": "the room's picture was changed",
    "m.room.power_levels": "rights were changed",
    "m.room.pinned_events": "pinned messages were changed",
    "m.room.third_party_invite": "invited somebody by mail or phone",
}
_NAMED = {
    "m.room.name": ("the room was named", "name"),
    "m.room.topic": ("the topic was set", "topic"),
    "m.room.join_rules": ("joining was set to", "join_rule"),
    "m.room.history_visibility": ("history was set to be seen by", "history_visibility"),
    "m.room.guest_access": ("guests:", "guest_access"),
    "m.room.canonical_alias": ("the room's address was set", "alias"),
    "m.room.tombstone": ("the room was replaced", "body"),
}
_MEMBERSHIP = {
    "join": "joined",
    "leave": "left",
    "invite": "was invited",
    "ban": "was banned",
    "knock": "asked to join",
}


_Value = TypeVar("_Value")
Attach = Callable[[dict[str, Any], RawAttachment], RawAttachment]
"""Find the bytes of an event's file: given the event and the file as it is named, return it with them."""


def _not_there(_event: dict[str, Any], named: RawAttachment) -> RawAttachment:
    return named


@dataclass(slots=True)
class MatrixRoom:
    """What is known of a room; `read_event` adds what it learns."""

    key: str = ""
    """The room's id; empty where each event names its own."""
    title: str = ""
    names: dict[str, str] = field(default_factory=dict)
    """Display names by user id; a user who is not here is shown by id."""
    attach: Attach = _not_there
    answered: dict[str, datetime] = field(default_factory=dict)
    """When the calls that may still end were answered, by call id."""
    polls: dict[str, dict[str, str]] = field(default_factory=dict)
    """The answers of polls by poll and id: votes carry ids only."""

    def learn(self, event: dict[str, Any]) -> None:
        """Take a display name or the room's name out of a state event."""
        content = members(event.get("content"))
        if event.get("type") == "m.room.member" and (name := word(content.get("displayname"))):
            self.names[word(event.get("state_key"))] = name
        elif event.get("type") == "m.room.name" and (name := word(content.get("name"))):
            self.title = name

    def person(self, user: Any) -> RawAddress | None:
        """Return a user by id; None for nobody."""
        value = word(user)
        return RawAddress(AddressKind.MATRIX, value, self.names.get(value, "")) if value else None

    def conversation(self, event: dict[str, Any]) -> RawConversation:
        """Return the room of an event."""
        key = self.key or word(event.get("room_id")) or self.title
        return RawConversation(key or "unknown room", self.title or key or "unknown room")


def remember(known: dict[str, _Value], key: str, value: _Value) -> None:
    """Keep a value; the oldest is forgotten once there are 10,000."""
    if len(known) >= _MOST_REMEMBERED:
        del known[next(iter(known))]
    known[key] = value


def service_words(event: dict[str, Any], names: Mapping[str, str]) -> str:
    """Return what a service event says; empty for what is none, or is not known."""
    type_, content = word(event.get("type")), members(event.get("content"))
    if type_ == "m.room.member":
        return _membership(event, content, names)
    if type_ == "m.room.redaction":
        return ": ".join(filter(None, ("a message was taken back", word(content.get("reason")))))
    if type_ in _NAMED:
        said, key = _NAMED[type_]
        return f"{said} {word(content.get(key))}".strip()
    if type_ in _STATE:
        return _STATE[type_]
    # State belongs to the room; nobody wrote it.
    return type_ if "state_key" in event else ""


def _membership(event: dict[str, Any], content: dict[str, Any], names: Mapping[str, str]) -> str:
    user, sender = word(event.get("state_key")), word(event.get("sender"))
    who = word(content.get("displayname")) or names.get(user, "") or user
    state = word(content.get("membership"))
    before = members(members(event.get("unsigned")).get("prev_content"))
    if state == "join" and before.get("membership") == "join":
        old = word(before.get("displayname"))
        return f"{old or user} is now called {who}" if old != who else f"{who} changed the profile"
    if state == "leave" and user != sender:
        kicked = "had the ban lifted" if before.get("membership") == "ban" else "was removed"
        return ": ".join(filter(None, (f"{who} {kicked}", word(content.get("reason")))))
    return f"{who} {_MEMBERSHIP.get(state, state)}".strip()
