"""A live source of a test: a platform on loopback, and what of it is archived."""

from dataclasses import dataclass, field

from chat_servers import ChatServer
from ledger_check import assert_ledger_intact
from sqlmodel import col, select

from service.archive.tables import (
    AttachmentRow,
    ConversationRow,
    DeletionRow,
    MessageRow,
    ReactionRow,
    VersionRow,
)
from service.db.session import reading
from service.intake import live_chats
from service.intake.source import AddedSource
from service.intake.store import find_source
from service.ledger.store import log_size
from service.pipeline import sources
from service.pipeline.connector import Connection
from service.pipeline.installation import Installation
from service.pipeline.pull import connector_of, pull
from service.pipeline.run import Pulled


@dataclass
class Live:
    """One platform, followed by hand."""

    house: Installation
    server: ChatServer
    kind: str
    source_id: int = 0
    connection: Connection | None = None
    wishes: dict[str, object] = field(default_factory=dict)

    def add(self, **settings: object) -> None:
        secret = sources.password_secret(self.server.token)
        wanted = {"server": self.server.url} | settings
        self.source_id = sources.add(self.house, self.kind, self.kind, wanted, secret)

    def begin(self) -> Connection:
        """Begin as a new process does, that remembers nothing."""
        self.close()
        self.connection = connector_of(self.kind).connect(self.house, self.source_id)
        return self.connection

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def pull(self, **wishes: object) -> Pulled:
        return pull(self.house, self.source_id, self.connection or self.begin(), **wishes)

    @property
    def source(self) -> AddedSource:
        with reading(self.house.engine) as session:
            return find_source(session, self.source_id)

    @property
    def chats(self) -> dict[str, live_chats.LiveChat]:
        with reading(self.house.engine) as session:
            return live_chats.places(session, self.source_id)

    def messages(self) -> list[MessageRow]:
        """Return all messages in the order in which the archive shows them."""
        with reading(self.house.engine) as session:
            found = session.exec(select(MessageRow).order_by(col(MessageRow.id))).all()
            session.expunge_all()
        return list(found)

    def texts(self) -> list[str]:
        return [one.text for one in self.messages()]

    def conversations(self) -> dict[str, str]:
        with reading(self.house.engine) as session:
            return dict(session.exec(select(ConversationRow.key, ConversationRow.title)).all())

    def versions(self) -> list[str]:
        with reading(self.house.engine) as session:
            return list(session.exec(select(VersionRow.text)))

    def reactions(self) -> list[tuple[str, bool]]:
        """Return each emoji that stands or stood on a message, and whether it stands."""
        with reading(self.house.engine) as session:
            rows = session.exec(select(ReactionRow).order_by(col(ReactionRow.id)))
            return [(row.emoji, row.gone_at is None) for row in rows]

    def deleted(self) -> list[str]:
        """Return the texts of messages that are known to be taken back."""
        with reading(self.house.engine) as session:
            gone = select(DeletionRow.message_id)
            return list(session.exec(select(MessageRow.text).where(col(MessageRow.id).in_(gone))))

    def files(self) -> list[tuple[str, bytes | str]]:
        """Return the name of each file with its bytes, or why there are none."""
        with reading(self.house.engine) as session:
            rows = session.exec(select(AttachmentRow).order_by(col(AttachmentRow.message_id)))
            return [
                (
                    row.name,
                    self.house.blobs.read(session, row.blob_sha256) if row.blob_sha256 else row.missing,
                )
                for row in rows
            ]

    def assert_whole(self) -> None:
        """No message is there twice, and the ledger is intact."""
        with reading(self.house.engine) as session:
            keys = session.exec(select(MessageRow.conversation_id, MessageRow.external_id)).all()
            assert len(keys) == len(set(keys))
            assert_ledger_intact(session, log_size(session), self.house.key.verifier)
