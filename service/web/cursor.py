"""Where the next part of a list begins. In: what the last row was. Out: text for an address, and back."""

import re
from datetime import datetime, timedelta

from service.db.base import EPOCH, MICROSECOND

_TIMED = re.compile(r"(-?[0-9]{1,18})\.([0-9]{1,18})")


def write_cursor(at: datetime, key: int) -> str:
    """Name the place right after a row of a list that is ordered by time."""
    return f"{(at - EPOCH) // MICROSECOND}.{key}"


def read_cursor(text: str | None) -> tuple[datetime, int] | None:
    """Return the place; None, the beginning of the list, for what no list of ours wrote."""
    found = _TIMED.fullmatch(text or "")
    if found is None:
        return None
    try:
        return EPOCH + timedelta(microseconds=int(found[1])), int(found[2])
    except OverflowError:
        return None
