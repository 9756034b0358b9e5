"""Values of Microsoft Graph, however spelled. In: what json gives. Out: folded keys, times, people.

Never: raises for a value of another type than expected.

Graph writes `createdDateTime`, .NET and PowerShell write `CreatedDateTime`; a time is ISO 8601, or
`/Date(ms)/` as .NET wrote until 2019, and .NET's "no time" is the year 1.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from service.sources.json_values import iso_time, members, storable, unix_time, word
from service.sources.raw_message import AddressKind, RawAddress

_DEPTH = 12
_DATE = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{4})?\)/")
_LENGTH = re.compile(
    r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.(\d{1,6})\d*)?S)?)?", re.IGNORECASE
)
_CLOCK_LENGTH = re.compile(r"(?:(\d{1,4})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?")
_FIRST_YEAR = 1990
_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
_IDENTITIES = ("user", "application", "device", "phone", "guest")

Names = dict[str, str]
"""Names by the id of a person, chat or channel."""


def folded(value: Any, depth: int = _DEPTH) -> Any:
    """Return a value with all keys in lower case.

    >>> folded({"From": {"User": {"Id": 1}}})
    {'from': {'user': {'id': 1}}}
    """
    if depth == 0:
        return None
    if isinstance(value, dict):
        return {storable(key).lower(): folded(inside, depth - 1) for key, inside in value.items()}
    if isinstance(value, list):
        return [folded(inside, depth - 1) for inside in value]
    return value


def teams_time(value: Any) -> datetime | None:
    """Return a time as Graph or PowerShell writes it; None for none.

    >>> teams_time("/Date(1740992707000)/").isoformat()
    '2025-03-03T09:05:07+00:00'
    """
    if isinstance(value, dict):
        # Windows PowerShell wraps some: {"value": "/Date(…)/", "DateTime": "Monday, …"}.
        value = value.get("value")
    text = word(value)
    old = _DATE.fullmatch(text)
    at = unix_time(old[1], per_second=1000) if old else iso_time(text)
    if at is None or at.year < _FIRST_YEAR:
        return None
    # Graph's own times are UTC, with or without the letter.
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def teams_length(value: Any) -> timedelta | None:
    """Return a duration: ISO 8601 as Graph writes it, or the `00:01:03` of .NET.

    >>> teams_length("PT1M3.5S").total_seconds()
    63.5
    """
    text = word(value)
    if found := _LENGTH.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:4])
        part = timedelta(seconds=float(f"0.{found[5]}")) if found[5] else timedelta()
    elif found := _CLOCK_LENGTH.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        part = timedelta()
    else:
        return None
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) + part
    return length if any(char.isdigit() for char in text) else None


def identity(value: Any, names: Names) -> RawAddress | None:
    """Return the person, bot or device of an identity set; `names` has those of people without one."""
    found = members(value)
    for kind in _IDENTITIES:
        one = members(found.get(kind))
        number, name = word(one.get("id")), word(one.get("displayname")) or word(one.get("name"))
        if number or name:
            name = name or names.get(number, "")
            mail = number or name
            if _MAIL.fullmatch(mail):
                return RawAddress(AddressKind.MAIL, mail.lower(), name)
            return RawAddress(AddressKind.TEAMS, number or name, name)
    return None
