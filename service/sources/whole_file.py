"""Read a whole file where it is not too large. In: a path. Out: its bytes. Never: more than the limit."""

from pathlib import Path

from service.sources.mail_shape import LARGEST_MAIL
from service.sources.raw_message import Unreadable

WHOLE_FILE = 64 * 1024 * 1024
"""Bytes up to which a chat export, or a file that cannot be read, is kept whole."""


def read_whole(path: Path, place: str) -> bytes | Unreadable:
    """Return the bytes of a file; `place` names it where it is too large or cannot be read."""
    try:
        size = path.stat().st_size
        if size <= LARGEST_MAIL:
            return path.read_bytes()
    except OSError as error:
        return Unreadable(place, f"cannot be read: {error.strerror}")
    return Unreadable(place, f"is too large for one mail: {size:,} bytes")


def bytes_at(path: Path) -> bytes | None:
    """Return the bytes of a file, or None where it cannot be read or is too large to be kept whole."""
    try:
        is_kept = path.is_file() and path.stat().st_size <= WHOLE_FILE
        return path.read_bytes() if is_kept else None
    except OSError:
        return None
