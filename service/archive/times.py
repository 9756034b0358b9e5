"""Which of the three times counts. In: RawMessage. Out: Times. Never: says now where a time is known."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from service.sources.raw_message import RawMessage

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing that people send today is older than their mail systems; 1970 is an unset clock."""
SLACK = timedelta(days=1)
"""How far a sender's clock may run ahead of the server's."""


@dataclass(frozen=True, slots=True)
class Times:
    """The claimed and the stamped time of a message, and the one that counts."""

    sent_at: datetime
    offset_minutes: int | None
    claimed_at: datetime | None
    stamped_at: datetime | None


def times_of(raw: RawMessage, zone: ZoneInfo, seen_at: datetime) -> Times:
    """Choose: the claimed time where the stamped and the seen one allow it, then the stamped, then the seen.

    A naive claimed time is read in `zone`; the caller records that assumption.
    """
    claimed = _in_utc(raw.sent_at, zone)
    stamped = _in_utc(raw.stamped_at, zone)
    # A stamp is a header like any other: nothing was received after we saw it.
    received = stamped if stamped and EARLIEST <= stamped <= seen_at + SLACK else None
    latest = (received or seen_at) + SLACK
    plausible = claimed if claimed and EARLIEST <= claimed <= latest else None
    sent_at = plausible or received or seen_at
    offset = raw.sent_at.utcoffset() if raw.sent_at and plausible else None
    minutes = None if offset is None else int(offset.total_seconds() // 60)
    return Times(sent_at, minutes, claimed, stamped)


def _in_utc(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    if moment is None:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:  # year 1 or 9999 beyond an offset
        return None
