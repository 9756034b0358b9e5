"""Signal chats as other tools write them: signal-export (`chat.md`, `data.json`) and sigtop (text, JSON).

In: one file per chat. Out: one record per message, event or call. Never: reads a chat of signal-export twice
because it lies there in three forms.

None of them names people by more than the name that the exporter sees, but for sigtop's JSON.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from service.sources import signal_desktop as desktop
from service.sources.json_lines import read_lines
from service.sources.json_records import Layout, read_pieces
from service.sources.json_values import iso_time, members, objects, storable, unix_time, word
from service.sources.media import attach, media_type
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
from service.sources.signal_pages import read_pages, style_of
from service.sources.signal_printed import Printed, call_of, read_printed
from service.sources.source import SAMPLE_BYTES, Export, Sample

_LINES = re.compile(
    rb'\{"date": ?"\d{4}-[^"]*", ?"sender": ?(?:"|null)[^\n]{0,60000}?"(?:body|attachments)":'
)
_DATABASE = re.compile(
    rb'^\s*\[\s*\{(?=.{0,30000}?"conversationId"\s*:)(?=.{0,30000}?"(?:sent_at|received_at|timestamp)"\s*:)'
    rb'.{0,30000}?"type"\s*:\s*"[a-z0-9-]+"',
    re.DOTALL,
)
_LAYOUT = Layout(
    arrays=frozenset({()}),
    element=re.compile(rb'\n\{\s*"(?=[^\n]*"conversationId"\s*:)'),
    array=re.compile(rb"(?!)"),
)
_DETAILED = re.compile(r"(.*?) ?\((\+\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\)")
_HEADER = re.compile(rb"^(?:\[\d{4}-\d\d-\d\d,? \d\d:\d\d(?::\d\d)?\] )", re.MULTILINE)
_BEFORE_2022 = re.compile(rb"\[\d{4}-\d\d-\d\d, \d\d:\d\d\] ")
"""Without seconds: WhatsApp's lines in brackets, which are those of iPhones, always have them."""
_MARKS_OF_SHORT = re.compile(
    rb"^\S+ \S+ [^\n]{1,80}?: \[(?:\d+ attachments?\]|edited|reply to |[\w-]+ message\]$)", re.MULTILINE
)
_PARAGRAPH_ENDS = (b"  \n", b"\n\n")
_YOU = re.compile(rb"^\S+ \S+ You:", re.MULTILINE)
_FOLDER = frozenset({"media"})
_OTHER_FORMS = {"data.json": frozenset({"chat.md", "index.html"}), "chat.md": frozenset({"index.html"})}
_VOICE = frozenset({".aac", ".m4a", ".ogg", ".oga", ".opus"})
"""How Signal's clients name what they recorded."""
_HERE = frozenset({"", "incoming", "outgoing"})


