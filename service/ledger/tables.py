"""The log at rest. Written by `append` alone, never updated or deleted (see `triggers`)."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary
from sqlmodel import Field

from service.db.base import Table, UtcDateTime


class LedgerEntryRow(Table, table=True):
    """One entry. `canonical` is the truth; the columns beside it repeat what queries need."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("seq >= 0", name="seq"),
        Index(None, "subject", "seq"),
    )

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    kind: str
    subject: str
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    leaf_hash: bytes
    # Nullable for the day when content may be erased: SQLite cannot change that without rebuilding
    # the table, which would drop its triggers. Format 1 treats an empty one as a fault.
    salt: bytes | None = Field(sa_type=LargeBinary)
    canonical: bytes | None = Field(sa_type=LargeBinary)


class LedgerNodeRow(Table, table=True):
    """The hash of a perfect subtree above the leaves: it covers 2**level entries from position * 2**level."""

    __tablename__ = "ledger_node"
    __table_args__ = ({"sqlite_with_rowid": False},)

    level: int = Field(primary_key=True)
    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    digest: bytes


class LedgerCheckpointRow(Table, table=True):
    """A signed head of the log, at most one for each size."""

    __tablename__ = "ledger_checkpoint"

    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    note: str
    """The signed note; `size` repeats what it says."""
    at: datetime = Field(sa_type=UtcDateTime)
