"""Many mails in one file, each after a `From ` line (RFC 4155; mboxo and mboxrd).

In: a file of any size, mapped, never read whole. Out: RawMessage, Unreadable.
Never: glues two mails together, splits one at a sentence that begins with "From ".

`original` is the mail without what the mbox added: no `From ` line, no blank line at the end, one `>`
less before every `>From ` of its body. That undoes mboxrd exactly, so a mail has the same hash here, in an
eml and on the server. mboxo does not tell its own `>From ` from the writer's: a rare one loses its mark.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from mmap import ACCESS_READ, mmap

from service.sources.mail_shape import LARGEST_MAIL, is_envelope, mail_likeness
from service.sources.mime import read_mail
from service.sources.raw_message import RawMessage, Record, Unreadable
from service.sources.source import Export, Sample

_LONGEST_ENVELOPE = 2000
_QUOTED_FROM = re.compile(rb"^>(?=>*From )", re.MULTILINE)
_HEADER_END = re.compile(rb"\n\r?\n")


class Mbox:
    """Mails one after another in one file, as Thunderbird, Apple Mail and Google Takeout keep them."""

    name = "mbox"
    label = "Mailbox in a file (mbox)"
    channel = "email"

    def score(self, sample: Sample) -> float:
        """Score the `From ` line and the header after it; not at the start only where the name says mbox."""
        start = next(_separators(sample.head), -1)
        lead = len(sample.head) - len(sample.head.lstrip(b"\r\n"))
        if start == -1 or (start > lead and sample.path.suffix.lower() not in {".mbox", ".mbx"}):
            return 0.0
        return 0.95 if mail_likeness(sample.head[start:]) else 0.5

    def read(self, export: Export) -> Iterator[Record]:
        """Yield each mail, and where the file is cut in the middle of the last one, that after it."""
        try:
            with export.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as box:
                yield from self._read_box(box, export.place)
        except ValueError:  # an empty file cannot be mapped
            yield Unreadable(export.place, "is empty; export or copy it again", b"")
        except OSError as error:
            yield Unreadable(export.place, f"cannot be read: {error.strerror}")

    def _read_box(self, box: mmap, place: str) -> Iterator[Record]:
        starts = _separators(box)
        start = next(starts, len(box))
        if box[: min(start, LARGEST_MAIL)].strip():
            before = box[:start] if start <= LARGEST_MAIL else None
            yield Unreadable(f"{place}, before the first mail", "is text that no `From ` line begins", before)
        position = 0
        while start < len(box):
            end = next(starts, len(box))
            record = self._read_one(box, start, end, position, f"{place}, mail {position + 1}")
            yield record
            start, position = end, position + 1
        if position and isinstance(record, RawMessage) and box[-1:] != b"\n":
            why = "the file ends in the middle of this mail: the rest is missing; copy or export it again"
            yield Unreadable(f"{place}, end of mail {position}", why, b"")

    def _read_one(self, box: mmap, start: int, end: int, position: int, where: str) -> Record:
        if end - start > LARGEST_MAIL:
            return Unreadable(where, f"is too large for one mail: {end - start:,} bytes")
        body = box.find(b"\n", start, end) + 1
        record = read_mail(_own_bytes(box[body:end]), format_name=self.name, position=position, where=where)
        if isinstance(record, RawMessage) and end == len(box) and box[-1:] != b"\n":
            return replace(record, warnings=(*record.warnings, "the file ends in the middle of this mail"))
        return record


def _separators(box: mmap | bytes) -> Iterator[int]:
    """Yield where each `From ` line starts: at the start of the file, or after a blank line."""
    lead = next((place for place in range(min(len(box), 64)) if box[place] not in b"\r\n"), 0)
    if is_envelope(box[lead : lead + _LONGEST_ENVELOPE]):
        yield lead
    found = box.find(b"\nFrom ", lead)
    while found != -1:
        blank = box[max(found - 2, 0) : found].rstrip(b"\r").endswith(b"\n")
        if blank and is_envelope(box[found + 1 : found + 1 + _LONGEST_ENVELOPE]):
            yield found + 1
        found = box.find(b"\nFrom ", found + 1)


def _own_bytes(chunk: bytes) -> bytes:
    """Undo what the mbox did to a mail."""
    for blank in (b"\r\n", b"\n"):
        if chunk.endswith(b"\n" + blank):
            chunk = chunk.removesuffix(blank)
            break
    if b"\n>" not in chunk or not (end := _HEADER_END.search(chunk)):
        return chunk
    return chunk[: end.end()] + _QUOTED_FROM.sub(b"", chunk[end.end() :])


SOURCE = Mbox()
