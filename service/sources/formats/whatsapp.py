"""WhatsApp's "Export chat": a txt of Android or iOS, in any language, with or without media beside it.

In: a txt (`_chat.txt`, `WhatsApp Chat with …txt`). Out: one record per message, notice or call.
Never: guesses the order of day and month, drops a line, glues a notice to the message before it.

Times are local and without a zone. A text that WhatsApp wrote is known by its mark (iOS), by having no sender
(Android) or by its words; in a language that we do not know it stays a text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from service.sources.date_orders import UNDECIDED
from service.sources.media import attach, fold_name, media_type
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    Record,
    Unreadable,
)
from service.sources.source import Export, Sample
from service.sources.whatsapp_lines import (
    GENERATED,
    MAX_ENTRY,
    Entry,
    Header,
    Survey,
    read_entries,
    split_header,
    survey,
    wide_charset,
)
from service.sources.whatsapp_phrases import (
    MARKS,
    OMITTED,
    attached_name,
    chat_title,
    edited_at_end,
    exact_phrase,
    is_notice_before_colon,
    notice_of,
    phrase_of,
)

_OMITTED_AS = {
    "image": (Kind.IMAGE, "image/jpeg"),
    "audio": (Kind.VOICE, "audio/ogg"),
    "note": (Kind.VOICE, "video/mp4"),
    "video": (Kind.FILE, "video/mp4"),
    "gif": (Kind.FILE, "video/mp4"),
    "sticker": (Kind.FILE, "image/webp"),
    "contact": (Kind.FILE, "text/vcard"),
}
_OMITTED = "the chat was exported without media"
_SPACES = re.compile("[\u00a0\u202f\u2009]+")
_PHONE = re.compile(r"\+\d[\d\s().-]{5,}\d")
_OWN_NAMES = ("_chat", "chat")
_COPY = re.compile(r"(?:\.txt)? ?\(\d+\)$|\.txt$")
_NAMED = re.compile(r"^(.+\.\w{2,5}(?: • .+)?) ([^\W\d_]+ [^\W\d_]+)$", re.DOTALL)
_DURATION = re.compile(r"(\d+)\s?(h|hr|ч|godz|std|min|мин|мін|sec|sek|сек|s)\b", re.IGNORECASE)
_SECONDS = {"h": 3600, "hr": 3600, "ч": 3600, "godz": 3600, "std": 3600, "min": 60, "мин": 60, "мін": 60}
_LONGEST_NAME = 100


class WhatsApp:
    """Both systems, every date and time shape of the phones; the zip around the txt is opened elsewhere."""

    name = "whatsapp"
    label = "WhatsApp (txt)"
    channel = "whatsapp"

    def score(self, sample: Sample) -> float:
        """Look for lines that start with a date as WhatsApp writes it; the first line must be one."""
        charset = wide_charset(sample.head) or "utf-8"
        lines = [line for line in sample.head.decode(charset, "replace").splitlines()[:200] if line.strip()]
        headers = [header for line in lines if (header := split_header(line))]
        if not headers or split_header(lines[0]) is None:
            return 0.6 if 1 < len(headers) > len(lines) / 2 else 0.0
        said = any(": " in header.rest or phrase_of(header.rest) for header in headers)
        hint = "whatsapp" in sample.path.name.casefold() or sample.path.stem in _OWN_NAMES
        return 0.95 if said and (len(headers) > 1 or hint) else 0.7

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the files that the chat names: they lie flat beside it."""
        if not beside.is_file() or beside.parent != export.parent:
            return False
        return fold_name(beside.name) in _named_files(export, export.stat().st_mtime_ns)

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every record in file order; one Unreadable where day and month cannot be told apart."""
        title, language = _title(export)
        chat = _Chat(export, title, survey(export.path, language))
        if chat.orders.undecided:
            yield Unreadable(export.place, UNDECIDED)
            return
        position = 0
        for entry in read_entries(export.path):
            if entry.size > MAX_ENTRY:
                yield Unreadable(f"{export.place}, byte {entry.start}", f"one record of {entry.size} bytes")
            elif entry.header is None:
                if bytes(entry.original).strip():
                    why = "lines before the first record: they have no date"
                    yield Unreadable(f"{export.place}, byte {entry.start}", why, bytes(entry.original))
                continue
            else:
                yield chat.message(entry, entry.header, position)
            position += 1


SOURCE = WhatsApp()


@dataclass(frozen=True, slots=True)
class _Content:
    """What a record turns out to be."""

    kind: Kind
    text: str = ""
    detail: str = ""
    attachments: tuple[RawAttachment, ...] = ()
    duration_for: timedelta | None = None
    edited: bool = False


class _Chat:
    """One export while it is being read."""

    def __init__(self, export: Export, title: str, seen: Survey) -> None:
        self.export = export
        self.title = title
        self.seen = seen
        self.orders = seen.dates.orders(export.date_order, seen.languages)
        # In a file name every character that a disk refuses is an underscore.
        self.titled = (
            re.compile(re.escape(title).replace("_", '[:/_?*"<>|]') + ": ?") if ":" not in title else None
        )

    def message(self, entry: Entry, header: Header, position: int) -> RawMessage:
        order = self.orders.at(header.stamp, position)
        sender, first = self._split(entry.lines[0], bracketed=header.bracketed)
        content = self._content(header, sender, [first, *entry.lines[1:]])
        warnings = [*entry.warnings, *filter(None, [header.stamp.clock.warning])]
        sent_at = header.stamp.at(order) if order else None
        if sent_at is None:
            warnings.append("the date does not exist")
        return RawMessage(
            format=WhatsApp.name,
            channel=WhatsApp.channel,
            kind=content.kind,
            original=bytes(entry.original),
            position=position,
            external_id="",
            # A notice bears the name of the group or of the other person: neither wrote it.
            author=_address(sender) if sender and content.kind != Kind.SYSTEM else None,
            sent_at=sent_at,
            text=content.text,
            conversation=RawConversation(self.title, self.title),
            attachments=content.attachments,
            duration_for=content.duration_for,
            edited=content.edited,
            detail=content.detail,
            warnings=tuple(warnings),
        )

    def _split(self, rest: str, *, bracketed: bool) -> tuple[str | None, str]:
        """Part the sender from the text; names may hold colons, and so may notices without a sender."""
        if self.titled and (named := self.titled.match(rest)):
            return named.group().rstrip(": "), rest[named.end() :]
        sender, colon, text = rest.partition(": ")
        if not colon:
            sender, colon, text = rest.partition(":")
            if not colon or (text.strip() and sender not in self.seen.senders):
                return None, rest
        if len(sender) > _LONGEST_NAME:
            return None, rest
        if not bracketed and is_notice_before_colon(sender):
            return None, rest
        return sender, text

    def _content(self, header: Header, sender: str | None, lines: list[str]) -> _Content:
        text = "\n".join(lines).strip("\r\n")
        if sender is None:
            return _notice(text)
        if (edited := edited_at_end(text)) is not None:
            return replace(self._said(header, sender, text[:edited]), edited=True)
        return self._said(header, sender, text)

    def _said(self, header: Header, sender: str, text: str) -> _Content:
        return (
            self._attached(text)
            or self._generated(header, sender, text)
            or _left_out(text, ios=header.bracketed)
            or _Content(Kind.TEXT, text)
        )

    def _attached(self, text: str) -> _Content | None:
        """Read `a.jpg (file attached)` with a caption below, or a caption with `<attached: a.jpg>` behind."""
        first, _, below = text.partition("\n")
        if first.rstrip().endswith(")") and (name := attached_name(first)):
            return _Content(_file_kind(name), below, attachments=(attach(self.export.root, name),))
        above, _, last = text.rpartition("\n")
        if not last.rstrip().endswith(">") or not (name := attached_name(last)):
            return None
        before = MARKS.sub("", last[: last.rindex("<")]).strip()
        if before.partition(" • ")[0] in name:
            before = ""
        caption = "\n".join(filter(None, (above, before)))
        return _Content(_file_kind(name), caption, attachments=(attach(self.export.root, name),))

    def _generated(self, header: Header, sender: str, text: str) -> _Content | None:
        """Read what WhatsApp wrote under somebody's name."""
        marked = header.bracketed and text.startswith(GENERATED)
        if self.seen.marked and not marked and not header.marked:
            return None
        phrase = phrase_of(text) if marked else exact_phrase(text)
        if phrase is None and header.bracketed:
            phrase = notice_of(text)
        is_group = header.bracketed and sender == self.seen.notice_by and sender not in self.seen.writers
        if phrase is None and (is_group or text.startswith(f"{sender} ")):
            phrase = phrase_of(text)
        if phrase is None:
            return _Content(Kind.SYSTEM, detail=_clean(text)) if is_group and marked else None
        if phrase.meaning == "service" and not header.bracketed and not text.startswith(f"{sender} "):
            return None
        return _meant(phrase.meaning, text)


