"""What follows from conversations, at rest. Rows are withdrawn, never deleted: the ledger speaks of them."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from service.db.base import Table, UtcDateTime


class StatementRow(Table, table=True):
    """One speech act that extraction found."""

    __tablename__ = "statement"
    __table_args__ = (UniqueConstraint("message_id", "start", "end", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id", index=True)
    message_id: int = Field(sa_type=BigInteger, foreign_key="message.id")
    start: int
    end: int
    """Character offsets in the message's text."""
    quote: str
    kind: str
    confidence: float
    found_by: str
    language: str
    due: str | None = None
    """ISO 8601, a day or an instant, as the sender would read it."""
    due_text: str | None = None
    conditional: bool = False
    verbal: bool = False
    change: bool = False
    withdrawn: bool = False
    """A newer extraction does not find it."""


class VerbalEventRow(Table, table=True):
    """A talk in which something was, or was likely to have been, decided."""

    __tablename__ = "verbal_event"
    __table_args__ = (Index(None, "withdrawn", "state", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id", index=True)
    message_id: int = Field(sa_type=BigInteger, foreign_key="message.id", unique=True)
    at: datetime = Field(sa_type=UtcDateTime)
    """When it took place, or was first mentioned."""
    kind: str
    about: str | None = None
    state: str
    confirmed_by: int | None = Field(default=None, sa_type=BigInteger, foreign_key="message.id")
    withdrawn: bool = False


class AgreementRow(Table, table=True):
    """One matter and where it stands."""

    __tablename__ = "agreement"
    __table_args__ = (Index(None, "withdrawn", "changed_at", "id"), Index(None, "status", "changed_at", "id"))

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    conversation_id: int = Field(sa_type=BigInteger, foreign_key="conversation.id", index=True)
    title: str
    status: str
    proposed_by: int | None = Field(default=None, foreign_key="person.id")
    answered_by: int | None = Field(default=None, foreign_key="person.id")
    language: str
    due: str | None = None
    """ISO 8601, a day or an instant."""
    confidence: float
    superseded_by: str | None = None
    """Key of the later terms."""
    contradicts_first: int | None = None
    contradicts_second: int | None = None
    """Positions in the evidence of two statements that cannot both hold."""
    opened_at: datetime = Field(sa_type=UtcDateTime)
    """When the message that opened the matter was sent."""
    changed_at: datetime = Field(sa_type=UtcDateTime)
    """When the newest message of its evidence was sent."""
    words: str
    """Title and quotes, folded, for the text filter."""
    verbal_event_id: int | None = Field(default=None, foreign_key="verbal_event.id", index=True)
    """The talk that it came out of."""
    derived_by: str
    """Version of the extraction whose statements it was joined from."""
    withdrawn: bool = False
    """Newer statements do not amount to it any more."""


class EvidenceRow(Table, table=True):
    """The words that did something for a matter."""

    __tablename__ = "evidence"

    agreement_id: int = Field(primary_key=True, foreign_key="agreement.id")
    position: int = Field(primary_key=True)
    message_id: int = Field(sa_type=BigInteger, foreign_key="message.id", index=True)
    start: int
    end: int
    quote: str
    role: str
