"""What bytes look like. In: the bytes of a file. Out: yes or no. Never: reads more than their beginning."""

import re

HEAD = 4096
_FORMATTED = (b"%PDF-", b"{\\rtf", b"PK\x03\x04", b"\x89PNG")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
"""Bytes that no text in a charset of one byte, or in UTF-8, holds; ESC is in terminal logs and ISO-2022."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_text(content: bytes) -> bool:
    """Say whether people may read the bytes as they are, in whatever charset."""
    head = content[:HEAD]
    if is_utf_16(content):
        return True
    return b"\0" not in head and not head.startswith(_FORMATTED) and 100 * _controls(head) <= len(head)


def is_utf_16(content: bytes) -> bool:
    """Say whether the bytes are text of two bytes a letter, as Windows writes it."""
    return content.startswith(_UTF_16)


def is_ole(content: bytes) -> bool:
    """Say whether the bytes begin as files of old Office versions and encrypted ones of new versions do."""
    return content.startswith(_OLE)


def _controls(head: bytes) -> int:
    return len(_CONTROL.findall(head))
