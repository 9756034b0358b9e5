"""Read the header of a mail as mail programs really write it (RFC 5322, 2047, 6532).

In: bytes of a message. Out: text, addresses, times, Message-IDs. Never: raises on what it finds.

The header is split here, not by a parser library: raw 8-bit headers, encoded words cut within a letter and
addresses need the undecoded bytes.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime, parsedate_tz
from functools import lru_cache
from hashlib import sha256

from service.sources.charsets import decode
from service.sources.raw_message import AddressKind, RawAddress

_FIELD = re.compile(rb"^([!-9;-~]{1,200})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_LARGEST = 1024 * 1024
"""Bytes of a header that are read; real ones reach 100 KB, with a thousand recipients."""
_BLANK_LINE = re.compile(rb"\n\r?\n")
_ENVELOPE = re.compile(rb"(?:[ \t\r]*\n)*(?:>?From [^\r\n]*\r?\n)?")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bq])\?((?:[^?\r\n]|\?(?!=)){0,4000})\?=", re.IGNORECASE)
_OPEN_WORD = re.compile(
    r"=\?([^?\s]{1,60})\?([bq])\?([^?\s<>\"]{1,4000})\??(?=$|[\s<>\"])(?!(?:(?!=\?)[^\n]){0,4000}\?=)",
    re.IGNORECASE,
)
"""A word that was cut before its end."""
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")
_Q_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_DATE = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s+([+-])(\d\d)(\d\d)\b"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MESSAGE_ID = re.compile(r"<([^<>]*)>")
_LONGEST_ID = 500
"""RFC 5322 lines end at 998 characters; an index entry of PostgreSQL at 2,704 bytes."""
_PIECE = re.compile(r'"[^"]*"|\([^()]*\)|<[^<>]*>|[,;:]|[^"(<,;:]+|.', re.DOTALL)
_ONE_MAILBOX = re.compile(r'"?([^"<>(),;:@\\]*?)"?\s*<([^<>()\s,;:"]+)>|()([^<>()\s,;:"]+@[^<>()\s,;:"]+)')
_BARE = re.compile(r'[^<>()\s,;:"@]+@[^<>()\s,;:"@]+')


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of one message, names in lower case, values as undecoded bytes in file order."""

    fields: dict[bytes, list[bytes]]
    charset: str = ""
    """What the body declares: the best hint for raw 8-bit fields."""
    warnings: list[str] = field(default_factory=list)

    def raw(self, name: bytes) -> str:
        """Return the first field of that name, unfolded, with its encoded words; empty if there is none."""
        values = self.fields.get(name)
        return self._unfold(name, values[0]) if values else ""

    def every(self, name: bytes) -> list[str]:
        """Return all fields of that name in file order, as `raw` does."""
        return [self._unfold(name, value) for value in self.fields.get(name, ())]

    def text(self, name: bytes) -> str:
        """Return the first field of that name as people read it."""
        return _INVISIBLE.sub(" ", decode_words(self.raw(name))).strip()

    def mailboxes(self, name: bytes) -> tuple[RawAddress, ...]:
        """Return the addresses of all fields of that name; some programs write several `Cc:` lines."""
        return tuple(address for value in self.every(name) for address in addresses(value))

    def _unfold(self, name: bytes, value: bytes) -> str:
        if value.isascii():
            text = value.decode("ascii").replace("\0", "")
        else:
            text, warning = decode(value, self.charset)
            if warning:
                self.warnings.append(f"header {name.decode('ascii')}: {warning}")
        return (_FOLD.sub("", text) if "\n" in text else text).strip()


def read_header(data: bytes, charset: str = "") -> Header:
    """Split the fields off the start of a message; lines that are no fields are passed over."""
    fields: dict[bytes, list[bytes]] = {}
    start = _ENVELOPE.match(data)
    begin = start.end() if start else 0
    blank = _BLANK_LINE.search(data, begin, begin + _LARGEST)
    end = min(blank.start() + 1 if blank else len(data), begin + _LARGEST)
    for name, value in _FIELD.findall(data, begin, end):
        fields.setdefault(name.lower(), []).append(value)
    return Header(fields, charset)


def decode_words(text: str) -> str:
    """Decode RFC 2047 words; adjacent ones of a charset are joined as bytes, since many programs cut letters.

    >>> decode_words("=?utf-8?b?0J/R?= =?utf-8?b?gNC40LLQtdGC?=")
    'Привет'
    """
    if "=?" not in text:
        return text
    decoded = _decoded_words(text)
    # Only then is the costly question asked whether a word was cut before its end.
    return _decoded_words(_OPEN_WORD.sub(r"=?\1?\2?\3?=", text)) if "=?" in decoded else decoded


def _decoded_words(text: str) -> str:
    out: list[str] = []
    end, charset, pending = 0, "", b""
    text = _BETWEEN_WORDS.sub("", text)
    for word in _WORD.finditer(text):
        name = word[1].lower()
        if pending and (word.start() != end or name != charset):
            out.append(decode(pending, charset)[0])
            pending = b""
        out.append(text[end : word.start()])
        pending += _word_bytes(word[2], word[3])
        end, charset = word.end(), name
    if pending:
        out.append(decode(pending, charset)[0])
    return "".join((*out, text[end:]))


