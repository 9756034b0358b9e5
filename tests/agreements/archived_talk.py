"""Put a marked talk into the database, as the archive would keep it."""

import hashlib
from dataclasses import replace

from marked_talk import Marked

from service.archive.message import Message
from service.archive.tables import AddressRow, ConversationRow, MessageRow, PersonRow, ProjectRow


def archive(session, marked: Marked, first: int = 1000, project: str | None = None) -> Marked:
    """Return the talk with the ids that it has in the database; the first message gets the id `first`."""
    conversation, statements = marked
    ids = {message.id: first + number for number, message in enumerate(conversation.messages)}
    people = {person.id: _person(session, person, first) for person in conversation.people}
    session.add(
        ConversationRow(
            id=first,
            channel="telegram",
            key=str(first),
            title="Bakery",
            project_id=_project(session, project),
            first_at=conversation.messages[0].sent_at,
            last_at=conversation.messages[-1].sent_at,
        )
    )
    session.flush()
    session.add_all(_message(message, ids[message.id], first) for message in conversation.messages)
    session.flush()
    return (
        replace(
            conversation,
            id=str(first),
            people=tuple(replace(one, id=str(people[one.id])) for one in conversation.people),
            messages=tuple(_renamed(one, ids, people) for one in conversation.messages),
        ),
        [replace(one, message=str(ids[one.message])) for one in statements],
    )


def until(marked: Marked, number: int) -> Marked:
    """Return the talk as it was after its first messages."""
    conversation, statements = marked
    messages = conversation.messages[:number]
    known = {message.id for message in messages}
    return replace(conversation, messages=messages), [one for one in statements if one.message in known]


def _renamed(message: Message, ids, people) -> Message:
    reply = None if message.reply_to is None else str(ids[message.reply_to])
    return replace(message, id=str(ids[message.id]), author=str(people[message.author]), reply_to=reply)


def _person(session, person, first) -> int:
    row = PersonRow(name=f"{person.name}-{first}", side=person.side)
    session.add(row)
    session.flush()
    session.add(AddressRow(kind="telegram", value=row.name, person_id=row.id))
    return row.id


def _project(session, name: str | None) -> int | None:
    if name is None:
        return None
    row = ProjectRow(name=name, client=f"Client of {name}")
    session.add(row)
    session.flush()
    return row.id


def _message(message: Message, ident: int, conversation: int) -> MessageRow:
    return MessageRow(
        id=ident,
        identity=hashlib.sha256(str(ident).encode()).hexdigest()[:32],
        conversation_id=conversation,
        format="telegram",
        kind=message.type,
        sent_at=message.sent_at,
        seen_at=message.sent_at,
        text=message.text,
        blob_sha256=hashlib.sha256(message.text.encode()).hexdigest(),
    )
