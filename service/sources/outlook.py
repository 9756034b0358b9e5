"""Turn an item of Outlook into a record. In: Item. Out: RawMessage or Unreadable. Never: drops an item.

Outlook keeps no mail as it was sent, only its pieces: the mail is put together again and read like any other,
so that a copy of it from elsewhere is recognised where that can be. Every record says so in its warnings.

What is no mail (appointments, contacts, tasks, notes) becomes a record of the kind UNKNOWN that names its
class: kept and counted, with its subject, text and times, but without fields that only Outlook knows. So does
a draft: nobody has sent it, and it proves nothing.
"""

from dataclasses import replace
from datetime import timedelta

from service.sources.mapi import Item, Properties, Tag
from service.sources.meeting import Meeting
from service.sources.mime import read_mail
from service.sources.outlook_mail import rebuild, subject_of
from service.sources.raw_message import Kind, RawAddress, RawMessage, Unreadable

RECONSTRUCTED = "reconstructed from Outlook data: not byte for byte what was sent"
_UNSENT = 0x08
"""MSGFLAG_UNSENT (MS-OXCMSG 2.2.1.6)."""
_MEETINGS = {  # MS-OXOCAL 2.2.5 to 2.2.9: classes of messages, with the method of RFC 5546 and the answer
    "REQUEST": ("request", ""),
    "CANCELED": ("cancel", ""),
    "RESP.POS": ("reply", "accepted"),
    "RESP.NEG": ("reply", "declined"),
    "RESP.TENT": ("reply", "tentative"),
}
_REPORTS = {  # MS-OXOMSG 2.2.2.1: the last part of the class of a report
    "NDR": "delivery-report",
    "DR": "delivery-report",
    "DELAYED": "delivery-report",
    "IPNRN": "read-receipt",
    "IPNNRN": "read-receipt",
}
_MAIL = ("", "IPM.NOTE", "IPM.SCHEDULE.MEETING", "IPM.POST", "IPM.RECALL", "REPORT")
_NO_MAIL = "is no mail but {}: only its subject, text and times are kept"


def read_item(item: Item, *, format_name: str, position: int, where: str) -> RawMessage | Unreadable:
    """Read an item; `original` is the mail that it was rebuilt into."""
    rebuilt = rebuild(item)
    mail = read_mail(rebuilt.data, format_name=format_name, position=position, where=where)
    said = item.properties
    class_name = said.text(Tag.MESSAGE_CLASS).strip()
    if isinstance(mail, Unreadable):
        return replace(mail, why=f"holds nothing that mail has (class {class_name or 'unknown'})")
    kind, detail = _kind(item, class_name.upper(), mail)
    warnings = [RECONSTRUCTED, *item.warnings]
    if kind is Kind.UNKNOWN:
        warnings.append("is a draft: nobody sent it" if detail == "draft" else _NO_MAIL.format(detail))
    warnings += [f"attachment {one.name!r}: {one.missing}" for one in rebuilt.missing[:10]]
    names = _names(item)
    return replace(
        mail,
        kind=kind,
        detail=detail,
        author=_named(mail.author, names) if mail.author else None,
        to=tuple(_named(one, names) for one in mail.to),
        cc=tuple(_named(one, names) for one in mail.cc),
        bcc=tuple(_named(one, names) for one in mail.bcc),
        internal_at=said.moment(Tag.DELIVERY_TIME) or said.moment(Tag.LAST_MODIFIED),
        duration_for=_lasts(said) if kind is Kind.MEETING else None,
        attachments=mail.attachments + rebuilt.missing,
        warnings=(*warnings, *mail.warnings),
    )


def _kind(item: Item, class_name: str, mail: RawMessage) -> tuple[Kind, str]:
    """Return what an item is, and the detail that says it in the words of mail."""
    said = item.properties
    family, _, rest = class_name.partition("IPM.SCHEDULE.MEETING.")
    if not family and (method := next((one for one in _MEETINGS if rest.startswith(one)), "")):
        return Kind.MEETING, str(_meeting(item, *_MEETINGS[method]))
    if class_name.startswith("REPORT."):
        return Kind.TEXT, _REPORTS.get(class_name.rpartition(".")[2], "delivery-report")
    if not class_name.startswith(_MAIL[1:]) and class_name:
        return Kind.UNKNOWN, said.text(Tag.MESSAGE_CLASS).strip()[:200]
    has_left = said.text(Tag.TRANSPORT_HEADERS) or said.moment(Tag.CLIENT_SUBMIT_TIME)
    if said.number(Tag.MESSAGE_FLAGS) & _UNSENT and not has_left:
        return Kind.UNKNOWN, "draft"
    return mail.kind, mail.detail


def _meeting(item: Item, method: str, answer: str) -> Meeting:
    said = item.properties
    number = said.number(Tag.OWNER_APPOINTMENT_ID)
    return Meeting(
        method=method,
        start=said.moment(Tag.START_DATE),
        key=f"{number:08x}" if number else "",
        answer=answer,
        guests=len(item.recipients) if method == "request" else 0,
        summary=subject_of(said),
    )


def _lasts(said: Properties) -> timedelta | None:
    start, end = said.moment(Tag.START_DATE), said.moment(Tag.END_DATE)
    return end - start if start and end and end > start else None


def _names(item: Item) -> dict[str, str]:
    """Map the names of people as a header without a mail address reads them to what Outlook shows."""
    said = item.properties
    shown = [said.text(Tag.SENT_REPRESENTING_NAME), said.text(Tag.SENDER_NAME)]
    shown += [
        name
        for tag in (Tag.DISPLAY_TO, Tag.DISPLAY_CC, Tag.DISPLAY_BCC)
        for name in said.text(tag).split(";")
    ]
    shown += [one.text(Tag.DISPLAY_NAME) for one in item.recipients]
    return {name.strip("'\" ").lower(): name.strip("'\" ") for name in shown}


def _named(address: RawAddress, names: dict[str, str]) -> RawAddress:
    if "@" in address.value or address.name:
        return address
    return replace(address, name=names.get(address.value, ""))
