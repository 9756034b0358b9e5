"""A mail that is put together from Outlook's pieces: what it keeps, makes anew and leaves out."""

import re
from datetime import UTC, datetime

import pytest
from outlook_files import encoded

from service.sources.mapi import Attached, Item, Properties, Tag, code_page
from service.sources.outlook_mail import rebuild

HEADER = (
    "Microsoft Mail Internet Headers Version 2.0\r\n"
    "Received: from a by b;\r\n\tMon, 3 Mar 2025 10:16:28 +0100\r\n"
    'Content-Type: multipart/mixed;\r\n boundary="old"\r\nContent-Transfer-Encoding: 8bit\r\n'
    "MIME-Version: 1.0\r\nContent-Language: pl\r\nSubject: Kept\r\nFrom: Jan <jan@klient.example>\r\n"
    "\r\n--old\r\nContent-Type: text/plain\r\nX-Inner: yes\r\n"
)


def properties(said: dict) -> Properties:
    return Properties({tag: encoded(value) for tag, value in said.items()})


def item(said: dict, *files: Attached, people: tuple[dict, ...] = ()) -> Item:
    return Item(properties(said), tuple(map(properties, people)), files)


def header(said: dict, **more) -> str:
    return rebuild(item(said, **more)).data.partition(b"\r\n\r\n")[0].decode()


def test_a_mail_has_one_content_type_and_it_is_ours():
    found = header({Tag.TRANSPORT_HEADERS: HEADER, Tag.BODY: "Tak"})
    assert re.findall("(?mi)^content-type: ([^\r]*)", found) == ['text/plain; charset="utf-8"']
    assert len(re.findall("(?mi)^(?:mime-version|content-transfer-encoding):", found)) == 2


def test_the_header_that_came_with_the_mail_is_kept():
    found = header({Tag.TRANSPORT_HEADERS: HEADER, Tag.SUBJECT: "Other", Tag.SENDER_SMTP_ADDRESS: "x@y.pl"})
    assert found.startswith(
        "Received: from a by b;\r\n\tMon, 3 Mar 2025 10:16:28 +0100\r\nContent-Language: pl\r\n"
    )
    assert found.count("Subject:") == found.count("From:") == 1
    assert "X-Inner" not in found
    assert "Microsoft" not in found


def test_nothing_is_said_that_outlook_does_not_say():
    assert header({Tag.BODY: "Tak"}).splitlines() == [
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
    ]


def test_a_name_cannot_add_a_field():
    found = header({Tag.SENDER_NAME: 'Jan"\r\nBcc: x@y.pl', Tag.SENDER_SMTP_ADDRESS: "jan@klient.example"})
    assert found.splitlines()[0] == 'From: "Jan\\" Bcc: x@y.pl" <jan@klient.example>'


@pytest.mark.parametrize(
    ("name", "smtp", "address", "written"),
    [
        ("Anna", "anna@a.pl", "/O=A/CN=ANNA", '"Anna" <anna@a.pl>'),
        ("Anna", "", "anna@a.pl", '"Anna" <anna@a.pl>'),
        ("Anna", "", "/O=A/CN=ANNA", '"Anna"'),
        ("'anna@a.pl'", "", "/O=A/CN=ANNA", "<anna@a.pl>"),
        ("", "", "/O=A/CN=ANNA", ""),
        ("Anna", "not an address@", "", '"Anna"'),
    ],
)
def test_addresses_of_exchange_are_resolved_or_left_out(name, smtp, address, written):
    person = {Tag.RECIPIENT_TYPE: 1, Tag.DISPLAY_NAME: name, Tag.SMTP_ADDRESS: smtp, Tag.ADDRESS: address}
    found = header({Tag.BODY: "x"}, people=(person,))
    assert found.partition("\r\n")[0] == (f"To: {written}" if written else "MIME-Version: 1.0")


@pytest.mark.parametrize(
    ("sent_as", "kinds"),
    [
        ("text/html", ["text/html"]),
        ("text/plain", ["text/plain"]),
        ("multipart/alternative", ["multipart/alternative", "text/plain", "text/html"]),
        ("", ["multipart/alternative", "text/plain", "text/html"]),
    ],
)
def test_only_the_renderings_that_were_sent_are_in_the_mail(sent_as, kinds):
    said = {Tag.BODY: "Tak", Tag.HTML: b"<p>Tak</p>", Tag.TRANSPORT_HEADERS: f"Content-Type: {sent_as}\r\n"}
    data = rebuild(item(said)).data.decode()
    assert re.findall(r"(?m)^Content-Type: ([a-z/]+)", data) == kinds


def test_the_same_item_gives_the_same_bytes():
    one = item({Tag.BODY: "Tak", Tag.HTML: b"<p>Tak</p>"}, Attached(properties({}), 3, load=lambda: b"abc"))
    assert rebuild(one) == rebuild(one)


def test_attachments_that_are_too_large_together_are_named_as_missing():
    claims = Attached(properties({Tag.ATTACH_LONG_NAME: "huge.bin"}), 1 << 40, load=lambda: b"")
    (missing,) = rebuild(item({Tag.BODY: "Tak"}, claims)).missing
    assert missing.name == "huge.bin"
    assert "larger than 128 MiB" in missing.missing


def test_an_attachment_that_cannot_be_read_is_named_with_the_reason():
    def load() -> bytes:
        raise OSError("is damaged: 1 of 2 bytes are left")

    damaged = Attached(properties({Tag.ATTACH_LONG_NAME: "a.pdf"}), 2, load=load)
    rebuilt = rebuild(item({Tag.BODY: "Tak"}, damaged))
    assert [(one.name, one.missing) for one in rebuilt.missing] == [
        ("a.pdf", "is damaged: 1 of 2 bytes are left")
    ]
    assert b"Tak" in rebuilt.data


def test_times_that_are_unset_are_none():
    for raw in (bytes(8), b"\xff" * 8, bytes.fromhex("0040dda35745b30c"), b"\x01"):
        assert Properties({Tag.DELIVERY_TIME: (0x40, raw)}).moment(Tag.DELIVERY_TIME) is None
    moment = datetime(2025, 3, 3, 9, 15, tzinfo=UTC)
    assert properties({Tag.DELIVERY_TIME: moment}).moment(Tag.DELIVERY_TIME) == moment


def test_a_value_of_another_type_than_expected_is_none():
    said = Properties(
        {Tag.SUBJECT: (0x03, b"abcd"), Tag.MESSAGE_FLAGS: (0x1F, b"a\0"), Tag.HTML: (0x40, bytes(8))}
    )
    assert said.text(Tag.SUBJECT) == ""
    assert said.number(Tag.MESSAGE_FLAGS) == 0
    assert said.binary(Tag.HTML) == b""


def test_code_pages_have_the_names_that_python_knows():
    assert [
        "ż".encode(code_page(number)).decode(code_page(number)) for number in (1250, 28592, 65001, 852)
    ] == ["ż"] * 4
