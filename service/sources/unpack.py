"""Unpack a zip that somebody else made. In: a zip file and an empty folder. Out: files in that folder.

Never: writes outside the folder, follows links, believes declared sizes, overwrites.
"""

import errno
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from service.errors import SourceError, UnsafeArchive

_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_UTF8 = 0x800
BAD_NAME = frozenset(
    {errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.EILSEQ}
)
"""Errors of a disk that refuses one name and takes others."""
_CYRILLIC = ("cp866", "cp1251")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an archive may become."""

    entries: int = 100_000
    total_bytes: int = 20 * 1024**3
    """Unpacked, all entries together."""
    ratio: int = 200
    """Unpacked to packed bytes; judged once more than `ratio_from` bytes came out."""
    ratio_from: int = 100 * 1024**2


@dataclass(frozen=True, slots=True)
class Damaged:
    """An entry that could not be unpacked; the others were."""

    name: str
    why: str


def is_zip(head: bytes) -> bool:
    """Say whether a file starts as a zip does (local file header, or an empty zip's end record)."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def unpacked_size(archive: Path) -> int:
    """Return the bytes that a zip says it unpacks to, else its own: for progress bars only, as it may lie."""
    packed = archive.stat().st_size
    try:
        with zipfile.ZipFile(archive) as opened:
            said = sum(entry.file_size for entry in opened.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        return packed
    return min(said, packed * Limits().ratio) or packed


def unpack(archive: Path, into: Path, limits: Limits) -> list[Damaged]:
    """Unpack every entry below `into`, which must be empty.

    Raises UnsafeArchive, naming the entry, before anything is written for hostile names, links and
    encryption, and as soon as it shows for bombs; raises SourceError where the file is no whole zip.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = _safe_names(opened, limits)
            budget = Budget(limits, archive.stat().st_size)
            return list(_write_all(opened, names, into, budget))
    # zipfile raises NotImplementedError for a compression or a version that it does not know.
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        OverflowError,
    ) as error:
        raise SourceError(f"the zip is cut short or damaged ({error}); download or copy it again") from error


def _write_all(
    opened: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], into: Path, budget: "Budget"
) -> Iterator[Damaged]:
    for name, entry in names.items():
        target = into / name
        try:
            if entry.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(opened, entry, target, budget)
        except OSError as error:
            if error.errno not in BAD_NAME:
                raise
            yield Damaged(name, f"no file can have this name here ({error.strerror}); the others were read")
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            target.unlink(missing_ok=True)
            yield Damaged(name, f"the entry is damaged ({error}); the others were read")


class Budget:
    """Counts what really comes out: the sizes that an archive declares may lie."""

    def __init__(self, limits: Limits, packed: int) -> None:
        self.limits = limits
        self.packed = max(packed, 1)
        self.written = 0

    def spend(self, size: int, name: str) -> None:
        """Count bytes of an entry before they are written; raises UnsafeArchive once they are too many."""
        self.written += size
        if self.written > self.limits.total_bytes:
            raise UnsafeArchive(
                f"{name!r} makes it larger than {self.limits.total_bytes} bytes unpacked; nothing was read. "
                "Unpack it yourself and give the folder, or raise the limit"
            )
        if self.written > max(self.limits.ratio_from, self.limits.ratio * self.packed):
            raise UnsafeArchive(
                f"{name!r} makes it more than {self.limits.ratio} times larger unpacked, as in a bomb; "
                "nothing was read. If you trust it, unpack it yourself and give the folder"
            )


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, budget: Budget) -> None:
    with opened.open(entry) as packed, target.open("xb") as file:
        while chunk := packed.read(_CHUNK):
            budget.spend(len(chunk), entry.filename)
            file.write(chunk)


def _safe_names(opened: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    entries = opened.infolist()
    if len(entries) > limits.entries:
        raise UnsafeArchive(f"it holds {len(entries)} entries, more than the {limits.entries} allowed")
    names: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = _safe_name(entry)
        if name in names and not entry.is_dir():
            raise UnsafeArchive(f"it holds {name!r} twice; unpack it yourself and give the folder")
        names[name] = entry
    return names


def safe_path(name: str) -> str:
    """Return the path of an entry below the folder; raises UnsafeArchive for one that leaves it."""
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or PureWindowsPath(name).drive or ".." in parts or not parts:
        raise UnsafeArchive(
            f"the entry {name!r} would be written outside its folder; nothing of the archive was read. "
            "If you trust it, unpack it yourself and give the folder"
        )
    return unicodedata.normalize("NFC", "/".join(parts))


def _safe_name(entry: zipfile.ZipInfo) -> str:
    name = repaired_name(entry)
    path = safe_path(name)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnsafeArchive(
            f"the entry {name!r} is a link; nothing of the zip was read. If you trust it, unpack it yourself "
            "and give the folder"
        )
    if entry.flag_bits & _ENCRYPTED:
        raise UnsafeArchive(
            f"the entry {name!r} is encrypted; unpack the zip with its password, give the folder"
        )
    return path


def repaired_name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name as its maker meant it.

    Without the UTF-8 flag the format says cp437, and zippers write whatever their system uses: UTF-8 on
    macOS and Linux, cp866 or cp1251 on Russian Windows.
    """
    name = entry.filename
    if entry.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for charset in ("utf-8", *_CYRILLIC):
        try:
            candidate = raw.decode(charset)
        except UnicodeDecodeError:
            continue
        if charset == "utf-8" or _is_cyrillic(candidate):
            return candidate
    return name


def _is_cyrillic(name: str) -> bool:
    """Say whether all letters outside ASCII are Cyrillic, and no word mixes them with Latin ones."""
    foreign = [letter for letter in name if not letter.isascii() and letter not in "№«»—–\xa0"]
    if not foreign or any(not "\u0400" <= letter <= "\u04ff" for letter in foreign):
        return False
    words = "".join(letter if letter.isalpha() else " " for letter in name).split()
    return all(word.isascii() or not any(letter.isascii() for letter in word) for word in words)
