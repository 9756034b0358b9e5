"""Which of the four times counts. In: RawMessage. Out: Times. Never: says now where a time is known."""

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
    """What the sender claims, a server stamped and a mailbox noted, and which of them counts."""

    sent_at: datetime
    rule: str
    """claimed, stamped, internal or seen: where `sent_at` is from."""
    offset_minutes: int | None
    claimed_at: datetime | None
    stamped_at: datetime | None
    internal_at: datetime | None


def times_of(raw: RawMessage, zone: ZoneInfo, seen_at: datetime) -> Times:
    """Choose the claimed time where the others allow it, then the stamped, the internal, the seen one.

    A stamp of a mail is written by the reader's own server and comes before INTERNALDATE, which a move to
    another server renews. A naive claimed time is read in `zone`; the caller records that assumption.
    """
    claimed = in_utc(raw.sent_at, zone)
    stamped = in_utc(raw.stamped_at, zone)
    internal = in_utc(raw.internal_at, zone)
    # A stamp is a header like any other: nothing was received after we saw it.
    received = [("stamped", stamped), ("internal", internal)]
    bounds = [(rule, at) for rule, at in received if at and EARLIEST <= at <= seen_at + SLACK]
    bounds.append(("seen", seen_at))
    if claimed and EARLIEST <= claimed <= bounds[0][1] + SLACK:
        bounds.insert(0, ("claimed", claimed))
    rule, sent_at = bounds[0]
    offset = raw.sent_at.utcoffset() if raw.sent_at and rule == "claimed" else None
    minutes = None if offset is None else int(offset.total_seconds() // 60)
    return Times(sent_at, rule, minutes, claimed, stamped, internal)


def in_utc(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return an instant; a naive time is read in `zone`. None for none, and for what no clock shows."""
    if moment is None:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:  # year 1 or 9999 beyond an offset
        return None
