"""Messages of a Messenger or Instagram export as HTML: one page of a conversation.

In: `message_N.html`. Out: RawMessage, Unreadable, the oldest first.
Never: guesses a zone: the pages print times in the account's language and without one; follows a link.

Meta documents none of this; classes are those of pages of 2018 to 2026. A page has less than the JSON of the
same conversation: no instants, no word on what was unsent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from lxml.etree import ParserError
from lxml.html import HtmlElement, fragment_fromstring

from service.sources.html_pieces import HtmlPiece, read_html_pieces
from service.sources.json_values import seconds, storable
from service.sources.linked_files import attach_linked, without_signatures
from service.sources.media import media_type
from service.sources.meta_text import Generated, as_typed, generated
from service.sources.meta_threads import MEDIA, Platform
from service.sources.raw_message import (
    Kind,
    RawAddress,
    RawAttachment,
    RawConversation,
    RawMessage,
    RawReaction,
    Record,
    Unreadable,
)
from service.sources.source import Export, Sample
from service.sources.written_times import written_time

_NAME = re.compile(r"message(?:_\d{1,9})?\.html", re.IGNORECASE)
_BEGINS = re.compile(rb"""<div\s+class=["'][^"'>]*\buiBoxWhite noborder\b[^"'>]*["'][^>]*>""", re.IGNORECASE)
_TITLE = re.compile(rb"<title>([^<]{1,1000})</title>", re.IGNORECASE)
_SENDER, _BODY, _TIME = ("_a6-h", "_2lek"), ("_a6-p", "_2let"), ("_a6-o", "_2lem")
"""Classes since 2021, and before."""
_REACTION = re.compile(r"([^\w\s(]+)\s*(.*?)\s*(?:\(([^()]*\d[^()]*)\))?")
_LOCAL = re.compile(r"(?![a-z][a-z0-9+.-]*:|#|//)\S", re.IGNORECASE)
_LASTED = re.compile(r"(?:Duration|Длительность|Продолжительность|Czas trwania): (\d[^\n]{0,60})")
_LENGTH = re.compile(r"(\d{1,4}) ?([hgчmмsс])", re.IGNORECASE)
_UNITS = {**dict.fromkeys("hgч", 3600), **dict.fromkeys("mм", 60), **dict.fromkeys("sс", 1)}
"""By the first letters of hours, minutes and seconds in English, Polish and Russian."""
_LINES = ("div", "br", "p", "li", "tr")
_VOICE_FOLDER = "audio/"
_TYPES = {"img": "image/jpeg", "video": "video/mp4"}
_HEAD = 65_536
_LARGEST_BACKWARDS = 64 * 1024 * 1024
"""Bytes of a page up to which it is read from its end: the newest message stands first."""
_NO_MESSAGES = "a page without messages; download the conversation again, in the format JSON"
_DAMAGED = "a message without a time; download the conversation again, in the format JSON"
_NO_TIME = "its time is in words that are not known"
_NO_ZONE = (
    "the page prints local times by the minute and without a zone; an export in the format JSON has both"
)


def is_page(sample: Sample) -> bool:
    """Say whether a file is a conversation as HTML: known by its name and by Meta's classes."""
    return _NAME.fullmatch(sample.path.name) is not None and _BEGINS.search(sample.head) is not None


def claims_media(export: Path, beside: Path) -> bool:
    """Say whether a folder has the media of a page: the JSON of a conversation is read with its folder."""
    is_media = beside.name in MEDIA and beside.parent == export.parent and beside.is_dir()
    return is_media and _NAME.fullmatch(export.name) is not None


def read_page(
    page: Path, place: str, export: Export, platform: Platform, positions: Iterator[int]
) -> Iterator[Record]:
    """Yield every message of a page, the oldest first."""
    pieces = read_html_pieces(page, _BEGINS)
    if page.stat().st_size <= _LARGEST_BACKWARDS:
        pieces = reversed(list(pieces))
    reader = _Reader(export.root, platform, _conversation(page))
    seen = False
    for piece in pieces:
        item = None if piece.is_head else _read_item(piece)
        if item is not None and item.time:
            warnings = () if seen else (_NO_ZONE,)
            yield reader.message(item, piece.original or b"", next(positions), warnings)
            seen = True
        elif not piece.is_head and (item is None or item.has_body or not item.sender):
            yield Unreadable(f"{place}, byte {piece.start}", _DAMAGED, piece.original)
    if not seen:
        yield Unreadable(place, _NO_MESSAGES)


@dataclass(frozen=True, slots=True)
class _Item:
    """One box of a page."""

    sender: str
    time: str
    text: str
    files: tuple[tuple[str, str], ...]
    """Paths in the export, with the tag that shows each."""
    reactions: tuple[tuple[str, str, str], ...]
    """Emoji, who, and when where the page says it."""
    has_body: bool
    """The box with the names of a group has none, and no time."""


def _read_item(piece: HtmlPiece) -> _Item | None:
    if piece.original is None:
        return None
    try:
        box = fragment_fromstring(storable(piece.original.decode("utf-8", "replace")), create_parent="div")
    except (ParserError, ValueError):
        return None
    body = _part(box, _BODY)
    reactions = tuple(_reactions(body)) if body is not None else ()
    # What shows a file comes before the link inside it, so that the first mention is kept.
    files = tuple(dict(reversed(list(_files(body)))).items())[::-1] if body is not None else ()
    text = _words(body) if body is not None else ""
    sender, time = _line(_part(box, _SENDER)), _line(_part(box, _TIME))
    return _Item(sender, time, text, files, reactions, has_body=body is not None)


