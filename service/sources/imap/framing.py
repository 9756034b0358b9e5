r"""Cut what a server says into responses and values (RFC 3501, 9). Never: takes more memory than a mail.

A response is a line, or several with literals (`{42}` and then 42 bytes) between them.

>>> read_values([b'(UID 7 FLAGS (\\Seen) BODY[] ', b"Hi", b")"])
[[b'UID', b'7', b'FLAGS', [b'\\Seen'], b'BODY[]', b'Hi']]
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

from service.sources.mail_shape import LARGEST_MAIL

LONGEST_LINE = 10 * 1024 * 1024
"""Bytes: a VANISHED of half a million single UIDs fits, an endless line does not."""
LONGEST_COMMAND = 7_000
"""Bytes: RFC 7162, 4 asks servers for 8,192."""
_LARGEST_NUMBER = 2**63 - 1

Value = bytes | None | list["Value"]
"""An atom, number, string or literal; NIL; a parenthesised list."""

_LITERAL = re.compile(rb"~?\{(\d{1,20})\+?\}\r?\n\Z")
_HEAD = re.compile(rb"(\*|[A-Za-z0-9.]+) (?:(\d{1,20}) )?([A-Za-z][A-Za-z0-9-]*)(?: |\Z)")
# Possessive: a quote that never closes costs neither memory nor a second look.
_TOKEN = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)("|\Z)|([()])|([^\s()"]++)')
_ESCAPED = re.compile(rb"\\(.)")
_INTERNAL = re.compile(rb" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\Z")
# All that RFC 3501, 7888, 8474, 8514, 8970 and their kin say of a message, and what vendors add.
_ITEM = re.compile(
    rb"(?:UID|FLAGS|MODSEQ|INTERNALDATE|SAVEDATE|RFC822(?:\.SIZE|\.HEADER|\.TEXT)?|ENVELOPE|BODYSTRUCTURE"
    rb"|(?:BODY|BINARY|BINARY\.SIZE|PREVIEW|SNIPPET)(?:[\[(].*)?|ANNOTATION|EMAILID|THREADID|X-.*)\Z",
    re.DOTALL,
)
_MONTHS = {
    name: 1 + place for place, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split())
}


class Nonsense(Exception):
    """What a server says is no IMAP; the connection cannot be used any more."""


class Malformed(Exception):
    """One response does not add up; those after it may."""


class Reader(Protocol):
    """A buffered stream of bytes."""

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read up to a line feed, `size` bytes or the end."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read `size` bytes, fewer at the end."""


@dataclass(frozen=True, slots=True)
class Response:
    """One response; `tag` is `*`, `+` or that of a command."""

    tag: bytes
    word: bytes
    """In capitals: OK, NO, BYE, FETCH, EXISTS, ...; empty for `+`."""
    number: int = 0
    pieces: list[bytes] = field(default_factory=list, repr=False)
    """The text after the word, then literal, text, literal, text, ..."""

    @property
    def text(self) -> bytes:
        """What stands after the word, up to the first literal."""
        return self.pieces[0]


def read_response(reader: Reader) -> Response | None:
    """Read the next response; None where it is no response at all, which is passed over.

    Raises Nonsense (a line or literal without end), ConnectionError (the server is gone), OSError.
    """
    pieces: list[bytes] = []
    room = LARGEST_MAIL
    while True:
        line = reader.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            if len(line) < LONGEST_LINE:
                raise ConnectionAbortedError
            raise Nonsense(f"a line of more than {LONGEST_LINE} bytes")
        announced = (
            _LITERAL.search(line, max(0, len(line) - 30)) if line.endswith((b"}\r\n", b"}\n")) else None
        )
        if announced is None:
            pieces.append(line.rstrip(b"\r\n"))
            return _head(pieces)
        size = int(announced[1])
        room -= size + len(line)
        if room < 0:
            raise Nonsense(f"a literal of {size} bytes")
        literal = reader.read(size)
        if len(literal) < size:
            raise ConnectionAbortedError
        pieces += (line[: announced.start()], literal)


def _head(pieces: list[bytes]) -> Response | None:
    first = pieces[0]
    if first.startswith(b"+"):
        return Response(b"+", b"", pieces=[first[1:].strip(), *pieces[1:]])
    found = _HEAD.match(first)
    if found is None:
        return None
    pieces[0] = first[found.end() :]
    return Response(found[1], found[3].upper(), int(found[2] or 0), pieces)


