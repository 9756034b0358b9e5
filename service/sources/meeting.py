"""A meeting in one line: what `detail` of a meeting mail holds, so that nobody has to open its original.

In: what a calendar part says. Out: `<method> [<start> <key> <answer or number of guests> <summary>]`.
The start is ISO 8601: with an offset, floating (without one: everybody's own clock), or a day.
Never: raises on another line.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

_FIELDS = 5
_UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class Meeting:
    """What one mail about a meeting says of it."""

    method: str
    """METHOD in lower case (RFC 5546): request, cancel, reply, counter or publish."""
    start: date | datetime | None = None
    key: str = ""
    """The same in every mail about one meeting, or one occurrence of it; empty where the data is broken."""
    answer: str = ""
    """Of a reply: accepted, declined, tentative, delegated."""
    guests: int = 0
    """People besides the organiser who have not declined; rooms and projectors are none."""
    summary: str = ""

    def __str__(self) -> str:
        """Return the line."""
        if not self.key:
            return self.method
        start = self.start.isoformat() if self.start else _UNKNOWN
        return f"{self.method} {start} {self.key} {self.answer or self.guests} {self.summary}".rstrip()

    def starts_at(self, zone: tzinfo | None) -> datetime | None:
        """Return when it starts; `zone` is that of floating times and days. None where it is not known."""
        if self.start is None:
            return None
        if not isinstance(self.start, datetime):
            return datetime.combine(self.start, time(), zone)
        return self.start if self.start.tzinfo else self.start.replace(tzinfo=zone)


def meeting_of(detail: str) -> Meeting:
    """Read a line; one that holds only a method, or is none of ours, gives a meeting without a key.

    >>> meeting_of("request 2025-02-05T10:00:00+00:00 9f1c 2 Budget call").summary
    'Budget call'
    """
    method, *fields = detail.split(" ", _FIELDS - 1)
    if len(fields) < _FIELDS - 2:
        return Meeting(method)
    start, key, count, *summary = fields
    guests = int(count) if count.isdecimal() else 0
    answer = "" if count.isdecimal() else count
    return Meeting(method, _start(start), key, answer, guests, " ".join(summary))


def _start(text: str) -> date | datetime | None:
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        return None
