"""One record on a page of Telegram's HTML export. In: its div. Out: Shown. Never: follows a link.

The classes are those of Telegram Desktop's export_output_html.cpp from 2018 to 7.2 (2026); the words that it
writes itself are English, whatever the language of the app.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from lxml.html import HtmlElement, HTMLParser, fragment_fromstring

from service.sources.json_values import storable
from service.sources.media import media_type
from service.sources.raw_message import AddressKind, Kind, RawAddress, RawReaction

_ID = re.compile(rb'<div[^>]{0,200}?\bid="message(-?\d{1,19})"')
_TIME = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)(?: ((?:UTC|GMT)(?:([+-]\d\d):?(\d\d)?)?))?")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d\d)(?!\d)")
_SECONDS = re.compile(r"\((\d{1,9}) seconds?\)")
_VIA = re.compile(r" via @\w{1,64}$")
_GOES_TO = re.compile(r"#go_to_message(-?\d{1,19})$")
_VOTES = re.compile(r"^(\d{1,9}) votes?\b")
_POINT = re.compile(r"[?&]q=(-?[\d.]{1,20}),(-?[\d.]{1,20})")
_VOICE_CHAT = re.compile(
    r"(?:^|\bstarted )(?:a )?(?:voice chat|video chat|live stream)(?: \(\d+ seconds?\))?$", re.IGNORECASE
)
_UNSUPPORTED = "This message is not supported by this version of Telegram Desktop"
_GLOBAL = ("http://", "https://")
_BREAK = re.compile(r"(?<![ \t])[ \t]*+[\r\n][ \t\r\n]*+")
_BLOCKS = frozenset(
    {"p", "div", "li", "tr", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "figure"}
)
_PARSER = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
_WRAPS = {
    "photo_wrap": (Kind.IMAGE, "image/jpeg"),
    "video_file_wrap": (Kind.FILE, "video/mp4"),
    "animated_wrap": (Kind.FILE, "video/mp4"),
    "sticker_wrap": (Kind.FILE, "image/webp"),
}
"""Media that the page shows as a picture: a link to the file and nothing else."""
_CARDS = {
    "media_voice_message": (Kind.VOICE, "audio/ogg"),
    "media_video": (Kind.FILE, "video/mp4"),
    "media_photo": (Kind.IMAGE, "image/jpeg"),
    "media_audio_file": (Kind.FILE, "audio/mpeg"),
    "media_file": (Kind.FILE, ""),
}
"""Media that the page shows as a card with a title, a status and, without the file, the reason."""
_TITLED = {
    "Video message": (Kind.VOICE, "video/mp4"),
    "Sticker": (Kind.FILE, "image/webp"),
}
"""Cards whose class is that of something else."""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file that a record shows; `href` is relative to its page and empty where the export has no file."""

    href: str
    name: str
    media_type: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one div says; what it leaves to the div before is None."""

    kind: Kind
    number: str
    author: str | None = None
    """None for notices, and where the writer joined the message to the one before."""
    at: datetime | None = None
    """Notices have no time."""
    text: str = ""
    detail: str = ""
    reply_to: str | None = None
    is_forwarded: bool = False
    forwarded_from: str | None = None
    """None also where it was passed on together with the message before."""
    files: tuple[ShownFile, ...] = ()
    duration_for: timedelta | None = None
    reactions: tuple[RawReaction, ...] = ()


def number_of(original: bytes) -> str:
    """Return the id of a record, which is negative for dates between messages and for very old messages."""
    found = _ID.match(original)
    return found[1].decode() if found else ""


def read_div(original: bytes) -> Shown:
    """Read one record; raises lxml's LxmlError or ValueError where it is no HTML at all."""
    root = fragment_fromstring(original, parser=_PARSER)
    div = _Div(root)
    if "service" in (root.get("class") or "").split():
        return _notice(div, number_of(original))
    return _message(div, number_of(original))


