"""Read the file of one mail. In: a path. Out: its bytes, or Unreadable. Never: more than a mail may have."""

from pathlib import Path

from service.sources.mail_shape import LARGEST_MAIL
from service.sources.raw_message import Unreadable


def read_whole(path: Path, place: str) -> bytes | Unreadable:
    """Return the bytes of a file; `place` names it where it is too large or cannot be read."""
    try:
        size = path.stat().st_size
        if size <= LARGEST_MAIL:
            return path.read_bytes()
    except OSError as error:
        return Unreadable(place, f"cannot be read: {error.strerror}")
    return Unreadable(place, f"is too large for one mail: {size:,} bytes")
