"""Unpack a tar that somebody else made, packed or not. In: a tar file, an empty folder. Out: its files.

Never: writes outside the folder, makes links or devices, believes declared sizes, overwrites; takes over
owners or rights. `tarfile.extractall` is not used: its filters neither count bytes nor refuse the whole.
"""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from io import BufferedIOBase, BytesIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from service.errors import SourceError, UnsafeArchive
from service.sources.unpack import BAD_NAME, Budget, Damaged, Limits, safe_path

_CHUNK = 1 << 20
_LARGEST_HEADER = 1 << 20
_MAGIC = slice(257, 262)
_BLOCK = 512
_BROKEN = (tarfile.TarError, EOFError, ValueError, OverflowError, zlib.error, lzma.LZMAError)


def is_tar(path: Path, head: bytes) -> bool:
    """Say whether a file is a tar (POSIX or GNU), or one packed by gzip, bzip2 or xz.

    `head` is its first 512 bytes. Raises OSError where the file cannot be read.
    """
    if head[_MAGIC] == b"ustar":
        return True
    try:
        with _packed(path, head) as file:
            return file.read(_BLOCK)[_MAGIC] == b"ustar"
    except (*_BROKEN, gzip.BadGzipFile):
        return False


def untar(archive: Path, into: Path, limits: Limits) -> list[Damaged]:
    """Unpack every file below `into`, which must be empty.

    Raises UnsafeArchive, naming the entry, for hostile names, links, devices and bombs: what was unpacked
    by then is not to be read. Raises SourceError where the file is no tar.
    """
    budget = Budget(limits, archive.stat().st_size)
    try:
        with archive.open("rb") as file:
            head = file.read(_BLOCK)
            if head[_MAGIC] == b"ustar":
                file.seek(0)
                return list(_write_all(_Headers(file), into, budget))
        with TemporaryFile() as plain:
            _unpack(archive, head, plain, limits)
            plain.seek(0)
            return list(_write_all(_Headers(plain), into, budget))
    except (*_BROKEN, gzip.BadGzipFile) as error:
        raise SourceError(f"the tar is cut short or damaged ({error}); download or copy it again") from error


def _packed(path: Path, head: bytes) -> BufferedIOBase:
    """Open what a file packs; nothing for one that packs nothing."""
    if head.startswith(b"\x1f\x8b"):
        return gzip.open(path)
    if head.startswith(b"BZh"):
        return bz2.open(path)
    return lzma.open(path) if head.startswith(b"\xfd7zXZ\x00") else BytesIO()


def _unpack(archive: Path, head: bytes, plain: IO[bytes], limits: Limits) -> None:
    """Write the packed tar to `plain`: tarfile goes back in it, which is slow in a packed file."""
    budget = Budget(limits, archive.stat().st_size)
    with _packed(archive, head) as packed:
        while chunk := packed.read(_CHUNK):
            budget.spend(len(chunk), archive.name)
            plain.write(chunk)


class _Headers:
    """A file that refuses to read more than a header at once: tarfile loads long names whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def read(self, size: int, /) -> bytes:
        if not 0 <= size <= _LARGEST_HEADER:
            raise UnsafeArchive(f"it holds a header of {size} bytes; unpack it yourself and give the folder")
        return self.file.read(size)

    def seek(self, to: int, /) -> int:
        return self.file.seek(to)

    def tell(self) -> int:
        return self.file.tell()

    def write(self, _content: bytes, /) -> int:
        return 0  # tarfile's type asks for it; nothing is written in mode r

    def close(self) -> None:
        """Leave the file to whoever opened it."""


def _write_all(file: _Headers, into: Path, budget: Budget) -> Iterator[Damaged]:
    with tarfile.open(fileobj=file, mode="r:", encoding="utf-8", errors="replace") as opened:
        seen: set[str] = set()
        for number in count(1):
            try:
                entry = opened.next()
            except _BROKEN as error:
                yield Damaged(f"entry {number}", f"the tar is cut short or damaged here ({error})")
                return
            if entry is None:
                return
            if number > budget.limits.entries:
                raise UnsafeArchive(f"it holds more than the {budget.limits.entries} entries allowed")
            name = _safe_name(entry)
            if name in seen and not entry.isdir():
                raise UnsafeArchive(f"it holds {name!r} twice; unpack it yourself and give the folder")
            seen.add(name)
            yield from _write(opened, entry, into / name, budget)


def _safe_name(entry: tarfile.TarInfo) -> str:
    if entry.isdir() and entry.name.strip("/") == ".":
        return ""  # `tar -C folder .` writes the folder itself
    if entry.islnk() or entry.issym():
        what = "a link"
    elif entry.isdev():
        what = "a device or pipe"
    else:
        return safe_path(entry.name)
    raise UnsafeArchive(
        f"the entry {entry.name!r} is {what}; nothing of the tar was read. If you trust it, unpack it "
        "yourself and give the folder"
    )


def _write(opened: tarfile.TarFile, entry: tarfile.TarInfo, to: Path, budget: Budget) -> Iterator[Damaged]:
    try:
        (to if entry.isdir() else to.parent).mkdir(parents=True, exist_ok=True)
        packed = None if entry.isdir() else opened.extractfile(entry)
        if packed is not None:
            with packed, to.open("xb") as file:
                while chunk := packed.read(_CHUNK):
                    budget.spend(len(chunk), entry.name)
                    file.write(chunk)
    except OSError as error:
        if error.errno not in BAD_NAME:
            raise
        yield Damaged(entry.name, f"no file can have this name here ({error.strerror}); the others were read")
    except _BROKEN as error:
        to.unlink(missing_ok=True)
        yield Damaged(entry.name, f"the entry is damaged ({error}); the others were read")
