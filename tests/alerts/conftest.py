"""Something for alerts to be about."""

from datetime import UTC, datetime

import pytest
from factories import write_mails
from sqlmodel import select

from service.alerts.alert import Alert
from service.archive.tables import MessageRow
from service.db.session import reading
from service.pipeline.ingest import Wish, ingest

DUE = datetime(2026, 3, 9, 8, tzinfo=UTC)


@pytest.fixture
def alert(house, tmp_path):
    """Make alerts about archived mails."""
    write_mails(tmp_path / "mails")
    ingest(house, [tmp_path / "mails"], Wish(actor="test"))
    with reading(house.engine) as session:
        rows = [(row.conversation_id, row.id) for row in session.exec(select(MessageRow))]

    def make(number: int, title: str = "Online payment", rule: str = "unconfirmed_decision") -> Alert:
        conversation, message = rows[number % len(rows)]
        return Alert(rule, f"verbal:{number}", f"{title} {number}", conversation, message, DUE)

    return make
