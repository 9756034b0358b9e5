"""Mail inside S/MIME containers; whole mails of this kind are among the samples of `eml`."""

import base64
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.mime import read_mail
from service.sources.smime import signed_content

SAMPLES = Path(__file__).parent / "samples" / "eml"


def container(name):
    return message_from_bytes((SAMPLES / name).read_bytes()).get_payload(decode=True)


def wrapped(tag, content):
    size = len(content).to_bytes(4)
    return bytes((tag, 0x84)) + size + content


@pytest.mark.parametrize("name", ["smime-opaque.eml", "smime-opaque-streamed.eml"])
def test_the_signed_mail_is_taken_out_as_it_was_signed(name):
    content = signed_content(container(name))
    assert content.startswith(b"Content-Type: multipart/mixed")
    assert content.endswith(b"--in--\r\n")


def test_what_is_encrypted_or_cut_yields_nothing():
    assert signed_content(container("smime-encrypted.eml")) is None
    whole = container("smime-opaque-streamed.eml")
    assert signed_content(whole[:200]) is None


@given(st.binary(max_size=60))
def test_no_bytes_are_refused_with_an_exception(data):
    signed_content(data)
    signed_content(container("smime-opaque-streamed.eml")[: len(data) * 10] + data)


def test_containers_in_containers_are_opened_a_few_times_only():
    oid, data = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701")
    head = b"From: a@b.example\nSubject: s\n"
    mail = b"Content-Type: text/plain\n\ninnermost"
    for _ in range(20):
        content = wrapped(0x30, data + wrapped(0xA0, wrapped(0x04, mail)))
        signed = wrapped(0x30, oid + wrapped(0xA0, wrapped(0x30, b"\x02\x01\x01" + b"\x31\x00" + content)))
        mail = (
            b"Content-Type: application/pkcs7-mime; smime-type=signed-data\n"
            b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(signed)
        )
    record = read_mail(head + mail, format_name="eml", position=0, where="here")
    assert record.detail == "signed-smime"
    assert 0 < len(record.attachments) <= 6
