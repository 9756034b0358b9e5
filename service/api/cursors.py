"""Cursors: where the next page begins. In: sort keys. Out: opaque text. Never: trusts one that comes back."""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Query

from service.errors import SearchError

Limit = Annotated[int, Query(ge=1, le=200, description="How many to return.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before.")]


Item = TypeVar("Item")
SMALL, LARGE = 2**31, 2**63
"""Ids of most tables are below the first, those of messages, conversations and entries below the second."""
PLAIN = r"^[^\x00]*$"
"""Text without NUL, which PostgreSQL cannot even compare with."""
Words = Annotated[str | None, Query(max_length=500, pattern=PLAIN)]


def cut(found: list[Item], limit: int) -> tuple[list[Item], Item | None]:
    """Return a page of what was found by asking for one more, and its last item where more follow."""
    page = found[:limit]
    return page, page[-1] if len(found) > limit else None


def pack(*keys: object) -> str:
    """Return the sort keys of the last item as text."""
    plain = [key.isoformat() if isinstance(key, datetime) else key for key in keys]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def unpack_moment(cursor: str | None) -> tuple[datetime, str] | None:
    """Return the (time, key) of a cursor. Raises SearchError for one that we did not make."""
    if cursor is None:
        return None
    try:
        moment, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        at = datetime.fromisoformat(moment)
    except (ValueError, TypeError, binascii.Error) as error:
        raise _refused(cursor) from error
    if at.tzinfo is None:
        raise _refused(cursor)
    return at, str(key)


def unpack_number(text: str | None, below: int = SMALL) -> int | None:
    """Return the number of a cursor. Raises SearchError for one that we did not make.

    `below` is what the column of the id can hold: PostgreSQL refuses to compare it with more.
    """
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 19) or int(text) >= below:
        raise _refused(text)
    return int(text)


def _refused(cursor: str) -> SearchError:
    return SearchError(f"The cursor {cursor[:40]!r} was not given out here; leave it out to start anew.")
