"""The files of a Slack export and what lies where in it. In: a folder. Out: its histories, Unreadable.

Never: follows links, leaves a file of the folder unmentioned that is not known to be without messages.

The layouts:

* Slack's own export, with lists of conversations and a folder for each: channels by name, others by id
  (`channels.json`, `users.json`, `general/2025-03-03.json`); on Enterprise Grid several of those in one.
* slackdump's and slack-advanced-exporter's: the same, with files in `__uploads/<id>/` or
  `<conversation>/attachments/<id>-<name>`.
* slackdump's dump: one file for each conversation, `C0123ABCD.json`, with its files in `C0123ABCD/`.
* One folder of day files, without any list.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from service.sources.json_records import Layout, read_pieces
from service.sources.json_values import byte_count, word
from service.sources.media import attach, find
from service.sources.raw_message import RawAttachment, RawConversation, Unreadable
from service.sources.slack_directory import SlackDirectory, names_of, title_of

LISTS = ("channels.json", "groups.json", "dms.json", "mpims.json", "file_conversations.json")
PEOPLE = ("org_users.json", "users.json")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
DUMP = re.compile(r"([CDG][A-Z0-9]{5,})(?:-\d+\.\d+)?\.json")
_KNOWN = frozenset(
    {*LISTS, *PEOPLE, "integration_logs.json", "canvases.json", "lists.json", "content_flags.json"}
    | {"teams.json", "usergroups.json", "workspace.json", "emoji.json", "index.json"}
    | {"canvas_in_the_conversation.json"}
)
"""Files of an export that hold no messages."""
MEDIA = frozenset({"__uploads", "__avatars", "__emoji", "attachments", "emojis"})
_NOISE = ("__MACOSX", "Thumbs.db", "desktop.ini")
_LIST = Layout(
    arrays=frozenset({(), ("members",), ("users",), ("channels",)}),
    element=re.compile(rb'\{\s*"id"\s*:'),
    array=re.compile(rb'"(?:users|channels)"\s*:\s*\['),
)


def is_dump(path: Path) -> bool:
    """Say whether slackdump would give a file of messages this name."""
    return bool(DUMP.fullmatch(path.name))


def may_be_of_slack(path: Path) -> bool:
    """Say whether a file of this name can be in a Slack export, or in any folder of any system."""
    name = path.name
    return bool(name in _KNOWN or name in _NOISE or name[0] == "." or is_dump(path) or DAY.fullmatch(name))


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the lists of an export say."""

    directory: SlackDirectory = field(default_factory=SlackDirectory)
    conversations: Mapping[str, RawConversation] = field(default_factory=dict)
    """By the name of their folder, which is theirs or their id."""


@dataclass(frozen=True, slots=True)
class History:
    """A file of messages, and the conversation that its place in the export says it belongs to."""

    path: Path
    place: str
    conversation: RawConversation
    workspace: Workspace


def histories(folder: Path, place: str, workspace: Workspace | None = None) -> Iterator[History | Unreadable]:
    """Yield the day files and dumps in a folder and those inside it, in the order of names."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        yield Unreadable(place, f"cannot be read: {error.strerror}; let this user read it and run again")
        return
    found, damaged = read_lists(folder, place, workspace or Workspace())
    yield from damaged
    named = conversation_named(PurePosixPath(place.removesuffix("!")).name.removesuffix(".zip"), found)
    dumps = {match[1] for entry in entries if (match := DUMP.fullmatch(entry.name))}
    for entry in entries:
        where = f"{place}/{entry.name}"
        if entry.name in _NOISE or entry.name.startswith("."):
            continue
        if entry.is_symlink():
            yield Unreadable(where, "is a link; put the file itself there")
        elif entry.is_dir():
            if entry.name not in MEDIA and entry.name not in dumps:
                yield from histories(entry, where, found)
        elif DAY.fullmatch(entry.name):
            yield History(entry, where, named, found)
        elif dump := DUMP.fullmatch(entry.name):
            yield History(entry, where, conversation_named(dump[1], found), found)
        elif entry.name not in _KNOWN:
            yield Unreadable(where, "is no part of a Slack export; give it by itself if it is to be read")


def conversation_named(name: str, workspace: Workspace) -> RawConversation:
    """Return the conversation of a folder; one that no list knows has nothing but that name."""
    return workspace.conversations.get(name) or RawConversation(name, name)


def read_lists(folder: Path, place: str, outer: Workspace) -> tuple[Workspace, list[Unreadable]]:
    """Read who and what a folder's lists name, on top of what the folder around it does."""
    damaged: list[Unreadable] = []

    def listed(name: str) -> Iterator[dict[str, Any]]:
        path = folder / name
        if not path.is_file() or path.is_symlink():
            return
        try:
            for piece in read_pieces(path, _LIST):
                if piece.error is None and isinstance(piece.value, dict):
                    yield piece.value
                else:
                    why = piece.error or "an entry that is no JSON object"
                    damaged.append(Unreadable(f"{place}/{name}, byte {piece.start}", why, piece.original))
        except OSError as error:
            damaged.append(Unreadable(f"{place}/{name}", f"cannot be read: {error.strerror}"))

    users = dict(outer.directory.users)
    for name in PEOPLE:
        users |= names_of(listed(name))
    channels, conversations = dict(outer.directory.channels), dict(outer.conversations)
    for name in LISTS:
        for one in listed(name):
            if not (id_ := word(one.get("id"))):
                continue
            title = title_of(one, users) or id_
            own = word(one.get("name"))
            channels[id_] = own or title
            conversations |= dict.fromkeys(filter(None, (id_, own)), RawConversation(id_, title))
    directory = replace(outer.directory, users=users, channels=channels)
    return Workspace(directory, conversations), damaged


def attach_file(
    root: Path, history: History, file: dict[str, Any], name: str, type_: str
) -> RawAttachment | None:
    """Return a file that the export brought along; None where it did not."""
    id_ = word(file.get("id"))
    if not id_ or not name:
        return None
    folder = history.path.parent
    within = folder.relative_to(root) if folder.is_relative_to(root) else Path()
    for base in (within, *within.parents):
        for path in (
            f"__uploads/{id_}/{name}",
            f"attachments/{id_}-{name}",
            f"{history.conversation.key}/{id_}-{name}",
        ):
            there = f"{base.as_posix()}/{path}"
            if find(root, there):
                return attach(root, there, shown=name, type_=type_, size=byte_count(file.get("size")))
    return None
