"""Cut a WhatsApp chat into its records, and see what the whole file says. In: a txt. Out: Entry, Survey.

Never: loads the file, loses a line. A pasted chat log looks like records: the format has no escape for it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from service.sources.date_orders import DateEvidence
from service.sources.printed_times import Stamp, read_stamp
from service.sources.text_lines import ends_line, text_lines
from service.sources.whatsapp_phrases import Phrase, exact_phrase, phrase_of, telling_phrase

MAX_ENTRY = 64 * 1024 * 1024
"""Bytes of one record beyond which it is reported and not kept."""
_MOST_SENDERS = 20_000
_ASKED = 3_000
"""So many records are searched for the language of WhatsApp's own words."""
_NAMED_DATE = re.compile(
    r"-(\d{4})-?(\d\d)-?(\d\d)-(?:WA\d|\d\d-\d\d-\d\d)|(?:IMG|VID|PTT|AUD|STK|DOC)-(\d{8})-WA"
)
GENERATED = "\u200e"
"""iOS puts this mark before every text that WhatsApp wrote."""


_START = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*(\[?)")
_ENDS = (("-", " - "), ("-", " \u2013 "), ("-", ". - "), (":", ": "))
"""What ends a date and time on Android, today and in some exports of years ago, and on iOS before 2018."""
_LOOKS_LIKE_ONE = "a line that begins as records of another phone do was kept as text"
_LONGEST = 64
"""Characters of a date and time."""


@dataclass(frozen=True, slots=True)
class Header:
    """The start of a record: its time, and the rest of the line."""

    stamp: Stamp
    style: str
    """`[` on iOS, `-` on Android, `:` on iOS before 2018; one export has one of them."""
    rest: str
    marked: bool = False
    """iOS put its mark before the line: WhatsApp wrote it, or a part of it."""

    @property
    def bracketed(self) -> bool:
        """Say whether the line is as iOS writes it since 2018."""
        return self.style == "["


def split_header(line: str) -> Header | None:
    """Return the parts of a line that starts a record; None for a line that continues one.

    >>> split_header("14.03.2022, 21:05 - Anna: да").rest
    'Anna: да'
    """
    begin, bracket = 0, False
    if not line[:1].isdigit() and (start := _START.match(line)):
        begin, bracket = start.end(), bool(start.group(1))
    if bracket:
        end = line.find("]", begin, begin + _LONGEST)
        stamp = read_stamp(line[begin:end]) if end >= 0 else None
        rest = line[end + 1 :].removeprefix(" ")
        return None if stamp is None else Header(stamp, "[", rest, line.startswith(GENERATED))
    for style, mark in _ENDS:
        end = line.find(mark, begin, begin + _LONGEST)
        if end >= 0 and (stamp := read_stamp(line[begin:end])) is not None:
            return Header(stamp, style, line[end + len(mark) :], line.startswith(GENERATED))
    return None


@dataclass(slots=True)
class Entry:
    """One record: the line that starts it, and the lines that continue it."""

    header: Header | None
    """None for lines before the first record."""
    lines: list[str]
    original: bytearray
    start: int
    """Byte offset in the file."""
    size: int = 0
    warnings: list[str] = field(default_factory=list)

    def add(self, raw: bytes, line: str, *, starts_line: bool = True) -> None:
        """Take in a line, or more of the last one; beyond MAX_ENTRY only its size is counted."""
        self.size += len(raw)
        if self.size > MAX_ENTRY:
            return
        self.original += raw
        if starts_line:
            self.lines.append(line)
        else:
            self.lines[-1] += line


def read_entries(path: Path) -> Iterator[Entry]:
    """Yield the records of a file in order; a first line without a date becomes an entry without a header."""
    style: str | None = None
    entry: Entry | None = None
    offset = 0
    starts_line = True
    with path.open("rb") as file:
        for raw, line, doubt in text_lines(file):
            header = split_header(line) if starts_line else None
            warning = doubt
            if header is not None and style in (None, header.style):
                style = header.style
                if entry is not None:
                    yield entry
                entry = Entry(header, [], bytearray(), offset)
                entry.add(raw, header.rest)
            else:
                entry = entry or Entry(None, [], bytearray(), offset)
                entry.add(raw, line, starts_line=starts_line)
                warning = doubt or (_LOOKS_LIKE_ONE if header else None)
            starts_line = ends_line(raw)
            if warning and warning not in entry.warnings:
                entry.warnings.append(warning)
            offset += len(raw)
    if entry is not None:
        yield entry


@dataclass(slots=True)
class Survey:
    """What one pass over the file showed."""

    dates: DateEvidence = field(default_factory=DateEvidence)
    languages: set[str] = field(default_factory=set)
    senders: Counter[str] = field(default_factory=Counter)
    """How many records seem to be of whom: everything before the first colon."""
    writers: set[str] = field(default_factory=set)
    """Senders with a text that WhatsApp did not write: a group's name is none of them."""
    notice_by: str | None = None
    """On iOS, whose name the first notice bears: the group's, or the other person's."""
    marked: bool = False
    """The file has iOS's marks: words without one were typed by somebody."""
    records: int = 0


def survey(path: Path, language: str | None) -> Survey:
    """Read a file once for what single records cannot tell; `language` is that of the file's name."""
    found = Survey(languages={language} if language else set())
    for entry in read_entries(path):
        if entry.header is not None:
            _take_in(found, entry.header)
            found.records += 1
    return found


def _take_in(found: Survey, header: Header) -> None:
    evidence = found.dates.add(header.stamp, found.records)
    if "-" in header.rest and (named := _NAMED_DATE.search(header.rest)):
        evidence.add_named(header.stamp, "".join(part for part in named.groups() if part))
    sender, _, text = header.rest.partition(": ")
    if not text:
        sender = sender.removesuffix(":") if header.rest.endswith(":") else ""
    if sender and (len(found.senders) < _MOST_SENDERS or sender in found.senders):
        found.senders[sender] += 1
    phrase = _phrase(header, sender, text) if found.records < _ASKED else None
    if phrase is not None:
        found.languages.add(phrase.language)
    found.marked |= header.bracketed and text.startswith(GENERATED)
    if header.bracketed and sender:
        _take_in_writer(found, sender, text, phrase)


def _phrase(header: Header, sender: str, text: str) -> Phrase | None:
    if not sender or text.startswith(GENERATED):
        return phrase_of(text or header.rest)
    return exact_phrase(text) or telling_phrase(text, behind_name=header.bracketed)


def _take_in_writer(found: Survey, sender: str, text: str, phrase: Phrase | None) -> None:
    if found.notice_by is None and phrase is not None and phrase.meaning == "service":
        found.notice_by = sender
    if sender in found.writers or text.startswith(GENERATED) or len(found.writers) >= _MOST_SENDERS:
        return
    if sender == found.notice_by and (said := phrase_of(text)) is not None and said.meaning == "service":
        return
    found.writers.add(sender)
