"""Read values out of JSON that somebody else wrote. In: what json gives. Out: text, times, numbers.

Never: raises for a value of another type than expected; gives text that a database refuses.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

_LONGEST = timedelta(days=10_000)
_LARGEST_FILE = 2**53


def word(value: Any) -> str:
    """Return a scalar as text that any store accepts; empty for null, true, false and anything with parts.

    >>> word("Anna"), word(12), word(None), word(["x"])
    ('Anna', '12', '', '')
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return storable(str(value))


def storable(text: str) -> str:
    """Replace NUL and halves of surrogate pairs: no database takes them; the original keeps them."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def members(value: Any) -> dict[str, Any]:
    """Return an object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of an array; nothing for anything else."""
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def number(value: Any) -> int | None:
    """Return a whole number, also from text ("1455123303"); None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def byte_count(value: Any) -> int | None:
    """Return the size of a file; None for what no file and no column of a database can be.

    >>> byte_count("2048"), byte_count(-1), byte_count(10**30)
    (2048, None, None)
    """
    count = number(value)
    return count if count is not None and 0 <= count <= _LARGEST_FILE else None


def unix_time(value: Any, per_second: int = 1) -> datetime | None:
    """Return an instant from a count since 1970: of seconds, or of `per_second` parts of one.

    >>> unix_time("1455123303500", per_second=1000).isoformat()
    '2016-02-10T16:55:03.500000+00:00'
    """
    count = number(value)
    if count is None:
        return None
    try:
        whole, part = divmod(count, per_second)
        return datetime.fromtimestamp(whole, UTC) + timedelta(microseconds=part * 1_000_000 // per_second)
    except (ValueError, OverflowError, OSError):
        return None


def iso_time(value: Any) -> datetime | None:
    """Return an ISO 8601 time, aware where it has an offset; None for anything else.

    >>> iso_time("2025-03-03T09:05:07.1234567Z").isoformat()
    '2025-03-03T09:05:07.123456+00:00'
    """
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError):
        return None


def seconds(value: Any) -> timedelta | None:
    """Return a length of time from a count of seconds; None for none, and for what is no length."""
    try:
        length = timedelta(seconds=float(value)) if not isinstance(value, bool) else None
    except (TypeError, ValueError, OverflowError):
        return None
    return length if length is not None and timedelta(0) <= length < _LONGEST else None
