"""Take a mail apart into MIME parts (RFC 2045-2047, 2183, 2231).

In: bytes of a message. Out: a tree of parts whose content is decoded when asked for. Never: raises on mail.

fast-mail-parser (Rust) parses 34,000 messages a CPU-second, the standard library's compat32 policy 6,000, its
default policy 2,000. The first is asked first; the second reads what the first refuses or may have lost.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.feedparser import BytesFeedParser
from email.message import Message
from functools import partial
from urllib.parse import unquote_to_bytes

from fast_mail_parser import DecodeError, ParseError, PyLazyMimePart, parse_email_tree

from service.sources.charsets import decode
from service.sources.mail_headers import decode_words, read_header
from service.sources.smime import MEDIA_TYPES as PKCS7_MIME
from service.sources.smime import signed_content
from service.sources.tnef import files_in_tnef, is_tnef
from service.sources.uuencoded import cut_files

_KNOWN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary", "base64", "quoted-printable"})
_PARAMETER = re.compile(r';\s*([a-z-]+)\s*=\s*("[^"]*"?|[^\s;"]*)', re.IGNORECASE)
_NO_CHARSET = re.compile(r"name\*=\"?''([^\s;\"]+)", re.IGNORECASE)
_MOJIBAKE = re.compile(r"[\x80-\xff]")
_DEEPEST = 40
_SMALL = 1_000_000
_MOST_PARTS = 10_000
_HINTS_AT_PARTS = (b"begin ", b"pkcs7-mime", b"ms-tnef", b"winmail.dat", b"WINMAIL.DAT")
_CHUNK = 1 << 20
_MOST_ENVELOPES = 5
"""How many times signed mail is taken out of signed mail: sign, encrypt, sign again makes two."""


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
    found: bytes | None = None
    """The content itself, where the part lay inside the content of another."""

    @property
    def is_whole(self) -> bool:
        """True for a message that could not be taken apart."""
        return self.fast is None and self.slow is None and self.found is None and not self.children

    @property
    def content_id(self) -> str:
        """By which the HTML of the mail names the part (RFC 2392), without brackets."""
        found = _first(self.fast.headers, "Content-ID") if self.fast is not None else ""
        return str(self.slow.get("content-id", "") if self.slow is not None else found).strip(" <>")

    def content(self) -> bytes:
        """Decode the transfer encoding; what is broken is decoded as far as it goes."""
        if self.found is not None:
            return self.found
        if self.fast is not None:
            return self.fast.content or b""
        return _slow_content(self.slow) if self.slow is not None else b""


_WHOLE = Part("application/octet-stream", {}, "", "")


class _LostPartsError(Exception):
    """The fast parser may have lost something: another reading is needed."""


class _Whole(Message):
    """A message of the standard library that leaves an attached message as it is: a file, byte for byte."""

    def get_content_maintype(self) -> str:
        """Answer the parser's question whether to look inside."""
        maintype = super().get_content_maintype()
        return "application" if maintype == "message" else maintype


def read_parts(data: bytes) -> Part:
    """Return the root part of a message; one with neither children nor content where they are too many."""
    return _read_parts(data, 0)


def _read_parts(data: bytes, envelopes: int) -> Part:
    if len(data) > _SMALL and _too_many(data):
        return _WHOLE
    try:
        return _opened(_fast_part(parse_email_tree(data, mode="lazy"), ()), data, envelopes)
    except (ParseError, _LostPartsError):
        pass  # the standard library reads on where Rust refuses
    try:
        return _opened(_slow_part(_parsed_slowly(data), 0), data, envelopes)
    except RecursionError:  # hundreds of multiparts in each other
        return _WHOLE


def _parsed_slowly(data: bytes) -> Message:
    parser = BytesFeedParser(_Whole)
    for start in range(0, len(data), _CHUNK):
        parser.feed(data[start : start + _CHUNK])
    return parser.close()


def _opened(part: Part, data: bytes, envelopes: int) -> Part:
    """Look for parts inside parts: mail in a signed container, files that were written into the text."""
    if not any(hint in data for hint in _HINTS_AT_PARTS):
        return part
    if part.children:
        return replace(part, children=tuple([_opened(child, data, envelopes) for child in part.children]))
    if part.media_type in PKCS7_MIME and envelopes < _MOST_ENVELOPES:
        signed = signed_content(part.content())
        if signed is None:
            return part
        # As if it had been signed beside the text (RFC 1847): its container stays a part too.
        return Part("multipart/signed", {}, "", "", children=(_read_parts(signed, envelopes + 1), part))
    if is_tnef(part.media_type, part.name):
        return _with_tnef(part)
    is_text = part.media_type == "text/plain" and part.disposition != "attachment"
    return _with_files(part) if is_text else part


def _with_files(part: Part) -> Part:
    text, files = cut_files(part.content())
    if not files:
        return part
    children = [replace(part, found=text)]
    children += [
        Part("application/octet-stream", {}, _file_name(name.decode("latin-1")), "attachment", found=content)
        for name, content in files
    ]
    return Part("multipart/mixed", {}, "", "", children=tuple(children))


def _with_tnef(part: Part) -> Part:
    """Put the files of a winmail.dat beside it."""
    files = [
        Part(kind, {}, name, "attachment", found=content)
        for name, kind, content in files_in_tnef(part.content())
    ]
    return Part("multipart/mixed", {}, "", "", (part, *files)) if files else part


def _too_many(data: bytes) -> bool:
    content_type = read_header(data).text(b"content-type")
    boundary = _parameters(content_type).get("boundary", "")
    return bool(boundary) and data.count(b"\n--" + boundary.encode()) > _MOST_PARTS


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
    values = headers.get(name)
    if values is None:
        lower = name.lower()
        values = next((found for key, found in headers.items() if key.lower() == lower), None)
    return values[0] if values else ""


def _parameters(content_type: str) -> dict[str, str]:
    if ";" not in content_type:
        return {}
    return {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(content_type)}


def _fast_part(part: PyLazyMimePart, boundaries: tuple[str, ...]) -> Part:
    """Convert a node; raises _LostPartsError where nodes are missing or do not decode."""
    media_type, headers = part.content_type.lower(), part.headers
    parameters = _parameters(_first(headers, "Content-Type"))
    children: tuple[Part, ...] = ()
    if media_type.startswith("multipart/"):
        boundary = parameters.get("boundary", "")
        if not part.children or boundary in boundaries:
            raise _LostPartsError
        inside = (*boundaries, boundary)
        children = tuple([_fast_part(child, inside) for child in part.children])
    elif not part.is_message and not _decodes(part, _first(headers, "Content-Transfer-Encoding")):
        raise _LostPartsError
    return Part(
        media_type=media_type if "/" in media_type else "text/plain",
        parameters=parameters,
        name=_file_name(part.filename) or (_unnamed(headers) if part.disposition else ""),
        disposition=(part.disposition or "").lower(),
        children=children,
        fast=part,
    )


def _decodes(part: PyLazyMimePart, encoding: str) -> bool:
    encoding = encoding.strip().lower()
    if encoding != "base64":
        return encoding in _KNOWN_ENCODINGS
    try:
        return part.content is not None
    except DecodeError:
        return False


def _unnamed(headers: dict[str, list[str]]) -> str:
    """Read a name in RFC 2231 form that names no charset: parsers drop it."""
    found = _NO_CHARSET.search(f"{_first(headers, 'Content-Disposition')};{_first(headers, 'Content-Type')}")
    return decode(unquote_to_bytes(found[1]))[0] if found else ""


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
