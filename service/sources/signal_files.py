"""Find the files of a Signal export. In: its folder and file pointers. Out: RawAttachment.

Never: takes a file for another's because their sizes agree; reads files that no message can mean.

Clients name the files under `files/` by a hash of content and key, or at random; the pointer has the
SHA-256 of the content, which is what counts.
"""

import hashlib
import mimetypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.sources.json_values import members, number, word
from service.sources.media import attach, find
from service.sources.raw_message import RawAttachment
from service.sources.signal_people import from_base64

_LARGEST_TEXT = 1024 * 1024
_MISSING = "the export does not hold this file"


class SignalFiles:
    """The folder `files`, listed when the first pointer is followed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.by_stem: dict[str, str] | None = None
        self.by_size: dict[int, list[str]] = {}
        self.hashes: dict[str, bytes] = {}

    def attachment(self, pointer: dict[str, Any], fallback: str = "attachment") -> RawAttachment:
        """Return the file that a pointer means, or name it as missing."""
        locator = members(pointer.get("locatorInfo"))
        type_ = word(pointer.get("contentType")) or "application/octet-stream"
        size = number(locator.get("size", pointer.get("size")))
        name = word(pointer.get("fileName")) or fallback + (mimetypes.guess_extension(type_) or "")
        found = self._find(locator, word(pointer.get("fileName")), size)
        if found is None:
            return RawAttachment(name, type_, size, missing=_MISSING)
        return attach(self.root, found, shown=name, type_=type_)

    def text(self, pointer: Any) -> str:
        """Return the words of a message that was too long for its own field; empty without the file."""
        found = self.attachment(pointer) if isinstance(pointer, dict) else None
        if found is None or found.load is None or (found.size or 0) > _LARGEST_TEXT:
            return ""
        try:
            return found.load().decode(errors="replace")
        except OSError:
            return ""

    def _find(self, locator: dict[str, Any], name: str, size: int | None) -> str | None:
        if self.by_stem is None:
            self.by_stem = dict(self._list())
        digest = from_base64(locator.get("plaintextHash"))
        for stem in _stems(locator, digest):
            if stem in self.by_stem:
                return self.by_stem[stem]
        if digest:
            return next((one for one in self.by_size.get(size or 0, ()) if self._hash(one) == digest), None)
        return self.by_stem.get(Path(name).stem) if name else None

    def _list(self) -> Iterator[tuple[str, str]]:
        for folder, _folders, names in os.walk(self.root / "files"):
            for name in names:
                path = Path(folder, name)
                relative = path.relative_to(self.root).as_posix()
                try:
                    self.by_size.setdefault(path.lstat().st_size, []).append(relative)
                except OSError:
                    continue
                yield path.stem, relative

    def _hash(self, relative: str) -> bytes:
        if relative not in self.hashes:
            self.hashes[relative] = b""
            if path := find(self.root, relative):
                with path.open("rb") as file:
                    self.hashes[relative] = hashlib.file_digest(file, "sha256").digest()
        return self.hashes[relative]


def _stems(locator: dict[str, Any], digest: bytes) -> Iterator[str]:
    """Yield the names that clients give to a file: by content, or by content and key."""
    if not digest:
        return
    for key in (from_base64(locator.get("localKey")), from_base64(locator.get("key"))):
        if key:
            yield hashlib.sha256(digest + key).hexdigest()
            yield (digest + key).hex()
    yield digest.hex()
