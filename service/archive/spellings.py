"""Whether a text holds what somebody typed, in capitals or not. Out: a condition. Never: runs it."""

from typing import Any

from sqlalchemy import ColumnElement, or_


def holds(value: str, *texts: Any) -> ColumnElement[bool]:
    """Say whether one of these columns holds the value.

    SQLite folds the case of ASCII alone, so other letters are tried as people write them in names.
    """
    spellings = {value} if value.isascii() else {value, value.lower(), value.upper(), value.title()}
    return or_(*(text.icontains(one, autoescape=True) for text in texts for one in sorted(spellings)))
