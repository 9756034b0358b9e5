"""Read one printed message of Signal. In: its text and style. Out: Printed, the parts.

Never: raises for a part that is not as expected: what is not known stays text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from urllib.parse import unquote

from service.sources.json_values import iso_time

_MARKDOWN = re.compile(r"\[(\d{4}-\d\d-\d\d),? (\d\d:\d\d(?::\d\d)?)\] (.*?):(?: |$|(?=\n))(.*)", re.DOTALL)
_SHORT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d) (.*?):(?: |$|(?=\n))(.*)", re.DOTALL)
_SHORT_MARKS = re.compile(
    r"\[((?:reply to .* on \d{4}-\d\d-\d\d \d\d:\d\d|edited|\d+ attachments?|, )+)\](?: |$)"
)
_OTHER_TYPE = re.compile(r"\[([\w-]+) message\]$")
_QUOTE = re.compile(r"\s*\n> [^\n]*(?:\n> ?[^\n]*)*\n+")
_REACTIONS = re.compile(r"\n\(- (.*) -\)[ \t]*(?=\n|$|!?\[)")
_REACTION = re.compile(r"(.+?): (\S+)(?:, |$)")
_STICKER = re.compile(r"\n?\(\( (.*?) \)\)")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\(((?:\./)?media/[^)\n]*|\.\./exported_stickers/[^)\n]*)\)[ \t]*")
_CALL = re.compile(
    r"(Incoming|Outgoing|Missed)(?: (voice|video|group|direct|adhoc))? call(?: \((.*)\))?", re.IGNORECASE
)
_LASTED = re.compile(r"(?:(\d+)h )?(?:(\d+)m )?(\d+)s\b")
_DELETED = "(This message was deleted)"
_FIELD = re.compile(r"(From|Type|Sent|Received|Attachment|Reaction|Edited): (.*)")
_ATTACHMENT = re.compile(r"(.*) \((.*?), (\d+) bytes\)")
_VERSION = re.compile(r"\| Version: \d+$")


@dataclass(slots=True)
class Printed:
    """What a printed message says."""

    sender: str = ""
    sent_at: datetime | None = None
    """Naive local time, but of sigtop's blocks, which print an offset."""
    text: str = ""
    type_: str = ""
    """sigtop's type of the message: `incoming`, `outgoing`, `call-history`, ..."""
    deleted: bool = False
    edited: bool = False
    edited_at: datetime | None = None
    versions: list[tuple[str, datetime | None]] = field(default_factory=list)
    """Earlier texts, the oldest first."""
    sticker: str = ""
    reactions: list[tuple[str, str]] = field(default_factory=list)
    """Who, and the emoji."""
    files: list[tuple[str, str]] = field(default_factory=list)
    """Name and path below the folder of the chat; empty where no file was written."""
    file_types: list[str] = field(default_factory=list)


def read_printed(text: str, style: str) -> Printed | None:
    """Return the parts of a message; None where the header is not one after all."""
    return _READERS[style](text.replace("\r\n", "\n"))


def call_of(text: str) -> tuple[str, timedelta | None] | None:
    """Return outcome and length of a call, which signal-export prints as the only words of a message.

    >>> call_of("Incoming voice call (accepted, 5m 3s)")
    ('accepted, incoming, voice', datetime.timedelta(seconds=303))
    """
    call = _CALL.fullmatch(text.strip())
    if call is None:
        return None
    direction, type_, more = call[1].lower(), call[2] or "", call[3] or ""
    outcome = "missed" if direction == "missed" else more.partition(",")[0]
    lasted = _LASTED.search(more)
    parts = [int(part or 0) for part in lasted.groups()] if lasted else []
    length = timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2]) if parts else None
    said = (outcome or "call", "" if direction == "missed" else direction, type_.lower())
    return ", ".join(filter(None, said)), length


def _markdown(text: str) -> Printed | None:
    header = _MARKDOWN.match(text)
    if header is None:
        return None
    message = Printed(header[3], iso_time(f"{header[1]}T{header[2]}"))
    _take_marks(header[4], message)
    return message


