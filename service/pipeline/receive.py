"""Take an upload as a stream, to disk. In: a multipart body (RFC 7578). Out: Received. Never: in memory.

The body is read no further than the limit, and every name that the sender chose stays inside one folder.
"""

import asyncio
import json
import secrets
import shutil
import unicodedata
from collections.abc import AsyncIterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from service.errors import SourceError, UploadRefused, UploadTooLarge
from service.pipeline.installation import Installation
from service.pipeline.staged import FILES, UPLOADS

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FORM = "multipart/form-data"
LONGEST_NAME = 150
"""Bytes of a file name before its suffix; a file system allows 255 in all."""
LONGEST_HEADER = 8192
LONGEST_FIELD = 65_536
MOST_FILES = 1000
MOST_FIELDS = 50
AT_ONCE = 1024 * 1024
"""Bytes that are gathered before a thread writes them."""


@dataclass(frozen=True, slots=True)
class Received:
    """An upload that is whole."""

    folder: Path
    """Everything that came; the files lie below it as `staged.FILES` says."""
    names: tuple[str, ...]
    fields: dict[str, str]
    content: str
    """A hash of all files and fields: equal where the same was sent."""

    def remove(self) -> None:
        """Throw everything away."""
        shutil.rmtree(self.folder, ignore_errors=True)


async def receive(house: Installation, content_type: str, body: AsyncIterable[bytes]) -> Received:
    """Write the files of a form below the data folder and return them with the form's other fields.

    Raises UploadRefused for a body that is no form, is damaged or too large, SourceError for one without
    files; nothing is left behind then.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != FORM.encode() or not boundary:
        raise UploadRefused("This was no upload: send files as a form, Content-Type: multipart/form-data.")
    folder = house.settings.data / UPLOADS / secrets.token_hex(8)
    folder.mkdir(parents=True, mode=0o700)
    writer = _Writer(folder)
    received = None
    try:
        await _feed(body, MultipartParser(boundary, writer.callbacks()), house.settings.upload_limit)
        received = writer.finish()
    except MultipartParseError as error:
        raise UploadRefused("The upload broke off or is damaged: send it again.") from error
    finally:
        writer.close()
        if received is None:
            shutil.rmtree(folder, ignore_errors=True)
    return received


async def _feed(body: AsyncIterable[bytes], parser: MultipartParser, limit: int) -> None:
    size, gathered = 0, bytearray()
    async for chunk in body:
        size += len(chunk)
        if size > limit:
            raise UploadTooLarge(
                f"The upload is larger than {limit:,} bytes. Send less at a time, raise "
                "SCRIPTA_UPLOAD_LIMIT, or run `scripta ingest` on the server."
            )
        gathered += chunk
        if len(gathered) >= AT_ONCE:
            await asyncio.to_thread(parser.write, bytes(gathered))
            gathered.clear()
    await asyncio.to_thread(parser.write, bytes(gathered))
    parser.finalize()


class _Writer:
    """Writes parts to files as the parser finds them; a part without a file name is a field of the form."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inbox = folder / FILES
        self.inbox.mkdir(mode=0o700)
        self.names: list[str] = []
        self.fields: dict[str, str] = {}
        self._parts: list[tuple[str, str]] = []
        """Name and hash of each file and field, for the hash of all."""
        self._hash = sha256()
        self._header = self._value = self._text = b""
        self._file: BinaryIO | None = None
        self._field = ""
        self._ended = False

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._on_header,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_part_data": self._on_data,
            "on_part_end": self.close,
            "on_end": self._on_end,
        }

    def finish(self) -> Received:
        """Return what came, once it came whole."""
        if not self._ended:
            raise UploadRefused("The upload broke off before its end: send it again.")
        if not self.names:
            raise SourceError("No file was sent: choose one or more, and send them as the field `file`.")
        content = sha256(json.dumps(self._parts).encode()).hexdigest()
        return Received(self.folder, tuple(self.names), self.fields, content)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            self._parts.append((f"file {self.names[-1]}", self._hash.hexdigest()))
        elif self._field:
            self.fields[self._field] = self._text.decode("utf-8", "replace").strip()
            self._parts.append((f"field {self._field}", self._hash.hexdigest()))
        self._field, self._text = "", b""

    def _begin(self) -> None:
        self._header = self._value = b""
        self._hash = sha256()

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header + data[start:end])[:LONGEST_HEADER]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value = (self._value + data[start:end])[:LONGEST_HEADER]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._field = options.get(b"name", b"").decode("utf-8", "replace")
            name = options.get(b"filename", b"").decode("utf-8", "replace")
            # A browser sends a file field without a choice as a file without a name.
            if name:
                self._open(safe_name(name))
            elif b"filename" in options:
                self._field = ""
            elif len(self.fields) >= MOST_FIELDS:
                raise UploadRefused(f"More than {MOST_FIELDS} fields beside the files: this was no upload.")
        self._header = self._value = b""

    def _open(self, name: str) -> None:
        if len(self.names) >= MOST_FILES:
            raise UploadRefused(f"More than {MOST_FILES} files at once: put them into a zip and send that.")
        path = self.inbox / name
        number = 2
        while path.exists():
            path = self.inbox / f"{Path(name).stem} ({number}){Path(name).suffix}"
            number += 1
        self._file = path.open("xb")
        self.names.append(path.name)

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        self._hash.update(piece)
        if self._file is not None:
            self._file.write(piece)
        elif self._field:
            self._text += piece
            if len(self._text) > LONGEST_FIELD:
                raise UploadRefused(f"The field {self._field[:50]!r} has more than {LONGEST_FIELD:,} bytes.")

    def _on_end(self) -> None:
        self._ended = True


def safe_name(name: str) -> str:
    """Return a file name that stays in its folder, whatever was sent.

    >>> safe_name("../../etc/passwd"), safe_name(".."), safe_name("a" + chr(0) + "b")
    ('passwd', 'upload', 'ab')
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # WhatsApp's own names hold no-break spaces and left-to-right marks: those are no harm, and part of them.
    clean = "".join(one for one in last if one.isprintable() or one in "\u00a0\u200e\u200f").lstrip(". ")
    path = Path(clean or "upload")
    return path.stem.encode()[:LONGEST_NAME].decode("utf-8", "ignore") + path.suffix[:20]