def _meant(meaning: str, text: str) -> _Content:
    if meaning in OMITTED:
        return _omitted(meaning)
    if meaning == "deleted":
        return _Content(Kind.DELETED, detail=_clean(text))
    if meaning in ("missed", "started"):
        return _Content(Kind.CALL, detail=meaning)
    if meaning == "call":
        return _Content(Kind.CALL, detail=_clean(text), duration_for=_duration(text))
    if meaning == "waiting":
        return _Content(Kind.TEXT, detail=_clean(text))
    return _Content(Kind.SYSTEM, detail=_clean(text))


def _notice(text: str) -> _Content:
    phrase = phrase_of(text)
    if phrase is not None and phrase.meaning in ("missed", "started", "call"):
        return _meant(phrase.meaning, text)
    return _Content(Kind.SYSTEM, detail=_clean(text))


def _left_out(text: str, *, ios: bool) -> _Content | None:
    """Read media that the export leaves out, with a caption or a file's name before the words."""
    if text == "null":
        missing = "it could be seen once, or never arrived"
        return _Content(
            Kind.FILE, attachments=(RawAttachment("", "application/octet-stream", missing=missing),)
        )
    before, mark, words = text.rpartition(GENERATED)
    if not (ios and mark):
        named = _NAMED.match(text) if ios else None
        if named is None:
            return None
        before, words = named.groups()
    phrase = exact_phrase(words)
    if phrase is None or phrase.meaning not in OMITTED:
        return None
    before = _clean(before)
    if phrase.meaning == "document":
        return _omitted(phrase.meaning, name=before.partition(" • ")[0])
    return replace(_omitted(phrase.meaning), text=before)


