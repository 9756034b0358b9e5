"""Which conversation a message belongs to. In: Arrival. Out: conversation ids. Never: joins by subject alone.

Where a chat is kept is known before (`chats.py`). Mails are joined by Message-ID, In-Reply-To and References
(RFC 5322, 3.6.4) in any order of arrival: every id seen or referred to is linked to its conversation, and a
mail that refers to two conversations makes them one. A reply that lost its References joins the newest
conversation with its subject in which its author takes part; a mail that opens a thread joins replies that
were archived before it, where its author and somebody it was sent to take part.

Anybody can write any Message-ID into a header, and an agency that forwards one client's mail to another does
so every day; no mail may show one client's words to those who see another's. So a mail joins a conversation
only where its author, or somebody of the author's house, takes part; and two conversations become one only
where they share somebody besides the author's house, and are not filed under different projects.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from service.archive.chats import Place
from service.archive.identity import key_of
from service.archive.storable import storable
from service.archive.subject import bare_subject, is_reply
from service.archive.tables import AddressRow, ConversationRow, MessageRow, RecipientRow, ThreadLinkRow
from service.db.bulk import chunks, insert_rows
from service.sources.raw_message import RawMessage

SUBJECT_WINDOW = timedelta(days=30)
PUBLIC_DOMAINS = frozenset(
    [
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "icloud.com", "me.com"),
        *("yahoo.com", "proton.me", "protonmail.com", "gmx.com", "rambler.ru", "yandex.com"),
        *("mail.ru", "bk.ru", "list.ru", "inbox.ru", "yandex.ru", "ya.ru"),
        *("wp.pl", "o2.pl", "onet.pl", "op.pl", "interia.pl", "gazeta.pl"),
    ]
)
"""Domains whose people have nothing to do with each other."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Bucket = tuple[str, int, int]
"""Channel, key of the subject, and the number of SUBJECT_WINDOWs since 1970."""
MOST_AT_ONCE = 5_000
MOST_ALIKE = 50
"""Conversations of one subject that are looked at, the newest: some programs send thousands of one."""
UNTITLED = "(no subject)"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new message with what is already known of it."""

    id: int
    raw: RawMessage
    sent_at: datetime
    author_id: int | None
    place: Place | None = None
    """Where its chat is kept; None for mail."""


@dataclass(frozen=True, slots=True)
class _Alike:
    """A conversation that a mail of the same subject may belong to."""

    id: int
    title: str
    first_at: datetime
    last_at: datetime


@dataclass(slots=True)
class Threads:
    """Assigns one batch of arrivals to conversations; make a new one for each batch."""

    session: Session
    _links: dict[int, int] = field(default_factory=dict)
    _members: dict[int, set[str]] = field(default_factory=dict)
    """Mail addresses of everybody who takes part in a conversation."""
    _projects: dict[int, int] = field(default_factory=dict)
    """Of the known conversations that have one."""
    _opened: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Rows of conversations that begin with this batch."""
    _subjects: set[int] = field(default_factory=set)
    """Keys of subjects that kept conversations have, of those in this batch."""
    _alike: dict[tuple[str, int, int], list[_Alike]] = field(default_factory=dict)
    """Kept conversations by channel, subject and time, as far as they were asked for."""
    _fresh: dict[tuple[str, int], list[_Alike]] = field(default_factory=dict)
    """Conversations that begin with this batch, by channel and subject."""
    _joined: dict[int, int] = field(default_factory=dict)
    """Conversations that turned out to be part of another."""

    def assign(self, arrivals: Sequence[Arrival]) -> list[int]:
        """Return the conversation id of each arrival, opening and joining conversations as needed."""
        known = self._load(arrivals)
        places = [self._chat(one, one.place) if one.place else self._thread(one) for one in arrivals]
        places = [self._root(place) for place in places]
        self._stretch(places, arrivals)
        insert_rows(self.session, ConversationRow, list(self._opened.values()))
        self._keep_links(known)
        self._join()
        return places

    def _load(self, arrivals: Sequence[Arrival]) -> dict[int, int]:
        keys = list({key for one in arrivals if not one.raw.conversation for key in thread_keys(one.raw)})
        for chunk in chunks(keys):
            rows = self.session.exec(select(ThreadLinkRow).where(col(ThreadLinkRow.key).in_(chunk)))
            self._links.update({row.key: row.conversation_id for row in rows})
        for places in chunks(sorted(set(self._links.values()))):
            filed = select(ConversationRow.id, ConversationRow.project_id).where(
                col(ConversationRow.id).in_(places)
            )
            self._projects.update({place: project for place, project in self.session.exec(filed) if project})
            self._load_members(places)
        subjects = {subject_key(storable(one.raw.subject)) for one in arrivals if one.raw.subject}
        for chunk in chunks(sorted(subjects)):
            kept = select(ConversationRow.subject_key).where(col(ConversationRow.subject_key).in_(chunk))
            self._subjects.update(self.session.exec(kept.distinct()))
        self._load_alike(arrivals)
        return dict(self._links)

    def _load_alike(self, arrivals: Sequence[Arrival]) -> None:
        """Ask once for what `_alike_to` would ask for each mail, unless a subject has too many."""
        asked: dict[_Bucket, list[datetime]] = {}
        for one in arrivals:
            if _is_alone(one.raw) and (bucket := _bucket(one))[1] in self._subjects:
                asked.setdefault(bucket, []).append(one.sent_at)
        if not asked:
            return
        months = [month for _, _, month in asked]
        rows: list[ConversationRow] = []
        for keys in chunks(sorted({key for _, key, _ in asked})):
            query = _alike(min(months), max(months)).where(col(ConversationRow.subject_key).in_(keys))
            rows += self.session.exec(query.limit(MOST_AT_ONCE)).all()
            if len(rows) >= MOST_AT_ONCE:
                return
        by_subject: dict[tuple[str, int], list[ConversationRow]] = {}
        for row in rows:
            by_subject.setdefault((row.channel, row.subject_key), []).append(row)
        near: set[int] = set()
        for bucket, times in asked.items():
            begin, end = _span(bucket[2], bucket[2])
            fitting = [
                row for row in by_subject.get(bucket[:2], ()) if row.last_at >= begin and row.first_at <= end
            ]
            found = self._alike[bucket] = [_alike_of(row) for row in fitting[:MOST_ALIKE]]
            near |= {one.id for one in found if any(_near(one, at) for at in times)}
        self._projects.update({row.id: row.project_id for row in rows if row.project_id})
        for places in chunks(sorted(near - self._members.keys())):
            self._load_members(places)

    def _load_members(self, places: Sequence[int]) -> None:
        here = col(MessageRow.conversation_id).in_(places)
        wrote = select(MessageRow.conversation_id, AddressRow.value).join(
            AddressRow, col(AddressRow.id) == col(MessageRow.author_id)
        )
        received = (
            select(MessageRow.conversation_id, AddressRow.value)
            .join(RecipientRow, col(RecipientRow.message_id) == col(MessageRow.id))
            .join(AddressRow, col(AddressRow.id) == col(RecipientRow.address_id))
        )
        for query in (wrote, received):
            for place, address in self.session.exec(query.where(here).distinct()):
                self._members.setdefault(place, set()).add(address)

    def _chat(self, arrival: Arrival, place: Place) -> int:
        if place.conversation_id is None:
            chat = arrival.raw.conversation
            assert chat is not None
            # A chat's key can be the name of a file, and that any bytes.
            place.conversation_id = self._open(arrival, storable(place.name), chat.title)
        return place.conversation_id

    def _thread(self, arrival: Arrival) -> int:
        raw = arrival.raw
        keys = list(thread_keys(raw))
        # By the order of the keys: what the mail answers comes before what that answered.
        named = dict.fromkeys(self._root(self._links[key]) for key in keys if key in self._links)
        author = storable(raw.author.value) if raw.author else ""
        open_to = [place for place in named if _knows(self._members.get(place, set()), author)]
        open_to += [place for place in self._by_subject(arrival) if place not in open_to]
        if open_to:
            place = self._one_of(open_to, _house(author))
        else:
            place = self._open(arrival, str(arrival.id), raw.subject or UNTITLED)
        for key in keys:
            self._links.setdefault(key, place)
        people = (raw.author,) if raw.author else ()
        members = {storable(one.value) for one in (*people, *raw.to, *raw.cc, *raw.bcc)}
        self._members.setdefault(place, set()).update(members)
        return place

    def _one_of(self, named: Sequence[int], own: str) -> int:
        """Make one conversation of these, except those of another project or of other people."""
        project = next((self._projects[place] for place in named if place in self._projects), None)
        fitting = [place for place in named if self._projects.get(place, project) == project]
        first = self._houses(fitting[0], own)
        alike = sorted(
            place for place in fitting if place == fitting[0] or _meet(first, self._houses(place, own))
        )
        winner = alike[0]
        self._joined.update(dict.fromkeys(alike[1:], winner))
        for loser in alike[1:]:
            self._members[winner] |= self._members[loser]
        if project is not None:
            self._projects[winner] = project
        return winner

    def _houses(self, place: int, own: str) -> set[str]:
        """Return whose people take part besides the author's; in mail within one house that is nobody."""
        return {_house(one) for one in self._members[place]} - {own}

    def _open(self, arrival: Arrival, key: str, title: str) -> int:
        alike = subject_key(storable(title))
        opened = _Alike(arrival.id, title, arrival.sent_at, arrival.sent_at)
        self._fresh.setdefault((arrival.raw.channel, alike), []).append(opened)
        self._opened[arrival.id] = {
            "id": arrival.id,
            "channel": arrival.raw.channel,
            "key": key,
            "title": storable(title)[:500],
            "subject_key": alike,
            "first_at": arrival.sent_at,
            "last_at": arrival.sent_at,
        }
        return arrival.id

    def _by_subject(self, arrival: Arrival) -> list[int]:
        """Return where a mail that names no other belongs: an answer to one talk, a first mail to answers."""
        raw = arrival.raw
        if not _is_alone(raw) or raw.author is None:
            return []
        author = storable(raw.author.value)
        others = {storable(one.value) for one in (*raw.to, *raw.cc, *raw.bcc)} - {author}
        answers: list[int] = []
        talks: list[int] = []
        for one in self._alike_to(arrival):
            place = self._root(one.id)
            members = self._members.get(place, set())
            # Two clients may both get a "Re: Договор": a subject joins only people who already talk.
            if author not in members or not _near(one, arrival.sent_at):
                continue
            talks.append(place)
            if is_reply(one.title) and one.first_at >= arrival.sent_at and others & members:
                answers.append(place)
        return talks[:1] if is_reply(raw.subject or "") else list(dict.fromkeys(answers))

    def _alike_to(self, arrival: Arrival) -> Iterator[_Alike]:
        """Yield the conversations with this subject and from about this time, the latest active first."""
        bucket = _bucket(arrival)
        yield from reversed(self._fresh.get(bucket[:2], ()))
        if bucket[1] not in self._subjects:
            return
        if bucket not in self._alike:
            channel, key, month = bucket
            here = _alike(month, month).where(
                ConversationRow.channel == channel, ConversationRow.subject_key == key
            )
            rows = self.session.exec(here.limit(MOST_ALIKE)).all()
            self._alike[bucket] = [_alike_of(row) for row in rows]
            self._projects.update({row.id: row.project_id for row in rows if row.project_id})
            self._load_members([row.id for row in rows if row.id not in self._members])
        yield from self._alike[bucket]

    def _root(self, place: int) -> int:
        while place in self._joined:
            place = self._joined[place]
        return place

    def _keep_links(self, known: dict[int, int]) -> None:
        fresh = {key: self._root(place) for key, place in self._links.items() if key not in known}
        insert_rows(
            self.session,
            ThreadLinkRow,
            [{"key": key, "conversation_id": place} for key, place in fresh.items()],
        )

    def _join(self) -> None:
        for loser in self._joined:
            winner = self._root(loser)
            for table in (MessageRow, ThreadLinkRow):
                moved = col(table.conversation_id)
                self.session.exec(update(table).where(moved == loser).values(conversation_id=winner))
            row = self.session.get_one(ConversationRow, loser)
            whole = self.session.get_one(ConversationRow, winner)
            whole.first_at, whole.last_at = min(whole.first_at, row.first_at), max(whole.last_at, row.last_at)
            whole.project_id = whole.project_id or row.project_id
            row.merged_into, row.extracted_by, whole.extracted_by = winner, None, None

    def _stretch(self, places: Sequence[int], arrivals: Sequence[Arrival]) -> None:
        spans: dict[int, tuple[datetime, datetime]] = {}
        for place, arrival in zip(places, arrivals, strict=True):
            first, last = spans.get(place, (arrival.sent_at, arrival.sent_at))
            spans[place] = (min(first, arrival.sent_at), max(last, arrival.sent_at))
        for place in spans.keys() & self._opened.keys():
            first, last = spans.pop(place)
            self._opened[place] |= {"first_at": first, "last_at": last}
        for chunk in chunks(list(spans)):
            for row in self.session.exec(select(ConversationRow).where(col(ConversationRow.id).in_(chunk))):
                first, last = spans[row.id]
                row.first_at, row.last_at = min(row.first_at, first), max(row.last_at, last)
                row.extracted_by = None


