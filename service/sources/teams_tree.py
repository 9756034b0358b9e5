"""The files of an export of Microsoft Teams. In: a folder. Out: Names, and which file holds messages.

Never: takes a file that is no message for one.

`teams/teamsList.json`, `teams/<id>/{channels,messages,teamMembers,...}_<id>.json`, `users/usersList.json`,
`users/<id>/{chats,messages,meetings,...}_<id>.json`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.sources.json_values import objects, word
from service.sources.teams_values import Names, folded

_LARGEST = 64 * 1024 * 1024
_NAMED = re.compile(
    r"(?:teamsList|usersList|users|teams|chats|channels)\.json|(?:channels|chats|teamMembers)_.+\.json"
)
_ASIDE = re.compile(r"\w*(?:List|Settings)\.json|[A-Za-z]+_[\w@.:-]+\.json")
_OF_MESSAGES = re.compile(r"messages[_.].*json|messages\.json", re.IGNORECASE)
_ONE_TO_ONE = re.compile(r"19:([0-9a-f-]{36})_([0-9a-f-]{36})@", re.IGNORECASE)


def is_tree(folder: Path) -> bool:
    """Say whether a folder is such an export, one half of it, or what belongs to one team or user."""
    lists = ("teams/teamsList.json", "users/usersList.json", "teamsList.json", "usersList.json")
    if any((folder / one).is_file() for one in lists):
        return True
    messages = f"messages_{folder.name}.json"
    return (folder / messages).is_file()


def is_aside(path: Path) -> bool:
    """Say whether a file tells of people, teams and settings and holds no messages."""
    return _ASIDE.fullmatch(path.name) is not None and not is_of_messages(path)


def is_of_messages(path: Path) -> bool:
    """Say whether a file is named as one of messages."""
    return _OF_MESSAGES.fullmatch(path.name) is not None


def read_names(files: list[Path]) -> Names:
    """Read the names of people, teams, channels and chats from those files that list them."""
    names: Names = {}
    channels: list[tuple[str, str, str]] = []
    for path in files:
        if not _NAMED.fullmatch(path.name):
            continue
        for one in _objects_of(path):
            number = word(one.get("id")) or word(one.get("groupsid")) or word(one.get("userid"))
            name = word(one.get("displayname")) or word(one.get("name")) or word(one.get("topic"))
            if path.name.startswith("channels"):
                channels.append((path.stem.partition("_")[2], number, name))
            elif path.name.startswith("chats"):
                names.setdefault(number, name or _people(one))
            elif number and name:
                names.setdefault(number, name)
    for team, channel, name in channels:
        names[channel] = " / ".join(filter(None, (names.get(team, ""), name)))
    return names


def chat_title(key: str, names: Names) -> str:
    """Return the name of a chat or channel: a chat of two without one is called after both."""
    if names.get(key):
        return names[key]
    pair = _ONE_TO_ONE.match(key)
    people = [names[one] for one in pair.groups() if names.get(one)] if pair else []
    return ", ".join(people) or key


def _people(chat: dict[str, Any]) -> str:
    return ", ".join(filter(None, (word(one.get("displayname")) for one in objects(chat.get("members")))))


def _objects_of(path: Path) -> Iterator[dict[str, Any]]:
    try:
        if path.stat().st_size > _LARGEST:
            return
        value = folded(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return
    yield from objects(value.get("value") if isinstance(value, dict) else value)
