"""The properties of an Outlook item, as msg, pst and TNEF all hold them (MS-OXCDATA 2.11, MS-OXPROPS).

In: tags and undecoded values. Out: text, numbers, times. Never: raises on a value that is not what it says.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from service.sources.charsets import decode

NUMBER, OBJECT, STRING8, UNICODE, TIME, BINARY = 0x0003, 0x000D, 0x001E, 0x001F, 0x0040, 0x0102
"""Property types: 32 bits, another item, text in a code page, text in UTF-16, a FILETIME, bytes."""


class Tag(IntEnum):
    """The properties that are read, by their ids in MS-OXPROPS; a real item has a hundred more."""

    MESSAGE_CLASS = 0x001A
    SUBJECT = 0x0037
    CLIENT_SUBMIT_TIME = 0x0039
    SENT_REPRESENTING_NAME = 0x0042
    START_DATE = 0x0060
    END_DATE = 0x0061
    OWNER_APPOINTMENT_ID = 0x0062
    SENT_REPRESENTING_ADDRESS = 0x0065
    TRANSPORT_HEADERS = 0x007D
    RECIPIENT_TYPE = 0x0C15
    SENDER_NAME = 0x0C1A
    SENDER_ADDRESS = 0x0C1F
    DISPLAY_BCC = 0x0E02
    DISPLAY_CC = 0x0E03
    DISPLAY_TO = 0x0E04
    DELIVERY_TIME = 0x0E06
    MESSAGE_FLAGS = 0x0E07
    BODY = 0x1000
    REPORT_TEXT = 0x1001
    RTF_COMPRESSED = 0x1009
    HTML = 0x1013
    MESSAGE_ID = 0x1035
    REFERENCES = 0x1039
    IN_REPLY_TO = 0x1042
    DISPLAY_NAME = 0x3001
    ADDRESS = 0x3003
    LAST_MODIFIED = 0x3008
    ATTACH_DATA = 0x3701
    ATTACH_NAME = 0x3704
    ATTACH_METHOD = 0x3705
    ATTACH_LONG_NAME = 0x3707
    ATTACH_MEDIA_TYPE = 0x370E
    ATTACH_CONTENT_ID = 0x3712
    SMTP_ADDRESS = 0x39FE
    INTERNET_CODE_PAGE = 0x3FDE
    MESSAGE_CODE_PAGE = 0x3FFD
    SENDER_SMTP_ADDRESS = 0x5D01
    SENT_REPRESENTING_SMTP_ADDRESS = 0x5D02


_CODE_PAGES = {  # where Python's name is not `cp` and the number (Microsoft: Code Page Identifiers)
    936: "gbk",
    1200: "utf-16-le",
    10000: "mac_roman",
    10007: "mac_cyrillic",
    20127: "us-ascii",
    20866: "koi8-r",
    21866: "koi8-u",
    50220: "iso-2022-jp",
    50221: "iso-2022-jp",
    50222: "iso-2022-jp",
    50225: "iso-2022-kr",
    51932: "euc-jp",
    51949: "euc-kr",
    52936: "hz",
    54936: "gb18030",
    65000: "utf-7",
    65001: "utf-8",
    **{28590 + part: f"iso-8859-{part}" for part in range(1, 16)},
}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = 1970, 2200
"""Years that can be meant: 1601 is an unset FILETIME, 4501 Outlook's "none"."""


def code_page(number: int) -> str:
    """Return the charset of a Windows code page; empty where there is none.

    >>> code_page(1251), code_page(28592), code_page(0)
    ('cp1251', 'iso-8859-2', '')
    """
    return _CODE_PAGES.get(number) or (f"cp{number}" if number > 0 else "")


@dataclass(frozen=True, slots=True)
class Properties:
    """What is said of one message, recipient or attachment."""

    values: Mapping[int, tuple[int, bytes]]
    """By property id: the property type, and the bytes of the value as they are stored."""
    charset: str = ""
    """Of text in a code page; empty where the item does not say."""

    def text(self, tag: Tag) -> str:
        """Return text without NUL characters; empty where there is none."""
        kind, raw = self.values.get(tag, (0, b""))
        if kind == UNICODE:
            return raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").replace("\0", "")
        return decode(raw.rstrip(b"\0"), self.charset)[0] if kind == STRING8 else ""

    def binary(self, tag: Tag) -> bytes:
        """Return bytes; empty where there are none."""
        kind, raw = self.values.get(tag, (0, b""))
        return raw if kind == BINARY else b""

    def number(self, tag: Tag) -> int:
        """Return a 32-bit number; 0 where there is none."""
        kind, raw = self.values.get(tag, (0, b""))
        return int.from_bytes(raw[:4], "little") if kind == NUMBER else 0

    def moment(self, tag: Tag) -> datetime | None:
        """Return a time to the second, in UTC; None where it is unset."""
        kind, raw = self.values.get(tag, (0, b""))
        if kind != TIME or len(raw) < 8:
            return None
        try:
            moment = _EPOCH + timedelta(seconds=struct.unpack("<Q", raw[:8])[0] // 10_000_000)
        except OverflowError:
            return None
        return moment if _EARLIEST <= moment.year < _LATEST else None


def charset_of(values: Mapping[int, tuple[int, bytes]]) -> str:
    """Return the charset in which a message keeps its text, where it says so."""
    said = Properties(values)
    return code_page(said.number(Tag.MESSAGE_CODE_PAGE) or said.number(Tag.INTERNET_CODE_PAGE))


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with an item; none of `load` and `open` where its bytes are elsewhere or damaged."""

    properties: Properties
    size: int = 0
    load: Callable[[], bytes] | None = None
    """Gives the bytes; raises OSError where they cannot be read."""
    open: "Callable[[], Item] | None" = None
    """Gives the item where a message is attached; raises OSError as well."""
    missing: str = "is not in the file: Outlook kept only a link to it"


@dataclass(frozen=True, slots=True)
class Item:
    """A message of Outlook, or anything else that its folders hold."""

    properties: Properties
    recipients: tuple[Properties, ...] = ()
    attachments: tuple[Attached, ...] = ()
    warnings: tuple[str, ...] = ()
    """What could not be read of it."""
