"""The process in which attachments are read: `python -m service.attachments.child`.

In: jobs on standard input. Out: their words on standard output. Never: writes a file, outlives its parent,
whose end of the pipe closes with it. Files are made by strangers, and the libraries that read them are large:
what they break here is one process, which has no settings and no database.
"""

import os
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from time import monotonic
from typing import IO, Any

from lxml.etree import LxmlError

from service.attachments.attachment_text import MOST_TEXT, Reading, TextState
from service.attachments.frames import receive, receive_json, send_json
from service.attachments.kinds import all_readers, chosen
from service.attachments.looks import is_ole
from service.attachments.ocr import Tesseract
from service.attachments.reader import Given, Reader, Words
from service.errors import UnsafeArchive

MOST_FILES = 64
PIECE = 100_000
"""Characters sent at once."""
LONGEST = 10
"""Times the limit of one step that a whole attachment may take: 200 scanned pages, but not all night."""

DAMAGED = (
    ArithmeticError,
    EOFError,
    LookupError,
    LxmlError,
    OSError,
    RuntimeError,
    SyntaxError,  # Pillow says so of a broken PNG
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What libraries raise for damaged files. Anything else ends the process, and the next one tries again."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The stream that holds a document of Office with a password ([MS-OFFCRYPTO] 2.3.4.4)."""


def main() -> None:
    """Serve jobs until the parent closes its end; arguments: bytes of memory, seconds of a step."""
    memory, seconds = int(sys.argv[1]), float(sys.argv[2])
    limit(memory)
    serve(all_readers(), seconds)


def limit(memory: int) -> None:
    """Give up what reading does not need; tesseract, which is started from here, inherits it.

    The number of processes is left alone: it is counted for all of a user's processes together.
    """
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, MOST_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))


def serve(readers: Sequence[Reader], seconds: float) -> None:
    """Answer jobs until there are no more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not break the frames
    jobs = sys.stdin.buffer
    send_json(answers, {"ready": True})
    while (order := receive_json(jobs)) is not None and (content := receive(jobs)) is not None:
        _limit_cpu(seconds)
        tesseract = Tesseract(**order["tesseract"]) if order["tesseract"] else None
        given = Given(content, order["name"], order["media_type"], tesseract)
        _answer(answers, readers, given, monotonic() + LONGEST * seconds)


def _limit_cpu(seconds: float) -> None:
    """Allow as much processor time as the longest job takes; a loop ends even where the parent is gone."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    most = int(spent.ru_utime + spent.ru_stime + LONGEST * seconds) + 10
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(answers: IO[bytes], readers: Sequence[Reader], given: Given, until: float) -> None:
    for answer in read(readers, given, until):
        if isinstance(answer, str):
            send_json(answers, {"text": answer})
        else:
            send_json(answers, {"end": asdict(answer)})


def read(readers: Sequence[Reader], given: Given, until: float) -> Iterator[str | Reading]:
    """Yield pieces of the text, then what it came to (without the text)."""
    reader = chosen(readers, given)
    if reader is None:
        yield _unread(given.content)
        return
    course = _Course(until)
    try:
        for words in reader.read(given):
            yield from course.take(words)
            if course.is_over:
                break
    except UnsafeArchive as error:
        course.lacking = str(error)
    except DAMAGED as error:
        yield Reading(TextState.FAILED, why=f"is damaged: {_told(error)}", reader=reader.name)
        return
    yield course.end(reader.name)


def _unread(content: bytes) -> Reading:
    """Say why no reader takes an attachment."""
    if not content:
        return Reading(TextState.EMPTY)
    if is_ole(content) and _ENCRYPTED in content:
        return Reading(
            TextState.REFUSED, why="is protected by a password: ask its sender for one that is not"
        )
    return Reading(TextState.REFUSED, why="is no kind of file that is read for its words")


class _Course:
    """How far the reading of one attachment has come."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.left = MOST_TEXT
        self.lacking = ""
        self.is_over = False
        self.read_in: set[bool] = set()
        """Whether there are words from an image, and words that are not."""

    def take(self, words: Words) -> Iterator[str]:
        text = words.text[: self.left]
        self.left -= len(text)
        self.lacking = self.lacking or words.lacking
        if not text.isspace() and text:
            self.read_in.add(words.from_image)
        for start in range(0, max(1, len(text)), PIECE):
            # Also an empty piece: it tells the parent that the reading goes on.
            yield text[start : start + PIECE]
        if not self.left:
            self.stop(f"is longer than {MOST_TEXT:,} characters: the rest cannot be searched")
        elif monotonic() > self.until:
            self.stop("takes very long to read: only its beginning can be searched")

    def stop(self, why: str) -> None:
        self.lacking, self.is_over = why, True

    def end(self, reader: str) -> Reading:
        state = TextState.READ if self.read_in else TextState.REFUSED if self.lacking else TextState.EMPTY
        return Reading(state, from_image=self.read_in == {True}, why=self.lacking, reader=reader)


def _told(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()[:200]


def reading_of(end: dict[str, Any], text: str) -> Reading:
    """Return what the last frame of an answer says, with the text that came before it."""
    state = TextState(end["state"])
    kept = {name: end[name] for name in ("from_image", "why", "reader")}
    return Reading(state, text if state == TextState.READ else "", **kept)


if __name__ == "__main__":
    main()