def _word_bytes(encoding: str, content: str) -> bytes:
    if encoding in "bB":
        letters = _NO_BASE64.sub("", content)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
    raw = content.replace("_", " ").encode("utf-8", "replace")
    return _Q_BYTE.sub(lambda found: bytes((int(found[1], 16),)), raw)


def addresses(value: str) -> tuple[RawAddress, ...]:
    """Read an address list; names are decoded after splitting, since they may hold commas."""
    return _addresses_cached(value) if len(value) <= 200 else tuple(_addresses(value))


@lru_cache(maxsize=4096)
def _addresses_cached(value: str) -> tuple[RawAddress, ...]:
    if found := _ONE_MAILBOX.fullmatch(value):
        return (_address(found[1] or "", found[2] or found[4]),)
    return tuple(_addresses(value))


def _addresses(value: str) -> Iterator[RawAddress]:
    name: list[str] = []
    comment = mailbox = ""
    guarded = value.replace("\\\\", "\x02").replace('\\"', "\x01")
    for piece in (*_PIECE.findall(guarded), ","):
        if piece == ":":
            name = []  # the name of a group: its members follow
        elif piece in {",", ";"}:
            yield from _finish("".join(name), comment, mailbox)
            name, comment, mailbox = [], "", ""
        elif piece[0] == "<" and len(piece) > 1:
            mailbox = piece[1:-1]
        elif piece[0] == "(" and len(piece) > 1:
            comment = piece[1:-1]
        elif piece[0] == '"' and len(piece) > 1:
            name.append(piece[1:-1])
        else:
            name.append(piece)


def _finish(name: str, comment: str, mailbox: str) -> Iterator[RawAddress]:
    name = name.replace("\x01", '"').replace("\x02", "\\").strip()
    if mailbox:
        yield _address(name or comment, mailbox)
    elif "=?" in name and "@" in (shown := decode_words(name)) and "=?" not in shown:
        yield from _addresses(shown)  # the address is inside the encoded word
    elif bare := _BARE.search(name):
        yield _address((name[: bare.start()] + name[bare.end() :]).strip(" <>") or comment, bare[0])
    elif name:
        yield _address("", name)


def _address(name: str, mailbox: str) -> RawAddress:
    shown = " ".join(_INVISIBLE.sub(" ", decode_words(name)).split())
    if len(shown) > 1 and shown[0] == shown[-1] and shown[0] in "'\"":
        shown = shown[1:-1].strip()
    return RawAddress(AddressKind.MAIL, decode_words(mailbox.strip()).lower(), shown)


def read_time(value: str) -> datetime | None:
    """Read a date-time: aware where the zone is given, naive where it is not, None where it is no time.

    `-0000` says that the instant is right and the zone unknown (RFC 5322, 3.3): read as UTC. Years that
    cannot be moved between zones (1 and 9999) are no times.
    """
    try:
        moment = _usual_time(value) or _unusual_time(value)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return moment if moment and 1 < moment.year < 9999 else None


def _usual_time(value: str) -> datetime | None:
    found = _DATE.match(value)
    if not found or found[2].lower() not in _MONTHS:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    return datetime(
        int(year),
        _MONTHS.index(month.lower()) + 1,
        int(day),
        int(hour),
        int(minute),
        min(int(second or 0), 59),
        tzinfo=_zone(int(hours) * 60 + int(minutes), negative=sign == "-"),
    )


@lru_cache(maxsize=256)
def _zone(minutes: int, *, negative: bool) -> timezone:
    return timezone(timedelta(minutes=-minutes if negative else minutes)) if minutes else UTC


def _unusual_time(value: str) -> datetime | None:
    if parsedate_tz(value[:200]) is None:
        return datetime.fromisoformat(value.strip()[:40])
    moment = parsedate_to_datetime(value[:200])
    return moment.replace(tzinfo=UTC) if "-0000" in value and moment.tzinfo is None else moment


def received_at(header: Header) -> datetime | None:
    """Return the time of the topmost Received field that has one: the reader's own server wrote it."""
    for value in header.every(b"received"):
        moment = read_time(value.rpartition(";")[2].strip())
        if moment and moment.tzinfo:
            return moment
    return None


def message_ids(value: str) -> tuple[str, ...]:
    """Return the Message-IDs of a field without brackets; in one without brackets, its words."""
    found = _MESSAGE_ID.findall(value) if "<" in value else value.split()
    return tuple(_shortened("".join(one.split())) for one in found if one.strip())


def _shortened(message_id: str) -> str:
    """Keep an absurdly long Message-ID usable as a key: its start and a hash of it all."""
    if len(message_id) <= _LONGEST_ID:
        return message_id
    digest = sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{message_id[:64]}...sha256:{digest}"
