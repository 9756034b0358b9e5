"""Who and what the ids of a Slack workspace stand for. In: objects of the API or export. Out: names.

Never: guesses a name for an id that the workspace does not list.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.sources.json_values import members, objects, word

SLACKBOT = "USLACKBOT"
_NOBODY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class SlackDirectory:
    """Names by id; an id that is missing in it is shown as it is."""

    users: Mapping[str, str] = field(default_factory=dict)
    """Also bots, by the id that their messages bear (`B…`)."""
    channels: Mapping[str, str] = field(default_factory=dict)
    """Without the `#` before it."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Handles of user groups, without the `@`."""

    def user(self, id_: str, otherwise: str = "") -> str:
        """Return the name that Slack shows for a person or bot."""
        return self.users.get(id_) or otherwise or ("Slackbot" if id_ == SLACKBOT else "")


def names_of(users: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return names by id, from the objects of `users.json` or of the method `users.list`."""
    found: dict[str, str] = {}
    for user in users:
        name = profile_name(user)
        for id_ in (word(user.get("id")), word(members(user.get("profile")).get("bot_id"))):
            if id_ and name:
                found[id_] = name
    return found


def profile_name(user: dict[str, Any]) -> str:
    """Return what Slack shows: the display name, else the real one, else the handle.

    Takes a user, or the `user_profile` that messages of people from other workspaces bear.

    >>> profile_name({"name": "anna", "profile": {"display_name": "", "real_name": "Anna Nowak"}})
    'Anna Nowak'
    """
    profile = members(user.get("profile"))
    return (
        word(profile.get("display_name"))
        or word(user.get("display_name"))
        or word(profile.get("real_name"))
        or word(user.get("real_name"))
        or word(user.get("name"))
    )


def title_of(conversation: dict[str, Any], users: Mapping[str, str] = _NOBODY) -> str:
    """Return the name of a channel, or those of the people in a conversation that has none of its own.

    >>> title_of({"id": "D1", "members": ["U1", "U2"]}, {"U1": "Anna", "U2": "Ivan"})
    'Anna, Ivan'
    """
    name = word(conversation.get("name"))
    within = conversation.get("members")
    if isinstance(within, list) and within and (not name or name.startswith("mpdm-")):
        return ", ".join(users.get(one) or one for one in map(word, within) if one)
    return name or users.get(word(conversation.get("user")), "")


def channels_of(conversations: Any) -> dict[str, str]:
    """Return names by id, from the objects of `channels.json` or of the method `conversations.list`."""
    return {word(one.get("id")): word(one.get("name")) for one in objects(conversations) if one.get("name")}