def _omitted(meaning: str, name: str = "") -> _Content:
    kind, type_ = _OMITTED_AS.get(meaning, (Kind.FILE, media_type(name)))
    return _Content(kind, attachments=(RawAttachment(name, type_, missing=_OMITTED),))


def _file_kind(name: str) -> Kind:
    """Say what a file is by the name that WhatsApp gave it; only recordings are `.opus`."""
    type_ = media_type(name)
    if "PTT-" in name or "-AUDIO-" in name or name.lower().endswith(".opus"):
        return Kind.VOICE
    return Kind.IMAGE if type_.startswith("image/") and type_ != "image/webp" else Kind.FILE


def _duration(text: str) -> timedelta | None:
    found = _DURATION.findall(MARKS.sub("", text))
    seconds = sum(int(number) * _SECONDS.get(unit.lower(), 1) for number, unit in found if len(number) < 6)
    return timedelta(seconds=seconds) if found else None


def _clean(text: str) -> str:
    return _SPACES.sub(" ", MARKS.sub("", text)).strip()


def _address(sender: str) -> RawAddress:
    name = _clean(sender)
    if _PHONE.fullmatch(name):
        return RawAddress(AddressKind.PHONE, "+" + re.sub(r"\D", "", name), name)
    return RawAddress(AddressKind.WHATSAPP, name, name)


def _title(export: Export) -> tuple[str, str | None]:
    """Return the chat's name from that of its file, zip or folder, and the language of the words around."""
    container, inside, _ = export.place.rpartition("!/")
    zip_name = container.rpartition("/")[2].removesuffix(".zip") if inside else ""
    own = export.path.stem not in _OWN_NAMES
    names = [export.path.stem if own else "", zip_name, "" if inside else export.path.parent.name]
    stems = [_COPY.sub("", name) for name in names if name]
    for stem in stems:
        if found := chat_title(stem):
            return found.meaning, found.language
    return (stems[0] if stems else export.path.stem), None


@lru_cache(maxsize=16)
def _named_files(path: Path, _changed_at: int) -> frozenset[str]:
    """Return the folded names of the files that a chat says were attached to it."""
    found: set[str] = set()
    for entry in read_entries(path):
        for line in entry.lines:
            if line.rstrip().endswith((")", ">")) and (
                name := attached_name(line.partition(": ")[2] or line)
            ):
                found.add(fold_name(name))
    return frozenset(found)
