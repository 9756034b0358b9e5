"""Read the elements of arrays inside a huge JSON file. In: a file. Out: Piece, an element with its bytes.

Never: loads the file; loses what stands before or after a damaged element.

An incremental parser such as ijson gives values but not the bytes that they came from, and stops for good
at the first error. Here one regular expression skips strings and finds brackets in the mapped file, so each
element is an exact slice; after damage, reading goes on where the next element seems to start.
"""

import json
import mmap
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_PIECE = 64 * 1024 * 1024
"""Bytes of one element beyond which it is reported and not loaded."""

_OWNER_BYTES = 65_536
_RELEASED_AT_ONCE = 32 * 1024 * 1024
_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(rb'[^\s,:\[\]{}"]++')
# From any place outside a string to just behind the next bracket, with strings skipped in one go.
_TO_BRACKET = re.compile(rb'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"\[\]{}]*+)*+[\[\]{}]', re.DOTALL)
_OPENING = frozenset(b"[{")


@dataclass(frozen=True, slots=True)
class Piece:
    """One element of a wanted array, or a stretch of the file that could not be read (`error` says why)."""

    start: int
    """Byte offset in the file."""
    end: int
    original: bytes | None
    """The exact bytes; None where they are more than MAX_PIECE."""
    value: Any = None
    owner: dict[str, Any] = field(default_factory=dict)
    """Strings, numbers and nulls of the object that holds the array: the same dict for all its elements."""
    repairs: tuple[str, ...] = ()
    error: str | None = None


Repair = Callable[[bytes], tuple[bytes, tuple[str, ...]]]
"""Turn an element that is not JSON into one that is, and say what was done; return it as it was otherwise."""


