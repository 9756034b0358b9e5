"""Take a mail apart into MIME parts (RFC 2045-2047, 2183, 2231).

In: bytes of a message. Out: a tree of parts whose content is decoded when asked for. Never: raises on mail.

fast-mail-parser (Rust) parses 34,000 messages a CPU-second, the standard library's compat32 policy 6,000, its
default policy 2,000. The first is asked first; the second reads what the first refuses or may have lost.
"""

import binascii
import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from functools import partial

from fast_mail_parser import DecodeError, ParseError, PyLazyMimePart, parse_email_tree

from service.sources.charsets import decode
from service.sources.mail_headers import decode_words

_KNOWN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary", "base64", "quoted-printable"})
_PARAMETER = re.compile(r';\s*([a-z-]+)\s*=\s*("[^"]*"?|[^\s;"]*)', re.IGNORECASE)
_MOJIBAKE = re.compile(r"[\x80-\xff]")
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part; a `multipart/*` has children and no content."""

    media_type: str
    parameters: dict[str, str]
    """Of Content-Type, names in lower case: charset, format, method, report-type."""
    name: str
    """The file name as the sender wrote it; empty where there is none."""
    disposition: str
    """`attachment`, `inline` or empty."""
    children: tuple["Part", ...] = ()
    fast: PyLazyMimePart | None = None
    slow: Message | None = None

    def content(self) -> bytes:
        """Decode the transfer encoding; what is broken is decoded as far as it goes."""
        if self.fast is not None:
            return self.fast.content or b""
        return _slow_content(self.slow) if self.slow is not None else b""


def read_parts(data: bytes) -> Part:
    """Return the root part of a message."""
    try:
        root = parse_email_tree(data, mode="lazy")
        if not _suspicious(root, 0):
            return _fast_part(root, "text/plain")
    except ParseError:
        pass  # the standard library reads on where Rust refuses
    try:
        return _slow_part(email.message_from_bytes(data), 0)
    except RecursionError:  # hundreds of multiparts in each other: nobody's mail, but kept
        return Part("application/octet-stream", {}, "", "")


def leaves(part: Part) -> Iterator[Part]:
    """Yield the parts that hold something, in order; an attached message is one leaf."""
    if part.children:
        for child in part.children:
            yield from leaves(child)
    else:
        yield part


def load_leaf(data: bytes, index: int) -> bytes:
    """Decode one leaf of a message again: keeps nothing but the message itself in memory."""
    for place, part in enumerate(leaves(read_parts(data))):
        if place == index:
            return part.content()
    return b""


def loader(data: bytes, index: int) -> "partial[bytes]":
    """Return the function that `RawAttachment.load` needs."""
    return partial(load_leaf, data, index)


def _first(headers: dict[str, list[str]], name: str) -> str:
    for key, values in headers.items():
        if len(key) == len(name) and key.lower() == name:
            return values[0]
    return ""


def _parameters(content_type: str) -> dict[str, str]:
    return {found[1].lower(): found[2].strip('"') for found in _PARAMETER.finditer(content_type)}


def _suspicious(part: PyLazyMimePart, depth: int, boundaries: tuple[str, ...] = ()) -> bool:
    """Say whether the tree may have lost something: no parts, odd encoding, one boundary used twice."""
    if depth > _DEEPEST or part.is_message:
        return False
    if part.content_type.startswith("multipart/"):
        boundary = _parameters(_first(part.headers, "content-type")).get("boundary", "")
        if not part.children or boundary in boundaries:
            return True
        return any(_suspicious(child, depth + 1, (*boundaries, boundary)) for child in part.children)
    encoding = _first(part.headers, "content-transfer-encoding").strip().lower()
    return encoding not in _KNOWN_ENCODINGS or not _decodes(part)


def _decodes(part: PyLazyMimePart) -> bool:
    try:
        return part.content is not None
    except DecodeError:
        return False


def _fast_part(part: PyLazyMimePart, default_type: str) -> Part:
    media_type = part.content_type.lower()
    return Part(
        media_type=media_type if "/" in media_type else default_type,
        parameters=_parameters(_first(part.headers, "content-type")),
        name=_file_name(part.filename),
        disposition=(part.disposition or "").lower(),
        children=() if part.is_message else tuple(_fast_part(child, default_type) for child in part.children),
        fast=part,
    )


def _file_name(name: str) -> str:
    """Repair a name that was read as Latin-1, and words that a quoted parameter should not hold."""
    if not name:
        return ""
    if _MOJIBAKE.search(name):
        try:
            name = decode(name.encode("latin-1"))[0]
        except UnicodeEncodeError:
            return name  # real letters beyond Latin-1: it was decoded well
    return decode_words(name)


def _slow_part(part: Message, depth: int) -> Part:
    payload = part.get_payload()
    nested = part.get_content_maintype() == "multipart" and isinstance(payload, list) and depth < _DEEPEST
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        name = ""  # RFC 2231 pieces that the standard library cannot join
    return Part(
        media_type=part.get_content_type(),
        parameters=_parameters(str(part.get("content-type", ""))),
        name=decode_words(_surrogates_decoded(name)),
        disposition=str(part.get("content-disposition", "")).partition(";")[0].strip().lower(),
        children=tuple(_slow_part(child, depth + 1) for child in payload if isinstance(child, Message))
        if nested and isinstance(payload, list)
        else (),
        slow=part,
    )


def _surrogates_decoded(text: str) -> str:
    return text if text.isascii() else decode(text.encode("utf-8", "surrogateescape"))[0]


def _slow_content(part: Message) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list):  # message/rfc822, or a multipart nested too deep
        return b"\n".join(child.as_bytes() for child in payload if isinstance(child, Message))
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, binascii.Error):
        content = None
    if isinstance(content, bytes):
        return content
    return str(payload or "").encode("utf-8", "surrogateescape")
