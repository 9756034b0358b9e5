"""Skype's export, which is also that of personal Teams: `messages.json`, alone or in its tar.

In: the file. Out: one record per message, event or call, in file order: the newest of each chat first.
Never: drops a message of an unknown type; counts the server's copy of an edited message as a second one.

Microsoft did not describe it; this follows exports of 2018 to 2025, when Skype was closed.
"""

import json
import mimetypes
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from service.sources.json_records import Layout, Piece, read_pieces
from service.sources.json_values import iso_time, members, number, objects, unix_time, word
from service.sources.media import attach, media_type
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    RawReaction,
    Record,
    Unreadable,
)
from service.sources.skype_body import SkypeBody, SkypeFile, bare_id, read_body
from service.sources.source import Export, Sample

_SIGNS = (
    (re.compile(rb'"MessageList"\s*:\s*\[\s*\{[^}]{0,4000}?"originalarrivaltime"\s*:'), 0.95),
    (re.compile(rb'"userId"\s*:\s*"[^"]*"\s*,\s*"exportDate"\s*:\s*"[^"]*"\s*,\s*"conversations"\s*:'), 0.95),
    (re.compile(rb'"conversations"\s*:\s*\[.{0,8000}?"MessageList"\s*:', re.DOTALL), 0.8),
)
_LAYOUT = Layout(
    arrays=frozenset({("conversations", "*", "MessageList"), ("messages", "*", "MessageList")}),
    element=re.compile(
        rb'\{\s*"id"\s*:\s*"[^"]*"\s*,\s*"displayName"\s*:[^\n]{0,500}?"originalarrivaltime"\s*:'
    ),
    array=re.compile(rb'"MessageList"\s*:\s*\['),
)
_KINDS = {
    "Text": Kind.TEXT,
    "RichText": Kind.TEXT,
    "RichText/HTML": Kind.TEXT,
    "RichText/Html": Kind.TEXT,
    "RichText/Sms": Kind.TEXT,
    "RichText/Contacts": Kind.TEXT,
    "RichText/Location": Kind.TEXT,
    "RichText/ScheduledCallInvite": Kind.TEXT,
    "RichText/Media_Card": Kind.TEXT,
    "Poll": Kind.TEXT,
    "RichText/UriObject": Kind.IMAGE,
    "RichText/Media_Album": Kind.IMAGE,
    "RichText/Media_AudioMsg": Kind.VOICE,
    "RichText/Media": Kind.FILE,
    "RichText/Media_GenericFile": Kind.FILE,
    "RichText/Media_Video": Kind.FILE,
    "RichText/Media_FlikMsg": Kind.FILE,
    "RichText/Media_CallRecording": Kind.FILE,
    "RichText/Files": Kind.FILE,
    "Event/SkypeVideoMessage": Kind.FILE,
    "Event/Call": Kind.CALL,
    "Notice": Kind.SYSTEM,
    "PopCard": Kind.SYSTEM,
    "Translation": Kind.SYSTEM,
}
_PLAIN = frozenset({"Text", "RichText", "RichText/HTML", "RichText/Html"})
_IN_PARTS = frozenset({"RichText/ScheduledCallInvite", "RichText/Media_Card", "Poll"})
_DETAILS = {
    "RichText/Media_Album": "album",
    "RichText/Media_CallRecording": "recording of a call",
    "RichText/ScheduledCallInvite": "invitation to a call",
    "Poll": "poll",
}
_SERVICE = ("ThreadActivity/", "InviteFreeRelationshipChanged/", "Control/")
_WRITTEN = frozenset({Kind.TEXT, Kind.IMAGE, Kind.VOICE, Kind.FILE})
_SAID = ("value", "topic", "role")
_EMOTIONS = {
    "like": "👍",
    "yes": "👍",
    "heart": "❤️",
    "laugh": "😆",
    "surprised": "😮",
    "sad": "😢",
    "angry": "😠",
}
_TYPES = {"Picture": "image/jpeg", "Audio": "audio/mp4", "Video": "video/mp4"}


class Skype:
    """Times are aware. People are named where the chat, a call or a quotation names them."""

    name = "skype"
    label = "Skype and personal Teams (messages.json)"
    channel = "skype"

    def score(self, sample: Sample) -> float:
        """Look for the writer's own keys; the name `messages.json` is also Google Chat's."""
        if not sample.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return 0.0
        return max((sure for sign, sure in _SIGNS if sign.search(sample.head)), default=0.0)

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the folder of the second tar, where somebody unpacked both, and the list of devices."""
        if export.parent != beside.parent:
            return False
        return beside.name == "media" if beside.is_dir() else beside.name == "endpoints.json"

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every element of every chat in file order."""
        reader = _Reader(export.root, _names(export.path))
        told = False
        for position, piece in enumerate(read_pieces(export.path, _LAYOUT)):
            where, told = f"{export.place}, byte {piece.start}", True
            if piece.error is not None:
                yield Unreadable(where, piece.error, piece.original)
            elif not isinstance(piece.value, dict):
                yield Unreadable(where, "a record that is no JSON object", piece.original)
            else:
                yield reader.message(piece.value, piece, position)
        if not told:
            yield Unreadable(export.place, "holds no messages: the account had none, or the file is damaged")


