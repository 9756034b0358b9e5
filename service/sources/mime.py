"""Read one mail, whoever wrote it: shared by every format that holds mail.

In: the bytes of a message. Out: RawMessage, or Unreadable where there is no mail at all.
Never: raises on what it finds, changes the bytes, doubts the sender's clock (the archive does that).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from service.sources.attachment_names import attachment_name
from service.sources.calendar_part import METHODS, CalendarEvent, account, read_calendar
from service.sources.charsets import decode
from service.sources.mail_headers import Header, message_ids, read_header, read_time, received_at
from service.sources.mail_protection import protection_of
from service.sources.mail_text import declared_in_html, enriched_to_text, html_to_text, plain_lines, unflow
from service.sources.meeting import Meeting
from service.sources.mime_parts import Part, leaves, loader, read_parts
from service.sources.raw_message import Kind, RawAddress, RawAttachment, RawMessage, Unreadable
from service.sources.tnef import is_tnef, text_in_tnef

_EVERY_MAIL_HAS_ONE = (b"from", b"date", b"message-id", b"received", b"subject", b"to", b"return-path")
_MOST_WARNINGS = 20


@dataclass(slots=True)
class _Body:
    """What the parts of one message come to, while they are walked in order."""

    data: bytes
    warnings: list[str]
    attachments: list[RawAttachment] = field(default_factory=list)
    leaves: int = 0
    meeting: Meeting | None = None
    """What the whole mail invites to, cancels or answers (RFC 5546)."""
    event: CalendarEvent | None = None
    """The same in full; None where the calendar part cannot be read."""
    tnef: Part | None = None
    """Outlook's own form of the mail, for one that has no other text."""


def read_mail(data: bytes, *, format_name: str, position: int, where: str) -> RawMessage | Unreadable:
    """Read a message; `format_name` and `position` are handed on, `where` names it in Unreadable."""
    if not data or data.isspace():
        return Unreadable(where, "is empty; save or fetch it again", data)
    root = read_parts(data)
    header = read_header(data, next(leaves(root)).parameters.get("charset", ""))
    if not any(name in header.fields for name in _EVERY_MAIL_HAS_ONE):
        return Unreadable(where, "is no mail: From, Date, Subject and To are missing", data)
    body = _Body(data, header.warnings)
    header.warnings.extend(_damage(root, data))
    text, html = _text(_pieces(root, body, alternative=True), header)
    if not text and body.tnef is not None:
        text, html = text_in_tnef(body.tnef.content())
    text = text or (account(body.event) if body.event else "")
    references = message_ids(header.raw(b"references"))
    return RawMessage(
        format=format_name,
        channel="email",
        kind=Kind.MEETING if body.meeting else Kind.TEXT,
        original=data,
        position=position,
        external_id=_own_id(header),
        author=_author(header),
        sent_at=_sent_at(header),
        text=text,
        subject=header.text(b"subject") if b"subject" in header.fields else None,
        to=header.mailboxes(b"to"),
        cc=header.mailboxes(b"cc"),
        bcc=header.mailboxes(b"bcc"),
        stamped_at=received_at(header),
        reply_to=next(iter(message_ids(header.raw(b"in-reply-to"))), references[-1] if references else None),
        references=(*_series(body.event), *references),
        attachments=tuple(body.attachments),
        duration_for=body.event.lasts if body.event else None,
        html=html,
        detail=str(body.meeting) if body.meeting else _detail(header, root) or protection_of(root, text),
        warnings=tuple(dict.fromkeys(header.warnings))[:_MOST_WARNINGS],
    )


def _damage(root: Part, data: bytes) -> Iterator[str]:
    if root.is_whole:
        yield "its parts are too many or too deep: kept whole, not read"
    if root.slow is not None:
        yield "its parts are damaged or unusual: read leniently"
    boundary = root.parameters.get("boundary", "")
    if root.children and boundary and f"--{boundary}--".encode() not in data:
        yield "the end of the mail is missing"  # a multipart closes with its boundary (RFC 2046, 5.1.1)


def _pieces(part: Part, body: _Body, *, alternative: bool) -> list[Part]:
    """Return the leaves whose text people read; the others become attachments.

    `alternative` says that the part stands for the whole mail: the root, or one of its renderings.
    """
    if part.is_whole:
        return []
    if part.children:
        inside = part.media_type == "multipart/alternative"
        # What is signed (RFC 1847) or leads a bundle of related parts (RFC 2387) is the mail itself.
        leads = alternative and part.media_type in {"multipart/signed", "multipart/related"}
        options = [
            _pieces(child, body, alternative=inside or (leads and place == 0))
            for place, child in enumerate(part.children)
        ]
        return _choose(options) if inside else [piece for option in options for piece in option]
    index, body.leaves = body.leaves, body.leaves + 1
    if part.media_type == "text/calendar":
        _invite(part, body, alternative=alternative)
    elif _is_text(part, alternative=alternative):
        return [part]
    elif is_tnef(part.media_type, part.name):
        body.tnef = body.tnef or part
    body.attachments.append(_attachment(part, body, index))
    return []


