"""The contract that a kind of attachment fulfils; one file in `readers/` with `READER = …` is complete.

class MyReader:
    name = "mine-1"
    media_types = frozenset({"application/x-mine"})
    endings = frozenset({".mine"})

    def fits(self, content: bytes) -> bool:
        return content.startswith(b"MINE")

    def read(self, given: Given) -> Iterator[Words]:
        yield Words(given.content[4:].decode())

READER = MyReader()

In: Given. Out: Words, a piece at a time, so that a long reading shows that it goes on. Never: writes a file.
A reader runs in a child process with limits, so it need not guard against files that loop or swell. Heavy
libraries are imported inside `read`: the parent, which only asks what a reader takes, never needs them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from service.attachments.ocr import Tesseract


@dataclass(frozen=True, slots=True)
class Given:
    """An attachment to read, as its sender named it."""

    content: bytes
    name: str
    media_type: str
    tesseract: Tesseract | None = None
    """What recognises words in images; None where it is not installed."""


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of the text; the pieces of an attachment are joined as they are."""

    text: str
    from_image: bool = False
    """True where the words were recognised in an image, not read."""
    lacking: str = ""
    """What could not be read here, and what a person can do about it."""


class Reader(Protocol):
    """Takes the words out of one kind of file."""

    name: str
    """With a version: a text says which reader it is from."""
    media_types: frozenset[str]
    endings: frozenset[str]
    """Of file names, in lower case, with the dot."""

    def fits(self, content: bytes) -> bool:
        """Say whether the bytes are of this kind: names and types lie."""

    def read(self, given: Given) -> Iterator[Words]:
        """Yield the words in reading order; what a library raises for a damaged file may pass."""
