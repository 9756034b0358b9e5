"""Turn one post of Mattermost into a record: of the bulk export, of `mmctl post list`, of the live API.

In: the object as Mattermost gives it, with its bytes. Out: RawMessage.
Never: drops a type it does not know, shows what a plugin keeps in `props` (links to join meetings).

Sources: https://docs.mattermost.com/administration-guide/manage/bulk-export-tool.html and
https://developers.mattermost.com/api-documentation/#/operations/GetPost.

People are known by username: the bulk export has nothing else, and nobody shares one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service.sources.emoji_names import emoji_named, with_emoji
from service.sources.json_values import byte_count, members, number, objects, seconds, unix_time, word
from service.sources.media import media_type
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    RawReaction,
    RawRevision,
)
from service.sources.slack_directory import SlackDirectory
from service.sources.slack_text import attachment_text

FORMAT = "mattermost"
_MILLISECONDS = 1000
_WRITTEN = frozenset({"", "me", "slack_attachment", "reminder", "burn_on_read"})
_CALLS = frozenset({"custom_calls", "custom_zoom", "custom_jitsi", "custom_mstmeetings", "custom_webex"})
_VOICE = frozenset({"custom_voice", "custom_voice_message"})
_NOTICES = frozenset({"add_bot_teams_channels", "warn_metric_status"})
_UNTYPED_NOTICES = {
    "system_join": re.compile(r"@?(?P<user>\S+) joined the (?P<place>channel|team)\."),
    "system_leave": re.compile(r"@?(?P<user>\S+) left the (?P<place>channel|team)\."),
    "system_add_to": re.compile(r"@?\S+ added to the (?P<place>channel|team) by @?(?P<user>\S+)\."),
}
"""Bulk exports of before 2020 have no types: there only the server's own words tell a notice."""
_NO_BYTES = "the export has only the name of this file"
_NOBODY = SlackDirectory()

AttachFile = Callable[[dict[str, Any]], RawAttachment | None]
"""Given a file of a post: the file with its bytes, or None where they are not at hand."""


def no_bytes(_file: dict[str, Any]) -> None:
    """Have no files at hand."""


@dataclass(frozen=True, slots=True)
class MattermostDirectory:
    """Who is who on a server."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Names for people, by username."""
    usernames: Mapping[str, str] = field(default_factory=dict)
    """By id: what the API has in its posts."""

    def person(self, user: str) -> RawAddress | None:
        """Return the address of a person by username or id."""
        username = self.usernames.get(user, user)
        name = self.names.get(username, "")
        return RawAddress(AddressKind.MATTERMOST, username, name or username) if username else None


@dataclass(frozen=True, slots=True)
class MattermostChat:
    """What a post does not say itself."""

    conversation: RawConversation
    directory: MattermostDirectory = field(default_factory=MattermostDirectory)
    attach: AttachFile = no_bytes


def full_name(user: dict[str, Any]) -> str:
    """Return the name of a person: first and last, else the nickname, else the username.

    >>> full_name({"username": "ania", "first_name": "Anna", "last_name": "Nowak", "nickname": "A"})
    'Anna Nowak'
    """
    full = f"{word(user.get('first_name'))} {word(user.get('last_name'))}".strip()
    return full or word(user.get("nickname")) or word(user.get("username"))


def post_id(raw: dict[str, Any]) -> str:
    """Return the id of a post; the bulk export has none, so there its author and instant stand for it.

    Notices of the server have none there, unless somebody answered: it writes several within a millisecond.
    """
    if id_ := word(raw.get("original_id")) or word(raw.get("id")):
        return id_
    at, user = number(raw.get("create_at")), word(raw.get("user"))
    one_of_many = type_of(raw).startswith("system_") and not raw.get("replies")
    return f"{at}/{user}" if at and user and not one_of_many else ""


def read_post(
    raw: dict[str, Any],
    original: bytes,
    position: int,
    chat: MattermostChat,
    *,
    root: str = "",
    warnings: tuple[str, ...] = (),
) -> RawMessage:
    """Return a post as a record; `root` is the post that opened its thread, where `raw` does not say so."""
    kind = _kind(raw)
    written = kind not in (Kind.SYSTEM, Kind.CALL, Kind.DELETED)
    text, forwarded_from = _text(raw, chat.directory) if written else ("", None)
    root = word(raw.get("root_id")) or root
    edited_at = _time(raw.get("edit_at"))
    return RawMessage(
        format=FORMAT,
        channel=FORMAT,
        kind=kind,
        original=original,
        position=position,
        external_id=post_id(raw),
        author=_author(raw, chat.directory),
        sent_at=_time(raw.get("create_at")),
        text=text,
        conversation=chat.conversation,
        reply_to=root or None,
        thread=root or (post_id(raw) or None if raw.get("replies") else None),
        attachments=tuple(_attachments(raw, chat)),
        duration_for=_duration(raw, kind),
        edited=edited_at is not None and written,
        edited_at=edited_at if written else None,
        revisions=_revisions(raw, kind, chat.directory),
        reactions=tuple(_reactions(raw, chat.directory)),
        forwarded_from=forwarded_from,
        detail=_detail(raw, kind),
        warnings=warnings,
    )


def _time(value: Any) -> datetime | None:
    return unix_time(value, _MILLISECONDS) if number(value) else None


# What it is.


