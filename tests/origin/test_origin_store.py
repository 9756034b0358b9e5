"""Mails that carry a signature wait for it to be checked, and nothing else does."""

from dataclasses import replace

import pytest
from signed_mails import MAIL, sign
from sqlmodel import select

from service.archive.tables import MessageRow
from service.db.session import reading, writing
from service.origin.store import expect
from service.origin.tables import OriginRow
from service.pipeline.ingest import Wish, ingest
from service.sources.mime import read_mail
from service.sources.raw_message import RawMessage

SEALED = b"arc-seal : i=1\r\n" + MAIL
QUOTING = MAIL + b"\r\nDKIM-Signature: v=1\r\n"


def awaited(house, tmp_path, original: bytes, **differs: str) -> bool:
    """Say whether a mail of these bytes waits for its signatures to be checked."""
    path = tmp_path / "plain.eml"
    path.write_bytes(MAIL)
    ingest(house, [path], Wish(actor="test"))
    raw = read_mail(original, format_name="eml", position=0, where="1.eml")
    assert isinstance(raw, RawMessage)
    with writing(house.engine) as session:
        expect(session, [(session.exec(select(MessageRow.id)).one(), replace(raw, **differs))])
    with reading(house.engine) as session:
        return session.exec(select(OriginRow.verdict)).all() == ["waiting"]


@pytest.mark.parametrize(
    "original", [sign(), sign().replace(b"\r\n", b"\n"), sign().replace(b"DKIM-S", b"dkim-s"), SEALED]
)
def test_a_mail_with_a_signature_waits(house, tmp_path, original):
    assert awaited(house, tmp_path, original)


@pytest.mark.parametrize("original", [MAIL, QUOTING, MAIL.replace(b"Subject:", b"Subject: DKIM-Signature:")])
def test_a_mail_without_one_does_not(house, tmp_path, original):
    assert not awaited(house, tmp_path, original)


@pytest.mark.parametrize("differs", [{"channel": "telegram"}, {"format": "pst"}, {"format": "msg"}])
def test_what_is_not_the_mail_as_it_was_sent_does_not(house, tmp_path, differs):
    assert not awaited(house, tmp_path, sign(), **differs)
