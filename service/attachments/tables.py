"""The text of attachments at rest; the bytes are in the archive."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint
from sqlmodel import Field

from service.db.base import CompressedText, Table, UtcDateTime


class AttachmentTextRow(Table, table=True):
    """What was read out of one attachment; one without a row has no text that we could read."""

    __tablename__ = "attachment_text"
    __table_args__ = (
        ForeignKeyConstraint(["message_id", "position"], ["attachment.message_id", "attachment.position"]),
    )

    message_id: int = Field(primary_key=True, sa_type=BigInteger)
    position: int = Field(primary_key=True)
    state: str = Field(index=True)
    """waiting, read, empty (it has no words), refused (too large, encrypted) or failed."""
    text: str | None = Field(default=None, sa_type=CompressedText)
    from_image: bool = False
    """True where the words are only in an image and were recognised, not read."""
    why: str = ""
    reader: str = ""
    """Which reader, and its version."""
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