class _Div:
    """The elements of one record by class."""

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self.by_class: dict[str, list[HtmlElement]] = {}
        for element in root.iter("*"):
            for name in (element.get("class") or "").split():
                self.by_class.setdefault(name, []).append(element)

    def all(self, name: str) -> list[HtmlElement]:
        return self.by_class.get(name, [])

    def first(self, name: str) -> HtmlElement | None:
        found = self.by_class.get(name)
        return found[0] if found else None

    def words(self, name: str) -> str:
        """Return the text of the first element of a class, on one line."""
        element = self.first(name)
        return "" if element is None else words_of(element).replace("\n", " ")


def words_of(element: HtmlElement) -> str:
    """Return the text of an element in the lines that the page shows, without its styles."""
    lines = "".join(_pieces(element)).split("\n")
    text = "\n".join(line.strip("\v ") if "\v" in line else line for line in lines)
    return storable(text.strip("\n ").replace("\v", " "))


def _pieces(element: HtmlElement) -> Iterator[str]:
    # The writer never breaks a line inside a text: its own breaks, here \\v, are indentation.
    yield _BREAK.sub("\v", element.text or "")
    for child in element:
        if child.tag == "br":
            yield "\n"
        elif child.tag in _BLOCKS:
            yield from ("\n", *_pieces(child), "\n")
        elif isinstance(child.tag, str):
            yield from _pieces(child)
        yield _BREAK.sub("\v", child.tail or "")


# Notices.


def _notice(div: _Div, number: str) -> Shown:
    words = div.words("body")
    photo = div.first("userpic_link")
    files = () if photo is None else (_file(photo, "image/jpeg"),)
    if words.startswith(_UNSUPPORTED):
        return Shown(Kind.UNKNOWN, number, detail="unsupported")
    if _VOICE_CHAT.search(words):
        length = _seconds(words)
        return Shown(Kind.CALL, number, detail="ended" if length else "started", duration_for=length)
    return Shown(Kind.SYSTEM, number, detail=words, files=files)


# Messages.


def _message(div: _Div, number: str) -> Shown:
    author, passed_on = _names(div)
    content = _content(div)
    written = [words_of(element) for element in div.all("text")]
    return Shown(
        kind=content.kind,
        number=number,
        author=author,
        at=_time(div),
        text="\n".join(filter(None, (*written, *content.said))),
        detail=content.detail or div.words("signature"),
        reply_to=_reply_to(div),
        is_forwarded=div.first("forwarded") is not None,
        forwarded_from=passed_on,
        files=content.files,
        duration_for=content.duration_for,
        reactions=tuple(_reactions(div)),
    )


def _names(div: _Div) -> tuple[str | None, str | None]:
    """Return who sent a message, and whose words it passes on; the latter is named inside `forwarded`."""
    author = passed_on = None
    for element in div.all("from_name"):
        for date in element.xpath("./span"):
            date.drop_tree()
        name = _VIA.sub("", words_of(element)) or "Deleted Account"
        parent = element.getparent()
        if parent is not None and "forwarded" in (parent.get("class") or "").split():
            passed_on = passed_on or name
        else:
            author = author or name
    return author, passed_on


def _time(div: _Div) -> datetime | None:
    """Return the time in the title: aware where it has an offset, as since 2022."""
    for element in div.all("date"):
        found = _TIME.search(element.get("title") or "")
        # A forwarded message has a second date, when its words were first sent, in a span.
        if found and element.tag != "span":
            return _moment(found)
    return None


def _moment(found: re.Match[str]) -> datetime | None:
    day, month, year, clock, zone, hours, minutes = found.groups()
    offset = f"{hours or '+00'}:{minutes or '00'}" if zone else ""
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}T{clock}{offset}")
    except ValueError:
        return None


def _reply_to(div: _Div) -> str | None:
    box = div.first("reply_to")
    links = [] if box is None else [_GOES_TO.search(link.get("href") or "") for link in box.iter("a")]
    return next((found[1] for found in links if found), None)


def _reactions(div: _Div) -> Iterator[RawReaction]:
    """Yield one for each person whose picture has a name, and one for all others."""
    for element in div.all("reaction"):
        shown = _Div(element)
        emoji, names = _emoji(shown), [_titled(one) for one in shown.all("initials")]
        named = [name for name in names if name]
        for name in named:
            yield RawReaction(emoji, RawAddress(AddressKind.TELEGRAM, name, name))
        count = shown.words("count")
        total = int(count) if count.isascii() and count.isdigit() and len(count) < 10 else len(names)
        if total > len(named):
            yield RawReaction(emoji, count=total - len(named))


