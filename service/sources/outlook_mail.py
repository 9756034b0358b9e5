"""Put an Outlook item together as a mail again (RFC 5322, 2045). In: Item. Out: bytes, and what they lack.

The same item gives the same bytes each time. Kept as they are: the header that the mail came with, the bytes
of attachments, a signed or encrypted body. Made anew, in UTF-8 (RFC 6532): the parts, their boundaries, and
the fields that the header lacks, since mail that was sent from here has none. Never: a header of our own.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import format_datetime
from hashlib import sha256

from service.sources.charsets import decode
from service.sources.mail_shape import LARGEST_MAIL
from service.sources.mapi import Attached, Item, Properties, Tag, code_page
from service.sources.media import media_type
from service.sources.raw_message import RawAttachment
from service.sources.rtf import decompress, read_rtf

_DEEPEST = 10
"""Messages attached to messages attached to messages."""
_MOST_ATTACHMENTS = 2_000
_EMBEDDED = 5
"""PidTagAttachMethod of a message (MS-OXCMSG 2.2.2.9)."""
_FIELD = re.compile(r"^([!-9;-~]{1,200})[ \t]*:.*(?:\n[ \t].*)*", re.MULTILINE)
_STRUCTURE = re.compile(r"content-(?!language)|mime-version$|lines$")
"""Fields that say how the mail was put together: two Content-Types would make it unreadable."""
_MEDIA_TYPE = re.compile(r"(?!multipart/)[a-z0-9]+/[a-z0-9.+-]+")
_MAILBOX = re.compile(r"[^<>()\s,;:\"\\@]+@[^<>()\s,;:\"\\@/]+")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_KINDS = ("from", "to", "cc", "bcc")
"""Of recipients, by the low bits of PidTagRecipientType (MS-OXOMSG 2.2.3.1)."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A mail as it may have been sent."""

    data: bytes
    missing: tuple[RawAttachment, ...]
    """Attachments whose bytes are not in it, each with its reason."""


def rebuild(item: Item) -> Rebuilt:
    """Return the mail that an item was; never raises on what the item holds."""
    builder = _Builder()
    return Rebuilt(builder.mail(item, 0), tuple(builder.missing))


def files_of(item: Item) -> Iterator[tuple[str, str, bytes]]:
    """Yield name, media type and bytes of each attachment that has any; attached messages are rebuilt."""
    builder = _Builder()
    for attached in item.attachments[:_MOST_ATTACHMENTS]:
        name = _name_of(attached)
        try:
            content, kind = builder.bytes_of(attached, name, 0)
        except OSError:
            continue
        yield ("" if attached.open else name), kind, content


def texts_of(said: Properties, sent_as: str = "") -> list[tuple[str, str]]:
    """Return media type and text of the renderings that were sent, where `sent_as` says which of them.

    Outlook makes a plain text of every HTML, and keeps both.
    """
    plain, html = said.text(Tag.BODY) or said.text(Tag.REPORT_TEXT), _html(said)
    if not html and (rtf := decompress(said.binary(Tag.RTF_COMPRESSED))):
        text, is_html = read_rtf(rtf)
        html, plain = (text, plain) if is_html else ("", plain or text)
    plain = "" if html and sent_as == "text/html" else plain
    html = "" if plain and sent_as == "text/plain" else html
    return [(kind, text) for kind, text in (("text/plain", plain), ("text/html", html)) if text.strip()]


@dataclass(frozen=True, slots=True)
class _Kept:
    """The header that a mail came with, less its structure."""

    lines: list[str]
    names: frozenset[str]
    media_type: str
    """What Content-Type said, in lower case: which of the bodies was sent."""


