"""Where the chats of a file are kept. In: Traces. Out: Places. Never: one conversation for two chats.

A key is not enough: WhatsApp knows a chat only by the name that its exporter gave it, and Telegram one of two
by the id of the other person, so two colleagues' chats with Anna bear one key, and Anna's export another.
Chats are compared by their words (`same_chat.py`). The name of a chat is a key that is unique: of a second
chat with the same key, or for other ids of the same messages, it has a number behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from sqlalchemy import select as sql_select
from sqlalchemy import update
from sqlmodel import Session, col, select

from service.archive.alike import Trace, trace_of
from service.archive.identity import PLACE_BITS, chat_name, identity, identity_of_id
from service.archive.people import Key
from service.archive.same_chat import FEW, Line, Member, Sketch, compare, is_same_by_key, is_same_by_words
from service.archive.storable import storable
from service.archive.tables import (
    AddressRow,
    ChatKeyRow,
    ConversationRow,
    CopyRow,
    MessageRow,
)
from service.archive.times import Times
from service.db.bulk import chunks, insert_rows
from service.sources.raw_message import SERVICE_KINDS, Kind, RawMessage

NAMESAKES = 50
"""Chats of one key that are asked for at once; more than most people have."""
NUMBER = "\x1f"
"""Stands before the number of a name; no platform's key holds it."""
MOST_LINES = 20_000
"""Kept messages that a chat is compared with, the newest of its time."""
MOST_CANDIDATES = 5
RECENT = 500
"""Messages by which it is known who takes part."""
FARTHEST_ZONES = timedelta(hours=26) // timedelta(minutes=1)

Chat = tuple[str, str]
"""Channel and key of a chat in its file."""


@dataclass(slots=True)
class Place:
    """Where the messages of a chat of a file are kept."""

    name: str
    """Unique among the chats of its channel: its messages are identified by it."""
    conversation_id: int | None = None
    """None until its first message opens it."""
    is_new_name: bool = False
    """Whether the name is still to be written down."""
    may_hold: bool = False
    """Whether messages may be kept there from another file, under other ids or names."""
    people: dict[Key, set[int]] = field(default_factory=dict)
    """Addresses that people of the file have in the kept chat."""
    joins: tuple[int, ...] = ()
    """Other kept conversations that are the same chat."""
    is_latest: bool = True
    """False for an export that ends before what is kept: what it lacks may have come later."""


@dataclass(slots=True)
class _Kept:
    """A conversation that may be the chat."""

    row: ConversationRow
    names: list[str]
    members: list[Member]


