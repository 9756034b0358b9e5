"""Google Chat as Google Takeout exports it: `Google Chat/Groups/<chat>/messages.json`, its files beside it.

In: that folder, `Groups`, the folder of one chat, or one messages.json. Out: one record per message or call.
Never: takes a time for one that it may not be: its sentences are in the language of the account.

A deleted message keeps its id and the time of its deletion. Files on disk have other names than in the JSON:
`?` and its like became `_`, long ones were cut.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from service.sources.json_records import Layout, Piece, read_pieces
from service.sources.json_values import members, objects, storable, word
from service.sources.media import attach, find, fold_name, media_type
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    RawReaction,
    RawRevision,
    Record,
    Unreadable,
)
from service.sources.source import Export, Sample
from service.sources.written_times import written_time

_MESSAGES, _INFO, _USER = "messages.json", "group_info.json", "user_info.json"
_KEYS = (b'"topic_id"', b'"message_id"', b'"created_date"', b'"creator"', b'"user_type"', b'"message_state"')
_ENOUGH_KEYS = 3
_START = re.compile(rb'^(?:\xef\xbb\xbf)?\s*\{\s*"messages"\s*:\s*\[')
_LAYOUT = Layout(
    arrays=frozenset({("messages",)}),
    # A quote begins with its creator and its text.
    element=re.compile(
        rb'\{\s*"(?:creator"\s*:\s*\{\s*"(?:name|email|user_type)"[^{}]*\}\s*,\s*"(?!text")\w'
        rb'|message_state"|topic_id"|message_id")'
    ),
    array=re.compile(rb'"messages"\s*:\s*\['),
)
_NAMED_BY_ID = re.compile(r"(?:DM|Space|Room|Group(?: Chat)?) ([A-Za-z0-9_-]+)")
_ON_DISK = re.compile(r'[?&<>:"|*%\\/\']')
_LARGEST_INFO = 16 * 1024 * 1024
_SHORTEST_CUT = 20
"""Characters of a name that was cut: Takeout cuts after about 50."""
_VOICE = re.compile(r"voice[ _-]?(?:message|note|clip)|audio[ _-]?message", re.IGNORECASE)
_SAYS_SOMETHING = frozenset(
    {"creator", "text", "created_date", "message_id", "topic_id", "quoted_message_metadata"}
)
_IN_DRIVE = "it is kept in Google Drive; export Drive with Takeout too"
_NOT_HERE = "not in this part of the export; unpack all parts of Takeout into one folder and read that"
_NO_MESSAGES = "holds no list of messages; export it again"
_FOREIGN = (
    "no message here names this file; if Takeout gave several parts, unpack all of them into one folder, "
    "and if it is an export of its own, move it out"
)


class GoogleChat:
    """Times are aware: Takeout prints UTC."""

    name = "google_chat"
    label = "Google Chat (Takeout)"
    channel = "google-chat"

    def score(self, sample: Sample) -> float:
        """Look for the files of a chat in a folder, for Takeout's keys in a file."""
        if sample.is_folder:
            return 0.95 if _chats(sample.path) else 0.0
        seen = sum(key in sample.head for key in _KEYS)
        return 0.95 if _START.match(sample.head) and seen >= _ENOUGH_KEYS else 0.0

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every record, chat by chat."""
        positions = count()
        if export.path.is_file():
            yield from _read_chat(_Chat.at(export.path, export.place), positions)
            return
        named: dict[Path, set[str]] = {}
        for folder in _chats(export.path):
            messages = folder / _MESSAGES
            if not messages.is_file():
                continue
            where = f"{export.place}/{messages.relative_to(export.path).as_posix()}"
            chat = _Chat.at(messages, where)
            if export.wants(messages):
                yield from _read_chat(chat, positions)
            else:
                chat.named.update(path.name for path in folder.iterdir())
            named[folder] = chat.named
        yield from _foreign(export, named)


SOURCE = GoogleChat()


# The folders of an export.


def _chats(folder: Path) -> list[Path]:
    """Return the folders of chats in a folder, in its `Groups`, or the folder itself where it is one."""
    if _is_chat(folder):
        return [folder]
    groups = folder / "Groups"
    try:
        inside = [one for one in (groups if groups.is_dir() else folder).iterdir() if one.is_dir()]
    except OSError:
        return []
    return sorted(one for one in inside if not one.is_symlink() and _is_chat(one))


def _is_chat(folder: Path) -> bool:
    if (folder / _INFO).is_file():
        return True
    try:
        with (folder / _MESSAGES).open("rb") as file:
            return GoogleChat().score(Sample(folder / _MESSAGES, file.read(65_536))) > 0
    except OSError:
        return False


def _foreign(export: Export, known: dict[Path, set[str]]) -> Iterator[Unreadable]:
    """Name what lies in the folder and is neither named by a message, nor about chats and people.

    `known` has the folders of chats with the names of the files that messages name there.
    """
    for path in sorted(export.path.rglob("*")):
        if not path.is_file() or path.name in (_MESSAGES, _INFO, _USER) or not export.wants(path):
            continue
        if path.parent not in known or path.name not in known[path.parent]:
            yield Unreadable(f"{export.place}/{path.relative_to(export.path).as_posix()}", _FOREIGN)


@dataclass(frozen=True, slots=True)
class _Chat:
    """A file of messages and what the files beside it say."""

    path: Path
    place: str
    key: str
    """The id of the chat, which messages have too."""
    title: str
    named: set[str] = field(default_factory=set)
    """Names on disk of the files that its messages name."""

    @classmethod
    def at(cls, path: Path, place: str) -> "_Chat":
        info = _info(path.parent / _INFO)
        people = [word(one.get("name")) or word(one.get("email")) for one in objects(info.get("members"))]
        title = word(info.get("name")) or ", ".join(filter(None, people))
        by_id = _NAMED_BY_ID.fullmatch(path.parent.name)
        return cls(path, place, by_id[1] if by_id else title or path.parent.name, title)

    def conversation(self, number: str) -> RawConversation:
        """Return the chat of a message with this id: `chat/topic/message`."""
        key = number.partition("/")[0] if "/" in number else self.key
        return RawConversation(key, self.title or key)


def _info(path: Path) -> dict[str, Any]:
    try:
        return members(json.loads(path.read_bytes())) if path.stat().st_size <= _LARGEST_INFO else {}
    except (OSError, ValueError, RecursionError):
        return {}


# Reading a chat.


def _read_chat(chat: _Chat, positions: Iterator[int]) -> Iterator[Record]:
    try:
        empty = True
        for piece in read_pieces(chat.path, _LAYOUT):
            empty = False
            yield _record(piece, chat, positions)
        if empty and not isinstance(_info(chat.path).get("messages"), list):
            yield Unreadable(chat.place, _NO_MESSAGES)
    except OSError as error:
        yield Unreadable(chat.place, f"cannot be read: {error.strerror or error}")


def _record(piece: Piece, chat: _Chat, positions: Iterator[int]) -> Record:
    where = f"{chat.place}, byte {piece.start}"
    if piece.error is not None or piece.original is None:
        return Unreadable(where, piece.error or "a record that is too large", piece.original)
    if not isinstance(piece.value, dict):
        return Unreadable(where, "a record that is no JSON object", piece.original)
    return _message(piece.value, piece, chat, next(positions))


def _message(raw: dict[str, Any], piece: Piece, chat: _Chat, position: int) -> RawMessage:
    number = word(raw.get("message_id"))
    versions = list(objects(raw.get("previous_message_versions")))
    sent_at, warnings = _times(raw, versions)
    edited_at = _time(raw.get("updated_date"))
    files = tuple(_files(raw, chat))
    kind = _kind(raw, files)
    quoted = members(raw.get("quoted_message_metadata"))
    return RawMessage(
        format=GoogleChat.name,
        channel=GoogleChat.channel,
        kind=kind,
        original=piece.original or b"",
        position=position,
        external_id=number,
        author=_person(raw.get("creator")),
        sent_at=sent_at,
        text=word(raw.get("text")),
        conversation=chat.conversation(number),
        reply_to=word(quoted.get("message_id")) or None,
        thread=_thread(number, word(raw.get("topic_id"))),
        attachments=files,
        edited=edited_at is not None or bool(versions),
        edited_at=edited_at,
        revisions=tuple(_revisions(versions)),
        reactions=tuple(_reactions(raw)),
        detail=_detail(raw, kind, quoted),
        warnings=(*piece.repairs, *warnings),
    )


def _kind(raw: dict[str, Any], files: tuple[RawAttachment, ...]) -> Kind:
    if word(raw.get("message_state")) == "DELETED":
        return Kind.DELETED
    annotations = list(objects(raw.get("annotations")))
    text = word(raw.get("text"))
    if any(_call_status(one) for one in annotations):
        return Kind.CALL
    if not text and any("video_call_metadata" in one for one in annotations):
        return Kind.CALL
    if not files:
        return Kind.TEXT if _SAYS_SOMETHING & raw.keys() else Kind.UNKNOWN
    if all(one.media_type.startswith("image/") for one in files):
        return Kind.IMAGE
    voice = files[0].media_type.startswith("audio/") and _VOICE.search(files[0].name)
    return Kind.VOICE if voice else Kind.FILE


def _call_status(annotation: dict[str, Any]) -> str:
    """Return what became of a call: `CALL_ENDED`, `CALL_MISSED`."""
    data = members(members(annotation.get("gsuite_integration_metadata")).get("call_data"))
    return word(data.get("call_status")) or ("call" if data else "")


def _times(raw: dict[str, Any], versions: list[dict[str, Any]]) -> tuple[datetime | None, tuple[str, ...]]:
    """Return when a message was written; a deleted one may have only the time of its deletion."""
    created = [
        raw.get("created_date"),
        *(one.get("created_date") for one in versions),
        raw.get("deleted_date"),
    ]
    said = [text for text in map(word, created) if text]
    sent_at = next(filter(None, map(written_time, said)), None)
    if sent_at is None and said:
        return None, (f"its time is in words that are not known: {said[0][:80]!r}",)
    return sent_at, ()


def _time(value: Any) -> datetime | None:
    return written_time(word(value))


def _person(value: Any) -> RawAddress | None:
    """Return a person: most have an address; bots and people of other organisations only a name."""
    person = members(value)
    mail, name = word(person.get("email")), word(person.get("name"))
    if mail:
        return RawAddress(AddressKind.MAIL, mail.lower(), name)
    return RawAddress(AddressKind.GOOGLE_CHAT, name, name) if name else None


def _thread(number: str, topic: str) -> str | None:
    """Return the message that opened the topic: the one whose last part is the topic's own name."""
    chat, _, rest = number.partition("/")
    named, _, own = rest.partition("/")
    topic = topic.rpartition("/")[2] or named
    return f"{chat}/{topic}/{topic}" if own and topic and own != topic else None


