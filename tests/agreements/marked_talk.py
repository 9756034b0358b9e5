"""Write a conversation with its statements marked: `talk("a: [Is 900 OK?|proposal]", "c: [Yes|approval]")`.

Each line is `person: text`; the person's first letter says the side (a agency, c client, x unknown).
A mark is `[quote|kind]` or `[quote|kind flag …]`. `a: (call 600)` is a call of 600 seconds. `c>2: …` answers
message m2. Messages are a quarter of an hour apart.
"""

import re
from datetime import UTC, date, datetime, timedelta

from service.agreements.agreement import Derived
from service.agreements.derive import derive
from service.archive.message import Conversation, Message, Person, Side
from service.extraction.statement import Statement, StatementKind

STARTED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIDES = {"a": Side.AGENCY, "c": Side.CLIENT, "x": Side.OTHER}
LINE = re.compile(r"(?P<author>\w+)(?:>(?P<reply>\d+))?: (?P<text>.*)", re.DOTALL)
TALK = re.compile(r"\((?P<type>call|voice|meeting) ?(?P<seconds>\d*) ?(?P<detail>\w*)\)")
MARK = re.compile(r"\[(?P<quote>[^|\]]*)\|(?P<kind>\w+)(?P<flags>[^\]]*)\]")

Marked = tuple[Conversation, list[Statement]]


def talk(*lines: str) -> Marked:
    """Return the conversation and its statements."""
    messages = []
    statements: list[Statement] = []
    for number, line in enumerate(lines, start=1):
        message, said = _message(number, LINE.fullmatch(line))
        messages.append(message)
        statements.extend(said)
    people = {one.author: Person(one.author, one.author, SIDES[one.author[0]]) for one in messages}
    return Conversation(
        "talk", "telegram", "", "UTC", tuple(people.values()), tuple(messages), "en"
    ), statements


def derived(*lines: str) -> Derived:
    """Return what the talk amounts to."""
    return derive(*talk(*lines))


def statuses(*lines: str) -> list[str]:
    """Return the status of each agreement of the talk."""
    return [one.status.value for one in derived(*lines).agreements]


def _message(number, line) -> tuple[Message, list[Statement]]:
    ident = f"m{number}"
    event = TALK.fullmatch(line["text"])
    text, said = ("", []) if event else _unmark(ident, line["text"])
    seconds = event["seconds"] if event else ""
    return Message(
        id=ident,
        author=line["author"],
        sent_at=STARTED_AT + timedelta(minutes=15 * number),
        type=event["type"] if event else "text",
        text=text,
        reply_to=f"m{line['reply']}" if line["reply"] else None,
        duration_for=timedelta(seconds=int(seconds)) if seconds else None,
        detail=event["detail"] if event else "",
    ), said


def _unmark(message: str, marked: str) -> tuple[str, list[Statement]]:
    text, said, read = "", [], 0
    for mark in MARK.finditer(marked):
        text += marked[read : mark.start()]
        said.append(_statement(message, len(text), mark["quote"], mark["kind"], mark["flags"].split()))
        text += mark["quote"]
        read = mark.end()
    return text + marked[read:], said


def _statement(message, start, quote, kind, flags) -> Statement:
    due = next((date.fromisoformat(flag) for flag in flags if flag[0].isdigit()), None)
    return Statement(
        message=message,
        start=start,
        end=start + len(quote),
        quote=quote,
        kind=StatementKind(kind),
        confidence=0.9,
        found_by="test",
        language="en",
        due=due,
        conditional="conditional" in flags,
        verbal="verbal" in flags,
        change="change" in flags,
    )
