"""Take an upload as a stream, to disk. In: a multipart body (RFC 7578). Out: Received. Never: in memory."""

import secrets
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from service.errors import SourceError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

LONGEST_NAME = 150
LONGEST_FIELD = 1000
MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class Received:
    """An upload that is whole."""

    folder: Path
    """Everything that came, to be removed afterwards."""
    path: Path
    """What to import: the file itself, or the folder where several came together; below `folder`."""
    names: tuple[str, ...]
    fields: dict[str, str]


async def receive(request: Request, root: Path, limit: int) -> Received:
    """Write the files of a form below `root` and return them with the form's other fields.

    Raises SourceError, leaving nothing behind, for more than `limit` bytes and for a body that is no form.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise SourceError("This was no upload: choose files in the form and send them from there.")
    folder = root / secrets.token_hex(8)
    folder.mkdir(parents=True, mode=0o700)
    writer = _Writer(folder)
    received = None
    try:
        await _feed(request, MultipartParser(boundary, writer.callbacks()), limit)
        received = writer.finish()
    except MultipartParseError as error:
        raise SourceError("The upload broke off or is damaged: send it again.") from error
    finally:
        writer.close()
        if received is None:
            shutil.rmtree(folder, ignore_errors=True)
    return received


async def _feed(request: Request, parser: MultipartParser, limit: int) -> None:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise SourceError(
                f"The upload is larger than {limit:,} bytes. Send less at a time, raise "
                "SCRIPTA_UPLOAD_LIMIT, or run `scripta ingest` on the server."
            )
        await run_in_threadpool(parser.write, chunk)
    parser.finalize()


class _Writer:
    """Writes parts to files as the parser finds them; a part without a file name is a field of the form."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inbox = folder / "files"
        self.inbox.mkdir(mode=0o700)
        self.names: list[str] = []
        self.fields: dict[str, str] = {}
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
            raise SourceError("The upload broke off before its end: send it again.")
        if not self.names:
            raise SourceError("No file was chosen: choose one or more and send them again.")
        first, others = self.names[0], len(self.names) - 1
        path = self.inbox / first
        if others:
            # People read this name in the list of imports.
            path = self.inbox.rename(self.folder / f"{first} + {others}")
        return Received(self.folder, path, tuple(self.names), self.fields)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        elif self._field:
            self.fields[self._field] = self._text.decode("utf-8", "replace").strip()
        self._field, self._text = "", b""

    def _begin(self) -> None:
        self._header = self._value = b""

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header + data[start:end])[:LONGEST_FIELD]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value = (self._value + data[start:end])[:LONGEST_FIELD]

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
        self._header = self._value = b""

    def _open(self, name: str) -> None:
        if len(self.names) >= MOST_FILES:
            raise SourceError(f"More than {MOST_FILES} files at once: put them into a zip and send that.")
        path = self.inbox / name
        number = 2
        while path.exists():
            path = self.inbox / f"{Path(name).stem} ({number}){Path(name).suffix}"
            number += 1
        self._file = path.open("xb")
        self.names.append(path.name)

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])
        elif self._field:
            self._text = (self._text + data[start:end])[:LONGEST_FIELD]

    def _on_end(self) -> None:
        self._ended = True


def safe_name(name: str) -> str:
    """Return a file name that stays in its folder, whatever a browser or an attacker sent.

    >>> safe_name("../../etc/passwd"), safe_name("..")
    ('passwd', 'upload')
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # WhatsApp's own names hold no-break spaces and left-to-right marks: those are no harm.
    clean = "".join(one for one in last if one.isprintable() or one in "\u00a0\u200e\u200f").lstrip(". ")
    stem, suffix = Path(clean).stem, Path(clean).suffix
    # File systems count bytes, and allow 255 of them.
    return stem.encode()[:LONGEST_NAME].decode("utf-8", "ignore") + suffix[:20] if clean else "upload"
