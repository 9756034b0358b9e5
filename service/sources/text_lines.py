"""The lines of a text file in whatever charset it is. In: an open file. Out: lines, with their bytes.

Never: loads the file, loses a byte, raises for bytes that are no text.
"""

import io
from collections.abc import Iterator

from service.sources.charsets import decode

_CHUNK = 1 << 20


def text_lines(file: io.BufferedReader) -> Iterator[tuple[bytes, str, str | None]]:
    """Yield lines, very long ones in pieces: their bytes, their text, and a warning about the charset."""
    charset = wide_charset(file.read(2))
    file.seek(0)
    if charset is None:
        while raw := file.readline(_CHUNK):
            whole = raw + file.read(_rest_of_letter(file.peek(3)[:3])) if len(raw) == _CHUNK else raw
            yield whole, *_text(whole)
        return
    # Saved again by an editor.
    with io.TextIOWrapper(file, charset, errors="replace", newline="\n") as text:
        while line := text.readline(_CHUNK):
            yield line.encode(charset), line.rstrip("\r\n").replace("\0", "\ufffd"), None


def ends_line(raw: bytes) -> bool:
    """Say whether these bytes of a line are its last ones."""
    return raw.endswith((b"\n", b"\n\0"))


def wide_charset(head: bytes) -> str | None:
    """Return UTF-16 in the byte order that a byte order mark at the start says."""
    return {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(head[:2])


def _rest_of_letter(ahead: bytes) -> int:
    """Count the bytes ahead that belong to a letter cut in two (UTF-8 continuation bytes)."""
    return next((at for at, byte in enumerate(ahead) if byte & 0xC0 != 0x80), len(ahead))


def _text(raw: bytes) -> tuple[str, str | None]:
    line = raw.rstrip(b"\r\n")
    try:
        return line.decode().replace("\0", "\ufffd"), None
    except UnicodeDecodeError:
        return decode(line)