def read_values(pieces: Sequence[bytes]) -> list[Value]:
    """Return the values of a response; raises Malformed where quotes or parentheses are not closed."""
    top: list[Value] = []
    open_lists = [top]
    for place, piece in enumerate(pieces):
        if place % 2:
            open_lists[-1].append(piece)
            continue
        for quoted, end, bracket, atom in _TOKEN.findall(piece):
            if atom:
                open_lists[-1].append(None if atom.upper() == b"NIL" else atom)
            elif bracket == b"(":
                inner: list[Value] = []
                open_lists[-1].append(inner)
                open_lists.append(inner)
            elif bracket:
                open_lists.pop()
                if not open_lists:
                    raise Malformed
            elif end:
                open_lists[-1].append(_ESCAPED.sub(rb"\1", quoted) if b"\\" in quoted else quoted)
            else:
                raise Malformed
    if len(open_lists) != 1:
        raise Malformed
    return top


def read_pairs(values: Value) -> dict[bytes, Value]:
    """Return `(NAME value NAME value)` by name in capitals.

    Raises Malformed where it is none, and where a name has two values: nobody knows which is true.
    """
    if not isinstance(values, list) or len(values) % 2:
        raise Malformed
    pairs: dict[bytes, Value] = {}
    for name, value in zip(values[::2], values[1::2], strict=True):
        if not isinstance(name, bytes) or pairs.setdefault(name.upper(), value) != value:
            raise Malformed
    return pairs


def read_fetch(response: Response) -> dict[bytes, Value]:
    """Return what a FETCH response says of its message; empty where it does not add up.

    A literal that is longer or shorter than announced leaves parts of mail or of the next response
    behind it, words of a mail that look like names too: such a response is not believed at all.
    """
    try:
        values = read_values(response.pieces)
        told = read_pairs(values[0]) if len(values) == 1 else {}
    except Malformed:
        return {}
    return told if all(map(_ITEM.match, told)) else {}


def read_number(value: Value) -> int | None:
    """Return a number that a database can keep, else None."""
    if not isinstance(value, bytes) or not value.isdigit() or len(value) > 19:
        return None
    number = int(value)
    return number if number <= _LARGEST_NUMBER else None


def read_code(text: bytes, name: bytes) -> int | None:
    """Return the number in a response code.

    >>> read_code(b"[UIDVALIDITY 385759045] UIDs valid", b"UIDVALIDITY")
    385759045
    """
    found = re.match(rb"\[" + name + rb" (\d{1,19})\]", text, re.IGNORECASE)
    return None if found is None else read_number(found[1])


def read_internal_date(value: Value) -> datetime | None:
    """Return an INTERNALDATE, aware; None where it is none.

    >>> read_internal_date(b" 7-Jul-1996 02:44:25 -0700").isoformat()
    '1996-07-07T02:44:25-07:00'
    """
    found = _INTERNAL.match(value) if isinstance(value, bytes) else None
    month = None if found is None else _MONTHS.get(found[2].lower())
    if found is None or month is None:
        return None
    day, year, hour, minute, second, hours, minutes = (int(found[part]) for part in (1, 3, 4, 5, 6, 8, 9))
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if found[7] == b"-" else 1)
    try:
        zone = timezone(offset) if offset else UTC
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except ValueError:
        return None


def write_quoted(text: bytes) -> bytes:
    r"""Write a quoted string; `text` has no line breaks (a literal would have to hold those).

    >>> write_quoted(b'a "b"')
    b'"a \\"b\\""'
    """
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def write_uid_sets(uids: Iterable[int], longest: int = LONGEST_COMMAND) -> Iterator[bytes]:
    """Write UIDs as sets of ranges, each of at most `longest` bytes, in rising order.

    >>> list(write_uid_sets([3, 1, 2, 7]))
    [b'1:3,7']
    """
    ranges = _ranges(sorted(set(uids)))
    parts = (b"%d" % first if first == last else b"%d:%d" % (first, last) for first, last in ranges)
    return join_words(parts, b",", longest)


def join_words(
    words: Iterable[bytes], between: bytes = b" ", longest: int = LONGEST_COMMAND
) -> Iterator[bytes]:
    """Join words to lines of at most `longest` bytes; a longer word has a line of its own."""
    line: list[bytes] = []
    length = 0
    for word in words:
        if line and length + len(between) + len(word) > longest:
            yield between.join(line)
            line, length = [], 0
        line.append(word)
        length += len(between) + len(word)
    if line:
        yield between.join(line)


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for number in numbers:
        if first and number == last + 1:
            last = number
            continue
        if first:
            yield first, last
        first = last = number
    if first:
        yield first, last


def read_uid_set(text: bytes, most: int) -> set[int] | None:
    """Return the UIDs of a set; None where there are more than `most` (`1:4294967295` is quickly written).

    >>> sorted(read_uid_set(b"1:3,7", most=100))
    [1, 2, 3, 7]
    """
    uids: set[int] = set()
    for part in text.split(b","):
        first, _, last = part.strip().partition(b":")
        low, high = read_number(first), read_number(last or first)
        if low is None or high is None:
            continue
        low, high = min(low, high), max(low, high)
        if high - low >= most:
            return None
        uids.update(range(low, high + 1))
        if len(uids) > most:
            return None
    return uids
