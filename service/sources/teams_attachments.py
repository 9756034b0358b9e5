"""What hangs on a message of Microsoft Teams. In: `attachments` of Graph. Out: TeamsAttachments.

Never: keeps a link: those into SharePoint may carry a key; fetches one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from service.sources.json_values import members, objects, storable, word
from service.sources.media import media_type
from service.sources.raw_message import RawAttachment
from service.sources.teams_body import read_html
from service.sources.teams_values import Names, folded, identity, teams_length

_ELSEWHERE = "Teams keeps it in SharePoint or OneDrive, and the export only points there; save it from Teams"
_ON_SERVER = "Teams keeps it on its servers, and the export only points there; save it from Teams"
_SAID_IN_CARDS = frozenset({"title", "subtitle", "text", "summary", "speak", "value", "name"})
_DEPTH, _MOST_LINES = 10, 200
_AUDIO = ".card.audio"
_CARDS = (".card.", ".teams.messaging-announcementbanner", "application/vnd.microsoft.teams")


@dataclass(slots=True)
class TeamsAttachments:
    """What the attachments of one message come to."""

    files: list[RawAttachment] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    """Lines that stand above the text: the headline of an announcement."""
    below: list[str] = field(default_factory=list)
    """Lines below it: what cards and forwarded messages say."""
    reply_to: str | None = None
    forwarded_from: str | None = None
    is_voice: bool = False
    duration_for: timedelta | None = None
    unknown: list[str] = field(default_factory=list)


def read_attachments(value: Any, pictures: tuple[str, ...], names: Names) -> TeamsAttachments:
    """Read `attachments` with folded keys; `pictures` are the images inside the text."""
    found = TeamsAttachments()
    for picture in pictures:
        guessed = media_type(picture)
        type_ = guessed if guessed.startswith("image/") else "image/png"
        found.files.append(RawAttachment(picture, type_, missing=_ON_SERVER))
    for one in objects(value):
        _read_one(one, found, names)
    return found


def _read_one(one: dict[str, Any], found: TeamsAttachments, names: Names) -> None:
    type_ = word(one.get("contenttype")).lower()
    content = _content(one.get("content"))
    name = word(one.get("name"))
    if type_ == "messagereference":
        found.reply_to = word(content.get("messageid")) or word(one.get("id")) or found.reply_to
    elif type_ == "forwardedmessagereference":
        sender = identity(content.get("originalmessagesender"), names)
        found.forwarded_from = (sender.name or sender.value) if sender else "unknown"
        found.below.append(read_html(word(content.get("originalmessagecontent"))).text)
    elif type_.endswith(_AUDIO):
        found.is_voice = True
        found.duration_for = teams_length(content.get("duration"))
        found.files.append(RawAttachment(name or "voice message", "audio/mp4", missing=_ON_SERVER))
    elif type_.endswith("codesnippet"):
        found.files.append(
            RawAttachment(word(content.get("name")) or "code", "text/plain", missing=_ON_SERVER)
        )
    elif type_.endswith("announcementbanner"):
        found.above.append(word(content.get("title")))
    elif any(mark in type_ for mark in _CARDS):
        found.below.extend(_said(content))
    elif type_ == "reference" or name or "/" in type_:
        found.files.append(_file(one, name, type_))
    else:
        found.unknown.append(type_ or "an attachment without a type")


def _file(one: dict[str, Any], name: str, type_: str) -> RawAttachment:
    path = PurePosixPath(word(one.get("contenturl")).partition("?")[0])
    label = name or path.name or "file"
    known = type_ if type_.count("/") == 1 and not type_.endswith("*") else media_type(label)
    return RawAttachment(label, known, missing=_ELSEWHERE if type_ == "reference" else _ON_SERVER)


def _content(value: Any) -> dict[str, Any]:
    """Return what stands in `content`: JSON inside a string."""
    if not isinstance(value, str):
        return members(value)
    try:
        return members(folded(json.loads(value)))
    except (ValueError, RecursionError):
        return {}


def _said(card: Any) -> list[str]:
    """Return the lines that a card shows, each once."""
    lines = dict.fromkeys(line for line in _lines(card, _DEPTH) if line)
    return list(lines)[:_MOST_LINES]


def _lines(card: Any, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(card, list):
        for inside in card:
            yield from _lines(inside, depth - 1)
    elif isinstance(card, dict):
        for key, inside in card.items():
            if isinstance(inside, str) and key in _SAID_IN_CARDS:
                yield read_html(storable(inside)).text if "<" in inside else storable(inside).strip()
            elif isinstance(inside, (dict, list)):
                yield from _lines(inside, depth - 1)