def _part(box: HtmlElement, classes: tuple[str, ...]) -> HtmlElement | None:
    return next((found for name in classes for found in box.find_class(name)), None)


def _line(element: HtmlElement | None) -> str:
    return "" if element is None else as_typed(" ".join(element.text_content().split()))


def _words(body: HtmlElement) -> str:
    """Return the text with its lines; what only shows a file was taken out before."""
    for line in list(body.iter(*_LINES)):
        line.tail = "\n" + (line.tail or "")
        if line.tag == "div":
            line.text = "\n" + (line.text or "")
    said = as_typed(storable(body.text_content()))
    return without_signatures("\n".join(filter(None, (line.strip() for line in said.splitlines()))))


def _files(body: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield the files of a message; the elements that show them leave their text nowhere."""
    for element in list(body.iter("video", "audio", "img", "a")):
        source = next(iter(element.xpath("./source/@src")), "")
        address = (element.get("src") or element.get("href") or str(source)).strip()
        if not _LOCAL.match(address):
            continue
        shown = next((str(one.tag) for one in element.iter("img", "video", "audio")), "a")
        yield address, shown
        if element.getparent() is not None:
            element.drop_tree()


# What it is.


class _Reader:
    """A page while it is being read."""

    def __init__(self, root: Path, platform: Platform, conversation: RawConversation) -> None:
        self.root = root
        self.platform = platform
        self.conversation = conversation

    def message(self, item: _Item, original: bytes, position: int, warnings: tuple[str, ...]) -> RawMessage:
        attachments = tuple(self._attachment(address, tag) for address, tag in item.files)
        lasted = _call(item.text)
        meant = Generated(Kind.CALL, "ended" if lasted else "no_answer") if lasted is not None else None
        if meant is None and not attachments:
            meant = generated(item.text, item.sender)
        sent_at = written_time(item.time)
        return RawMessage(
            format=self.platform.format,
            channel=self.platform.channel,
            kind=meant.kind if meant else _kind(item, attachments),
            original=original,
            position=position,
            external_id="",
            author=self._person(item.sender),
            sent_at=sent_at,
            text=meant.emoji if meant else item.text,
            conversation=self.conversation,
            attachments=attachments,
            duration_for=lasted,
            reactions=tuple(
                RawReaction(emoji, self._person(who), written_time(when))
                for emoji, who, when in item.reactions
            ),
            detail=meant.detail if meant else "",
            warnings=warnings if sent_at else (*warnings, f"{_NO_TIME}: {item.time[:80]!r}"),
        )

    def _person(self, name: str) -> RawAddress | None:
        return RawAddress(self.platform.people, name, name) if name else None

    def _attachment(self, address: str, tag: str) -> RawAttachment:
        guessed = media_type(address)
        if _is_voice(address, tag) and not guessed.startswith("audio/"):
            guessed = "audio/mp4"
        elif guessed == "application/octet-stream":
            guessed = _TYPES.get(tag, guessed)
        return attach_linked(self.root, address, type_=guessed)


def _kind(item: _Item, attachments: tuple[RawAttachment, ...]) -> Kind:
    if not attachments:
        return Kind.TEXT
    if any(_is_voice(address, tag) for address, tag in item.files):
        return Kind.VOICE
    return Kind.IMAGE if all(one.media_type.startswith("image/") for one in attachments) else Kind.FILE


def _is_voice(address: str, tag: str) -> bool:
    """Say whether a file is a voice message: an mp4 too, which only its folder tells from a video."""
    return tag == "audio" or _VOICE_FOLDER in address


def _call(text: str) -> timedelta | None:
    r"""Return how long a call lasted, which stands in its last line; None for what is no call.

    >>> _call("Anna called you.\nDuration: 1 minute, 5 seconds")
    datetime.timedelta(seconds=65)
    """
    lasted = _LASTED.fullmatch(text.rpartition("\n")[2])
    if lasted is None:
        return None
    return seconds(sum(int(count) * _UNITS[unit.casefold()] for count, unit in _LENGTH.findall(lasted[1])))


def _reactions(body: HtmlElement) -> Iterator[tuple[str, str, str]]:
    """Yield the reactions, `❤Anna Kowal (Mar 3, 2025 2:15 pm)`, and take them out of the body."""
    for listed in list(body.find_class("_a6-q")):
        for one in listed.iter("li"):
            if found := _REACTION.fullmatch(_line(one)):
                yield found[1], found[2], found[3] or ""
        if listed.getparent() is not None:
            listed.drop_tree()


def _conversation(page: Path) -> RawConversation:
    """Name a conversation by the end of its folder's name, as its JSON does, and by the title of the page."""
    with page.open("rb") as file:
        found = _TITLE.search(file.read(_HEAD))
    written = (
        fragment_fromstring(storable(found[1].decode("utf-8", "replace")), create_parent="p")
        if found
        else None
    )
    title, folder = _line(written), page.parent.name
    key = folder.rpartition("_")[2] if "_" in folder else ""
    return RawConversation(key or title or page.stem, title or folder)