@dataclass(slots=True)
class Chats:
    """The chats of one file; `look` at all of it first where that is possible."""

    is_whole: bool = False
    """Whether all of the file was looked at."""
    project_id: int | None = None
    """The project that somebody says the file is of."""
    _sketches: dict[Chat, Sketch] = field(default_factory=dict)
    _places: dict[Chat, Place] = field(default_factory=dict)

    def look(self, session: Session, traces: Sequence[Trace]) -> None:
        """Take up records, and note the kept conversations that say the same."""
        by_words: dict[int, list[Sketch]] = {}
        by_identity: dict[str, Sketch] = {}
        for trace in traces:
            sketch = self._sketch(trace)
            sketch.add(trace)
            if trace.words:
                by_words.setdefault(trace.alike, []).append(sketch)
            if not trace.external_id:
                by_identity[trace.identity] = sketch
        for keys in chunks(list(by_words)):
            found = select(MessageRow.alike_key, MessageRow.conversation_id).where(
                col(MessageRow.alike_key).in_(keys)
            )
            for key, place in session.exec(found):
                assert key is not None
                for sketch in by_words[key]:
                    sketch.hits[place] += 1
        for names in chunks(list(by_identity)):
            known = select(MessageRow.identity, MessageRow.conversation_id)
            for name, place in session.exec(known.where(col(MessageRow.identity).in_(names))):
                by_identity[name].known[place] += 1

    def settle(self, session: Session) -> None:
        """Decide where the chats are kept that were looked at; nothing is written."""
        for chat, sketch in self._sketches.items():
            if chat not in self._places:
                self._places[chat] = self._settled(session, sketch)
        # Of a chat that is not kept, another import may keep the first message before this one does.
        self._sketches = {
            chat: sketch
            for chat, sketch in self._sketches.items()
            if self._places[chat].conversation_id is None
        }

    def places(self, session: Session, found: Sequence[tuple[RawMessage, Times]]) -> dict[Chat, Place]:
        """Return where the chats of a batch are kept; one that nobody looked at is known by the batch."""
        chats = {_chat(raw): raw for raw, _ in found if raw.conversation}
        unknown = [one for one in found if _chat(one[0]) in chats.keys() - self._places.keys()]
        self.look(session, [trace for one in unknown if (trace := trace_of(*one))])
        self.settle(session)
        for chat in chats:
            sketch = self._sketches.pop(chat, None)
            if chat not in self._places:
                raws = [raw for raw, _ in found if raw.conversation and _chat(raw) == chat]
                self._places[chat] = _timeless(session, raws)
            elif sketch is not None and self._places[chat].name in _named(session, *chat):
                self._places[chat] = self._settled(session, sketch)
            _begin(session, chat, self._places[chat])
        return {chat: self._places[chat] for chat in chats}

    def _settled(self, session: Session, sketch: Sketch) -> Place:
        return _settled(session, sketch, self.project_id, is_whole=self.is_whole)

    def _sketch(self, trace: Trace) -> Sketch:
        chat = (trace.channel, trace.chat)
        if chat not in self._sketches:
            self._sketches[chat] = Sketch(trace.channel, trace.chat, trace.title)
        return self._sketches[chat]


def _chat(raw: RawMessage) -> Chat:
    return raw.channel, raw.conversation.key if raw.conversation else ""


def keeps_chats_of(session: Session, channel: str) -> bool:
    """Say whether anything of a channel is kept: if not, no chat of it can be known."""
    found = select(ConversationRow.id).where(ConversationRow.channel == channel).limit(1)
    return session.exec(found).first() is not None


def note_name(session: Session, channel: str, place: Place) -> None:
    """Write down another name of a conversation."""
    if place.is_new_name and place.conversation_id is not None:
        row = {"channel": channel, "key": storable(place.name), "conversation_id": place.conversation_id}
        insert_rows(session, ChatKeyRow, [row])
        place.is_new_name = False


def _settled(session: Session, sketch: Sketch, project_id: int | None, *, is_whole: bool) -> Place:
    named = _named(session, sketch.channel, sketch.key)
    by_key = {place: session.get_one(ConversationRow, place) for place in sorted(set(named.values()))}
    hits = [place for place, times in sketch.hits.most_common(MOST_CANDIDATES) if times > 1]
    by_words = {place: session.get_one(ConversationRow, place) for place in hits if place not in by_key}
    found: list[tuple[int, _Kept, frozenset[tuple[int, int]]]] = []
    for row in (*by_key.values(), *by_words.values()):
        members = _members(session, row.id)
        likeness = compare(sketch, _lines(session, row, sketch))
        if row.id in by_key:
            is_same = is_same_by_key(
                sketch,
                members,
                likeness,
                is_known=_is_known(session, sketch, row),
                is_elsewhere=project_id is not None and row.project_id not in {None, project_id},
            )
        else:
            is_same = is_same_by_words(sketch, row.key, row.title, members, likeness)
        if is_same:
            weight = likeness.matched + sketch.known[row.id]
            found.append((weight, _Kept(row, _names(session, row), members), likeness.people))
    if not found:
        return Place(_free_name(session, sketch.channel, sketch.key))
    found.sort(key=lambda one: (-one[0], one[1].row.id))
    kept = found[0][1]
    found = [one for one in found if _may_join(kept.row, one[1].row)]
    place = _place(session, sketch, kept)
    by_number = {number: key for key, number in sketch.people.items()}
    for number, address_id in frozenset().union(*(people for _, _, people in found)):
        place.people.setdefault(by_number[number], set()).add(address_id)
    place.joins = tuple(one.row.id for _, one, _ in found[1:])
    place.may_hold = place.may_hold or bool(place.joins)
    place.is_latest = not is_whole or max(sketch.minutes) >= int(kept.row.last_at.timestamp()) // 60
    return place


