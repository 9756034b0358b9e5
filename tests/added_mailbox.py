"""A mailbox on a real server, and the source that archives it."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from dovecot import Dovecot
from ledger_check import assert_ledger_intact
from sqlmodel import Session, select

from service.accounts.scope import EVERYTHING
from service.archive.tables import MessageRow
from service.db.session import reading, writing
from service.intake.folders import FolderState, folder_states
from service.intake.source import AddedSource
from service.intake.store import add_source, change_source, find_source
from service.ledger.store import log_size
from service.pipeline.installation import Installation
from service.pipeline.pull import pull
from service.pipeline.run import Pulled
from service.pipeline.secret import keep_secret
from service.search.find import count
from service.sources.imap.mailbox import Server

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def mail(number: int, text: str = "", *, folder: str = "inbox", subject: str = "") -> bytes:
    """Return a small mail; `slowo{number}` finds it."""
    return (
        f"From: Ewa Klos <ewa@klos.example>\r\nTo: Kasia <kasia@kreska.example>\r\n"
        f"Date: {format_datetime(BEGIN + timedelta(seconds=number))}\r\n"
        f"Message-ID: <{folder}.{number}@klos.example>\r\nSubject: {subject or f'Oferta {number}'}\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\nslowo{number} {text or 'Proponujemy 400 zł.'}\r\n"
    ).encode()


@dataclass
class Box:
    """A user's mailbox and the source that archives it."""

    server: Dovecot
    house: Installation
    user: str = field(default_factory=lambda: f"u{uuid.uuid4().hex[:12]}")
    source_id: int = 0
    created: set[str] = field(default_factory=lambda: {"INBOX"})

    def add(self, name: str = "Mail", **settings: object) -> None:
        """Give the user a mailbox, unless there is one, and add it as a source."""
        if not self.server.has(self.user):
            self.server.user(self.user)
        mailbox = {"user": self.user} | address_of(self.server.server())
        with writing(self.house.engine) as session:
            self.source_id = add_source(session, name, "imap", mailbox | settings)
        self.sign_in(self.server.credentials(self.user).password)

    def go_to(self, server: Server) -> None:
        """Reach the mailbox by another server record from now on: one that lies, or the real one again."""
        self.set(**address_of(server))

    def set(self, **settings: object) -> None:
        """Change settings of the source, as a person does."""
        with writing(self.house.engine) as session:
            known = find_source(session, self.source_id).settings
            change_source(session, self.source_id, dict(known) | settings)

    def sign_in(self, password: str) -> None:
        keep_secret(self.house, self.source_id, json.dumps({"password": password}))

    def append(self, numbers: range, folder: str = "INBOX") -> None:
        name = folder.lower().replace(" ", "")
        self.create(folder)
        self.server.append(self.user, folder, [mail(number, folder=name) for number in numbers])

    def create(self, folder: str) -> None:
        if folder not in self.created:
            self.server.create(self.user, folder)
            self.created.add(folder)

    def pull(self, **wishes: object) -> Pulled:
        return pull(self.house, self.source_id, **wishes)

    @property
    def source(self) -> AddedSource:
        with reading(self.house.engine) as session:
            return find_source(session, self.source_id)

    @property
    def folders(self) -> dict[str, FolderState]:
        with reading(self.house.engine) as session:
            return {one.name: one for one in folder_states(session, self.source_id) if one.ended_at is None}

    def assert_whole(self, expected: int) -> None:
        """All is archived once, found by its words, and in the ledger."""
        with reading(self.house.engine) as session:
            identities = session.exec(select(MessageRow.external_id)).all()
            assert len(identities) == len(set(identities)) == expected
            assert found_count(session) == expected
            assert_ledger_intact(session, log_size(session), self.house.key.verifier)


def address_of(server: Server) -> dict[str, object]:
    """Return the settings of a source that say where its mailbox is."""
    return {
        "host": server.host,
        "port": server.port,
        "security": server.security.value,
        "ca_file": server.ca_file,
    }


def found_count(session: Session) -> int:
    """Count what a search for a word of every mail finds."""
    return count(session, "proponujemy", scope=EVERYTHING).number
