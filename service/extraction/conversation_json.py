"""Conversations as JSON, as `scripta extract` reads and writes them. In: an object. Out: Conversation.

Keys that are not needed (`gold` among them) are passed over. Never: reads files.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.archive.message import Conversation, Message, Person, Side
from service.errors import SourceError
from service.extraction.statement import Statement


def conversation_from_json(document: Mapping[str, Any]) -> Conversation:
    """Return the conversation; SourceError says which key is missing or wrong."""
    try:
        return Conversation(
            id=str(document["id"]),
            channel=str(document.get("channel") or ""),
            title=str(document.get("project") or ""),
            zone=str(document.get("timezone") or "UTC"),
            people=tuple(
                Person(
                    id=str(person["id"]), name=str(person.get("name") or ""), side=_side(person.get("side"))
                )
                for person in document.get("participants") or ()
            ),
            messages=tuple(_message(message) for message in document["messages"]),
            language=document.get("language"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(
            f"The conversation {document.get('id', 'without id')!r} cannot be read: {error!r}. "
            "Each needs `id` and `messages`, each message `id`, `author` and `sent_at` (ISO 8601)."
        ) from error


def _side(value: object) -> Side:
    return next((side for side in Side if side.value == value), Side.OTHER)


def _message(message: Mapping[str, Any]) -> Message:
    seconds = message.get("duration_s")
    return Message(
        id=str(message["id"]),
        author=str(message.get("author") or ""),
        sent_at=datetime.fromisoformat(message["sent_at"]),
        type=str(message.get("type") or "text"),
        text=str(message.get("text") or ""),
        subject=message.get("subject"),
        reply_to=message.get("reply_to"),
        duration_for=None if seconds is None else timedelta(seconds=seconds),
    )


def prediction_to_json(
    conversation: str,
    statements: Sequence[Statement],
    agreements: Sequence[Mapping[str, Any]] = (),
    verbal: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return what is printed for one conversation, given its id."""
    return {
        "id": conversation,
        "statements": [_statement(statement) for statement in statements],
        "agreements": list(agreements),
        "verbal": list(verbal),
    }


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "message": statement.message,
        "start": statement.start,
        "end": statement.end,
        "quote": statement.quote,
        "kind": statement.kind.value,
        "due": None if statement.due is None else statement.due.isoformat(),
        "due_text": statement.due_text,
        "conditional": statement.conditional,
        "verbal": statement.verbal,
        "change": statement.change,
        "confidence": round(statement.confidence, 3),
        "found_by": statement.found_by,
        "language": statement.language,
    }
