"""What two exports of a chat say alike of one message. In: RawMessage. Out: Traces. Never: proof by itself.

Names of people, ids and clocks' seconds differ from export to export; the minute in UTC and the words do not.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from unicodedata import normalize
from zoneinfo import ZoneInfo

from service.archive.identity import identity, key_of
from service.archive.local_times import LocalTimes
from service.archive.people import Key
from service.archive.people import key_of as address_key
from service.archive.times import Times, times_of
from service.sources.raw_message import SERVICE_KINDS, Kind, RawMessage

DISTINCTIVE_LENGTH = 25
DISTINCTIVE_WORDS = 4
"""A text of so many characters and words is hardly written twice in a minute; "ok, thank you!" is."""
_MARKS = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0e\ufe0f\ufeff]+")
_MEDIA = frozenset({Kind.VOICE, Kind.IMAGE, Kind.FILE})
_NOT_WRITTEN = SERVICE_KINDS | {Kind.DELETED}


@dataclass(frozen=True, slots=True)
class Trace:
    """What of a record helps to find it in another export of its chat."""

    chat: str
    title: str
    channel: str
    author: Key | None
    """None for what nobody wrote."""
    author_name: str
    minute: int
    """Of the UTC time, since 1970."""
    alike: int
    near: tuple[int, ...]
    """Its keys a minute earlier and later: phones disagree; empty where its words say too little."""
    words: int
    """64 bits of the words alone; 0 where they are not distinctive."""
    external_id: str
    identity: str


def trace_of(raw: RawMessage, times: Times) -> Trace | None:
    """Return the trace of a record of a chat; None where it has no time of its own."""
    minute = minute_of(times)
    if raw.conversation is None or minute is None:
        return None
    said = words_of(raw)
    distinct = is_distinctive(said)
    author = raw.author if raw.kind not in _NOT_WRITTEN else None
    return Trace(
        chat=raw.conversation.key,
        title=raw.conversation.title,
        channel=raw.channel,
        author=address_key(author) if author else None,
        author_name=author.name if author else "",
        minute=minute,
        alike=alike_key(raw.channel, minute, said),
        near=tuple(alike_key(raw.channel, minute + by, said) for by in (-1, 1)) if distinct else (),
        words=key_of(said) if distinct else 0,
        external_id=raw.external_id,
        identity=identity(raw),
    )


def traces_of(raws: Iterable[RawMessage], zone: ZoneInfo, seen_at: datetime) -> Iterator[Trace]:
    """Yield the traces of those records that have one."""
    local = LocalTimes(zone)
    for raw in raws:
        (placed,) = local.in_order([raw])
        if raw.conversation is not None and (trace := trace_of(raw, times_of(placed, zone, seen_at))):
            yield trace


def minute_of(times: Times) -> int | None:
    """Return the minute that every copy of a message has; None where its time is only when we saw it."""
    return None if times.rule == "seen" else int(times.sent_at.timestamp()) // 60


def alike_key(channel: str, minute: int, said: str) -> int:
    """Return 64 bits that copies of a message share."""
    return key_of(said, channel, str(minute))


def words_of(raw: RawMessage) -> str:
    """Return what stays the same of a record, whether its files came along, whoever's phone says it.

    Of what nobody wrote only the kind does: every phone tells it in its own language.
    """
    if raw.kind in _NOT_WRITTEN and raw.kind is not Kind.REACTION:
        return f"\0{raw.kind}"
    said = folded(raw.text)
    if raw.kind is Kind.REACTION:
        return f"\0{raw.kind} {said}"
    return f"\0media {said}" if is_media(raw) else said


def is_media(raw: RawMessage) -> bool:
    """Say whether a record is, or brings, a file."""
    return raw.kind in _MEDIA or bool(raw.attachments)


def folded(text: str) -> str:
    r"""Return the words without marks of direction, variants of characters, and differences of blanks.

    >>> folded("\u200eDobrze,\u202fpiątek \n OK")
    'dobrze, piątek ok'
    """
    return " ".join(_MARKS.sub("", normalize("NFC", text)).casefold().split())


def is_distinctive(said: str) -> bool:
    """Say whether words tell a chat from another: long ones do, particles and file names do not.

    >>> is_distinctive(folded("Спасибо большое!")), is_distinctive(folded("Макет этикетки пришлю до среды"))
    (False, True)
    """
    return (
        len(said) >= DISTINCTIVE_LENGTH
        and said.count(" ") >= DISTINCTIVE_WORDS - 1
        and not said.startswith("\0")
    )
