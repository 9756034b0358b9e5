"""One page of a VK archive: up to 50 messages of a chat. In: a file. Out: VkItem for each message.

Never: guesses a zone; fetches a link; keeps what a link carries behind its `?`: those are keys to files.

The pages are declared as windows-1251, and characters outside it stand there as entities. Tools that save
them again as UTF-8 leave the declaration as it is, so the bytes decide.
"""

import base64
import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from lxml.etree import ParserError
from lxml.html import HtmlElement, fragment_fromstring

from service.sources.html_pieces import HtmlPiece, read_html_pieces
from service.sources.json_values import members, storable, word
from service.sources.written_times import written_time

BEGINS = re.compile(
    rb"""<div\s+class=["']item["'][^>]*>(?=\s*<div\s+class=["'](?:item__main|message)["'])""", re.IGNORECASE
)
_BARE = re.compile(rb"""<div\s+class=["']message["']\s[^>]*data-id=""", re.IGNORECASE)
"""Some tools that save the pages again leave out what stands around a message."""
_SAMPLE = 65_536
_CRUMB = re.compile(r"""<div\s+class=["']ui_crumb["'][^>]*>([^<]*)<""", re.IGNORECASE)
_OWNER = re.compile(
    r"""<meta\s+name=["']jd["']\s+content=["']([A-Za-z0-9+/=_-]{4,2000})["']""", re.IGNORECASE
)
_LISTED = re.compile(r"""<a\s[^>]*href=["'](-?\d+)/messages0\.html["'][^>]*>([^<]*)<""", re.IGNORECASE)
_LARGEST_INDEX = 16 * 1024 * 1024
_MENTION = re.compile(r"\[(?:id|club|public|event)\d+\|([^\]\[|]{1,200})\]")
_PAGE = re.compile(r"^(?:https?:)?//(?:m\.)?vk\.(?:com|ru)/([A-Za-z0-9_.]+)/?$")
_NUMBERED = re.compile(r"(id|public|club|event)(\d+)")


@dataclass(frozen=True, slots=True)
class VkPage:
    """What a page says of itself."""

    title: str
    """The name of the chat; empty where the page has none."""
    owner: str
    """The number of the person whose archive it is; empty where the page does not say."""
    charset: str


@dataclass(frozen=True, slots=True)
class VkAttachment:
    """A line below a message: what it is, and where it was."""

    description: str
    href: str


@dataclass(frozen=True, slots=True)
class VkItem:
    """One message as it stands on its page."""

    id: str
    peer: str
    """The number of the author, negative for a community; empty for oneself and for who is gone."""
    name: str
    sent_at: datetime | None
    printed_time: str
    is_edited: bool
    edited_at: datetime | None
    text: str
    service_line: str
    """What VK itself says here: who was invited, what the chat is called now."""
    attachments: tuple[VkAttachment, ...]


