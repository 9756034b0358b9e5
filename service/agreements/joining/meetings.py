"""Which meetings were held, and when. In: messages. Out: ids, instants. Never: asks what time it is now.

Calendars send a mail for everything: to invite, to move, to answer, to call off. Only the last invitation to
a meeting stands for it, unless the meeting was called off after it, or everybody declined.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from service.archive.message import Message
from service.archive.subject import bare_subject
from service.sources.meeting import Meeting, meeting_of

_INVITATION = "request"


def meetings_held(messages: Sequence[Message]) -> set[str]:
    """Return the ids of the messages that stand for a meeting; `messages` are in order of time."""
    mails: dict[str, list[tuple[Message, Meeting]]] = defaultdict(list)
    held: set[str] = set()
    for message in messages:
        if message.type != "meeting":
            continue
        meeting = meeting_of(message.detail)
        if meeting.key:
            mails[meeting.key].append((message, meeting))
        elif meeting.method in {"", _INVITATION}:
            held.add(message.id)  # nothing more is known of it
    return held | {message.id for several in mails.values() for message in _standing(several)}


def _standing(mails: Sequence[tuple[Message, Meeting]]) -> Iterable[Message]:
    """Return the message that stands for one meeting, in a list of one, or none."""
    invited = [place for place, (_, meeting) in enumerate(mails) if meeting.method == _INVITATION]
    if not invited:
        return []
    message, meeting = mails[invited[-1]]
    since = mails[invited[-1] + 1 :]
    answers = {mail.author: one.answer for mail, one in since if one.method == "reply"}
    coming = meeting.guests - sum(answer == "declined" for answer in answers.values())
    called_off = any(one.method == "cancel" for _, one in since)
    return [] if called_off or coming <= 0 else [message]


def took_place_at(message: Message) -> datetime:
    """Return when a talk took place: a meeting when it was to start, everything else when it was sent."""
    if message.type != "meeting":
        return message.sent_at
    return meeting_of(message.detail).starts_at(message.sent_at.tzinfo) or message.sent_at


def name_of(message: Message) -> str | None:
    """Return what a meeting is called: its summary, else the mail's subject; None for other talks."""
    if message.type != "meeting":
        return None
    return meeting_of(message.detail).summary or bare_subject(message.subject or "") or None
