"""Gathers every stage's tables for the migrations."""

from sqlmodel import SQLModel

from service.accounts import tables as _accounts
from service.agreements import tables as _agreements
from service.alerts import tables as _alerts
from service.archive import tables as _archive
from service.attachments import tables as _attachments
from service.intake import tables as _intake
from service.ledger import tables as _ledger
from service.origin import tables as _origin

METADATA = SQLModel.metadata
STAGES = (_accounts, _archive, _intake, _attachments, _origin, _ledger, _agreements, _alerts)


def is_ours(name: str | None) -> bool:
    """Say whether a table is described by our metadata; the rest is made by hand (search index)."""
    return name in METADATA.tables