class SignalText:
    """Times are naive where the tool printed the clock of its computer, else aware."""

    name = "signal_text"
    label = "Signal by signal-export or sigtop"
    channel = "signal"

    def score(self, sample: Sample) -> float:
        """Look for the headers of messages, or for the keys of one."""
        head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if _LINES.match(head) or _DATABASE.match(head):
            return 0.9
        return _score_text(head, style_of(head))

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the files of a chat of signal-export, and its other forms: `data.json` has the most."""
        if export.parent != beside.parent:
            return False
        return beside.name in (_FOLDER if beside.is_dir() else _OTHER_FORMS.get(export.name, ()))

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every message in file order."""
        with export.path.open("rb") as file:
            head = file.read(SAMPLE_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
        if re.match(rb"\[?\s*\{", head):
            yield from _read_json(export, is_lines=head.startswith(b"{"))
        else:
            yield from _read_text(export, style_of(head) or "markdown")


SOURCE = SignalText()


def _score_text(head: bytes, style: str | None) -> float:
    """Tell these from WhatsApp's text with the year first: here each message ends as a paragraph."""
    if style == "blocks":
        return 0.9
    if style == "markdown" and _BEFORE_2022.match(head):
        return 0.96
    if style == "markdown":
        text = head.replace(b"\r\n", b"\n")
        starts = [found.start() for found in _HEADER.finditer(text)][1:]
        ends = (text[:start].endswith(_PARAGRAPH_ENDS) for start in [*starts, len(text)])
        # What the sample cuts may end anyhow.
        whole = [*ends] if len(head) < SAMPLE_BYTES - 3 else [*ends][:-1]
        return 0.96 if whole and all(whole) else 0.0
    if style == "short":
        return 0.96 if _MARKS_OF_SHORT.search(head) else 0.75 if _YOU.search(head) else 0.0
    return 0.0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a record is."""

    export: Export
    position: int
    original: bytes
    warnings: tuple[str, ...] = ()


def _chat(export: Export) -> RawConversation:
    """Return the chat: signal-export names its folder after it, sigtop the file."""
    place = PurePosixPath(export.place)
    title = place.stem
    if place.name in _OTHER_FORMS:
        folder = place.parent.name
        title = PurePosixPath(folder[:-1]).stem if folder.endswith("!") else folder or title
    return RawConversation(storable(title), storable(title))


# Printed messages.


def _read_text(export: Export, style: str) -> Iterator[Record]:
    positions = count()
    for page in read_pages(export.path, style):
        where = f"{export.place}, byte {page.start}"
        original = page.original
        if original is None:
            yield Unreadable(where, "a message of more than 16 MiB; the others were read")
        elif not page.is_message:
            if not _is_heading(original):
                yield Unreadable(where, "lines before the first message", original)
        elif (message := read_printed(storable(original.decode(errors="replace")), style)) is None:
            yield Unreadable(where, "a message without its header", original)
        else:
            broken = "\ufffd" in message.text and "\ufffd".encode() not in original
            warnings = ("bytes that are not UTF-8 were replaced",) if broken else ()
            yield _record(message, _Place(export, next(positions), original, warnings))


def _is_heading(original: bytes) -> bool:
    text = original.removeprefix(b"\xef\xbb\xbf").strip()
    return not text or (text.startswith(b"Conversation: ") and b"\n" not in text)


def _record(message: Printed, place: _Place) -> RawMessage:
    call = call_of(message.text) if message.type_ in _HERE else None
    kind, detail = _kind(message, call[0] if call else None)
    return RawMessage(
        format=SignalText.name,
        channel=SignalText.channel,
        kind=kind,
        original=place.original,
        position=place.position,
        external_id="",
        author=_named(message.sender),
        sent_at=message.sent_at,
        text="" if kind == Kind.CALL else message.text,
        conversation=_chat(place.export),
        attachments=tuple(_attachments(message, place.export.root)),
        duration_for=call[1] if call else None,
        edited=message.edited,
        edited_at=message.edited_at,
        revisions=tuple(RawRevision(text, at) for text, at in message.versions),
        reactions=tuple(RawReaction(emoji, _named(who)) for who, emoji in message.reactions),
        detail=detail,
        warnings=place.warnings,
    )


def _kind(message: Printed, call: str | None) -> tuple[Kind, str]:
    if message.type_ not in _HERE:
        return desktop.kind_of({"type": message.type_})
    if call is not None:
        return Kind.CALL, call
    if message.deleted:
        return Kind.DELETED, ""
    if message.sticker:
        return Kind.FILE, message.sticker
    return _kind_of_files(message), ""


def _kind_of_files(message: Printed) -> Kind:
    if not message.files:
        return Kind.TEXT
    name = message.files[0][1] or message.files[0][0]
    type_ = message.file_types[0] if message.file_types else media_type(name)
    # What was recorded in Signal has no name of its own.
    if PurePosixPath(name).suffix.lower() in _VOICE or (type_.startswith("audio/") and name == "no filename"):
        return Kind.VOICE
    return Kind.IMAGE if type_.startswith("image/") else Kind.FILE


def _attachments(message: Printed, root: Path) -> Iterator[RawAttachment]:
    for place, (name, path) in enumerate(message.files):
        if path:
            yield attach(root, path, shown=name or None)
        else:
            type_ = message.file_types[place] if message.file_types else media_type(name)
            yield RawAttachment(name, type_, missing="the export of messages does not hold files")


def _named(printed: str) -> RawAddress | None:
    """Return a person; sigtop prints the telephone or the id behind the name."""
    found = _DETAILED.fullmatch(printed)
    name, value = (found[1] or found[2], found[2]) if found else (printed, printed)
    kind = AddressKind.PHONE if found and value.startswith("+") else AddressKind.SIGNAL
    return RawAddress(kind, value, name) if value else None


# JSON.


def _read_json(export: Export, *, is_lines: bool) -> Iterator[Record]:
    pieces = read_lines(export.path) if is_lines else read_pieces(export.path, _LAYOUT)
    positions = count()
    for piece in pieces:
        where = f"{export.place}, byte {piece.start}"
        if piece.error is not None:
            yield Unreadable(where, piece.error, piece.original)
        elif not isinstance(piece.value, dict):
            yield Unreadable(where, "a record that is no JSON object", piece.original)
        else:
            place = _Place(export, next(positions), piece.original or b"", piece.repairs)
            yield _line(piece.value, place) if is_lines else _row(piece.value, place)


def _line(raw: dict[str, Any], place: _Place) -> RawMessage:
    """Read a line of signal-export's `data.json`."""
    sticker = raw.get("sticker")
    message = Printed(
        sender=word(raw.get("sender")),
        sent_at=iso_time(raw.get("date")),
        text=word(raw.get("body")).strip(),
        deleted=raw.get("deleted") is True,
        sticker=word(sticker) or word(members(sticker).get("emoji")) or ("sticker" if sticker else ""),
        reactions=list(_pairs(raw.get("reactions"))),
        files=[
            (word(one.get("name")), word(one.get("path")).replace("%20", " "))
            for one in objects(raw.get("attachments"))
        ],
    )
    return _record(message, place)


def _pairs(reactions: Any) -> Iterator[tuple[str, str]]:
    for one in reactions if isinstance(reactions, list) else ():
        if isinstance(one, list) and len(one) > 1:
            yield word(one[0]), word(one[1])
        elif isinstance(one, dict):
            yield word(one.get("name")), word(one.get("emoji"))


def _row(raw: dict[str, Any], place: _Place) -> RawMessage:
    """Read a row of Signal Desktop's database, as sigtop writes it."""
    kind, detail = desktop.kind_of(raw)
    revisions = desktop.revisions_of(raw)
    quote = members(raw.get("quote"))
    sent = raw.get("sent_at") or raw.get("timestamp")
    return RawMessage(
        format=SignalText.name,
        channel=SignalText.channel,
        kind=kind,
        original=place.original,
        position=place.position,
        external_id=word(sent),
        author=desktop.author_of(raw),
        sent_at=unix_time(sent, per_second=1000),
        text=desktop.text_of(raw),
        conversation=RawConversation(
            word(raw.get("conversationId")) or place.export.path.stem, _chat(place.export).title
        ),
        stamped_at=unix_time(raw.get("serverTimestamp"), per_second=1000),
        reply_to=word(quote.get("id")) or None,
        attachments=desktop.attachments_of(raw),
        duration_for=desktop.duration_of(raw),
        edited=bool(revisions),
        edited_at=unix_time(raw.get("editMessageTimestamp"), per_second=1000),
        revisions=revisions,
        reactions=desktop.reactions_of(raw),
        detail=detail,
        warnings=place.warnings,
    )
