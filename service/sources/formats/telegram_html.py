"""Telegram Desktop's export for reading in a browser: `messages.html`, `messages2.html` and so on.

In: the folder of one chat or of a whole account (`chats/chat_01/`), or one page. Out: one record per message,
notice or call. Never: takes the date between two messages for a record, joins chats that share a title.

A page tells less than result.json does: nobody's id, no edits, no topics, and no time of notices, which get
that of the message beside them. Offsets, printed since 2022, are those of winter all year round.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time
from html import unescape
from pathlib import Path

from lxml.etree import LxmlError

from service.sources.html_pieces import HtmlPiece, read_html_pieces
from service.sources.json_values import storable
from service.sources.media import attach
from service.sources.raw_message import (
    SERVICE_KINDS,
    AddressKind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    Record,
    Unreadable,
)
from service.sources.source import Export, Sample
from service.sources.telegram_page import Shown, ShownFile, number_of, read_div

_BEGINS = re.compile(rb'<div class="message [\w ]{1,60}"[^<>]{0,200}? id="message-?\d{1,19}"')
_INSIDE = b'<div class="body'
_OURS = re.compile(rb"<title>Exported Data</title>|CheckLocation\(\)|GoToMessage\(")
_TITLE = re.compile(rb'class="page_header".{0,600}?class="text bold">(.{0,4000}?)</div>', re.DOTALL)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAY = re.compile(rf"(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})".encode())
_PAGE = re.compile(r"messages(\d{0,9})\.html")
_CHAT = re.compile(r"chat_(\d{1,9})")
_FOLDERS = frozenset(
    {"photos", "video_files", "voice_messages", "round_video_messages", "stickers", "files", "contacts"}
    | {"profile_pictures", "stories", "animations", "images", "css", "js", "lists"}
)
_UNSEEN = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX"})
_OF_MIGRATED_GROUP = -500_000_000
"""Messages of the group that a supergroup was made of have ids below; dates between messages -1, -2, ..."""
_HEADER = 16_384
_LARGEST = 2 * 1024 * 1024
"""Bytes of one record: what people write has at most some thousand characters."""
_SUMMER = range(4, 11)
_WINTER_OFFSET = (
    "the page gives the offset of winter all year: where clocks change, times in summer are an hour late"
)
_NO_TIME = "the page gives no time for notices: that of the message beside it"
_MOST_AT_START = 1000


class TelegramHtml:
    """Pages of every year; a folder that holds anything else is left to be read file by file."""

    name = "telegram_html"
    label = "Telegram Desktop (HTML)"
    channel = "telegram"

    def score(self, sample: Sample) -> float:
        """Look for the writer's own words in a page, and for nothing but its files in a folder."""
        if sample.is_folder:
            return 0.95 if _chats(sample.path) else 0.0
        if not _BEGINS.search(sample.head):
            return 0.0
        return 0.95 if _OURS.search(sample.head) else 0.5

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the folders that the writer makes for media and styles."""
        return beside.is_dir() and beside.name in _FOLDERS and export.parent == beside.parent

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every record of every chat, page by page; a folder whole where a page of it is wanted."""
        if not export.path.is_dir():
            yield from _Page(export, export.path, _conversation(export.path)).read(0)
            return
        chats = _chats(export.path)
        if not chats:
            yield Unreadable(export.place, "holds no pages of a chat, or other files beside them")
        wanted = [export.wants(page) for pages in chats for page in pages]
        if not any(wanted):
            return
        conversations = [_conversation(pages[0]) for pages in chats]
        shared = Counter(one.key for one in conversations)
        position = 0
        for pages, named in zip(chats, conversations, strict=True):
            folder = f"{named.title} ({pages[0].parent.name})"
            chat = named if shared[named.key] == 1 else RawConversation(folder, named.title)
            for page in pages:
                for record in _Page(export, page, chat).read(position):
                    yield record
                    position += 1


SOURCE = TelegramHtml()


