"""Open whatever a person points at. In: a file, folder, zip or tar. Out: its exports, one after the other.

Never: unpacks outside a temporary folder, stops at one bad input, leaves a file unmentioned (except the
media that an export claims).
"""

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from service.errors import SourceError
from service.sources.raw_message import Unreadable
from service.sources.recognise import format_names, recognise, source_named
from service.sources.source import ClaimsMedia, Export, Source, Wants, everything
from service.sources.unpack import Damaged, Limits, is_zip, unpack, unpacked_size
from service.sources.untar import is_tar, untar

_ZIPS_INSIDE_ZIPS = 1
_OFFICE = (
    ".docx",
    ".xlsx",
    ".pptx",
    ".odt",
    ".ods",
    ".odp",
    ".epub",
    ".apk",
    ".jar",
    ".pages",
    ".numbers",
    ".key",
)
"""Zips that people do not call zips: documents that nobody means as an input."""
_MEANT_AS_INPUT = (
    *(".eml", ".msg", ".mbox", ".mbx", ".pst", ".ost", ".txt", ".json", ".jsonl"),
    *(".zip", ".tar", ".tgz"),
)


@dataclass(frozen=True, slots=True)
class OpenedExport:
    """An export and the format that reads it; its files exist until the next one is asked for."""

    export: Export
    source: Source


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file met in a folder or zip that no format recognises: no error, but named and counted."""

    place: str
    why: str


Opened = OpenedExport | Unreadable | PassedOver


_DEFAULT_LIMITS = Limits()


def open_exports(
    path: Path,
    *,
    format_name: str | None = None,
    limits: Limits = _DEFAULT_LIMITS,
    wants: Wants = everything,
) -> Iterator[Opened]:
    """Yield every export at `path`, in the order of names; `format_name` overrides what the content says.

    `wants` is asked for each file of a folder; what it does not want is left closed and unmentioned. A zip
    is unpacked into a folder that lives while its exports are being read. Raises UnknownFormat for a
    `format_name` that does not exist; every other trouble is yielded.
    """
    forced = source_named(format_name) if format_name else None
    yield from _Opening(forced, limits, wants).open(path, str(path))


def size_of(path: Path) -> int:
    """Return the bytes at `path`, for progress bars: a folder's files together, 0 for what cannot be seen.

    A zip has as many as it says it unpacks to.
    """
    try:
        if path.is_dir():
            return sum(size_of(inside) for inside in path.iterdir() if not inside.is_symlink())
        if path.suffix.lower() == ".zip":
            return unpacked_size(path)
        return path.stat().st_size
    except OSError:
        return 0


class _Opening:
    """One walk through what a person gave."""

    def __init__(self, forced: Source | None, limits: Limits, wants: Wants) -> None:
        self.forced = forced
        self.limits = limits
        self.wants = wants

    def open(self, path: Path, place: str) -> Iterator[Opened]:
        """Open what the person named: here everything that cannot be read is an error."""
        try:
            mode = path.stat().st_mode
        except OSError as error:
            yield Unreadable(place, _why(error))
            return
        if stat.S_ISDIR(mode):
            yield from self._folder(path, place, zips=0)
        elif stat.S_ISREG(mode):
            for opened in self._file(path, place, zips=0, named=True):
                yield _refused(opened) if isinstance(opened, PassedOver) and opened.place == place else opened
        else:
            yield Unreadable(place, "is neither a file nor a folder; give one of those")

    def _folder(self, folder: Path, place: str, *, zips: int) -> Iterator[Opened]:
        try:
            entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
            whole = self._recognised(folder)
        except OSError as error:
            yield Unreadable(place, _why(error))
            return
        if whole is not None:
            wants = everything if zips else self.wants
            yield OpenedExport(Export(folder, folder, place, wants=wants), whole)
            return
        # What a zip holds is wanted with it.
        entries = [entry for entry in entries if zips or self.wants(entry) or not entry.is_file()]
        media = self._media(entries)
        for entry in entries:
            if entry not in media:
                yield from self._entry(entry, f"{place.rstrip('/')}/{entry.name}", zips=zips)

    def _entry(self, entry: Path, place: str, *, zips: int) -> Iterator[Opened]:
        try:
            folder, file = entry.is_dir(), entry.is_file()
        except OSError as error:
            yield Unreadable(place, _why(error))
            return
        if folder and entry.is_symlink():
            yield PassedOver(place, "is a link to a folder; name the folder itself to read it")
        elif folder:
            yield from self._folder(entry, place, zips=zips)
        elif file:
            yield from self._file(entry, place, zips=zips)
        else:
            yield PassedOver(place, "is neither a file nor a folder")

    def _file(self, path: Path, place: str, *, zips: int, named: bool = False) -> Iterator[Opened]:
        try:
            with path.open("rb") as file:
                head = file.read(512)
            kind = _kind_of_archive(path, head)
            source = self.forced if self.forced and named else self._recognised(path)
        except OSError as error:
            yield Unreadable(place, _why(error))
            return
        if not head and (named or path.suffix.lower() in _MEANT_AS_INPUT):
            yield Unreadable(place, "is empty; export or copy it again", b"")
        elif kind is not None:
            yield from self._archive(path, place, kind, zips=zips)
        elif source is None:
            yield PassedOver(place, "no format recognises it")
        else:
            yield OpenedExport(Export(path, path.parent, place), source)

    def _archive(self, path: Path, place: str, kind: str, *, zips: int) -> Iterator[Opened]:
        if zips > _ZIPS_INSIDE_ZIPS:
            deep = f"is a {kind} inside a {kind} inside a {kind}; unpack it yourself and give the folder"
            yield Unreadable(place, deep)
            return
        with TemporaryDirectory(prefix="scripta-") as temporary:
            # Some chats are named by nothing but their folder: it is called alike each time.
            folder = Path(temporary, path.stem.strip(". ") or "export")
            try:
                folder.mkdir()
                damaged = _UNPACKERS[kind](path, folder, self.limits)
            except SourceError as error:
                yield Unreadable(place, str(error))
                return
            except OSError as error:
                yield Unreadable(place, f"cannot be unpacked: {_why(error)}")
                return
            yield from (Unreadable(f"{place}!/{entry.name}", entry.why) for entry in damaged)
            yield from self._folder(folder, f"{place}!", zips=zips + 1)

    def _recognised(self, path: Path) -> Source | None:
        found = recognise(path)
        if found is None or (self.forced is not None and found[0].name != self.forced.name):
            return None
        return found[0]

    def _media(self, entries: list[Path]) -> set[Path]:
        """Return the entries that belong to an export beside them."""
        claimed: set[Path] = set()
        for entry in entries:
            if not entry.is_file() or entry in claimed:
                continue
            try:
                source: object = self._recognised(entry)
            except OSError:
                continue
            # Asked once, not for each pair: a folder may hold 100,000 mails, which claim nothing.
            if isinstance(source, ClaimsMedia):
                claimed.update(
                    beside for beside in entries if beside != entry and source.claims(entry, beside)
                )
        return claimed


_UNPACKERS: dict[str, Callable[[Path, Path, Limits], list[Damaged]]] = {"zip": unpack, "tar": untar}


def _kind_of_archive(path: Path, head: bytes) -> str | None:
    if is_zip(head):
        return None if path.suffix.lower() in _OFFICE else "zip"
    return "tar" if is_tar(path, head) else None


def _refused(opened: PassedOver) -> Unreadable:
    return Unreadable(
        opened.place,
        f"{opened.why}; formats: {format_names()}. If you know the format, name it with --format; "
        "if it is one of these and still not recognised, the file may be damaged: export it again",
    )


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist; check the name"
    if isinstance(error, PermissionError):
        return "may not be read: permission denied; give the account that runs Scripta the right to read it"
    return f"cannot be read: {error.strerror or error}"