def type_of(raw: dict[str, Any]) -> str:
    """Return the type of a post; empty for what somebody wrote.

    >>> type_of({"user": "ania", "message": "ania joined the channel."})
    'system_join_channel'
    """
    if "type" in raw or "edit_at" in raw:
        return word(raw.get("type"))
    said, user = word(raw.get("message")), raw.get("user")
    for type_, words in _UNTYPED_NOTICES.items():
        if (found := words.fullmatch(said)) and found["user"] == user:
            return f"{type_}_{found['place']}"
    return ""


def _kind(raw: dict[str, Any]) -> Kind:
    type_ = type_of(raw)
    # A post that was edited leaves its earlier text behind as a deleted one with the id of the new.
    if number(raw.get("delete_at")) and not raw.get("original_id"):
        return Kind.DELETED
    if type_ in _CALLS:
        return Kind.CALL
    if type_ in _VOICE:
        return Kind.VOICE
    if type_.startswith("system_") or type_ in _NOTICES:
        return Kind.SYSTEM
    # Plugins write posts of their own types: polls, tickets, recordings.
    if type_ in _WRITTEN or type_.startswith("custom_"):
        types = [_type_of(file) for file in _files(raw)]
        images = all(one.startswith("image/") for one in types)
        return Kind.TEXT if not types else Kind.IMAGE if images else Kind.FILE
    return Kind.UNKNOWN


def _detail(raw: dict[str, Any], kind: Kind) -> str:
    type_ = type_of(raw)
    if kind == Kind.CALL:
        props = members(raw.get("props"))
        over = number(props.get("end_at")) or word(props.get("meeting_status")).upper() == "ENDED"
        return "ended" if over else "ongoing"
    if kind == Kind.SYSTEM:
        return ": ".join(filter(None, (type_, with_emoji(word(raw.get("message"))))))
    return type_


# What it says.


def _text(raw: dict[str, Any], directory: MattermostDirectory) -> tuple[str, str | None]:
    """Return the words, and whose they are where their author only passed a link to them on."""
    said = with_emoji(word(raw.get("message")))
    parts = [said]
    for attachment in objects(members(raw.get("props")).get("attachments")):
        parts.append(attachment_text(attachment, _NOBODY))
        parts += [f"- {word(one.get('name'))}" for one in objects(attachment.get("actions")) if _is_vote(one)]
    text = "\n".join(filter(None, parts))
    if not text or (text == said and "\n" not in text and " " not in text and "/pl/" in text):
        for embed in objects(members(raw.get("metadata")).get("embeds")):
            shared = members(members(embed.get("data")).get("post"))
            if embed.get("type") == "permalink" and shared.get("message"):
                whose = directory.person(word(shared.get("user_id")))
                return with_emoji(word(shared["message"])), whose.name if whose else "unknown"
    return text, None


def _is_vote(action: dict[str, Any]) -> bool:
    """Say whether a button is an option of a poll (Matterpoll), not one to end it."""
    return word(action.get("id")).startswith("vote")


def _revisions(raw: dict[str, Any], kind: Kind, directory: MattermostDirectory) -> tuple[RawRevision, ...]:
    """Return the words of a post that was deleted since; administrators still get them from the server."""
    said = _text(raw, directory)[0] if kind == Kind.DELETED else ""
    return (RawRevision(said, _time(raw.get("create_at"))),) if said else ()


# Who wrote and reacted.


def _author(raw: dict[str, Any], directory: MattermostDirectory) -> RawAddress | None:
    person = directory.person(word(raw.get("user")) or word(raw.get("user_id")))
    given = word(members(raw.get("props")).get("override_username"))
    if given and person is not None:
        return RawAddress(person.kind, person.value, given)
    return person


def _reactions(raw: dict[str, Any], directory: MattermostDirectory) -> Iterator[RawReaction]:
    given = raw.get("reactions") or members(raw.get("metadata")).get("reactions")
    for reaction in objects(given):
        person = directory.person(word(reaction.get("user")) or word(reaction.get("user_id")))
        name = emoji_named(word(reaction.get("emoji_name"))) or "?"
        yield RawReaction(name, person, _time(reaction.get("create_at")))


# Files and lengths.


def _files(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the files: `attachments` of exports, metadata of the API, ids where it has no more."""
    found = list(objects(raw.get("attachments"))) or list(objects(members(raw.get("metadata")).get("files")))
    ids = raw.get("file_ids")
    yield from found or ({"id": one} for one in (ids if isinstance(ids, list) else []))


def name_of(file: dict[str, Any]) -> str:
    """Return the name of a file: that of its path in an export."""
    path = word(file.get("path")).replace("\\", "/").rstrip("/")
    return word(file.get("name")) or path.rpartition("/")[2] or word(file.get("id"))


def _type_of(file: dict[str, Any]) -> str:
    type_ = word(file.get("mime_type"))
    return type_ if "/" in type_ else media_type(name_of(file))


def _attachments(raw: dict[str, Any], chat: MattermostChat) -> Iterator[RawAttachment]:
    for file in _files(raw):
        name, type_, size = name_of(file), _type_of(file), byte_count(file.get("size"))
        yield chat.attach(file) or RawAttachment(name, type_, size, missing=_NO_BYTES)


def _duration(raw: dict[str, Any], kind: Kind) -> timedelta | None:
    props = members(raw.get("props"))
    start, end = number(props.get("start_at")), number(props.get("end_at"))
    if kind == Kind.CALL and start and end:
        return seconds((end - start) / _MILLISECONDS)
    length = number(props.get("duration"))
    return seconds(length / _MILLISECONDS) if kind == Kind.VOICE and length else None