SOURCE = Skype()


def _names(path: Path) -> dict[str, str]:
    """Read the file once for names: of the other one in a chat of two, of those in calls and quotations.

    The newest message comes first, so that most people are named after their last words.
    """
    names: dict[str, str] = {}
    for piece in read_pieces(path, _LAYOUT):
        raw, owner = members(piece.value), piece.owner
        content = word(raw.get("content"))
        met = {word(raw.get("from")): word(raw.get("displayName"))}
        if "<partlist" in content or "<quote" in content:
            body = read_body(content)
            met |= body.names | ({body.quote.author: body.quote.author_name} if body.quote else {})
        met[word(owner.get("id"))] = word(owner.get("displayName"))
        for identity, name in met.items():
            if identity and name:
                names.setdefault(bare_id(identity), name)
    return names


class _Reader:
    """Reads messages with what is known of people and files."""

    def __init__(self, root: Path, names: dict[str, str]) -> None:
        self.names = names
        self.media = _Media(root)

    def message(self, raw: dict[str, Any], piece: Piece, position: int) -> RawMessage:
        type_, properties = word(raw.get("messagetype")), members(raw.get("properties"))
        body = _body(type_, word(raw.get("content")))
        kind, detail = _what(type_, body, properties)
        initiator = next(iter(body.values.get("initiator", ())), "") if kind == Kind.SYSTEM else ""
        edited_at = _edited_at(body, properties) if kind in _WRITTEN else None
        forwarded_from = _forwarded_from(body, properties) if kind in _WRITTEN else None
        quote = body.quote if forwarded_from is None else None
        return RawMessage(
            format=Skype.name,
            channel=Skype.channel,
            kind=kind,
            original=piece.original or b"",
            position=position,
            external_id=word(raw.get("id")),
            author=self._person(initiator or raw.get("from")),
            sent_at=iso_time(raw.get("originalarrivaltime")) or unix_time(raw.get("id"), per_second=1000),
            text=_text(type_, body) if kind in _WRITTEN else "",
            conversation=_conversation(piece.owner, raw),
            reply_to=quote.message_id or None if quote else None,
            attachments=self.media.attachments(body, type_) if kind in _WRITTEN else (),
            duration_for=body.lasted or next((one.lasted for one in body.files if one.lasted), None),
            edited=edited_at is not None,
            edited_at=edited_at,
            reactions=tuple(self._reactions(properties)),
            forwarded_from=forwarded_from,
            detail=self._event(type_, body) if kind in (Kind.SYSTEM, Kind.CALL) and not detail else detail,
            warnings=(*piece.repairs, *body.warnings),
        )

    def _person(self, identity: Any) -> RawAddress | None:
        value = bare_id(word(identity))
        if not value:
            return None
        name = self.names.get(value, "")
        # Numbers of telephones are in a namespace of their own.
        if word(identity).startswith("4:+"):
            return RawAddress(AddressKind.PHONE, value, name)
        return RawAddress(AddressKind.SKYPE, value, name)

    def _name(self, identity: str) -> str:
        value = bare_id(identity)
        return self.names.get(value, value)

    def _reactions(self, properties: dict[str, Any]) -> Iterator[RawReaction]:
        for emotion in objects(_unpacked(properties.get("emotions"))):
            key = word(emotion.get("key"))
            for user in objects(_unpacked(emotion.get("users"))):
                at = unix_time(user.get("time"), per_second=1000) if number(user.get("time")) else None
                yield RawReaction(_EMOTIONS.get(key, key), self._person(user.get("mri")), at)

    def _event(self, type_: str, body: SkypeBody) -> str:
        """Say of a call how it went, of an event what it was, and whom it was about."""
        if type_ == "Event/Call":
            return ": ".join(filter(None, (body.outcome or "call", ", ".join(body.names.values()))))
        people = [self._name(one) for key in ("target", "id") for one in body.values.get(key, ())]
        said = [one.strip() for key in _SAID for one in body.values.get(key, ())]
        return ": ".join(filter(None, (type_.removeprefix("ThreadActivity/"), ", ".join([*people, *said]))))