def _revisions(versions: list[dict[str, Any]]) -> Iterator[RawRevision]:
    for one in versions:
        if text := word(one.get("text")):
            yield RawRevision(text, _time(one.get("updated_date")) or _time(one.get("created_date")))


def _reactions(raw: dict[str, Any]) -> Iterator[RawReaction]:
    for one in objects(raw.get("reactions")):
        emoji = members(one.get("emoji"))
        named = word(members(emoji.get("custom_emoji")).get("shortcode")).strip(":")
        shown = word(emoji.get("unicode")) or named or "custom"
        actors = one.get("reactor_emails")
        people = [word(mail).lower() for mail in actors if word(mail)] if isinstance(actors, list) else []
        for mail in people:
            yield RawReaction(shown, RawAddress(AddressKind.MAIL, mail))
        if not people:
            yield RawReaction(shown)


def _detail(raw: dict[str, Any], kind: Kind, quoted: dict[str, Any]) -> str:
    annotations = list(objects(raw.get("annotations")))
    if kind == Kind.CALL:
        status = next(filter(None, map(_call_status, annotations)), "")
        return status.lower().removeprefix("call_") or "meeting link"
    if kind == Kind.DELETED:
        return word(members(raw.get("deletion_metadata")).get("deletion_type")).lower()
    if kind == Kind.UNKNOWN:
        return storable(", ".join(sorted(raw))[:200]) or "empty"
    if quoted and not word(quoted.get("message_id")):
        # Takeout repeats what was quoted, and seldom says which message that was.
        author = word(members(quoted.get("creator")).get("name"))
        return f"quotes {author}: {word(quoted.get('text'))[:200]}"
    return ""


