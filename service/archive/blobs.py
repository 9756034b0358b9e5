"""Keep bytes once, compressed, in the store of originals. In: bytes. Out: the same bytes, or ArchiveError.

Small originals share a pack: a file per mail would cost a block of disk and a request each. A pack is
a row of zstd frames named by the SHA-256 of the whole, so `zstd -d` alone brings everything back. The
store is a local folder or S3, by its URL alone (obstore).

A pack is put before the transaction that refers to it commits: a crash between the two leaves a pack
that nothing points to, never a message without its original.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
import zstandard
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url
from sqlmodel import Session, col, select

from service.archive.identity import blob_sha256
from service.archive.tables import BlobRow
from service.db.bulk import chunks, insert_rows
from service.errors import ArchiveError

LEVEL = 3


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
        if not fresh:
            return names
        compressor = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True)
        frames = [compressor.compress(content) for content in fresh.values()]
        pack = b"".join(frames)
        pack_name = sha256(pack).hexdigest()
        try:
            obstore.put(self.store, _path(pack_name), pack)
        except (BaseError, OSError) as error:
            raise ArchiveError(f"The store of originals refused a pack; check its space: {error}") from error
        rows = []
        start = 0
        for (name, content), frame in zip(fresh.items(), frames, strict=True):
            rows.append(
                {
                    "sha256": name,
                    "size": len(content),
                    "pack": pack_name,
                    "start": start,
                    "length": len(frame),
                }
            )
            start += len(frame)
        insert_rows(session, BlobRow, rows)
        return names

    def read(self, session: Session, name: str) -> bytes:
        """Return the bytes with this SHA-256. Raises ArchiveError when they are unknown, gone or changed."""
        row = session.get(BlobRow, name)
        if row is None:
            raise ArchiveError(f"No original with SHA-256 {name} is kept here.")
        try:
            frame = obstore.get_range(self.store, _path(row.pack), start=row.start, length=row.length)
            content = zstandard.ZstdDecompressor().decompress(bytes(frame), max_output_size=row.size)
        except (BaseError, OSError, zstandard.ZstdError) as error:
            raise ArchiveError(f"The original {name} cannot be read from pack {row.pack}: {error}") from error
        if blob_sha256(content) != name:
            raise ArchiveError(f"The original {name} was changed in the store: its hash no longer matches.")
        return content


def open_blobs(url: str) -> Blobs:
    """Open the store at `url`; a local folder is made when it is missing."""
    parts = urlsplit(url)
    if parts.scheme in {"", "file"}:
        return Blobs(LocalStore(Path(unquote(parts.path)), mkdir=True))
    try:
        return Blobs(from_url(url))
    except BaseError as error:
        raise ArchiveError(f"The store of originals {url!r} cannot be opened: {error}") from error


def _path(pack: str) -> str:
    return f"packs/{pack[:2]}/{pack}.zst"


def _known(session: Session, names: list[str]) -> set[str]:
    known: set[str] = set()
    for chunk in chunks(names):
        known.update(session.exec(select(BlobRow.sha256).where(col(BlobRow.sha256).in_(chunk))))
    return known
