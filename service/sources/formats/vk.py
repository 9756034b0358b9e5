"""VK's archive of one's own data (vk.com/data_protection): `messages/<chat>/messages0.html` and so on.

In: the archive, its folder `messages`, the folder of one chat, or one page. Out: one record per message,
notice or call. Never: reads what else an archive has (likes, payments); takes the times for Moscow's.

The archive stands newest first and prints local times without a zone. It is read from its end, so that an
hour that a clock shows twice is told apart by the order of the messages. Forwarded messages are only counted
there, and files are links that expire.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from service.sources.html_pieces import HtmlPiece
from service.sources.media import attach, media_type
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
from service.sources.vk_page import (
    VkAttachment,
    VkItem,
    VkPage,
    public_address,
    read_head,
    read_index,
    read_item,
    read_pieces,
)
from service.sources.vk_words import VOICE, Meaning, is_call, is_forward, is_own_name, meaning_of

_PAGE_NAME = re.compile(r"messages(\d+)\.html", re.IGNORECASE)
_CHAT_NAME = re.compile(r"-?\d+")
_SIGNS = (b"message__header", b"data-id=")
_EXPIRES = "VK's archive has only a link to it, and such links expire; save the file from VK itself"
_LARGEST_BACKWARDS = 64 * 1024 * 1024
"""Bytes of a page up to which it is read from its end; VK's own have 50 messages."""
_NO_CHAT = "holds no messages of VK; if it is an export of its own, move it out of the archive"
_NO_CHATS = "holds no chats; order an archive of VK with messages in it"
_ARCHIVE_PARTS = (".html", ".htm", ".css", ".js", ".ico", ".svg", ".ds_store", "thumbs.db")
"""What the pages of an archive consist of, those about other things than messages included."""
_SAVED = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".ogg", ".mp3", ".mp4", ".pdf"})
"""Files that tools save into an archive, beside the pages that link to them."""
_STRONGEST = (Kind.CALL, Kind.VOICE, Kind.IMAGE, Kind.FILE, Kind.DELETED)
"""The first of these that an attachment has is the kind of its message."""
_VOICE_ADDRESS = re.compile(r"/(?:audiomsg|amsg|audio_message)\b|\.ogg$", re.IGNORECASE)
_MAIL = re.compile(r"[^\s@,<>]+@[^\s@,<>]+\.[^\s@,<>]+")