# Files.


def _files(raw: dict[str, Any], chat: _Chat) -> Iterator[RawAttachment]:
    for one in objects(raw.get("attached_files")):
        shown, exported = word(one.get("original_name")), word(one.get("export_name"))
        if shown or exported:
            yield _file(shown or exported, exported or shown, chat)
    for annotation in objects(raw.get("annotations")):
        if drive := members(annotation.get("drive_metadata")):
            title = word(drive.get("title")) or "a file in Google Drive"
            yield RawAttachment(title, media_type(title), missing=_IN_DRIVE)


def _file(shown: str, exported: str, chat: _Chat) -> RawAttachment:
    folder = chat.path.parent
    on_disk = _name_on_disk(folder, exported)
    if on_disk is None:
        return replace(attach(folder, exported, shown=shown), missing=_NOT_HERE, load=None)
    chat.named.add(on_disk)
    return attach(folder, on_disk, shown=shown)


def _name_on_disk(folder: Path, exported: str) -> str | None:
    """Return the name that Takeout really gave a file."""
    for name in (exported, _ON_DISK.sub("_", exported)):
        if "/" not in name and (found := find(folder, name)) is not None:
            return found.name
    wanted = PurePosixPath(_ON_DISK.sub("_", fold_name(exported)))
    cut = [
        name
        for stem, name in _stems(folder, folder.stat().st_mtime_ns, wanted.suffix)
        if len(stem) >= _SHORTEST_CUT and wanted.stem.startswith(stem)
    ]
    return cut[0] if len(cut) == 1 else None


@lru_cache(maxsize=64)
def _stems(folder: Path, _changed_at: int, suffix: str) -> list[tuple[str, str]]:
    """Return the files with one suffix: names without it as they compare, and real names."""
    return [(fold_name(one.stem), one.name) for one in folder.iterdir() if one.suffix == suffix]
