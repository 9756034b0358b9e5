"""The exact bytes of an entry. In: Entry. Out: RFC 8785 canonical JSON, and back (FORMAT.md, section 2).

>>> from datetime import UTC, datetime
>>> entry = Entry(0, "note.added", "n1", {"b": 1.0, "a": "é"}, datetime(2026, 1, 2, tzinfo=UTC), "anna")
>>> encode(entry)[:77].decode()
'{"actor":"anna","at":"2026-01-02T00:00:00.000000Z","body":{"a":"é","b":1},"k'
>>> decode(encode(entry)) == entry
True
"""

import json
from datetime import UTC, datetime
from functools import lru_cache

import rfc8785

from service.errors import LedgerBroken, LedgerError
from service.ledger.entry import Entry

VERSION = 1

# Names and times repeat from entry to entry: remembering them saves a tenth of a full verification.
_QUOTE = lru_cache(8192)(json.JSONEncoder(ensure_ascii=False).encode)
"""Writes a string of printable characters as RFC 8785, 3.2.2.2 does."""


def encode(entry: Entry) -> bytes:
    """Return the canonical bytes; raises LedgerError for a body that JSON cannot carry exactly."""
    head, tail = frame(entry.seq, entry.kind, entry.subject, entry.at, entry.actor)
    try:
        return head + rfc8785.dumps(dict(entry.body)) + tail
    except rfc8785.CanonicalizationError as error:
        raise LedgerError(f"ledger: {entry.kind} of {entry.subject} cannot be recorded: {error}") from error


def frame(seq: int, kind: str, subject: str, at: datetime, actor: str) -> tuple[bytes, bytes]:
    """Return the canonical bytes before and after the body: the keys of an entry sort around it."""
    head = f'{{"actor":{_QUOTE(actor)},"at":"{format_instant(at)}","body":'
    tail = f',"kind":{_QUOTE(kind)},"seq":{seq},"subject":{_QUOTE(subject)},"v":{VERSION}}}'
    return head.encode(), tail.encode()


def decode(canonical: bytes) -> Entry:
    """Read canonical bytes back; raises LedgerBroken where they are not an entry of a known version."""
    try:
        fields = json.loads(canonical, parse_int=_read_integer)
        if fields["v"] != VERSION:
            raise LedgerBroken(f"ledger: entry format {fields['v']} is unknown; a newer Scripta wrote it")
        return Entry(
            seq=fields["seq"],
            kind=fields["kind"],
            subject=fields["subject"],
            body=fields["body"],
            at=datetime.fromisoformat(fields["at"]),
            actor=fields["actor"],
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LedgerBroken(f"ledger: bytes that are no entry: {canonical[:80]!r}") from error


def format_instant(at: datetime) -> str:
    """Write an aware instant in UTC with six decimals and `Z`: one text for one instant."""
    if at.tzinfo is None:
        raise LedgerError(f"ledger: {at.isoformat()} has no zone; entries carry aware times")
    return _format_utc(at.astimezone(UTC))


@lru_cache(1024)
def _format_utc(at: datetime) -> str:
    # Only UTC may be remembered: in other zones, two instants around a clock change can compare equal.
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _read_integer(digits: str) -> int | float:
    """Read a number without a point: RFC 8785 writes large floats so, and their digits are rounded."""
    number = int(digits)
    return number if abs(number) < 2**53 else float(digits)
