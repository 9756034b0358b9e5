"""The generic import as JSON: for messengers that have no format of their own. GENERIC.md is the contract.

In: a JSON array, `{"messages": […]}` or JSON Lines. Out: one record per object. Never: drops one.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from service.sources.generic_fields import field_named
from service.sources.generic_message import Found, Source, generic_message
from service.sources.json_lines import read_lines
from service.sources.json_records import Layout, Piece, read_pieces
from service.sources.raw_message import RawMessage, Record, Unreadable
from service.sources.source import Export, Sample

_LAYOUT = Layout(
    arrays=frozenset({(), ("messages",)}),
    element=re.compile(rb'\{\s*"(?:id|messenger|chat|chat_title|author_id|time|text|kind)"\s*:'),
    array=re.compile(rb'"messages"\s*:\s*\['),
)
_ARRAY = re.compile(rb'"messages"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
_SAID = frozenset({"text", "kind", "attachments"})
_BY_WHOM = frozenset({"author", "author_id"})
_FIRST_RECORDS = 20
"""So many are looked at: a chat may begin with notices, which nobody wrote."""
_OF_ALL = frozenset({"messenger", "chat", "chat_title"})
_HEAD_BYTES = 65_536


class GenericJson:
    """A last resort: every other format that knows a file is surer."""

    name = "generic_json"
    label = "Any messenger (generic JSON)"
    channel = "other"

    def score(self, sample: Sample) -> float:
        """Look for the documented names in the first records: others are read, but prove nothing."""
        records = islice(_records(sample.head.removeprefix(b"\xef\xbb\xbf")), _FIRST_RECORDS)
        return 0.4 if any(map(_is_message, records)) else 0.0

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every record in file order."""
        source = Source(self.name, export.root, export.path.stem)
        with export.path.open("rb") as file:
            head = file.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf")
        is_lines = _array_starts(head) is None
        pieces = read_lines(export.path) if is_lines else read_pieces(export.path, _LAYOUT)
        for position, piece in enumerate(pieces):
            where = f"{export.place}, byte {piece.start}"
            if piece.error is not None:
                yield Unreadable(where, piece.error, piece.original)
            elif not isinstance(piece.value, dict):
                yield Unreadable(where, "a record that is no JSON object", piece.original)
            else:
                yield _message(piece, position, source)


SOURCE = GenericJson()


def _array_starts(head: bytes) -> int | None:
    """Return the place behind the bracket of the messages; None for JSON Lines."""
    text = head.lstrip()
    if text.startswith(b"["):
        return len(head) - len(text) + 1
    array = _ARRAY.search(head)
    # A line of JSON Lines may have "messages" in it, but is whole without the lines behind it.
    line = _object(text.partition(b"\n")[0])
    return array.end() if array and (not line or isinstance(line.get("messages"), list)) else None


def _is_message(record: dict[str, Any]) -> bool:
    names = record.keys()
    return "time" in names and bool(names & _SAID) and bool(names & _BY_WHOM)


def _records(head: bytes) -> Iterator[dict[str, Any]]:
    """Yield the records of a head that may be cut off within a later one."""
    text = head[_array_starts(head) or 0 :].decode(errors="replace")
    at = 0
    while found := _BETWEEN.match(text, at):
        try:
            value, at = _DECODER.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            return
        if isinstance(value, dict):
            yield value


def _object(text: bytes) -> dict[str, Any]:
    """Return the object that a text begins with, or an empty one."""
    try:
        value, _ = _DECODER.raw_decode(text.decode(errors="replace").lstrip())
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _message(piece: Piece, position: int, source: Source) -> RawMessage:
    """Read a record; what the object around the array says holds for each that says nothing else."""
    found = Found(piece.original or b"", position, piece.repairs)
    fields = _named(piece.value)
    around = {field: value for field, value in _named(piece.owner).items() if field in _OF_ALL}
    if "chat" in fields:
        around.pop("chat_title", None)
    return generic_message(around | fields, found, source)


def _named(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the fields by their own names; one under its own name goes before another name for it."""
    fields = {field: value for key, value in raw.items() if (field := field_named(key)) is not None}
    return fields | {key: value for key, value in raw.items() if field_named(key) == key}
