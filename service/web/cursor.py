"""Where the next part of a list begins. In: what the last row was. Out: text for an address, and back."""

from datetime import datetime, timedelta

from service.db.base import EPOCH, MICROSECOND

LONGEST_NUMBER = 18
"""Digits that are below 2**63 whatever they are: what a database can hold."""


def write_cursor(at: datetime, key: int | str) -> str:
    """Name the place right after a row of a list that is ordered by time, then by key."""
    return f"{(at - EPOCH) // MICROSECOND}.{key}"


def read_cursor(text: str | None) -> tuple[datetime, str] | None:
    """Return time and key; None, the beginning of the list, for what no list of ours wrote."""
    moment, _, key = (text or "").partition(".")
    if not key or not _is_number(moment.removeprefix("-")):
        return None
    try:
        return EPOCH + timedelta(microseconds=int(moment)), key
    except OverflowError:
        return None


def read_numbered_cursor(text: str | None) -> tuple[datetime, int] | None:
    """Return time and key where the key is a number."""
    found = read_cursor(text)
    return (found[0], int(found[1])) if found and _is_number(found[1]) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