# Folders.


def _chats(folder: Path) -> list[list[Path]]:
    """Return the pages of each chat, both by number; nothing for another kind of folder."""
    try:
        names = _names(folder)
        if names is None:
            return []
        pages = _pages(folder, names)
        if "chats" not in names:
            return [pages] if pages else []
        chats = [_pages(chat, _names(chat)) for chat in _numbered(folder / "chats", _CHAT)]
    except OSError:
        return []
    return chats if all(chats) and not pages else []


def _names(folder: Path) -> set[str] | None:
    """Return the names in a folder of the export; None where there are others than the writer makes."""
    with os.scandir(folder) as entries:
        names = set()
        for entry in entries:
            ours = _FOLDERS | {"chats"} if entry.is_dir(follow_symlinks=False) else {"export_results.html"}
            if entry.name not in _UNSEEN and entry.name not in ours and not _PAGE.fullmatch(entry.name):
                return None
            names.add(entry.name)
        return names


def _pages(folder: Path, names: set[str] | None) -> list[Path]:
    return _numbered(folder, _PAGE) if names else []


def _numbered(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    """Return what is named so, by number: messages10 comes after messages9, and the first page has none."""
    found = [(match, path) for path in folder.iterdir() if (match := pattern.fullmatch(path.name))]
    return [path for _, path in sorted(found, key=lambda one: int(one[0][1] or 1))]


def _conversation(page: Path) -> RawConversation:
    """Return the chat that a page names in its header."""
    head = next(read_html_pieces(page, _BEGINS)).original or b""
    found = _TITLE.search(head[:_HEADER])
    title = storable(unescape(found[1].decode(errors="replace"))).strip() if found else ""
    title = title or page.parent.name
    return RawConversation(title, title)


# One page: what it leaves to the message before does not go beyond it.


@dataclass(slots=True)
class _Page:
    export: Export
    path: Path
    chat: RawConversation
    author: str | None = None
    forwarded_from: str | None = None
    day: datetime | None = None
    last_at: datetime | None = None
    warned: bool = False

    def read(self, position: int) -> Iterator[Record]:
        """Yield the records; notices at the start wait for the first message, whose time they get."""
        waiting: list[tuple[Record, datetime | None]] = []
        for record in self._records(position):
            if self.last_at is None and len(waiting) < _MOST_AT_START:
                waiting.append((record, self.day))
                continue
            yield from (self._timed(*one) for one in waiting)
            waiting.clear()
            yield self._timed(record, self.day)
        yield from (self._timed(*one) for one in waiting)

    def _records(self, position: int) -> Iterator[Record]:
        empty = True
        for piece in read_html_pieces(self.path, _BEGINS):
            if not piece.is_head:
                empty = False
                if not self._is_day(piece):
                    yield self._piece(piece, position)
                    position += 1
            rest = piece.original if piece.is_head else piece.behind
            if rest is not None and _INSIDE in rest:
                empty = False
                at = piece.start if piece.is_head else piece.end
                yield Unreadable(f"{self._place()}, byte {at}", "a record whose beginning is damaged", rest)
        if empty:
            yield Unreadable(
                self._place(), "a page without messages, or cut off before them; export it again"
            )

    def _piece(self, piece: HtmlPiece, position: int) -> Record:
        where = f"{self._place()}, byte {piece.start}"
        if piece.original is None or len(piece.original) > _LARGEST:
            return Unreadable(where, f"a record of {piece.end - piece.start} bytes", piece.original)
        if not piece.is_closed and piece.end == self.path.stat().st_size:
            why = "the page was cut off within this record; the others were read. Export it again"
            return Unreadable(where, why, piece.original)
        return self._record(piece.original, where, position)

    def _place(self) -> str:
        if self.path == self.export.path:
            return self.export.place
        return f"{self.export.place}/{self.path.relative_to(self.export.path).as_posix()}"

    def _is_day(self, piece: HtmlPiece) -> bool:
        """Read the date that stands between messages: a service message with an id of the page's own."""
        original = piece.original or b""
        number = int(number_of(original) or 0)
        if not _OF_MIGRATED_GROUP < number < 0 or b"service" not in original[:60]:
            return False
        if found := _DAY.search(original):
            month = _MONTHS.index(found[2].decode()) + 1
            try:
                self.day = datetime.fromisoformat(f"{found[3].decode()}-{month:02}-{int(found[1]):02}")
            except ValueError:
                self.day = None
        return True

    def _record(self, original: bytes, where: str, position: int) -> Record:
        try:
            shown = read_div(original)
        except (LxmlError, ValueError) as error:
            return Unreadable(where, f"a record that is not HTML ({error})", original)
        author, passed_on = self._said_by(shown)
        return RawMessage(
            format=TelegramHtml.name,
            channel=TelegramHtml.channel,
            kind=shown.kind,
            original=original,
            position=position,
            external_id=shown.number,
            author=RawAddress(AddressKind.TELEGRAM, author, author) if author else None,
            sent_at=shown.at,
            text=shown.text,
            conversation=self.chat,
            reply_to=shown.reply_to,
            attachments=tuple(self._attachment(file) for file in shown.files),
            duration_for=shown.duration_for,
            reactions=shown.reactions,
            forwarded_from=passed_on,
            detail=shown.detail,
            warnings=tuple(self._warnings(original, shown.at)),
        )

    def _said_by(self, shown: Shown) -> tuple[str | None, str | None]:
        """Return author and forwarded author, which the writer leaves out where they are those of before."""
        if shown.at is None and shown.kind in SERVICE_KINDS:
            self.author = self.forwarded_from = None
            return None, None
        if shown.at is not None:
            self.last_at = shown.at
            self.day = datetime.combine(shown.at.date(), time())
        self.author = shown.author or self.author
        self.forwarded_from = (shown.forwarded_from or self.forwarded_from) if shown.is_forwarded else None
        return self.author, (self.forwarded_from or "unknown") if shown.is_forwarded else None

    def _warnings(self, original: bytes, at: datetime | None) -> Iterator[str]:
        if at is not None and at.tzinfo is not None and at.month in _SUMMER and not self.warned:
            self.warned = True
            yield _WINTER_OFFSET
        try:
            original.decode()
        except UnicodeDecodeError:
            yield "bytes that are not UTF-8 were replaced"

    def _timed(self, record: Record, day: datetime | None) -> Record:
        """Give a notice the time of the message beside it, or the day that it stands under."""
        if isinstance(record, Unreadable) or record.sent_at is not None:
            return record
        at = self.last_at or day
        if at is None:
            return record
        if day is not None and at.date() != day.date():
            at = day.replace(tzinfo=at.tzinfo)
        # Where the page has offsets, its own times are exact to the second: this one is only assumed.
        record = replace(record, warnings=(*record.warnings, _NO_TIME))
        return replace(record, stamped_at=at) if at.tzinfo else replace(record, sent_at=at)

    def _attachment(self, file: ShownFile) -> RawAttachment:
        if not file.href:
            return RawAttachment(file.name, file.media_type, missing=file.missing)
        return attach(self.export.root, self._inside(file.href), shown=file.name, type_=file.media_type)

    def _inside(self, href: str) -> str:
        """Return the path below the export's root: a page of an account goes up to it and down again."""
        folder, root = self.path.parent, self.export.root
        own = folder.relative_to(root).parts if folder.is_relative_to(root) else ()
        parts = href.replace("\\", "/").split("/")
        up = next((index for index, part in enumerate(parts) if part != ".."), len(parts))
        below = parts[up:]
        if up <= len(own):
            return "/".join((*own[: len(own) - up], *below))
        # The page was given alone: it stands where the links come down to.
        return "/".join(below[up:] if tuple(below[:up]) == folder.parts[-up:] else parts)
