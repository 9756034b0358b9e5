"""Name the attachments of a mail for people and file systems.

In: a MIME part. Out: a name that is safe to show and to save.
Never: an empty name, a path, a change that is not told.
"""

import mimetypes
import re
import unicodedata

from service.sources.mail_headers import read_header
from service.sources.mime_parts import Part

_LONGEST = 150
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
"""Control characters, path separators, and the direction marks that make `gpj.exe` read as `exe.jpg`."""
_TYPES = mimetypes.MimeTypes()
for _media_type, _extension in (
    ("text/calendar", ".ics"),
    ("message/delivery-status", ".txt"),
    ("text/rfc822-headers", ".txt"),
    ("application/pgp-signature", ".asc"),
    ("application/pkcs7-signature", ".p7s"),
):
    _TYPES.add_type(_media_type, _extension)


def attachment_name(part: Part, content: bytes, number: int) -> tuple[str, str | None]:
    """Return the name to show for the attachment of that number, and a warning where the sender's differs."""
    if not part.name.strip():
        return _made_up(part.media_type, content, number), None
    name = safe_name(part.name)
    if name == unicodedata.normalize("NFC", part.name.strip()):
        return name, None
    return name, f"attachment {name!r} was named {part.name[:200]!r}"


def safe_name(name: str) -> str:
    """Return the name without what a file system or a reader could stumble over.

    >>> safe_name("../../etc/passwd")
    '_.._etc_passwd'
    """
    clean = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).lstrip(". ").rstrip() or "_"
    if len(clean) > _LONGEST:
        stem, dot, extension = clean.rpartition(".")
        keep = f"{dot}{extension}" if stem and len(extension) <= 10 else ""
        clean = clean[: _LONGEST - len(keep)] + keep
    return clean


def _made_up(media_type: str, content: bytes, number: int) -> str:
    if media_type == "message/rfc822":
        subject = read_header(content).text(b"subject")
        return safe_name(f"{subject[:80] or f'message-{number}'}.eml")
    return f"attachment-{number}{_TYPES.guess_extension(media_type) or ''}"