def read_head(path: Path) -> VkPage:
    """Read the name of the chat and the owner of the archive off a page."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    charset = _charset(sample)
    head = sample.decode(charset, "replace")
    crumbs = [" ".join(_unescape(crumb).split()) for crumb in _CRUMB.findall(head)]
    return VkPage(crumbs[-1] if crumbs else "", _owner(head), charset)


def read_index(path: Path) -> dict[str, str]:
    """Read the list of all chats: their names by their numbers."""
    with path.open("rb") as file:
        data = file.read(_LARGEST_INDEX)
    text = data.decode(_charset(data), "replace")
    return {chat: " ".join(_unescape(name).split()) for chat, name in _LISTED.findall(text)}


def read_pieces(path: Path) -> Iterator[HtmlPiece]:
    """Yield the pieces of a page: its head, and each message with its exact bytes."""
    with path.open("rb") as file:
        is_whole = BEGINS.search(file.read(_SAMPLE)) is not None
    return read_html_pieces(path, BEGINS if is_whole else _BARE)


def read_item(original: bytes, charset: str) -> VkItem | None:
    """Read one message; None where there is none in it."""
    try:
        item = fragment_fromstring(storable(original.decode(charset, "replace")), create_parent="div")
    except (ParserError, ValueError):
        return None
    message = next(iter(item.find_class("message")), None)
    header = next(iter(item.find_class("message__header")), None)
    if message is None or header is None:
        return None
    body = next((one for one in header.itersiblings() if one.tag == "div"), None)
    said = header.text_content()
    edited = next(iter(header.find_class("message-edited")), None)
    if edited is not None:
        said = said.replace(edited.text_content(), "")
    peer, name, time = _sender(header, said)
    text, line, attachments = _body(body)
    return VkItem(
        id=message.get("data-id") or "",
        peer=peer,
        name=name,
        sent_at=written_time(time),
        printed_time=" ".join(time.split()),
        is_edited=edited is not None,
        edited_at=written_time(edited.get("title") or "") if edited is not None else None,
        text=text,
        service_line=line,
        attachments=attachments,
    )


def public_address(href: str) -> str:
    """Return a link without what may be a key: everything behind `?` and `#`.

    >>> public_address("https://vk.com/doc1_2?hash=secret&dl=1")
    'https://vk.com/doc1_2'
    """
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme in ("http", "https") and host else ""


def _charset(sample: bytes) -> str:
    try:
        getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "windows-1251"
    return "utf-8"


def _unescape(text: str) -> str:
    return storable(fragment_fromstring(text, create_parent="p").text_content()) if text.strip() else ""


def _owner(head: str) -> str:
    found = _OWNER.search(head)
    if found is None:
        return ""
    try:
        payload = json.loads(base64.b64decode(found[1] + "=" * (-len(found[1]) % 4)))
    except (ValueError, RecursionError):
        return ""
    return word(members(payload).get("user_id"))


def _sender(header: HtmlElement, said: str) -> tuple[str, str, str]:
    """Return the author's number and name, and the words that tell the time."""
    link = next(iter(header.iter("a")), None)
    if link is None:
        # The time has commas in no language, the name of a community may.
        name, _, time = said.rpartition(",")
        return "", " ".join(name.split()), time
    name = link.text_content()
    time = said.partition(name)[2] if name else said
    return _peer(link.get("href") or ""), " ".join(name.split()), time.strip().removeprefix(",")


def _peer(href: str) -> str:
    page = _PAGE.match(href.strip())
    if page is None:
        return ""
    numbered = _NUMBERED.fullmatch(page[1])
    if numbered is None:
        return page[1]
    return numbered[2] if numbered[1] == "id" else f"-{numbered[2]}"


def _body(body: HtmlElement | None) -> tuple[str, str, tuple[VkAttachment, ...]]:
    """Return what was written, what VK says itself, and what was attached."""
    if body is None:
        return "", "", ()
    is_service = bool(body.find_class("im_srv_lnk"))
    attachments: list[VkAttachment] = []
    lines: list[str] = []
    for kludges in body.find_class("kludges"):
        for attachment in list(kludges.find_class("attachment")):
            attachments.append(_attachment(attachment))
            attachment.drop_tree()
        lines.append(_words(kludges))
        kludges.drop_tree()
    text, line = _words(body), " ".join(" ".join(lines).split())
    if is_service and not line:
        # Before 2016 such a line stands where messages have their text.
        return "", " ".join(text.split()), tuple(attachments)
    if line and not is_service and (text or attachments):
        return f"{text}\n{line}".strip(), "", tuple(attachments)
    return text, line, tuple(attachments)


def _attachment(element: HtmlElement) -> VkAttachment:
    described = next(iter(element.find_class("attachment__description")), None)
    link = next(iter(element.find_class("attachment__link")), None)
    words = _words(described if described is not None else element)
    return VkAttachment(" ".join(words.split()), (link.get("href") or "").strip() if link is not None else "")


def _words(element: HtmlElement) -> str:
    """Return the text of an element with its lines; an emoji that is an image leaves its character."""
    for image in list(element.iter("img")):
        image.tail = (image.get("alt") or "") + (image.tail or "")
    for line in list(element.iter("br")):
        line.tail = "\n" + (line.tail or "")
    text = _MENTION.sub(r"\1", element.text_content())
    return storable("\n".join(line.strip() for line in text.strip().splitlines()))