def _titled(element: HtmlElement) -> str:
    return storable(element.get("title") or "").strip()


def _emoji(reaction: _Div) -> str:
    """Return the emoji; in the place of one that somebody drew stands a waving hand with a link."""
    box = reaction.first("emoji")
    links = [] if box is None else list(box.iter("a"))
    if links:
        return storable(PurePosixPath(links[0].get("href") or "").stem) or "custom_emoji"
    return reaction.words("emoji")


# What is in a message besides text.


@dataclass(frozen=True, slots=True)
class _Content:
    kind: Kind = Kind.TEXT
    said: tuple[str, ...] = ()
    detail: str = ""
    files: tuple[ShownFile, ...] = ()
    duration_for: timedelta | None = None


def _content(div: _Div) -> _Content:
    if (poll := div.first("media_poll")) is not None:
        return _Content(said=tuple(_poll(_Div(poll))))
    for name, (kind, type_) in _WRAPS.items():
        if (link := div.first(name)) is not None:
            return _Content(
                kind, files=(_file(link, type_),), duration_for=_clock(div.words("video_duration"))
            )
    if (card := div.first("media")) is None:
        return _Content()
    return _card(card, _Div(card))


def _card(card: HtmlElement, shown: _Div) -> _Content:
    classes = (card.get("class") or "").split()
    title, about, status = (shown.words(name) for name in ("title", "description", "status"))
    if "media_call" in classes:
        outcome = status.partition(" (")[0].lower()
        return _Content(Kind.CALL, detail=outcome, duration_for=_seconds(status))
    # Cards are links; pages that other tools rewrote have the link within.
    link = card if card.get("href") else next(card.iterfind(".//a[@href]"), card)
    for name, usual in _CARDS.items():
        if name in classes:
            kind, type_ = _TITLED.get(title, usual)
            file = _card_file(link, type_, title if name == "media_file" else "", about or status)
            image = name == "media_file" and file.media_type.startswith("image/")
            clock = _clock(status or about)
            return _Content(Kind.IMAGE if image else kind, files=(file,), duration_for=clock)
    href = link.get("href") or ""
    point = _POINT.search(href)
    place = f"{point[1]}, {point[2]}" if point and "," not in status else status
    files = (_file(link, "text/vcard"),) if "media_contact" in classes and href else ()
    said = (title, about, place.removesuffix(" - vCard"))
    if "media_contact" in classes:
        return _Content(said=(", ".join(filter(None, said)),), files=files)
    return _Content(said=tuple(filter(None, said)))


def _poll(poll: _Div) -> Iterator[str]:
    """Yield the question and the answers of a poll; a list of tasks looks the same, without votes."""
    yield poll.words("question")
    is_poll = poll.words("details") != "To-do List"
    for answer in poll.all("answer"):
        votes = "0"
        for element in answer.xpath("./span"):
            counted = _VOTES.match(words_of(element))
            votes = counted[1] if counted else votes
            element.drop_tree()
        option = f"- {words_of(answer).removeprefix('- ')}"
        yield f"{option} ({votes})" if is_poll else option


def _card_file(link: HtmlElement, type_: str, name: str, why: str) -> ShownFile:
    href = link.get("href") or ""
    if href and not href.startswith(_GLOBAL):
        return _file(link, type_ or media_type(name), name)
    return ShownFile("", name, type_ or media_type(name), missing=why or "the export does not say why")


def _file(link: HtmlElement, type_: str, name: str = "") -> ShownFile:
    href = storable(link.get("href") or "")
    own = PurePosixPath(href).name
    # The type that the card stands for is only the usual one.
    known = media_type(own)
    usual = known if known.partition("/")[0] == type_.partition("/")[0] else type_
    return ShownFile(href, name or own, usual or known)


def _clock(status: str) -> timedelta | None:
    found = _CLOCK.search(status)
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _seconds(words: str) -> timedelta | None:
    found = _SECONDS.search(words)
    return timedelta(seconds=int(found[1])) if found else None