def _house(address: str) -> str:
    """Return what people of one firm share: the domain; of a public domain the whole address."""
    domain = address.rpartition("@")[2].lower()
    return address.lower() if domain in PUBLIC_DOMAINS else domain


def _knows(members: set[str], author: str) -> bool:
    """Say whether somebody takes part, or a colleague does."""
    return bool(author) and _house(author) in map(_house, members)


def _meet(one: set[str], other: set[str]) -> bool:
    """Say whether two circles of houses share one; two empty ones do."""
    return bool(one & other) or not (one or other)


def _is_alone(raw: RawMessage) -> bool:
    """Say whether a mail names no other, and only its subject can place it."""
    return not (raw.conversation or raw.references or raw.reply_to) and bool(raw.subject and raw.author)


def _bucket(arrival: Arrival) -> _Bucket:
    key = subject_key(storable(arrival.raw.subject or ""))
    return arrival.raw.channel, key, int(arrival.sent_at.timestamp() // SUBJECT_WINDOW.total_seconds())


def _span(first: int, last: int) -> tuple[datetime, datetime]:
    """Return the times of conversations that mails of these months may belong to."""
    return EPOCH + (first - 1) * SUBJECT_WINDOW, EPOCH + (last + 2) * SUBJECT_WINDOW


def _alike(first: int, last: int) -> SelectOfScalar[ConversationRow]:
    """Select conversations from about these months, the latest active first."""
    begin, end = _span(first, last)
    return (
        select(ConversationRow)
        .where(
            col(ConversationRow.merged_into).is_(None),
            col(ConversationRow.last_at) >= begin,
            col(ConversationRow.first_at) <= end,
        )
        .order_by(col(ConversationRow.last_at).desc())
    )


def _alike_of(row: ConversationRow) -> _Alike:
    return _Alike(row.id, row.title, row.first_at, row.last_at)


def _near(one: _Alike, sent_at: datetime) -> bool:
    return one.first_at - SUBJECT_WINDOW <= sent_at <= one.last_at + SUBJECT_WINDOW


def thread_keys(raw: RawMessage) -> Iterator[int]:
    """Yield the keys of every Message-ID that places this mail in a thread, its own first."""
    for external_id in (raw.external_id, raw.reply_to, *raw.references):
        if external_id:
            yield key_of(external_id, raw.channel)


def subject_key(subject: str) -> int:
    """Return 64 bits that subjects share whatever their reply prefixes, case and blanks.

    >>> subject_key("Re: Odp: [2]  Umowa") == subject_key("[2] umowa")
    True
    """
    return key_of(" ".join(bare_subject(subject).casefold().split()))