def _invite(part: Part, body: _Body, *, alternative: bool) -> None:
    """Note what the mail invites to; a calendar that is attached like any file makes no meeting of a mail."""
    method = part.parameters.get("method", "").lower()
    if body.meeting or part.disposition == "attachment" or not (alternative or method):
        return
    event = read_calendar(decode(part.content(), part.parameters.get("charset", ""))[0], method)
    method = event.method if event else method
    if method in METHODS:
        body.event = event
        body.meeting = event.meeting if event else Meeting(method)


def _series(event: CalendarEvent | None) -> tuple[str, ...]:
    """Name what all mails about a meeting share: answers and cancellations often refer to no other mail."""
    return message_ids(f"<{event.uid}@calendar>") if event and event.uid else ()


def _is_text(part: Part, *, alternative: bool) -> bool:
    if part.disposition == "attachment":
        return False
    if part.media_type in {"text/plain", "text/html"}:
        return alternative or not part.name
    return part.media_type.startswith("multipart/") or (alternative and part.media_type.startswith("text/"))


def _choose(options: list[list[Part]]) -> list[Part]:
    """Of several renderings take plain text that is not blank, else HTML, else whatever there is."""
    written = [option for option in options if any(_has_words(piece) for piece in option)]
    plain = [option for option in written if all(piece.media_type == "text/plain" for piece in option)]
    html = [option for option in written if any(piece.media_type == "text/html" for piece in option)]
    return next(iter(plain or html or written), [])


def _has_words(part: Part) -> bool:
    content = part.content()
    return bool(content) and not content.isspace()


def _text(pieces: list[Part], header: Header) -> tuple[str, str | None]:
    """Return the words of the pieces, and their HTML where they are nothing else."""
    sources = [_decoded(piece, header) for piece in pieces]
    text = "\n\n".join(map(_readable, pieces, sources)).strip("\n")
    only_html = bool(pieces) and all(piece.media_type == "text/html" for piece in pieces)
    return text, "\n".join(sources) if only_html else None


def _decoded(part: Part, header: Header) -> str:
    content = part.content()
    charset = part.parameters.get("charset", "")
    if not charset and part.media_type == "text/html":
        charset = declared_in_html(content)
    text, warning = decode(content, charset)
    if warning:
        header.warnings.append(warning)
    return text


def _readable(part: Part, source: str) -> str:
    if part.media_type == "text/html":
        return html_to_text(source)
    text = plain_lines(source)
    if part.media_type in {"text/enriched", "text/richtext"}:
        return enriched_to_text(text)
    if part.parameters.get("format", "").lower() == "flowed":
        return unflow(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _attachment(part: Part, body: _Body, index: int) -> RawAttachment:
    content = part.content()
    name, warning = attachment_name(part, content, len(body.attachments) + 1)
    if warning:
        body.warnings.append(warning)
    return RawAttachment(
        name=name,
        media_type=part.media_type,
        size=len(content),
        load=loader(body.data, index),
        in_original=True,
    )


def _author(header: Header) -> RawAddress | None:
    for name in (b"from", b"sender"):
        if mailboxes := header.mailboxes(name):
            return mailboxes[0]
    header.warnings.append("no author: From is missing or empty")
    return None


def _sent_at(header: Header) -> datetime | None:
    claimed = header.raw(b"date")
    moment = read_time(claimed)
    if moment is None:
        header.warnings.append(f"Date is no time: {claimed[:60]!r}" if claimed else "no Date")
    return moment


def _own_id(header: Header) -> str:
    found = message_ids(header.raw(b"message-id"))
    if not found:
        header.warnings.append("no Message-ID")
        return ""
    return found[0]


def _detail(header: Header, root: Part) -> str:
    """Say who wrote a mail that no person wrote: RFC 3834 replies, RFC 3464 and 8098 reports."""
    if root.media_type == "multipart/report":
        kind = root.parameters.get("report-type", "").lower()
        return "read-receipt" if kind == "disposition-notification" else "delivery-report"
    automatic = header.raw(b"auto-submitted").lower()
    if automatic.startswith("auto-replied") or header.fields.keys() & {b"x-autoreply", b"x-autorespond"}:
        return "auto-reply"
    return "auto-generated" if automatic.startswith("auto-") else ""
