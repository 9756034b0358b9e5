"""Keep bytes once, compressed, in the store of originals. In: bytes. Out: the same bytes, or ArchiveError.

Small originals share a pack: a file per mail would cost a block of disk and a request each. A pack is
a row of zstd frames named by the SHA-256 of the whole, so `zstd -d` alone brings everything back. The
store is a local folder or S3, by its URL alone (obstore).

A pack is put before the transaction that refers to it commits: a crash between the two leaves a pack
that nothing points to, never a message without its original.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
import zstandard
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url
from sqlmodel import Session, col, select

from service.archive.identity import blob_sha256
from service.archive.tables import BlobRow, PackRow
from service.db.bulk import chunks, insert_rows
from service.errors import ArchiveError

LEVEL = 3
FRAME_BYTES = 256 * 1024
"""Originals up to this size share a frame: mails of one day are alike, and compress a quarter better so.
Reading one costs the decompression of its frame, some 0.3 ms."""


@dataclass(frozen=True, slots=True)
class Blobs:
    """The store of originals."""

    store: ObjectStore

    def keep(self, session: Session, contents: Iterable[bytes]) -> list[str]:
        """Keep each content once, in one new pack; return their SHA-256 in order.

        Raises ArchiveError when the store refuses; nothing is referred to then.
        """
        contents = list(contents)
        names = [blob_sha256(content) for content in contents]
        fresh = dict(zip(names, contents, strict=True))
        for known in _known(session, list(fresh)):
            del fresh[known]
        if fresh:
            pack, rows = _packed(fresh)
            pack_id = self._put(session, pack)
            insert_rows(session, BlobRow, [row | {"pack_id": pack_id} for row in rows])
        return names

    def read(self, session: Session, name: str) -> bytes:
        """Return the bytes with this SHA-256. Raises ArchiveError when they are unknown, gone or changed."""
        found = session.exec(
            select(BlobRow, PackRow)
            .join(PackRow, col(PackRow.id) == col(BlobRow.pack_id))
            .where(BlobRow.sha256 == name)
        ).first()
        if found is None:
            raise ArchiveError(f"No original with SHA-256 {name} is kept here.")
        row, pack = found
        try:
            frame = obstore.get_range(self.store, _path(pack.sha256), start=row.start, length=row.length)
            content = zstandard.ZstdDecompressor().decompress(bytes(frame))[row.offset :][: row.size]
        except (BaseError, OSError, zstandard.ZstdError) as error:
            raise ArchiveError(
                f"The original {name} cannot be read from pack {pack.sha256}: {error}"
            ) from error
        if blob_sha256(content) != name:
            raise ArchiveError(f"The original {name} was changed in the store: its hash no longer matches.")
        return content

    def _put(self, session: Session, pack: bytes) -> int:
        name = sha256(pack).hexdigest()
        known = session.exec(select(PackRow).where(PackRow.sha256 == name)).first()
        if known is None:
            try:
                obstore.put(self.store, _path(name), pack)
            except (BaseError, OSError) as error:
                raise ArchiveError(
                    f"The store of originals refused a pack; check its space: {error}"
                ) from error
            known = PackRow(sha256=name)
            session.add(known)
            session.flush()
        assert known.id is not None
        return known.id


def _packed(contents: dict[str, bytes]) -> tuple[bytes, list[dict[str, Any]]]:
    """Return a pack of these contents, and where in it each is."""
    compressor = zstandard.ZstdCompressor(level=LEVEL)
    frames: list[bytes] = []
    rows: list[dict[str, Any]] = []
    start = 0
    for group in _groups(contents):
        frame = compressor.compress(b"".join(contents[name] for name in group))
        offset = 0
        for name in group:
            size = len(contents[name])
            rows.append(
                {"sha256": name, "start": start, "length": len(frame), "offset": offset, "size": size}
            )
            offset += size
        frames.append(frame)
        start += len(frame)
    return b"".join(frames), rows


def _groups(contents: dict[str, bytes]) -> Iterator[list[str]]:
    """Yield the names of contents that share a frame; one that fills it has it alone."""
    group: list[str] = []
    filled = 0
    for name, content in contents.items():
        if group and filled + len(content) > FRAME_BYTES:
            yield group
            group, filled = [], 0
        group.append(name)
        filled += len(content)
    if group:
        yield group


def open_blobs(url: str) -> Blobs:
    """Open the store at `url`; a local folder is made when it is missing."""
    try:
        parts = urlsplit(url)
        if parts.scheme in {"", "file"}:
            return Blobs(LocalStore(Path(unquote(parts.path)), mkdir=True))
        return Blobs(from_url(url))
    except (BaseError, ValueError) as error:
        raise ArchiveError(f"The store of originals {url!r} cannot be opened: {error}") from error


def _path(pack: str) -> str:
    return f"packs/{pack[:2]}/{pack}.zst"


def _known(session: Session, names: list[str]) -> set[str]:
    known: set[str] = set()
    for chunk in chunks(names):
        known.update(session.exec(select(BlobRow.sha256).where(col(BlobRow.sha256).in_(chunk))))
    return known
