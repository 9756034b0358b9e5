"""Mailboxes of Outlook: pst, and the ost that it keeps of a server's mailbox (MS-PST), through libpff.

In: a file of any size. Out: RawMessage, Unreadable, folder by folder; `original` is the mail rebuilt from its
pieces, since the file holds no mail as it was sent. Never: changes the file, stops at a broken item.

Everything in the folders is read, also what is no mail (see `outlook`). Not read: what Outlook hides in
folders (views, rules), items without a folder, and deleted ones that only a recovery tool finds in free
space: nobody can say what of those is missing. A message attached to a message is named as missing: libpff's
Python module does not open it.

Memory: libpff keeps a node of its tree for each item of the file; we keep one item at a time.
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
_FOLDER, _MESSAGE = 0x02, 0x04
"""The low bits of an identifier: what it stands for (MS-PST 2.2.2.1)."""
_BY_VALUE, _EMBEDDED = 1, 5
"""PidTagAttachMethod (MS-OXCMSG 2.2.2.9)."""
_REPAIR = "repair the file with Outlook's scanpst and import it again"
_TAGS = frozenset(Tag)
_BROKEN = (OSError, MemoryError)
"""What libpff raises on damaged files: MemoryError too, where there is nothing to make an object of."""


class Pst:
    """A mailbox of Outlook in a file."""

    name = "pst"
    label = "Outlook mailbox (pst, ost)"
    channel = "email"
    holds_open = True

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
        except _BROKEN as error:
            yield Unreadable(
                export.place, f"is damaged, cut off or no Outlook file ({_reason(error)}); {_REPAIR}"
            )
            return
        if root is None:
            yield Unreadable(export.place, f"has lost its folders; {_REPAIR}")
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
        identifier = folder.get_identifier()
        if identifier in self.seen or depth > _DEEPEST:
            yield Unreadable(place, "is a folder within itself; " + _REPAIR)
            return
        self.seen.add(identifier)
        for number, found in enumerate(_inside(folder, _MESSAGE), 1):
            yield self.record(found, f"{place}, item {number}")
        for number, found in enumerate(_inside(folder, _FOLDER), 1):
            try:
                if isinstance(found, _BROKEN):
                    raise found
                if not isinstance(found, pypff.folder):
                    raise OSError("it is no folder")
                name = str(found.get_name() or "").replace("/", "_") or f"folder {number}"
                yield from self.records(found, f"{place}/{name}", depth + 1)
            except _BROKEN as error:
                yield Unreadable(
                    f"{place}/folder {number}", f"is a damaged folder ({_reason(error)}); {_REPAIR}"
                )

    def record(self, found: Any, where: str) -> Record:
        try:
            if isinstance(found, _BROKEN):
                raise found
            item = _item(found)
        except _BROKEN as error:
            return Unreadable(where, f"is damaged ({_reason(error)}); {_REPAIR}")
        record = read_item(item, format_name=self.format_name, position=self.position, where=where)
        self.position += isinstance(record, RawMessage)
        return record


def _inside(folder: Any, kind: int) -> Iterator[Any]:
    """Yield the messages or folders of a folder, or the error that stands in the place of one.

    First those that the folder lists, then those that only the tree of the file has: its list can be damaged.
    """
    listed: set[int] = set()
    if kind == _MESSAGE:
        found = _each(folder.get_number_of_sub_messages, folder.get_sub_message)
    else:
        found = _each(folder.get_number_of_sub_folders, folder.get_sub_folder)
    for identifier, one in found:
        listed.add(identifier)
        yield one
    for identifier, one in _each(folder.get_number_of_sub_items, folder.get_sub_item):
        if isinstance(one, _BROKEN) or (identifier & 0x1F == kind and identifier not in listed):
            yield one


def _each(count: Callable[[], int], get: Callable[[int], Any]) -> Iterator[tuple[int, Any]]:
    """Yield identifier and object, or 0 and the error."""
    try:
        number = count()
    except _BROKEN as error:
        yield 0, error
        return
    for place in range(number):
        try:
            one = get(place)
            if one is None:
                raise OSError("it is not there")
            identifier = one.get_identifier()
        except _BROKEN as error:
            yield 0, error
            continue
        yield identifier, one


def _item(message: Any) -> Item:
    """Fetch the properties of an item; raises OSError where there are none."""
    warnings: list[str] = []
    said = next(_properties(message, ""), Properties({}))
    if not isinstance(message, pypff.message):  # by its class it is no message, or has none
        return Item(said)
    people: tuple[Properties, ...] = ()
    try:
        recipients = message.recipients
        people = tuple(_properties(recipients, said.charset)) if recipients is not None else ()
    except _BROKEN as error:
        warnings.append(f"recipients cannot be read: {_reason(error)}")
    attachments: list[Attached] = []
    for number in range(_number_of_attachments(message, warnings)):
        try:
            attachments.append(_attached(message.get_attachment(number), said.charset))
        except _BROKEN as error:
            attachments.append(Attached(Properties({}), missing=f"cannot be read: {_reason(error)}"))
    return Item(said, people, tuple(attachments), tuple(warnings))


def _number_of_attachments(message: Any, warnings: list[str]) -> int:
    try:
        return int(message.get_number_of_attachments())
    except _BROKEN as error:
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
    try:
        size = int(attachment.get_size() or 0)
    except _BROKEN as error:
        is_link = said.number(Tag.ATTACH_METHOD) not in {0, _BY_VALUE}
        return Attached(said) if is_link else Attached(said, missing=f"cannot be read: {_reason(error)}")
    if not size and said.number(Tag.ATTACH_METHOD) != _BY_VALUE:
        return Attached(said)
    return Attached(said, size, load=partial(_content, attachment, size))


def _content(attachment: Any, size: int) -> bytes:
    """Read in pieces: what a damaged file claims is not what it has."""
    pieces: list[bytes] = []
    left = size
    try:
        while left > 0 and (piece := attachment.read_buffer(min(left, _CHUNK))):
            pieces.append(piece)
            left -= len(piece)
    except _BROKEN as error:
        raise OSError(f"cannot be read: {_reason(error)}") from error
    if left:
        raise OSError(f"is damaged: {size - left:,} of {size:,} bytes are left")
    return b"".join(pieces)


def _reason(error: Exception) -> str:
    """Return the first cause: libpff names every function on the way, after its Python module."""
    first, _, inside = str(error).partition(". ")
    cause = inside.partition(". ")[0] or first
    return (cause.partition(": ")[2] or cause)[:200]


SOURCE = Pst()
