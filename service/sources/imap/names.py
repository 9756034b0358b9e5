"""Names of folders as servers write them (modified UTF-7: RFC 3501, 5.1.3) and as people read them."""

from imapclient.imap_utf7 import decode as _decode_utf7
from imapclient.imap_utf7 import encode as _encode_utf7


def read_name(raw: bytes) -> str:
    """Return a name for people; the server's own spelling where it is broken or cannot be shown.

    >>> read_name(b"&BB8EQAQ+BDUEOgRC- &- co")
    'Проект & co'
    """
    try:
        name = str(_decode_utf7(raw)) if raw.isascii() else raw.decode()
    except UnicodeError:
        return raw.decode(errors="backslashreplace")
    return name if name.isprintable() else raw.decode(errors="backslashreplace")


def write_name(name: str) -> bytes:
    """Return the server's spelling of a name that `read_name` could read.

    >>> write_name("Проект & co")
    b'&BB8EQAQ+BDUEOgRC- &- co'
    """
    return bytes(_encode_utf7(name))