# What a message is.


def _body(type_: str, content: str) -> SkypeBody:
    if type_ == "Text" and "</" not in content:
        return SkypeBody(text=content)  # plain: a `<` in it is no mark
    return read_body(content)


def _what(type_: str, body: SkypeBody, properties: dict[str, Any]) -> tuple[Kind, str]:
    """Return the kind and, where its words do not say it, what the message is."""
    kind = _kind(type_, body)
    if kind in _WRITTEN and _is_set(properties.get("isserversidegenerated")):
        return Kind.SYSTEM, f"the server's copy of an edited message: {body.text}"
    if kind in _WRITTEN and (_is_set(properties.get("deletetime")) or (type_ in _PLAIN and _is_empty(body))):
        return Kind.DELETED, ""
    if type_.startswith("EndToEndEncryption/"):
        return kind, f"encrypted ({type_}): the export does not hold its words"
    if kind == Kind.SYSTEM:
        return kind, ""
    return kind, _DETAILS.get(type_, "") if type_ in _KINDS else type_ or "unknown"


def _kind(type_: str, body: SkypeBody) -> Kind:
    if type_ == "RichText/UriObject" and body.files and not body.files[0].type_.startswith("Picture"):
        return Kind.FILE
    if type_ in _KINDS:
        return _KINDS[type_]
    if type_.startswith(_SERVICE):
        return Kind.SYSTEM
    if type_.startswith("RichText") and (body.text or body.files):
        return Kind.FILE if body.files else Kind.TEXT
    return Kind.UNKNOWN


def _is_set(value: Any) -> bool:
    return value is True or word(value).lower() not in ("", "0", "false")


def _is_empty(body: SkypeBody) -> bool:
    """Say whether nothing is left: until 2019 that was the only sign of a message taken back."""
    return not (body.text or body.files or body.contacts or body.place or body.quote)


def _text(type_: str, body: SkypeBody) -> str:
    quoted = body.quote.text if body.quote and not body.text else ""
    text = body.text or quoted
    if type_ in _IN_PARTS and body.values:
        text = "\n".join(part.strip() for parts in body.values.values() for part in parts if part.strip())
    if body.place:
        text = "" if text in body.place else text
    return "\n".join(filter(None, (text, *body.contacts, body.place)))


def _forwarded_from(body: SkypeBody, properties: dict[str, Any]) -> str | None:
    """Return whose words a message passes on: one that is only a quotation says nothing of its own."""
    if body.quote is not None and not body.text and body.quote.text:
        return body.quote.author_name or bare_id(body.quote.author) or "unknown"
    if forwarded := members(_unpacked(properties.get("forwardMetadata"))):
        return word(forwarded.get("originalSenderName")) or "unknown"
    return None


def _edited_at(body: SkypeBody, properties: dict[str, Any]) -> datetime | None:
    milliseconds = number(properties.get("edittime")) or body.edited_at
    return unix_time(milliseconds, per_second=1000) if milliseconds else None


def _conversation(owner: dict[str, Any], raw: dict[str, Any]) -> RawConversation:
    key = word(owner.get("id")) or word(raw.get("conversationid")) or "unknown"
    return RawConversation(key, word(owner.get("displayName")) or bare_id(key))


def _unpacked(value: Any) -> Any:
    """Return a value that Skype wrote as JSON inside a string, or as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


# Files.


class _Media:
    """The folder `media`: `<id>.1.jpg` and its description `<id>.json`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.listed: dict[str, str] | None = None

    def attachments(self, body: SkypeBody, type_: str) -> tuple[RawAttachment, ...]:
        return tuple(self._attachment(one, type_) for one in body.files)

    def _attachment(self, file: SkypeFile, type_: str) -> RawAttachment:
        kind = _TYPES.get(file.type_.partition(".")[0], "")
        found = self._found(file.key)
        name = word(file.name) or (found or file.key or type_).rpartition("/")[2] or "file"
        guessed = media_type(name)
        type_ = kind if guessed == "application/octet-stream" and kind else guessed
        if found is None:
            return RawAttachment(name, type_, file.size, missing="it is not in the export's folder `media`")
        return attach(self.root, found, shown=name, type_=type_)

    def _found(self, key: str) -> str | None:
        if self.listed is None:
            self.listed = {}
            try:
                names = sorted((entry.name for entry in (self.root / "media").iterdir()), reverse=True)
            except OSError:
                names = []
            for name in names:
                if mimetypes.guess_type(name)[0] != "application/json":
                    self.listed[name.partition(".")[0]] = f"media/{name}"
        return self.listed.get(key) if key else None
