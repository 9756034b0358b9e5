"""Take uploaded files to disk. In: a multipart body (RFC 7578). Out: Upload. Never: a path of the sender's.

The body is read only after the caller has proved who they are, and no further than the limit.
"""

import shutil
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.types import Message, Receive

MOST_FILES = 1000
MOST_FIELDS = 10
LONGEST_STEM = 150
"""Bytes of a file name before its suffix; a name may have 255 in all."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent."""

    paths: tuple[Path, ...]
    fields: dict[str, str]


@asynccontextmanager
async def uploaded(request: Request, limit: int) -> AsyncIterator[FormData]:
    """Parse the form of a request; its files live as long as the block. Raises HTTPException."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, "Send the files as a form: Content-Type: multipart/form-data.")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:18]) > limit:
        raise _too_large(limit)
    request = Request(request.scope, _limited(request.receive, limit))
    # The parser itself answers 400 to a body that is cut short or has too many parts.
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
        yield form


async def put_files(form: FormData, folder: Path) -> Upload:
    """Write the files of a form into an empty folder."""
    paths: list[Path] = []
    for _, value in form.multi_items():
        if isinstance(value, UploadFile):
            path = _free(folder / safe_name(value.filename or ""))
            await run_in_threadpool(_write, value, path)
            paths.append(path)
    return Upload(
        tuple(paths), {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    )


def safe_name(name: str) -> str:
    """Return a file name that stays in its folder, whatever was sent.

    >>> safe_name("../../x.eml"), safe_name(".."), safe_name("a" + chr(0) + "b")
    ('x.eml', 'upload', 'ab')
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # The no-break space and the direction marks in WhatsApp's own names are no harm, and part of them.
    clean = "".join(one for one in last if one.isprintable() or one in "\u00a0\u200e\u200f").lstrip(". ")
    path = Path(clean or "upload")
    return path.stem.encode()[:LONGEST_STEM].decode("utf-8", "ignore") + path.suffix[:20]


def _free(path: Path) -> Path:
    number = 2
    free = path
    while free.exists():
        free = path.with_stem(f"{path.stem} ({number})")
        number += 1
    return free


def _write(sent: UploadFile, path: Path) -> None:
    with path.open("xb") as target:
        shutil.copyfileobj(sent.file, target)


def _limited(receive: Receive, limit: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise _too_large(limit)
        return message

    return counted


def _too_large(limit: int) -> HTTPException:
    return HTTPException(
        413,
        f"The upload is larger than {limit:,} bytes. Send less at a time, raise SCRIPTA_UPLOAD_LIMIT, or run "
        "`scripta ingest` on the server.",
    )
