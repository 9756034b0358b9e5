"""Which reader reads an attachment: by its media type, then its name, and always by its bytes.

In: what the sender says, later the bytes. Out: a Reader, or none. Never: believes what the sender says.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import PurePosixPath

from service.attachments import readers
from service.attachments.reader import Given, Reader
from service.plugins import discover

SAYS_NOTHING = frozenset({"", "application/octet-stream", "application/binary", "application/x-unknown"})
"""Media types of senders that do not know."""


@cache
def all_readers() -> tuple[Reader, ...]:
    """Return every reader there is."""
    return tuple(discover(readers, "READER"))


def takes(media_type: str, name: str) -> bool:
    """Say whether an attachment may have words that some reader finds, before its bytes are looked at."""
    return media_type.lower() in SAYS_NOTHING or any(
        media_type.lower() in reader.media_types or _ending(name) in reader.endings
        for reader in all_readers()
    )


def chosen(among: Sequence[Reader], given: Given) -> Reader | None:
    """Return the reader for an attachment: the one that is named, where the bytes bear it out."""
    media_type, ending = given.media_type.lower(), _ending(given.name)
    named = [reader for reader in among if media_type in reader.media_types]
    named += [reader for reader in among if ending in reader.endings]
    return next((reader for reader in (*named, *among) if reader.fits(given.content)), None)


def _ending(name: str) -> str:
    return PurePosixPath(name.lower()).suffix
