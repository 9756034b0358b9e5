"""Find the files that an export names. In: a folder and a name from the export. Out: RawAttachment.

Never: reads a file outside the export's folder, whatever the name says; reads bytes nobody asked for.
"""

import mimetypes
import unicodedata
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath

from service.sources.raw_message import RawAttachment

_FOLDED = {
    **dict.fromkeys([0x00A0, 0x202F, 0x2007, 0x2009], " "),
    **dict.fromkeys([0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], None),
}
"""Spaces and direction marks that differ between the name in an export and the name on disk."""

# What messengers send, where the platform's own table is silent or says otherwise on some systems.
_TYPES = {
    ".opus": "audio/ogg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".m4a": "audio/mp4",
    ".webp": "image/webp",
    ".vcf": "text/vcard",
    ".vcard": "text/vcard",
    ".tgs": "application/x-tgsticker",
}


def fold_name(name: str) -> str:
    r"""Return a file name as it compares: NFC, plain spaces, no direction marks.

    >>> fold_name("Чат\u00a0с Иваном") == "Чат с Иваном"
    True
    """
    return unicodedata.normalize("NFC", name.translate(_FOLDED))


def media_type(name: str) -> str:
    """Guess a media type from a file name.

    >>> media_type("PTT-20250303-WA0001.opus")
    'audio/ogg'
    """
    suffix = PurePosixPath(name).suffix.lower()
    return (
        _TYPES.get(suffix)
        or mimetypes.guess_type(f"x{suffix}", strict=False)[0]
        or "application/octet-stream"
    )


def attach(
    root: Path, name: str, *, shown: str | None = None, type_: str | None = None, size: int | None = None
) -> RawAttachment:
    """Return the file `name` (relative to `root`, any slashes) as an attachment, or name it as missing."""
    path = find(root, name)
    label = shown or PurePosixPath(name.replace("\\", "/")).name
    kind = type_ or media_type(label)
    if path is None:
        return RawAttachment(label, kind, size, missing="the export names this file, but it is not there")
    return RawAttachment(label, kind, path.stat().st_size, partial(path.read_bytes))


def find(root: Path, name: str) -> Path | None:
    """Return the regular file inside `root` that an export means by `name`, or None."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or "\0" in name:
        return None
    place = root
    for part in parts:
        real = _real_name(place, fold_name(part))
        if real is None:
            return None
        place = place / real
    # A link on disk may still point outside.
    inside = place.is_file() and place.resolve().is_relative_to(root.resolve())
    return place if inside else None


def _real_name(folder: Path, folded: str) -> str | None:
    try:
        return _entries(folder, folder.stat().st_mtime_ns).get(folded)
    except OSError:
        return None


@lru_cache(maxsize=64)
def _entries(folder: Path, _changed_at: int) -> dict[str, str]:
    """Map folded names to real ones; kept until the folder changes: a chat names thousands of files."""
    return {fold_name(entry.name): entry.name for entry in folder.iterdir()}