def _take_marks(body: str, message: Printed) -> None:
    """Take what signal-export writes into the text out of it: quotation, reactions, sticker, files."""
    body = body.rstrip()
    if body == _DELETED:
        message.deleted = True
        return
    quote = _QUOTE.match(body)
    body = body[quote.end() :] if quote else body
    if reactions := _REACTIONS.search(body):
        message.reactions = [(one[1].strip(), one[2]) for one in _REACTION.finditer(reactions[1])]
        body = body[: reactions.start()] + body[reactions.end() :]
    if sticker := _STICKER.search(body):
        message.sticker = sticker[1]
        body = body[: sticker.start()] + body[sticker.end() :]
    message.files = [(one[1], unquote(one[2])) for one in _LINK.finditer(body)]
    message.text = _LINK.sub("", body).strip()


def _short(text: str) -> Printed | None:
    header = _SHORT.match(text)
    if header is None:
        return None
    body = header[4].rstrip("\n")
    message = Printed(header[3], iso_time(f"{header[1]}T{header[2]}"))
    if other := _OTHER_TYPE.match(body):
        message.type_ = other[1]
        return message
    if marks := _SHORT_MARKS.match(body):
        message.edited = "edited" in marks[1].split(", ")
        body = body[marks.end() :]
        counted = re.search(r"(\d+) attachment", marks[1])
        message.files = [("attachment", "")] * min(int(counted[1]), 100) if counted else []
    message.text = body
    return message


def _blocks(text: str) -> Printed | None:
    message = Printed()
    lines = text.split("\n")
    place = 0
    while place < len(lines) and (found := _FIELD.fullmatch(lines[place])):
        _field(found[1], found[2], message)
        place += 1
    if not message.type_:
        return None
    rest = lines[place:]
    if message.edited:
        _versions(rest, message)
    else:
        message.text = _words(rest, "")
    return message


def _field(name: str, value: str, message: Printed) -> None:
    if name == "From":
        message.sender = value
    elif name == "Type":
        message.type_ = value
    elif name in ("Sent", "Received"):
        message.sent_at = message.sent_at or _mail_time(value)
    elif name == "Edited":
        message.edited = True
    elif name == "Reaction" and " from " in value:
        emoji, _, who = value.partition(" from ")
        message.reactions.append((who, emoji))
    elif name == "Attachment" and (found := _ATTACHMENT.fullmatch(value)):
        message.files.append((found[1], ""))
        message.file_types.append(found[2])


def _versions(lines: list[str], message: Printed) -> None:
    """Read the versions of an edited message, which sigtop prints newest first behind bars."""
    starts = [place for place, line in enumerate(lines) if _VERSION.match(line)] + [len(lines)]
    found = []
    for begin, end in pairwise(starts):
        sent = next((line[8:] for line in lines[begin:end] if line.startswith("| Sent: ")), "")
        body = [line for line in lines[begin:end] if not re.match(r"\| (?:Version|Sent|Attachment): ", line)]
        found.append((_words(body, "|"), _mail_time(sent)))
    if not found:
        message.text = _words(lines, "")
        return
    (message.text, message.edited_at), message.versions = found[0], found[:0:-1]
    message.sent_at = message.versions[0][1] or message.sent_at if message.versions else message.sent_at


def _words(lines: list[str], prefix: str) -> str:
    """Return the text of a block, without its prefix and without the message that it quotes."""
    bare = [line.removeprefix(prefix).removeprefix(" ") if prefix else line for line in lines]
    first = next((place for place, line in enumerate(bare) if line), len(bare))
    if first < len(bare) and bare[first].startswith("> From: "):
        first = next(
            (place for place in range(first, len(bare)) if not bare[place].startswith(">")), len(bare)
        )
    return "\n".join(bare[first:]).strip("\n")


def _mail_time(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


_READERS: dict[str, Callable[[str], Printed | None]] = {
    "markdown": _markdown,
    "blocks": _blocks,
    "short": _short,
}