def _is_known(session: Session, sketch: Sketch, row: ConversationRow) -> bool:
    """Say whether enough of its records are kept in a conversation by their very identity."""
    if not sketch.has_ids:
        known, every = sketch.known[row.id], len(sketch.minutes)
    else:
        agreeing = [_agreement(session, sketch, name) for name in _names(session, row)]
        known = max((same for same, other in agreeing if same > other), default=0)
        every = len(sketch.sample)
    return known > 0 and known >= min(FEW, every) and known * 10 >= every


def _timeless(session: Session, raws: Sequence[RawMessage]) -> Place:
    """Return where a chat is kept of whose records none has a time: where they are kept already."""
    channel, key = _chat(raws[0])
    for name, place in _named(session, channel, key).items():
        wanted = list({identity(raw, chat=name) for raw in raws})
        known = 0
        for some in chunks(wanted):
            query = select(MessageRow.id).where(col(MessageRow.identity).in_(some))
            known += len(session.exec(query).all())
        if known * 2 >= len(wanted):
            return Place(name, place)
    return Place(_free_name(session, channel, key))


def _place(session: Session, sketch: Sketch, kept: _Kept) -> Place:
    """Say under which name the messages of a chat are identified in its conversation."""
    own = [name for name in kept.names if name.partition(NUMBER)[0] == storable(chat_name(sketch.key))]
    if not sketch.has_ids:
        name = own[0] if own else _free_name(session, sketch.channel, sketch.key)
        return Place(name, kept.row.id, is_new_name=not own, may_hold=True)
    agreeing = {name: _agreement(session, sketch, name) for name in kept.names}
    fitting = [name for name, (same, other) in agreeing.items() if same > other]
    if fitting:
        name = max(fitting, key=lambda one: agreeing[one][0])
        return Place(name, kept.row.id, may_hold=len(kept.names) > 1)
    untried = [name for name in own if not any(agreeing[name])]
    name = untried[0] if untried else _free_name(session, sketch.channel, sketch.key)
    return Place(name, kept.row.id, is_new_name=not untried, may_hold=not untried or len(kept.names) > 1)


def _agreement(session: Session, sketch: Sketch, name: str) -> tuple[int, int]:
    """Return how many of the ids name messages of the same time under a name, and how many of another."""
    wanted = {identity_of_id(sketch.channel, name, one): minute for one, minute in sketch.sample.items()}
    same = other = 0
    for some in chunks(list(wanted)):
        own = select(MessageRow.identity, MessageRow.id).where(col(MessageRow.identity).in_(some))
        copies = select(CopyRow.identity, CopyRow.message_id).where(col(CopyRow.identity).in_(some))
        for query in (own, copies):
            for key, message_id in session.exec(query):
                apart = abs((message_id >> PLACE_BITS) - wanted[key])
                # Times without a zone may have been read in another one.
                fits = apart <= FARTHEST_ZONES and apart % 15 in {0, 1, 14}
                same, other = same + fits, other + (not fits)
    return same, other


def _named(session: Session, channel: str, key: str) -> dict[str, int]:
    """Return the conversations of chats with this key, by their names."""
    found: dict[str, int] = {}
    first = 1
    while True:
        names = [_name(key, number) for number in range(first, first + NAMESAKES)]
        other = select(ChatKeyRow.key, ChatKeyRow.conversation_id).where(
            ChatKeyRow.channel == channel, col(ChatKeyRow.key).in_(names)
        )
        own = select(ConversationRow.key, ConversationRow.id).where(
            ConversationRow.channel == channel, col(ConversationRow.key).in_(names)
        )
        for query in (other, own):
            for name, place in session.exec(query):
                found[name] = _root(session, place).id
        if names[-1] not in found:
            return found
        first += NAMESAKES