@dataclass(slots=True)
class _Builder:
    """One mail with the mails attached to it, which share its limits."""

    left: int = LARGEST_MAIL // 2
    """Bytes that may still be taken in: Base64 and copies make more of them."""
    missing: list[RawAttachment] = field(default_factory=list)

    def mail(self, item: Item, depth: int) -> bytes:
        kept = _kept_header(item.properties.text(Tag.TRANSPORT_HEADERS))
        lines = [*kept.lines, *_made_header(item, kept.names)]
        header = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")
        return header + b"MIME-Version: 1.0\r\n" + self.content(item, kept.media_type, depth)

    def content(self, item: Item, sent_as: str, depth: int) -> bytes:
        """Return the root part with its own fields."""
        found = [self.part(one, depth) for one in item.attachments[:_MOST_ATTACHMENTS]]
        if len(item.attachments) > _MOST_ATTACHMENTS:
            self.leave_out("the rest of the attachments", Attached(Properties({})), "are too many to be mail")
        parts = [(inline, part) for inline, part in filter(None, found)]
        if item.properties.text(Tag.MESSAGE_CLASS).upper().startswith("IPM.NOTE.SMIME") and len(parts) == 1:
            return parts[0][1]
        texts = texts_of(item.properties, sent_as) or [("text/plain", "")]
        body = _joined("alternative", [_part(kind, text.encode("utf-8", "replace")) for kind, text in texts])
        body = _joined("related", [body, *(part for inline, part in parts if inline)])
        return _joined("mixed", [body, *(part for inline, part in parts if not inline)])

    def part(self, attached: Attached, depth: int) -> tuple[bool, bytes] | None:
        """Return an attachment as a part, and whether it is shown within the text; None if it is missing."""
        said = attached.properties
        name = _name_of(attached)
        try:
            content, kind = self.bytes_of(attached, name, depth)
        except OSError as error:
            self.leave_out(name, attached, str(error))
            return None
        if kind == "multipart/signed":  # MS-OXOSMIME 2.1.3.2: the whole part with its own fields
            return False, content
        if attached.open is not None:
            name = ""  # Outlook shows its subject; so do we where a mail names it in no way
        cid = _line(said.text(Tag.ATTACH_CONTENT_ID)).strip("<> ")
        return bool(cid), _part(kind, content, name=name, cid=cid)

    def bytes_of(self, attached: Attached, name: str, depth: int) -> tuple[bytes, str]:
        """Return the bytes of an attachment and their type; raises OSError that says why there are none."""
        said = attached.properties.text(Tag.ATTACH_MEDIA_TYPE).strip().lower()
        if attached.open is not None:
            if depth >= _DEEPEST:
                raise OSError("is attached too deep, in one message within another")
            return self.mail(attached.open(), depth + 1), "message/rfc822"
        if attached.load is None:
            raise OSError(attached.missing)
        if attached.size > self.left:
            raise OSError(f"is larger than {LARGEST_MAIL // 2 // 1024**2} MiB, with what came before it")
        content = attached.load()
        self.left -= len(content)
        if said == "multipart/signed" and content[:200].lstrip().lower().startswith(b"content-type:"):
            return content.lstrip(), said
        return content, said if _MEDIA_TYPE.fullmatch(said) else media_type(name)

    def leave_out(self, name: str, attached: Attached, why: str) -> None:
        said = attached.properties
        is_mail = said.number(Tag.ATTACH_METHOD) == _EMBEDDED
        kind = "message/rfc822" if is_mail else said.text(Tag.ATTACH_MEDIA_TYPE).lower() or media_type(name)
        self.missing.append(RawAttachment(name or "attachment", kind, attached.size or None, missing=why))


def _kept_header(text: str) -> _Kept:
    # Exchange appends the fields of inner parts after a blank line, and may begin with a line of its own.
    own = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n").partition("\n\n")[0]
    fields = [(found[1].lower(), found[0].rstrip()) for found in _FIELD.finditer(own)]
    declared = next((line for name, line in fields if name == "content-type"), "")
    return _Kept(
        [line.replace("\n", "\r\n") for name, line in fields if not _STRUCTURE.match(name)],
        frozenset(name for name, _ in fields),
        declared.partition(":")[2].partition(";")[0].strip().lower(),
    )


def _made_header(item: Item, known: frozenset[str]) -> list[str]:
    """Return the fields that the kept header lacks."""
    said = item.properties
    sent_at = said.moment(Tag.CLIENT_SUBMIT_TIME)
    fields = {
        "From": author_of(said),
        "To": _recipients(item, "to", Tag.DISPLAY_TO),
        "Cc": _recipients(item, "cc", Tag.DISPLAY_CC),
        "Bcc": _recipients(item, "bcc", Tag.DISPLAY_BCC),
        "Subject": subject_of(said),
        "Date": format_datetime(sent_at) if sent_at else "",
        "Message-ID": _line(said.text(Tag.MESSAGE_ID)),
        "In-Reply-To": _line(said.text(Tag.IN_REPLY_TO)),
        "References": _line(said.text(Tag.REFERENCES)),
    }
    return [f"{name}: {value}" for name, value in fields.items() if value and name.lower() not in known]


