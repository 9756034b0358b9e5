"""WhatsApp's "Export chat": a txt of Android or iOS, in any language, with or without media beside it.

In: a txt (`_chat.txt`, `WhatsApp Chat with …txt`). Out: one record per message, notice or call.
Never: guesses the order of day and month, drops a line, glues a notice to the message before it.

Times are local and without a zone. A text that WhatsApp wrote is known by its mark (iOS), by having no sender
(Android) or by its words; in a language that we do not know it stays a text.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from service.sources.date_orders import UNDECIDED
from service.sources.media import fold_name
from service.sources.raw_message import (
    AddressKind,
    Kind,
    RawAddress,
    RawConversation,
    RawMessage,
    Record,
    Unreadable,
)
from service.sources.source import Export, Sample
from service.sources.text_lines import wide_charset
from service.sources.whatsapp_content import Reader, plain
from service.sources.whatsapp_lines import (
    MAX_ENTRY,
    Entry,
    Header,
    Survey,
    read_entries,
    split_header,
    survey,
)
from service.sources.whatsapp_phrases import attached_name, chat_title, is_notice_before_colon, phrase_of

_PHONE = re.compile(r"\+\d[\d\s().-]{5,}\d")
_OWN_NAMES = ("_chat", "chat")
_COPY = re.compile(r"(?:\.txt)? ?\(\d+\)$|\.txt$")
_LONGEST_NAME = 100
_MOST_IN_TITLE = 3
_SELDOM = 2
"""Whoever writes more often has a name that only looks like a notice."""


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
        seen = survey(export.path, language)
        chat = _Chat(export, title or _title_of(seen.senders) or export.path.stem, seen)
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


class _Chat:
    """One export while it is being read."""

    def __init__(self, export: Export, title: str, seen: Survey) -> None:
        self.export = export
        self.seen = seen
        self.reader = Reader(export.root, seen)
        self.conversation = RawConversation(title, title)
        self.orders = seen.dates.orders(export.date_order, seen.languages)
        # In a file name every character that a disk refuses is an underscore.
        self.titled = (
            re.compile(re.escape(title).replace("_", '[:/_?*"<>|]') + ": ?") if ":" not in title else None
        )

    def message(self, entry: Entry, header: Header, position: int) -> RawMessage:
        order = self.orders.at(header.stamp, position)
        sender, first = self._split(entry.lines[0], bracketed=header.bracketed)
        text = "\n".join([first, *entry.lines[1:]]).strip("\r\n")
        content = self.reader.content(header, sender, text)
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
            conversation=self.conversation,
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
        if not bracketed and (is_notice_before_colon(sender) or self._is_notice(sender)):
            return None, rest
        return sender, text

    def _is_notice(self, words: str) -> bool:
        """Say whether words before a colon are a notice about somebody with a colon in the name."""
        if self.seen.senders[words] > _SELDOM:
            return False
        phrase = phrase_of(words)
        return phrase is not None and phrase.meaning == "service"


@lru_cache(maxsize=4096)
def _address(sender: str) -> RawAddress:
    name = plain(sender)
    if _PHONE.fullmatch(name):
        return RawAddress(AddressKind.PHONE, "+" + re.sub(r"\D", "", name), name)
    return RawAddress(AddressKind.WHATSAPP, name, name)


def _title(export: Export) -> tuple[str, str | None]:
    """Return the chat's name from that of its file, zip or folder, and the language of the words around."""
    container, inside, _ = export.place.rpartition("!/")
    zip_name = container.rpartition("/")[2].removesuffix(".zip") if inside else ""
    own = export.path.stem not in _OWN_NAMES
    # A folder that people do not see, as that of an upload, says nothing of the chat.
    is_seen = f"/{export.place}".endswith(f"/{export.path.parent.name}/{export.path.name}")
    folder = export.path.parent.name if is_seen and not inside else ""
    names = [export.path.stem if own else "", zip_name, folder]
    stems = [_COPY.sub("", name) for name in names if name]
    for stem in stems:
        if found := chat_title(stem):
            return found.meaning, found.language
    return (stems[0] if stems else ""), None


def _title_of(senders: Counter[str]) -> str:
    """Name a chat by those who write most in it: nothing else tells one `_chat.txt` from another."""
    return ", ".join(sorted(plain(name) for name, _ in senders.most_common(_MOST_IN_TITLE)))


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