def _free_name(session: Session, channel: str, key: str) -> str:
    taken = _named(session, channel, key)
    return next(name for number in count(1) if (name := _name(key, number)) not in taken)


def _name(key: str, number: int) -> str:
    name = storable(chat_name(key))
    return name if number == 1 else f"{name}{NUMBER}{number}"


def _names(session: Session, row: ConversationRow) -> list[str]:
    """Return the names of a conversation and of those that became part of it, its own first."""
    parts = select(ConversationRow.key).where(ConversationRow.merged_into == row.id)
    others = select(ChatKeyRow.key).where(ChatKeyRow.conversation_id == row.id)
    return [row.key, *session.exec(parts), *session.exec(others)]


def _root(session: Session, place: int) -> ConversationRow:
    row = session.get_one(ConversationRow, place)
    while row.merged_into is not None:
        row = session.get_one(ConversationRow, row.merged_into)
    return row


def _members(session: Session, place: int) -> list[Member]:
    recent = (
        select(MessageRow.author_id)
        .where(MessageRow.conversation_id == place, col(MessageRow.kind).not_in(SERVICE_KINDS))
        .order_by(col(MessageRow.id).desc())
        .limit(RECENT)
        .subquery()
    )
    query = select(AddressRow).where(col(AddressRow.id).in_(select(recent.c.author_id)))
    return [Member(row.id or 0, (row.kind, row.value), row.name) for row in session.exec(query)]


def _lines(session: Session, row: ConversationRow, sketch: Sketch) -> list[Line]:
    if not sketch.minutes:
        return []
    first, last = min(sketch.minutes) - 1, max(sketch.minutes) + 2
    query = (
        sql_select(
            col(MessageRow.id),
            col(MessageRow.author_id),
            col(MessageRow.kind),
            col(MessageRow.alike_key),
            col(MessageRow.external_id),
        )
        .where(
            col(MessageRow.conversation_id) == row.id,
            col(MessageRow.id).between(first << PLACE_BITS, (last << PLACE_BITS) - 1),
            col(MessageRow.alike_key).is_not(None),
        )
        .order_by(col(MessageRow.id).desc())
        .limit(MOST_LINES)
    )
    unwritten = {*SERVICE_KINDS, Kind.DELETED}
    lines = [
        Line(key, key >> PLACE_BITS, None if kind in unwritten else author, alike or 0, external_id)
        for key, author, kind, alike, external_id in session.connection().execute(query)
    ]
    return lines[::-1]


def _may_join(one: ConversationRow, other: ConversationRow) -> bool:
    return one.project_id is None or other.project_id in {None, one.project_id}


def _begin(session: Session, chat: Chat, place: Place) -> None:
    """Do in the transaction of a batch what was decided before it."""
    if place.conversation_id is not None:
        place.conversation_id = _root(session, place.conversation_id).id
    if place.conversation_id is None or place.is_new_name:
        taken = _named(session, *chat).get(storable(place.name))
        # Another import may have taken the name meanwhile.
        if taken is not None and taken == place.conversation_id:
            place.is_new_name = False
        elif taken is not None:
            place.name = _free_name(session, *chat)
    note_name(session, chat[0], place)
    for loser in place.joins:
        _join(session, _root(session, loser), _root(session, place.conversation_id or loser))
    place.joins = ()


def _join(session: Session, loser: ConversationRow, winner: ConversationRow) -> None:
    if loser.id == winner.id:
        return
    for table in (MessageRow, ChatKeyRow):
        moved = col(table.conversation_id)
        session.exec(update(table).where(moved == loser.id).values(conversation_id=winner.id))
    winner.first_at, winner.last_at = min(winner.first_at, loser.first_at), max(winner.last_at, loser.last_at)
    winner.project_id = winner.project_id or loser.project_id
    loser.merged_into, loser.extracted_by, winner.extracted_by = winner.id, None, None
