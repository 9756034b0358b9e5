"""Draft a written recap. In: a talk or an agreement with its statements. Out: Recap. Never: sends it.

The words are the speakers' own: each point is a quote, so that the reader recognises what was said.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.agreements import recaps
from service.agreements.agreement import Agreement, VerbalEvent
from service.agreements.joining.meetings import took_place_at
from service.agreements.joining.title import title_of
from service.agreements.wording import Wording
from service.archive.message import Conversation
from service.extraction.statement import Statement, StatementKind
from service.plugins import discover

FALLBACK = "en"
POINTS = frozenset({StatementKind.DECISION, StatementKind.PROPOSAL, StatementKind.COMMITMENT})
"""Kinds that can be terms; requests and answers are not."""

TALKS = frozenset({"call", "voice", "meeting"})
"""Message types that are talks."""


@dataclass(frozen=True, slots=True)
class Recap:
    """A message to copy, change and send."""

    subject: str
    text: str


def draft_recap(
    conversation: Conversation, thing: VerbalEvent | Agreement, statements: Sequence[Statement]
) -> Recap:
    """Return a polite recap in the language of the talk, its points as a list, ending in a clear question.

    `statements` are the conversation's; where nothing is known of what was said, a line says so for the
    sender to fill in.
    """
    wording = _wording(_language(conversation, thing, statements))
    said = _points(conversation, thing, statements)
    points = [_point(one, wording) for one in said] or [wording.nothing_known]
    title = (thing.title if isinstance(thing, Agreement) else thing.about) or wording.untitled
    lines = [
        wording.greeting,
        "",
        _opening(conversation, thing, wording),
        *(f"{number}. {point}" for number, point in enumerate(points, start=1)),
        "",
        wording.question,
        "",
        wording.closing,
    ]
    return Recap(wording.subject.format(title=title), "\n".join(lines))


def _wording(language: str) -> Wording:
    known: dict[str, Wording] = {one.language: one for one in discover(recaps, "RECAP")}
    return known.get(language, known[FALLBACK])


def _language(
    conversation: Conversation, thing: VerbalEvent | Agreement, statements: Sequence[Statement]
) -> str:
    """Return the language of the matter, else the one that most of the conversation's statements are in."""
    if isinstance(thing, Agreement):
        return thing.language
    if conversation.language is not None:
        return conversation.language
    counted = Counter(one.language for one in statements)
    return max(sorted(counted), key=lambda code: counted[code], default=FALLBACK)


def _points(
    conversation: Conversation, thing: VerbalEvent | Agreement, statements: Sequence[Statement]
) -> list[Statement]:
    """Return the statements that hold the terms: a matter's own, or what was written about a talk."""
    if isinstance(thing, Agreement):
        places = {(one.message, one.start) for one in thing.evidence}
        terms = [one for one in statements if (one.message, one.start) in places and one.kind in POINTS]
        # The newest terms hold: an offer that was countered is not what is to be confirmed.
        newest = max((_sent(conversation, one.message) for one in terms), default=None)
        return [one for one in terms if _sent(conversation, one.message) == newest]
    near = _until_the_next_talk(conversation, thing.message)
    return [one for one in statements if one.verbal and one.kind in POINTS and one.message in near]


def _until_the_next_talk(conversation: Conversation, message_id: str) -> set[str]:
    """Return the message and those up to the next talk: what they tell of a talk is about this one."""
    start = _took_place(conversation, message_id)
    talks = [took_place_at(one) for one in conversation.messages if one.type in TALKS]
    later = [at for at in talks if at > start]
    end = min(later, default=None)
    return {
        one.id for one in conversation.messages if start <= one.sent_at and (end is None or one.sent_at < end)
    }


def _sent(conversation: Conversation, message_id: str) -> datetime:
    return next(one.sent_at for one in conversation.messages if one.id == message_id)


def _took_place(conversation: Conversation, message_id: str) -> datetime:
    return next(took_place_at(one) for one in conversation.messages if one.id == message_id)


def _opening(conversation: Conversation, thing: VerbalEvent | Agreement, wording: Wording) -> str:
    if isinstance(thing, Agreement):
        return wording.written
    day = _took_place(conversation, thing.message).strftime(wording.dates)
    return wording.after[thing.kind].format(day=day)


def _point(statement: Statement, wording: Wording) -> str:
    text = title_of(statement.quote, statement.language) if "\n" in statement.quote else statement.quote
    text = text.strip().rstrip(".;,")
    if statement.due is None:
        return text
    return f"{text} ({wording.due.format(day=statement.due.strftime(wording.dates))})"