def with_utf8(element: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Replace bytes that are not UTF-8, which JSON must be (RFC 8259 section 8.1): a Repair."""
    replaced = element.decode(errors="replace").encode()
    return replaced, ("bytes that are not UTF-8 were replaced",) if replaced != element else ()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the wanted arrays are, and what helps to go on after damage."""

    arrays: frozenset[tuple[str, ...]]
    """Paths of keys, with `*` for every element of an array: `("chats", "list", "*", "messages")`."""
    element: re.Pattern[bytes]
    """The start of an element: bytes that cannot stand inside a JSON string."""
    array: re.Pattern[bytes]
    """The start of a wanted array, from its key to its opening bracket: likewise."""
    repair: Repair = lambda element: (element, ())

    def leads_on(self, path: tuple[str, ...]) -> bool:
        """Say whether a wanted array can be further inside."""
        return any(array[: len(path)] == path for array in self.arrays)


def read_pieces(path: Path, layout: Layout) -> Iterator[Piece]:
    """Yield every element of the wanted arrays in file order, and every stretch that cannot be read."""
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield from _Reader(data, layout).read()


def pieces_in(data: bytes, layout: Layout) -> Iterator[Piece]:
    """Yield the same of JSON in memory: the elements of an array inside a record, with their exact bytes."""
    if data:
        yield from _Reader(data, layout).read()


class _DamageError(Exception):
    """The file is not JSON at a place outside any element, or ends there."""

    def __init__(self, at: int, why: str = "", *, reported: bool = False) -> None:
        super().__init__(why)
        self.at = at
        self.why = why
        self.reported = reported


class _Reader:
    """Walks the mapped file; `at` is the place of the next byte to read."""

    def __init__(self, data: mmap.mmap | bytes, layout: Layout) -> None:
        self.data = data
        self.layout = layout
        self.size = len(data)
        self.at = 3 if data[:3] == b"\xef\xbb\xbf" else 0
        self.owner: dict[str, Any] = {}
        self.released = 0

    def read(self) -> Iterator[Piece]:
        """Walk by the grammar; after damage, go from landmark to landmark."""
        step: Iterator[Piece] | None = self._document()
        damaged = False
        while step is not None:
            landmark = None
            try:
                yield from step
            except _DamageError as damage:
                damaged = True
                landmark = self._landmark(damage.at)
                if not damage.reported:
                    yield self._unread(damage.at, landmark.start() if landmark else self.size, damage.why)
            else:
                landmark = self.layout.array.search(self.data, self.at) if damaged else None
            step = self._from(landmark) if landmark else None

    # After damage.

    def _landmark(self, at: int) -> re.Match[bytes] | None:
        """Find the first start of an array or element at or behind `at`."""
        element = self.layout.element.search(self.data, at)
        array = self.layout.array.search(self.data, at, element.start() if element else self.size)
        return array or element

    def _from(self, landmark: re.Match[bytes]) -> Iterator[Piece]:
        if landmark.re is self.layout.array:
            self.at = landmark.end()
            self.owner = self._owner_before(landmark.start())
        else:
            self.at = landmark.start()
        return self._elements()

    def _owner_before(self, at: int) -> dict[str, Any]:
        header = self.data[max(0, at - _OWNER_BYTES) : at]
        header = header[header.rfind(b"{") :].rstrip(b" \t\r\n,")
        try:
            owner = json.loads(header + b"}")
        except ValueError:
            return {}
        return owner if isinstance(owner, dict) else {}

    # The grammar: each method reads one thing and leaves `at` behind it.

    def _document(self) -> Iterator[Piece]:
        yield from self._value(())
        if not self._is_at_end():
            # A bracket that closes too early would otherwise hide the rest of the file.
            raise _DamageError(self.at, "not JSON: something follows behind its end")

    def _value(self, path: tuple[str, ...]) -> Iterator[Piece]:
        """Read a value on the way to a wanted array; skip everything else."""
        byte = self._peek()
        if path in self.layout.arrays and byte == b"[":
            self.at += 1
            yield from self._elements()
        elif byte == b"{" and self.layout.leads_on(path):
            yield from self._members(path)
        elif byte == b"[" and self.layout.leads_on((*path, "*")):
            self.at += 1
            while self._more(b"]"):
                yield from self._value((*path, "*"))
        else:
            self._skip()

    def _members(self, path: tuple[str, ...]) -> Iterator[Piece]:
        owner: dict[str, Any] = {}
        self.at += 1
        while self._more(b"}"):
            key = str(self._scalar())
            self._expect(b":")
            here = (*path, key)
            if self._peek() not in b"{[":
                owner[key] = self._scalar()
                continue
            if here in self.layout.arrays:
                self.owner = owner or self._owner_behind()
            yield from self._value(here)

    def _owner_behind(self) -> dict[str, Any]:
        """Read the scalars that follow the array at `at`, for the rare file that has them there."""
        start, owner = self.at, {}
        try:
            self._skip()
            while self._more(b"}"):
                key = str(self._scalar())
                self._expect(b":")
                if self._peek() in b"{[":
                    self._skip()
                else:
                    owner[key] = self._scalar()
        except _DamageError:
            pass
        self.at = start
        return owner

    def _elements(self) -> Iterator[Piece]:
        """Read the elements of a wanted array, from behind its bracket or from a later element."""
        while self._more(b"]"):
            start = self.at
            if start - self.released > _RELEASED_AT_ONCE:
                self._release(start)
            piece = self._piece(start, self._end_of_value(start))
            yield piece
            if piece.error and (self.at >= self.size or self.layout.array.match(self.data, self.at)):
                raise _DamageError(self.at, reported=True)

    def _release(self, behind: int) -> None:
        """Give back the memory of what was read: mapped pages count as this process's until then."""
        whole_pages = behind - behind % mmap.ALLOCATIONGRANULARITY
        if isinstance(self.data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self.data.madvise(mmap.MADV_DONTNEED, self.released, whole_pages - self.released)
        self.released = whole_pages

    def _piece(self, start: int, end: int | None) -> Piece:
        if end is None:
            return self._damaged(
                start, self.size, "a record without an end: damaged, or cut off with the file"
            )
        if end - start > MAX_PIECE:
            return self._damaged(start, end, f"a record of {end - start} bytes")
        self.at = end
        original = self.data[start:end]
        try:
            return Piece(start, end, original, json.loads(original), self.owner)
        except (ValueError, RecursionError):
            fixed, repairs = self.layout.repair(original)
        try:
            return Piece(start, end, original, json.loads(fixed), self.owner, repairs)
        except (ValueError, RecursionError) as error:
            return self._damaged(start, end, f"a record that is not JSON ({error})")

    def _damaged(self, start: int, end: int, why: str) -> Piece:
        """Report a damaged element, cut before the next one: an unclosed string or bracket swallows it."""
        found = self._landmark(start + 1)
        self.at = min(found.start(), end) if found else end
        return self._unread(start, self.at, why)

    def _unread(self, start: int, end: int, why: str) -> Piece:
        original = self.data[start:end] if end - start <= MAX_PIECE else None
        return Piece(
            start, end, original, owner=self.owner, error=f"{why}; the others were read. Export it again"
        )

    # Tokens.

    def _is_at_end(self) -> bool:
        space = _SPACE.match(self.data, self.at)
        return space is not None and space.end() >= self.size

    def _peek(self) -> bytes:
        space = _SPACE.match(self.data, self.at)
        self.at = space.end() if space else self.at
        if self.at >= self.size:
            raise _DamageError(self.at, "the file ends here, before its brackets close: it was cut off")
        return self.data[self.at : self.at + 1]

    def _expect(self, byte: bytes) -> None:
        if self._peek() != byte:
            raise _DamageError(self.at, f"not JSON: {byte.decode()} is missing")
        self.at += 1

    def _more(self, closing: bytes) -> bool:
        """Step over a comma to the next item, or over `closing`."""
        byte = self._peek()
        if byte == b",":
            self.at += 1
            byte = self._peek()
        if byte != closing:
            return True
        self.at += 1
        return False

    def _scalar(self) -> Any:
        self._peek()
        token = _STRING.match(self.data, self.at) or _SCALAR.match(self.data, self.at)
        if token is None:
            raise _DamageError(self.at, "not JSON")
        self.at = token.end()
        try:
            return json.loads(token.group())
        except ValueError:
            return token.group().decode(errors="replace")

    def _skip(self) -> None:
        end = self._end_of_value(self.at)
        if end is None:
            raise _DamageError(self.at + 1, "not JSON, or the file was cut off")
        self.at = end

    def _end_of_value(self, start: int) -> int | None:
        """Return the place behind the value at `start`; None where there is none, or the file ends first."""
        if self.data[start] not in _OPENING:
            token = _STRING.match(self.data, start) or _SCALAR.match(self.data, start)
            return token.end() if token else None
        at, depth = start + 1, 1
        while depth:
            bracket = _TO_BRACKET.match(self.data, at)
            if bracket is None:
                return None
            at = bracket.end()
            depth += 1 if self.data[at - 1] in _OPENING else -1
        return at