def subject_of(said: Properties) -> str:
    r"""Return the subject; a pst marks the length of its prefix with two characters (MS-PST 2.5.3.1.1.1)."""
    subject = said.text(Tag.SUBJECT)
    return _line(subject[2:] if subject.startswith("\x01") else subject)


def author_of(said: Properties) -> str:
    """Return whom the mail is from: the one represented, not the assistant who sent it."""
    represented = _mailbox(
        said.text(Tag.SENT_REPRESENTING_NAME),
        said.text(Tag.SENT_REPRESENTING_SMTP_ADDRESS),
        said.text(Tag.SENT_REPRESENTING_ADDRESS),
    )
    sender = _mailbox(
        said.text(Tag.SENDER_NAME), said.text(Tag.SENDER_SMTP_ADDRESS), said.text(Tag.SENDER_ADDRESS)
    )
    return sender if "@" in sender and "@" not in represented else represented or sender


def _recipients(item: Item, kind: str, shown: Tag) -> str:
    rows = [one for one in item.recipients if _KINDS[one.number(Tag.RECIPIENT_TYPE) & 3] == kind]
    mailboxes = [
        _mailbox(one.text(Tag.DISPLAY_NAME), one.text(Tag.SMTP_ADDRESS), one.text(Tag.ADDRESS))
        for one in rows
    ]
    if not item.recipients:  # only the names that Outlook shows are left
        mailboxes = [_mailbox(name, "", "") for name in item.properties.text(shown).split(";")]
    return ",\r\n ".join(filter(None, mailboxes))


def _name_of(attached: Attached) -> str:
    said = attached.properties
    names = (said.text(tag) for tag in (Tag.ATTACH_LONG_NAME, Tag.ATTACH_NAME, Tag.DISPLAY_NAME))
    return next(filter(None, map(_line, names)), "")


def _mailbox(name: str, *addresses: str) -> str:
    """Return a mailbox; of somebody with no mail address but one of Exchange (`/O=...`) only the name."""
    name = _line(name).strip("'\" ")
    found = next((one.strip() for one in (*addresses, name) if _MAILBOX.fullmatch(one.strip())), "")
    phrase = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' if name and name != found else ""
    return f"{phrase} <{found}>".strip() if found else phrase


def _html(said: Properties) -> str:
    raw = said.binary(Tag.HTML)
    charset = code_page(said.number(Tag.INTERNET_CODE_PAGE)) or said.charset
    return decode(raw, charset)[0] if raw else said.text(Tag.HTML)


def _part(kind: str, content: bytes, *, name: str = "", cid: str = "") -> bytes:
    """Return one part with its fields; the standard library writes names of every alphabet."""
    head = Message()
    head["Content-Type"] = kind
    is_body = kind.startswith("text/") and not name and not cid
    if is_body:
        head.set_param("charset", "utf-8")
    else:
        plain = name.isascii() and not {'"', "\\"} & set(name)
        named = {"filename": name if plain else ("utf-8", "", name)} if name else {}
        head.add_header("Content-Disposition", "inline" if cid else "attachment", **named)
    if cid:
        head["Content-ID"] = f"<{cid}>"
    if kind != "message/rfc822":
        head["Content-Transfer-Encoding"] = "quoted-printable" if is_body else "base64"
    fields = "".join(f"{field}: {value}\r\n" for field, value in head.items()).encode() + b"\r\n"
    if kind == "message/rfc822":
        return fields + content
    if is_body:
        lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        return fields + b2a_qp(lines, istext=True)
    return fields + encodebytes(content).replace(b"\n", b"\r\n")


def _joined(kind: str, parts: list[bytes]) -> bytes:
    """Return the parts as one; the boundary comes from their bytes, so it is the same each time."""
    if len(parts) == 1:
        return parts[0]
    digest = sha256()
    for part in parts:
        digest.update(part)
    boundary = f"=_{kind}_{digest.hexdigest()[:32]}"
    opening = f"\r\n--{boundary}\r\n".encode()
    fields = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n'.encode()
    return b"".join(
        (fields, *(piece for part in parts for piece in (opening, part)), opening[:-2], b"--\r\n")
    )


def _line(text: str) -> str:
    return _INVISIBLE.sub(" ", text).strip()