class Vk:
    """Pages in any language whose months are known; times are naive."""

    name = "vk"
    label = "VK (archive of one's data)"
    channel = "vk"

    def score(self, sample: Sample) -> float:
        """Look for the pages of chats in a folder, for the marks of a message in a page."""
        if sample.is_folder:
            return 0.97 if _holds_chats(sample.path) or _is_chat(sample.path) else 0.0
        return 0.95 if all(sign in sample.head for sign in _SIGNS) else 0.0

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every record, chat by chat, the oldest first."""
        positions = count()
        if export.path.is_file():
            yield from _read_page(_Place(export, export.path, export.place), positions)
            return
        chats = _chat_folders(export.path)
        if not chats:
            yield Unreadable(export.place, _NO_CHATS)
        yield from _foreign(export, chats)
        for chat in chats:
            for page in reversed(_pages(chat)):
                if export.wants(page):
                    where = f"{export.place}/{page.relative_to(export.path).as_posix()}"
                    yield from _read_page(_Place(export, page, where), positions)


SOURCE = Vk()


@dataclass(frozen=True, slots=True)
class _Place:
    """A page, and what to call it."""

    export: Export
    page: Path
    name: str


# Which files an archive has.


def _is_chat(folder: Path) -> bool:
    pages = _pages(folder)
    if not pages:
        return False
    try:
        with pages[0].open("rb") as file:
            head = file.read(65_536)
    except OSError:
        return False
    return all(sign in head for sign in _SIGNS)


def _holds_chats(folder: Path) -> bool:
    return any((place / "index-messages.html").is_file() for place in (folder, folder / "messages")) or any(
        _is_chat(chat) for chat in _numbered(folder)
    )


def _chat_folders(root: Path) -> list[Path]:
    if _pages(root):
        return [root]
    return sorted([*_numbered(root), *_numbered(root / "messages")])


def _numbered(folder: Path) -> list[Path]:
    """Return the folders that are named like chats: by the number of the other side."""
    try:
        return [one for one in folder.iterdir() if _CHAT_NAME.fullmatch(one.name) and one.is_dir()]
    except OSError:
        return []


def _pages(folder: Path) -> list[Path]:
    """Return the pages of a chat by their numbers, the newest messages first."""
    try:
        numbered = [
            (int(found[1]), one) for one in folder.iterdir() if (found := _PAGE_NAME.fullmatch(one.name))
        ]
    except OSError:
        return []
    return [page for _, page in sorted(numbered) if page.is_file() and not page.is_symlink()]


def _foreign(export: Export, chats: list[Path]) -> Iterator[Unreadable]:
    """Name the files that are no part of an archive: nobody else will read them there."""
    pages = {page for chat in chats for page in _pages(chat)}
    for path in sorted(export.path.rglob("*")):
        if path in pages or not path.is_file() or path.suffix.lower() in _SAVED:
            continue
        if not path.name.lower().endswith(_ARCHIVE_PARTS) and export.wants(path):
            yield Unreadable(f"{export.place}/{path.relative_to(export.path).as_posix()}", _NO_CHAT)


# Reading a page.


def _read_page(place: _Place, positions: Iterator[int]) -> Iterator[Record]:
    try:
        head = read_head(place.page)
        pieces = read_pieces(place.page)
        if place.page.stat().st_size <= _LARGEST_BACKWARDS:
            pieces = reversed(list(pieces))
        seen = False
        for piece in pieces:
            yield from _damaged(piece, place)
            if not piece.is_head:
                seen = True
                yield _record(piece, positions, place, head)
    except OSError as error:
        yield Unreadable(place.name, f"cannot be read: {error.strerror or error}")
        return
    if not seen:
        yield Unreadable(
            place.name, "a page without messages; if VK shows some there, order the archive again"
        )


def _damaged(piece: HtmlPiece, place: _Place) -> Iterator[Unreadable]:
    """Name what looks like a message but does not begin like one."""
    rest = piece.original if piece.is_head else piece.behind
    if rest is not None and _SIGNS[0] in rest:
        at = piece.start if piece.is_head else piece.end
        yield Unreadable(f"{place.name}, byte {at}", "a message whose beginning is damaged", rest)


def _record(piece: HtmlPiece, positions: Iterator[int], place: _Place, head: VkPage) -> Record:
    item = read_item(piece.original, head.charset) if piece.original is not None else None
    if item is None or piece.original is None:
        where = f"{place.name}, byte {piece.start}"
        return Unreadable(where, "a message that cannot be read; order the archive again", piece.original)
    return _message(item, piece.original, next(positions), place, head)


def _message(item: VkItem, original: bytes, position: int, place: _Place, head: VkPage) -> RawMessage:
    kind = _kind(item)
    forwards = [one.description for one in item.attachments if is_forward(one.description)]
    return RawMessage(
        format=Vk.name,
        channel=Vk.channel,
        kind=kind,
        original=original,
        position=position,
        external_id=item.id,
        author=_author(item, head),
        sent_at=item.sent_at,
        text="" if kind == Kind.SYSTEM else _text(item),
        conversation=_conversation(place.page, head),
        attachments=tuple(_files(item, place)),
        edited=item.is_edited,
        edited_at=item.edited_at,
        forwarded_from="unknown" if forwards and not item.text else None,
        detail=_detail(item),
        warnings=tuple(_warnings(item)),
    )


def _kind(item: VkItem) -> Kind:
    if item.service_line:
        return Kind.CALL if is_call(item.service_line) else Kind.SYSTEM
    meanings = [_meaning(one) for one in item.attachments]
    kinds = {meaning.kind for meaning in meanings if meaning is not None}
    return next((kind for kind in _STRONGEST if kind in kinds), Kind.TEXT)


def _author(item: VkItem, head: VkPage) -> RawAddress | None:
    if item.peer:
        return RawAddress(AddressKind.VK, item.peer, item.name)
    if is_own_name(item.name):
        return RawAddress(AddressKind.VK, head.owner or "you", item.name)
    if _MAIL.fullmatch(item.name):
        return RawAddress(AddressKind.MAIL, item.name.lower(), item.name)
    return RawAddress(AddressKind.VK, item.name, item.name) if item.name else None


def _conversation(page: Path, head: VkPage) -> RawConversation:
    chat = page.parent.name if _CHAT_NAME.fullmatch(page.parent.name) else ""
    key = chat or head.title or page.stem
    return RawConversation(key, head.title or _titles(page.parent.parent).get(key, key))


@lru_cache(maxsize=4)
def _titles(folder: Path) -> dict[str, str]:
    """Return the names of chats as the list of all chats gives them."""
    try:
        return read_index(folder / "index-messages.html")
    except OSError:
        return {}


def _text(item: VkItem) -> str:
    """Return what was written, and where the posts, polls and pages are that it only points to."""
    links = [
        f"{one.description}: {address}"
        for one in item.attachments
        if one.href
        and not _is_file(one)
        and (address := public_address(one.href))
        and address not in item.text
    ]
    return "\n".join(filter(None, (item.text, *links)))


def _detail(item: VkItem) -> str:
    others = [one.description for one in item.attachments if not _is_file(one)]
    return ", ".join(filter(None, [item.service_line, *dict.fromkeys(others)]))


def _warnings(item: VkItem) -> Iterator[str]:
    if item.sent_at is None:
        yield f"its time is in words that are not known: {item.printed_time[:80]!r}"
    for one in item.attachments:
        if meaning_of(one.description) is None and not is_forward(one.description):
            yield f"an attachment of a kind that is not known: {one.description[:80]!r}"


# Files.


def _is_file(attachment: VkAttachment) -> bool:
    meaning = _meaning(attachment)
    return meaning is not None and meaning.media_type != ""


def _meaning(attachment: VkAttachment) -> Meaning | None:
    meaning = meaning_of(attachment.description)
    # VK calls many voice messages files; what tells is where they are kept.
    if meaning is not None and meaning.media_type and _VOICE_ADDRESS.search(public_address(attachment.href)):
        return VOICE
    return meaning


def _files(item: VkItem, place: _Place) -> Iterator[RawAttachment]:
    for one in item.attachments:
        meaning = _meaning(one)
        if meaning is None or not meaning.media_type:
            continue
        name = _file_name(one)
        guessed = media_type(name)
        type_ = meaning.media_type if guessed == "application/octet-stream" else guessed
        local = _local_path(one.href, place)
        if local:
            yield attach(place.export.root, local, type_=type_)
        else:
            yield RawAttachment(name, type_, missing=_EXPIRES)


def _file_name(attachment: VkAttachment) -> str:
    """Return the name that a link ends with, where it looks like one of a file; else VK's description."""
    name = PurePosixPath(public_address(attachment.href)).name
    return name if "." in name and not name.startswith(".") else attachment.description


def _local_path(href: str, place: _Place) -> str:
    """Return where in the archive a tool put the file, and made the link point to; empty for VK's links."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return ""
    beside = place.page.parent.relative_to(place.export.root).as_posix()
    return posixpath.normpath(posixpath.join(beside, parts.path))
