"""What a record of Telegram's JSON export says. In: its object. Out: text, and a detail for service records.

Never: raises, whatever the types are; shows a gift code or a button's data.

The keys are those of Telegram Desktop's export_output_json.cpp from 2018 to 7.2 (2026).
"""

import json
from collections.abc import Iterator
from typing import Any

from service.sources.json_values import members, objects, storable, word
from service.sources.raw_message import Kind

CALLS = frozenset({"phone_call", "group_call", "conference_call"})
_DEEPEST = 40
_RICH_WORDS = frozenset({"text", "title", "source", "description", "author", "credit", "old_text"})
_ABOUT = (
    *("title", "new_title", "information_text", "inviter", "option", "comment", "new_creator", "bot"),
    *("emoticon", "score", "boosts", "winners", "messages_count", "stars_count", "price_stars", "stars"),
    *("cost", "amount", "currency", "price_amount_whole", "price_currency", "period", "distance"),
)
"""What service records say of themselves, in the order in which it is shown."""
_WITHOUT_WORDS = ("giveaway_information", "giveaway_results", "paid_stars_amount")
"""Messages that show something which is neither text nor a file."""


def plain(value: Any, depth: int = _DEEPEST) -> str:
    """Return the words of a `text`: a string, or a list of strings and marked-up parts.

    >>> plain(["see ", {"type": "link", "text": "http://a.b"}])
    'see http://a.b'
    """
    if isinstance(value, list):
        return "".join(plain(part, depth - 1) for part in value) if depth else ""
    if isinstance(value, dict):
        return plain(value.get("text"), depth - 1) if depth else ""
    if value is None:
        return ""
    return storable(str(value))


def written(raw: dict[str, Any], *, service: bool) -> str:
    """Return the text, and below it what a message says by other means: polls, tasks, contacts, places."""
    text = plain(raw.get("text")) or plain(raw.get("text_entities"))
    if service:
        return text
    return "\n".join(line for line in (text, *_said_otherwise(raw)) if line)


def detail_of(raw: dict[str, Any], kind: Kind) -> str:
    """Return what a service record is about, a call's outcome, or who signed a channel's post."""
    if kind == Kind.UNKNOWN:
        return word(raw.get("type")) or "unknown"
    if kind == Kind.CALL:
        return _outcome(raw)
    if kind == Kind.SYSTEM:
        return ": ".join(filter(None, (word(raw.get("action")), ", ".join(filter(None, _about(raw))))))
    shown = next((key for key in _WITHOUT_WORDS if key in raw), "")
    return word(raw.get("author")) or word(raw.get("sticker_emoji")) or shown


def rich_parts(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every object inside a `rich_message` (since 7.0): some of them name files."""
    stack: list[tuple[Any, int]] = [(raw.get("rich_message"), _DEEPEST)]
    while stack:
        value, depth = stack.pop()
        if isinstance(value, dict):
            yield value
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        if depth:
            stack.extend((one, depth - 1) for one in reversed(inner) if isinstance(one, (dict, list)))


def _said_otherwise(raw: dict[str, Any]) -> Iterator[str]:
    yield from _rich_lines(raw.get("rich_message"))
    if poll := members(raw.get("poll")):
        yield plain(poll.get("question"))
        for answer in objects(poll.get("answers")):
            yield f"- {plain(answer)} ({word(answer.get('voters')) or 0})"
    if tasks := members(raw.get("todo_list")):
        yield plain(tasks.get("title"))
        yield from (f"- {plain(task)}" for task in objects(tasks.get("answers") or tasks.get("items")))
    if contact := members(raw.get("contact_information")):
        name = f"{word(contact.get('first_name'))} {word(contact.get('last_name'))}".strip()
        yield ", ".join(filter(None, (name, word(contact.get("phone_number")))))
    yield from (word(raw.get(key)) for key in ("place_name", "address"))
    if place := members(raw.get("location_information")):
        yield f"{word(place.get('latitude'))}, {word(place.get('longitude'))}"
    yield from (word(raw.get(key)) for key in ("game_title", "game_description"))
    if invoice := _invoice(raw.get("invoice_information")):
        yield from (word(invoice.get(key)) for key in ("title", "description"))
    for giveaway in ("giveaway_information", "giveaway_results"):
        yield word(members(raw.get(giveaway)).get("additional_prize"))


def _invoice(value: Any) -> dict[str, Any]:
    """Read an invoice: the writer puts it into a string that holds JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {"title": value}
    return members(value)


def _rich_lines(value: Any, depth: int = _DEEPEST) -> Iterator[str]:
    """Yield the lines of a formatted page: its blocks in order, a row of a table as one line."""
    if isinstance(value, list) and depth:
        for one in value:
            yield from _rich_lines(one, depth - 1)
    for key, inner in members(value).items() if depth else ():
        if key in _RICH_WORDS:
            yield plain(inner, depth - 1)
        elif key == "cells":
            yield " | ".join(plain(cell, depth - 1) for cell in objects(inner))
        else:
            yield from _rich_lines(inner, depth - 1)


def _outcome(raw: dict[str, Any]) -> str:
    if raw.get("is_missed") is True:
        return "missed"
    if reason := word(raw.get("discard_reason")):
        return reason
    if word(raw.get("action")) == "group_call":
        # The record of a voice chat gets its duration when the chat ends.
        return "ended" if raw.get("duration") else "started"
    return "active" if raw.get("is_active") is True else word(raw.get("action"))


def _about(raw: dict[str, Any]) -> Iterator[str]:
    if raw.get("rejected") is True:
        yield "rejected"
    yield from (word(raw.get(key)) for key in _ABOUT)
    yield plain(raw.get("gift_text"))
    for key in ("completed", "incompleted"):
        tasks = raw.get(key)
        if isinstance(tasks, list) and tasks:
            yield f"{key} {', '.join(word(task) for task in tasks)}"
    yield from (plain(task) for task in objects(raw.get("items")))
    names = raw.get("members")
    yield from (word(name) or "Deleted Account" for name in (names if isinstance(names, list) else ()))
