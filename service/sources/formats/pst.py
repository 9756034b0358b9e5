"""Mailboxes of Outlook: pst, and the ost that it keeps of a server's mailbox (MS-PST), through libpff.

In: a file of any size. Out: RawMessage, Unreadable, folder by folder; `original` is the mail rebuilt from its
pieces, since the file holds no mail as it was sent. Never: changes the file, stops at a broken item.

Everything in the folders is read, also what is no mail (see `outlook`). Not read: what Outlook hides in
folders (views, rules), items without a folder, and deleted ones that only a recovery tool finds in free
space: nobody can say what of those is missing. A message attached to a message is named as missing: libpff's
Python module does not open it.

Memory: libpff keeps about 200 bytes for each item of the file, and we one item at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pypff

from service.sources.mapi import Attached, Item, Properties, Tag, charset_of
from service.sources.outlook import read_item
from service.sources.raw_message import RawMessage, Record, Unreadable
from service.sources.source import Export, Sample

_SIGNATURE = b"!BDN"
_DEEPEST = 100
_CHUNK = 1 << 20
_EMBEDDED = 5
"""afEmbeddedMessage of PidTagAttachMethod (MS-OXCMSG 2.2.2.9)."""
_TAGS = frozenset(Tag)


class Pst:
    """A mailbox of Outlook in a file."""

    name = "pst"
    label = "Outlook mailbox (pst, ost)"
    channel = "email"

    def score(self, sample: Sample) -> float:
        """Score the signature: no other kind of file begins with it."""
        return 0.95 if sample.head.startswith(_SIGNATURE) else 0.0

    def read(self, export: Export) -> Iterator[Record]:
        """Yield each item of each folder."""
        try:
            with export.path.open("rb"):
                file = pypff.file()
        except OSError as error:
            yield Unreadable(export.place, f"cannot be read: {error.strerror}")
            return
        try:
            file.open(str(export.path))
            root = file.get_root_folder()
        except OSError as error:
            why = (
                f"is damaged, cut off or no Outlook file ({_reason(error)}); repair it with Outlook's scanpst"
            )
            yield Unreadable(export.place, f"{why} and import it again")
            return
        try:
            yield from _Walk(self.name).records(root, f"{export.place}!")
        finally:
            file.close()


@dataclass(slots=True)
class _Walk:
    """One pass over the folders of a file."""

    format_name: str
    position: int = 0
    seen: set[int] = field(default_factory=set)
    """Identifiers of folders: a damaged file may hold one within itself."""

    def records(self, folder: Any, place: str, depth: int = 0) -> Iterator[Record]:
        try:
            identifier = folder.get_identifier()
            items, folders = folder.get_number_of_sub_messages(), folder.get_number_of_sub_folders()
        except OSError as error:
            yield Unreadable(place, f"is a damaged folder ({_reason(error)}); repair the file with scanpst")
            return
        if identifier in self.seen or depth > _DEEPEST:
            yield Unreadable(place, "is a folder within itself; repair the file with scanpst")
            return
        self.seen.add(identifier)
        for number in range(items):
            yield self.record(partial(folder.get_sub_message, number), f"{place}, item {number + 1}")
        for number in range(folders):
            try:
                inner = folder.get_sub_folder(number)
                name = str(inner.get_name() or "").replace("/", "_") or f"folder {number + 1}"
            except OSError as error:
                why = f"is a damaged folder ({_reason(error)}); repair the file with scanpst"
                yield Unreadable(f"{place}/folder {number + 1}", why)
                continue
            yield from self.records(inner, f"{place}/{name}", depth + 1)

    def record(self, open_message: Callable[[], Any], where: str) -> Record:
        try:
            item = _item(open_message())
        except OSError as error:
            return Unreadable(where, f"is damaged ({_reason(error)}); repair the file with scanpst")
        record = read_item(item, format_name=self.format_name, position=self.position, where=where)
        self.position += isinstance(record, RawMessage)
        return record


def _item(message: Any) -> Item:
    """Fetch the properties of an item; raises OSError where there are none."""
    warnings: list[str] = []
    said = next(_properties(message, ""), Properties({}))
    people: tuple[Properties, ...] = ()
    try:
        recipients = message.recipients
        people = tuple(_properties(recipients, said.charset)) if recipients is not None else ()
    except OSError as error:
        warnings.append(f"recipients cannot be read: {_reason(error)}")
    attachments: list[Attached] = []
    for number in range(_number_of_attachments(message, warnings)):
        try:
            attachments.append(_attached(message.get_attachment(number), said.charset))
        except OSError as error:
            attachments.append(Attached(Properties({}), missing=f"cannot be read: {_reason(error)}"))
    return Item(said, people, tuple(attachments), tuple(warnings))


def _number_of_attachments(message: Any, warnings: list[str]) -> int:
    try:
        return int(message.get_number_of_attachments())
    except OSError as error:
        warnings.append(f"attachments cannot be read: {_reason(error)}")
        return 0


def _properties(item: Any, charset: str) -> Iterator[Properties]:
    """Yield each set of properties: a message has one, its recipients one each."""
    for number in range(item.get_number_of_record_sets()):
        entries = item.get_record_set(number)
        values: dict[int, tuple[int, bytes]] = {}
        for place in range(entries.get_number_of_entries()):
            entry = entries.get_entry(place)
            tag = entry.get_entry_type()
            if tag in _TAGS and tag != Tag.ATTACH_DATA:
                values[tag] = int(entry.get_value_type()), entry.get_data() or b""
        yield Properties(values, charset_of(values) or charset)


def _attached(attachment: Any, charset: str) -> Attached:
    said = next(_properties(attachment, charset), Properties({}))
    if said.number(Tag.ATTACH_METHOD) == _EMBEDDED:
        why = (
            "is a message, which cannot be taken out of a pst: save this one as msg in Outlook and import it"
        )
        return Attached(said, missing=why)
    size = attachment.get_size()
    if not size:
        return Attached(said)
    return Attached(said, int(size), load=partial(_content, attachment, int(size)))


def _content(attachment: Any, size: int) -> bytes:
    """Read in pieces: what a damaged file claims is not what it has."""
    pieces: list[bytes] = []
    attachment.seek_offset(0, 0)
    while size > 0 and (piece := attachment.read_buffer(min(size, _CHUNK))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _reason(error: OSError) -> str:
    """Return the first cause: libpff names every function on the way, after its Python module."""
    first, _, inside = str(error).partition(". ")
    cause = inside.partition(". ")[0] or first
    return (cause.partition(": ")[2] or cause)[:200]


SOURCE = Pst()
