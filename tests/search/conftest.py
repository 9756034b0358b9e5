"""An archive made row by row, and indexed as ingest does it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from service.accounts.scope import EVERYTHING
from service.archive.identity import PLACE_BITS
from service.archive.tables import (
    AddressRow,
    AttachmentRow,
    ConversationRow,
    MessageRow,
    PersonRow,
    ProjectRow,
    RecipientRow,
)
from service.db.engine import open_database
from service.search.find import find
from service.search.index import Document
from service.search.keys import find_keys
from service.search.write import write

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BLOB = "ab" * 32


@dataclass
class Archive:
    session: Session
    people: dict = field(default_factory=dict)
    talks: dict = field(default_factory=dict)
    count: int = 0

    def person(self, name: str, address: str = "") -> int:
        if name not in self.people:
            person = PersonRow(name=name)
            self.session.add(person)
            self.session.flush()
            row = AddressRow(
                kind="mail", value=address or f"{name}@x".lower(), name=name, person_id=person.id
            )
            self.session.add(row)
            self.session.flush()
            self.people[name] = row.id
        return self.people[name]

    def talk(self, title: str, *, project: str = "", client: str = "", channel: str = "email") -> int:
        if title not in self.talks:
            work = ProjectRow(name=project, client=client) if project else None
            if work:
                self.session.add(work)
                self.session.flush()
            self.count += 1
            row = ConversationRow(
                id=self.count,
                channel=channel,
                key=title,
                title=title,
                project_id=work.id if work else None,
                first_at=START,
                last_at=START,
            )
            self.session.add(row)
            self.session.flush()
            self.talks[title] = row
        return self.talks[title].id

    def message(self, text: str, *, talk: str = "talk", author: str = "Анна", **known) -> int:
        """Keep one message, a day after the one before unless `at` says when."""
        self.count += 1
        at = known.get("at", START + timedelta(days=self.count))
        message_id = int(at.timestamp()) // 60 << PLACE_BITS | self.count
        self.session.add(
            MessageRow(
                id=message_id,
                identity=f"{message_id:032x}",
                conversation_id=self.talk(talk),
                author_id=self.person(author) if author else None,
                format="eml",
                kind=known.get("kind", "text"),
                sent_at=at,
                seen_at=at,
                subject=known.get("subject"),
                text=text,
                blob_sha256=BLOB,
            )
        )
        self.session.flush()
        for name in known.get("to", ()):
            self.session.add(RecipientRow(message_id=message_id, address_id=self.person(name), field="to"))
        if "file" in known:
            attached = AttachmentRow(message_id=message_id, position=0, name=known["file"], media_type="x/y")
            self.session.add(attached)
        self.session.flush()
        people = " ".join([author, *known.get("to", ())])
        write(self.session, [Document(message_id, find_keys(known.get("subject"), text, people))])
        return message_id

    def found(self, query: str, scope=EVERYTHING, **asked) -> list[int]:
        return [hit.message_id for hit in find(self.session, query, scope=scope, **asked).hits]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared_engine(request, tmp_path_factory) -> Iterator[Engine]:
    """One database for many small tests, because making one costs more than all that they ask of it."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("search") / "scripta.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        engine = open_database(f"sqlite:///{path}")
        yield engine
        engine.dispose()
        return
    server = open_database(request.getfixturevalue("postgres_template"))
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE search_tests TEMPLATE template_scripta"))
        engine = open_database(server.url.set(database="search_tests").render_as_string(hide_password=False))
        yield engine
        engine.dispose()
        connection.execute(text("DROP DATABASE search_tests WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def session(shared_engine) -> Iterator[Session]:
    """A transaction that is always rolled back, so that each test finds the archive empty."""
    with Session(shared_engine.execution_options(writes=True)) as session:
        yield session


@pytest.fixture
def archive(session):
    return Archive(session)
