"""Microsoft Teams as Microsoft Graph gives it: the answer of a request in a file, or a tree of such files.

In: an array of messages, `{"value": [...]}`, one message, or the folder of an export (`teams/`, `users/`).
Out: one record per message, event or call. Never: takes a reaction for an edit (`lastModifiedDateTime`
changes with it); keeps a link that needs a key.

A message of a channel points to the one that opened its thread; one of a chat points to what it quotes.
Personal exports of Teams ("MyData") are in the format of Skype.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from service.sources.json_records import MAX_PIECE, Layout, Piece, pieces_in, read_pieces
from service.sources.json_values import members, objects, storable, unix_time, word
from service.sources.raw_message import (
    Kind,
    RawConversation,
    RawMessage,
    RawReaction,
    Record,
    Unreadable,
)
from service.sources.source import Export, Sample
from service.sources.teams_attachments import TeamsAttachments, read_attachments
from service.sources.teams_body import TeamsBody, read_html
from service.sources.teams_tree import chat_title, is_aside, is_of_messages, is_tree, read_names
from service.sources.teams_values import Names, folded, identity, teams_length, teams_time

_KEYS = ("createddatetime", "lastmodifieddatetime", "lastediteddatetime", "deleteddatetime", "importance")
_MORE_KEYS = ("replytoid", "channelidentity", "chatid", "policyviolation", "eventdetail", "etag", "mentions")
_ENOUGH_KEYS = 5
_LAYOUT = Layout(
    arrays=frozenset({(), ("value",), ("Value",), ("messages",), ("Messages",)}),
    # An attachment that quotes a message has its id.
    element=re.compile(rb'\{\s*"[Ii]d"\s*:\s*"\d{10,20}"(?!\s*,\s*"[Cc]ontentType")'),
    array=re.compile(rb'"(?:[Vv]alue|[Mm]essages)"\s*:\s*\['),
)
_REPLIES = replace(_LAYOUT, arrays=frozenset({("replies",), ("Replies",)}))
_EVENT = re.compile(r"^#?(?:microsoft\.graph\.)?(.*?)(?:eventmessagedetail)?$", re.IGNORECASE)
_EMOJI = {"like": "👍", "heart": "❤️", "laugh": "😆", "surprised": "😮", "sad": "😢", "angry": "😡"}
_EVENT_TYPES = frozenset({"systemeventmessage", "chatevent", "unknownfuturevalue"})
_NO_EVENT = frozenset({"initiator", "eventtype", "@odata.type"})
_URGENT = frozenset({"high", "urgent"})
_EMPTY = re.compile(rb'\s*(?:\[\s*\]|\{.*"(?:[Vv]alue|[Mm]essages)"\s*:\s*\[\s*\].*\})?\s*', re.DOTALL)
_MOST_OF_EMPTY = 65_536
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
"""How Windows PowerShell writes files, by the mark at their start."""
_SAVE_AS_UTF_8 = "is UTF-16 and large; open it in an editor, save it as UTF-8 and read it again"
_FOREIGN = "is no part of an export of Teams; move it out of the folder to have it read"


class Teams:
    """Keys in any case, times with an offset; chats, channels and their events."""

    name = "teams"
    label = "Microsoft Teams (Graph JSON)"
    channel = "teams"

    def score(self, sample: Sample) -> float:
        """Look for the tree in a folder, for Graph's keys in a file."""
        if sample.is_folder:
            return 0.95 if is_tree(sample.path) else 0.0
        head = sample.head
        text = head.decode("utf-16", "ignore") if head[:2] in _UTF_16 else head.decode("utf-8", "ignore")
        text = text.lower()
        if not text.lstrip("\ufeff \t\r\n").startswith(("[", "{")) or '"body"' not in text:
            return 0.0
        seen = sum(f'"{key}"' in text for key in (*_KEYS, *_MORE_KEYS))
        return 0.9 if '"messagetype"' in text and seen >= _ENOUGH_KEYS else 0.0

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every record, file by file."""
        positions = count()
        if export.path.is_file():
            names = read_names(sorted(export.path.parent.glob("*_*.json")))
            yield from _read_file(_File(export.path, export.place, names), positions)
            return
        files = sorted(path for path in export.path.rglob("*") if path.is_file())
        names = read_names(files)
        for path in files:
            where = f"{export.place}/{path.relative_to(export.path).as_posix()}"
            if path.is_symlink():
                yield Unreadable(where, "is a link; put the file itself there")
            elif is_of_messages(path):
                if export.wants(path):
                    yield from _read_file(_File(path, where, names), positions)
            elif not is_aside(path) and export.wants(path):
                yield Unreadable(where, _FOREIGN)


SOURCE = Teams()


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    place: str
    names: Names = field(default_factory=dict)


def _read_file(file: _File, positions: Iterator[int]) -> Iterator[Record]:
    try:
        with file.path.open("rb") as opened:
            start = opened.read(2)
        charset = _UTF_16.get(start)
        if charset and file.path.stat().st_size > MAX_PIECE:
            yield Unreadable(file.place, _SAVE_AS_UTF_8)
            return
        empty = True
        for piece in _wide_pieces(file.path, charset) if charset else _pieces(file.path):
            empty = False
            yield _record(piece, file, positions)
        if empty and not _says_empty(file.path):
            yield Unreadable(file.place, "holds no messages; export it again")
    except OSError as error:
        yield Unreadable(file.place, f"cannot be read: {error.strerror or error}")


def _wide_pieces(path: Path, charset: str) -> Iterator[Piece]:
    """Yield the messages of a file in UTF-16, with the bytes that they have there."""
    text = path.read_bytes().decode("utf-16", "replace")
    for piece in pieces_in(text.encode(), _LAYOUT):
        for one in _inside(piece):
            original = one.original.decode(errors="replace").encode(charset) if one.original else None
            yield replace(one, original=original)


def _says_empty(path: Path) -> bool:
    with path.open("rb") as file:
        return _EMPTY.fullmatch(file.read(_MOST_OF_EMPTY)) is not None


def _pieces(path: Path) -> Iterator[Piece]:
    """Yield messages and their replies wherever they stand: in one answer, in several, or alone."""
    empty = True
    for piece in read_pieces(path, _LAYOUT):
        empty = False
        yield from _inside(piece)
    if empty and path.stat().st_size <= MAX_PIECE:
        # One message is no array: read as the only element of one.
        whole = path.read_bytes().removeprefix(b"\xef\xbb\xbf").strip()
        for piece in pieces_in(b"[" + whole + b"]", _LAYOUT):
            if isinstance(piece.value, dict) and {"id", "body"} <= folded(piece.value).keys():
                yield from _inside(replace(piece, start=piece.start - 1, end=piece.end - 1))


def _inside(piece: Piece) -> Iterator[Piece]:
    value = piece.value
    if not isinstance(value, dict) or piece.original is None:
        yield piece
    elif any(isinstance(value.get(key), list) for key in ("value", "Value")):
        # Several answers in one array: each has a page of messages.
        for inner in pieces_in(piece.original, _LAYOUT):
            yield from _inside(_moved(inner, piece.start))
    else:
        yield piece
        if any(isinstance(value.get(key), list) for key in ("replies", "Replies")):
            yield from (_moved(reply, piece.start) for reply in pieces_in(piece.original, _REPLIES))


def _moved(piece: Piece, by: int) -> Piece:
    return replace(piece, start=piece.start + by, end=piece.end + by)


def _record(piece: Piece, file: _File, positions: Iterator[int]) -> Record:
    where = f"{file.place}, byte {piece.start}"
    if piece.error is not None or piece.original is None:
        return Unreadable(where, piece.error or "a record that is too large", piece.original)
    if not isinstance(piece.value, dict):
        return Unreadable(where, "a record that is no JSON object", piece.original)
    return _message(folded(piece.value), piece, next(positions), file.names)


def _message(raw: dict[str, Any], piece: Piece, position: int, names: Names) -> RawMessage:
    event = members(raw.get("eventdetail"))
    body = _body(raw)
    found = read_attachments(raw.get("attachments"), body.pictures, names)
    kind = _kind(raw, event, body, found)
    service = kind in (Kind.SYSTEM, Kind.CALL, Kind.UNKNOWN)
    sender = identity(raw.get("from"), names)
    thread = word(raw.get("replytoid")) or None
    edited_at = teams_time(raw.get("lastediteddatetime"))
    return RawMessage(
        format=Teams.name,
        channel=Teams.channel,
        kind=kind,
        original=piece.original or b"",
        position=position,
        external_id=word(raw.get("id")),
        author=sender or identity(event.get("initiator"), names),
        sent_at=_sent_at(raw),
        text="\n".join(filter(None, (*found.above, body.text, *found.below))),
        subject=storable(word(raw.get("subject"))) or None,
        conversation=_conversation(raw, names),
        reply_to=found.reply_to or body.reply_to or thread,
        thread=thread,
        attachments=tuple(found.files),
        duration_for=_event_length(event) if service else found.duration_for,
        edited=edited_at is not None,
        edited_at=edited_at,
        reactions=tuple(_reactions(raw, names)),
        forwarded_from=found.forwarded_from,
        detail=_detail(raw, event, kind),
        warnings=(
            *piece.repairs,
            *(f"an attachment of an unknown type: {one[:80]}" for one in found.unknown),
        ),
    )


def _body(raw: dict[str, Any]) -> TeamsBody:
    body = raw.get("body")
    content = word(members(body).get("content")) if isinstance(body, dict) else word(body)
    if word(members(body).get("contenttype")).lower() == "text":
        return TeamsBody(content.strip())
    return read_html(content)


def _kind(raw: dict[str, Any], event: dict[str, Any], body: TeamsBody, found: TeamsAttachments) -> Kind:
    type_ = word(raw.get("messagetype")).lower() or "message"
    if event or (type_ in _EVENT_TYPES and not body.text):
        return Kind.CALL if _event_type(event).lower() in ("callended", "callstarted") else Kind.SYSTEM
    if type_ != "message":
        return Kind.UNKNOWN
    if teams_time(raw.get("deleteddatetime")) is not None:
        return Kind.DELETED
    if found.is_voice:
        return Kind.VOICE
    if found.files:
        pictures = all(one.media_type.startswith("image/") for one in found.files)
        return Kind.IMAGE if pictures else Kind.FILE
    return Kind.TEXT


def _sent_at(raw: dict[str, Any]) -> datetime | None:
    """Return when a message was written; its id is that instant too."""
    created = teams_time(raw.get("createddatetime"))
    number = word(raw.get("id"))
    if created is None and number.isascii() and number.isdigit():
        created = unix_time(number, per_second=1000)
    return created


def _conversation(raw: dict[str, Any], names: Names) -> RawConversation | None:
    channel = members(raw.get("channelidentity"))
    key = word(raw.get("chatid")) or word(channel.get("channelid")) or word(channel.get("teamid"))
    return RawConversation(key, chat_title(key, names)) if key else None


def _reactions(raw: dict[str, Any], names: Names) -> Iterator[RawReaction]:
    """Yield the reactions that stand; those taken back are in `messageHistory` alone."""
    for one in objects(raw.get("reactions")):
        type_ = word(one.get("reactiontype"))
        emoji = _EMOJI.get(type_.lower(), type_)
        if emoji.lower() in ("", "custom"):
            emoji = word(one.get("displayname")) or "custom"
        yield RawReaction(emoji, identity(one.get("user"), names), teams_time(one.get("createddatetime")))


# Events.


def _event_type(event: dict[str, Any]) -> str:
    """Return what happened: Graph names the type; .NET has a key for each, with null for all but one."""
    named = _EVENT.match(word(event.get("@odata.type")) or word(event.get("eventtype")))
    if named and named[1]:
        return named[1]
    return next((key for key, value in event.items() if key not in _NO_EVENT and value), "")


def _event_length(event: dict[str, Any]) -> Any:
    inside = (event, *(value for value in event.values() if isinstance(value, dict)))
    return next(filter(None, (teams_length(one.get("callduration")) for one in inside)), None)


def _detail(raw: dict[str, Any], event: dict[str, Any], kind: Kind) -> str:
    type_ = word(raw.get("messagetype"))
    if kind == Kind.UNKNOWN:
        return type_ or "unknown"
    if kind == Kind.CALL:
        outcome = _event_type(event).lower().removeprefix("call")
        of_what = word(event.get("calleventtype")).lower()
        return f"{outcome}: {of_what}" if of_what not in ("", "call") else outcome
    if kind == Kind.SYSTEM:
        about = [
            word(event.get(key)) for key in sorted(event) if key.endswith(("displayname", "description"))
        ]
        people = [word(one.get("displayname")) for one in objects(event.get("members"))]
        named = ", ".join(filter(None, (*about, *people)))
        return ": ".join(filter(None, (_event_type(event) or type_, named)))
    urgent = word(raw.get("importance")).lower()
    blocked = "blocked by a policy" if raw.get("policyviolation") else ""
    return ", ".join(filter(None, (urgent if urgent in _URGENT else "", blocked)))
