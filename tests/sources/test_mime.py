import base64
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.mime import read_mail
from service.sources.raw_message import Kind, RawMessage, Unreadable

HEAD = b"From: Anna <anna@client.example.pl>\nTo: orlov@studio.example.ru\nSubject: s\n"
PIECES = st.sampled_from(
    [
        b"From: =?utf-8?B?0J",
        b"Content-Type: multipart/mixed; boundary=b\n",
        b"Content-Type: multipart/alternative; boundary=b\n",
        b"Content-Type: message/rfc822\n",
        b"Content-Type: text/html; charset=utf-7\n",
        b"Content-Type: text/plain; charset=koi8-r; format=flowed\n",
        b"Content-Type: text/calendar; method=REQUEST\n",
        b"Content-Disposition: attachment; filename*0*=utf-8''%D0; filename*1=\"",
        b"Content-Transfer-Encoding: base64\n",
        b"Content-Transfer-Encoding: x-uuencode\n",
        b"Date: Mon, 31 Feb 2025 25:61:00 +9999\n",
        b"Message-ID: <<>>\n",
        b"\n",
        b"--b\n",
        b"--b--\n",
        b"<div><p>&#55296;&#0;",
        b"\xd0\x9f\xf0\x00",
        b"begin 644 a\n",
        b'To: a:b;<>,"(\n',
    ]
)


def read(data):
    return read_mail(data, format_name="eml", position=3, where="here")


def check(data):
    record = read(data)
    if isinstance(record, Unreadable):
        assert record.original == data
        return
    assert record.original == data
    for text in (record.text, record.subject or "", record.html or "", record.external_id, *record.warnings):
        assert "\0" not in text
        text.encode()
    for attachment in record.attachments:
        assert len(attachment.load()) == attachment.size
        assert attachment.name
        assert "/" not in attachment.name


@given(st.binary(max_size=400))
def test_no_bytes_are_refused_with_an_exception(data):
    check(data)


@given(st.lists(PIECES | st.binary(max_size=12), max_size=25))
def test_no_mail_made_of_broken_pieces_is_refused_with_an_exception(pieces):
    check(HEAD + b"".join(pieces))


@pytest.mark.parametrize("data", [b"", b"\n \n", b"just words", b"Note: no mail\n\ntext"])
def test_what_is_no_mail_is_kept_with_its_reason(data):
    record = read(data)
    assert isinstance(record, Unreadable)
    assert (record.where, record.original) == ("here", data)


def test_position_and_format_are_handed_on():
    record = read(HEAD + b"\nhi\n")
    assert (record.format, record.channel, record.position) == ("eml", "email", 3)


def test_hundreds_of_multiparts_in_each_other_are_kept():
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000))
    record = read(HEAD + nested)
    assert isinstance(record, RawMessage)
    assert record.subject == "s"


def test_text_nested_too_deep_for_a_tree_is_not_lost():
    record = read(HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 5000 + b"agreed" + b"</div>" * 5000)
    assert record.text == "agreed"


def test_a_long_newsletter_reads_like_a_short_page():
    row = (
        "<table><tr><td>Logo</td><td>12&nbsp;000 zł</td></tr></table>\n"
        "<p>Termin:\n  <b>piątek</b>.<br>Tak?</p><style>p {}</style>"
    )
    head = HEAD + b"Content-Type: text/html; charset=utf-8\n\n"
    short, long = read(head + row.encode()), read(head + (row * 1000).encode())
    assert short.text.split() == ["Logo", "12", "000", "zł", "Termin:", "piątek.", "Tak?"]
    assert long.text.split() == short.text.split() * 1000
    assert "piątek.\nTak?" in short.text
    assert "piątek.\nTak?" in long.text


def test_html_is_kept_only_where_it_is_all_there_is():
    both = (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain\n"
        b"--b\nContent-Type: text/html\n\n<p>rich</p>\n--b--\n"
    )
    assert (read(HEAD + both).text, read(HEAD + both).html) == ("plain", None)
    blank = both.replace(b"\n\nplain", b"\n\n \n")
    assert (read(HEAD + blank).text, read(HEAD + blank).html) == ("rich", "<p>rich</p>")


@pytest.mark.parametrize(
    ("method", "kind"), [("REQUEST", Kind.MEETING), ("CANCEL", Kind.MEETING), ("REFRESH", Kind.TEXT)]
)
def test_only_what_is_about_a_meeting_is_one(method, kind):
    part = f"Content-Type: text/calendar; method={method}\n\nBEGIN:VCALENDAR\n".encode()
    record = read(HEAD + part)
    assert record.kind is kind
    assert record.attachments[0].media_type == "text/calendar"


@pytest.mark.parametrize(
    ("field", "detail"),
    [
        ("Auto-Submitted: auto-replied", "auto-reply"),
        ("X-Autoreply: yes", "auto-reply"),
        ("Auto-Submitted: auto-generated", "auto-generated"),
        ("Auto-Submitted: no", ""),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=b", "read-receipt"),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=b", "delivery-report"),
    ],
)
def test_what_no_person_wrote_is_marked(field, detail):
    assert read(HEAD + field.encode() + b"\n\n--b\n\nx\n--b--\n").detail == detail


def test_without_in_reply_to_the_last_reference_is_answered():
    assert read(HEAD + b"References: <a@x> <b@x>\n\nhi").reply_to == "b@x"
    assert read(HEAD + b"References: <a@x> <b@x>\nIn-Reply-To: <c@x>\n\nhi").reply_to == "c@x"


def test_a_mail_of_50_mb_is_read_in_bounded_memory():
    content = base64.encodebytes(bytes(36 * 1024 * 1024))
    data = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee attachment\n--b\n"
        + b"Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n"
        + content
        + b"\n--b--\n"
    )
    del content
    tracemalloc.start()
    record = read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (record.text, record.attachments[0].size) == ("see attachment", 36 * 1024 * 1024)
    assert peak < 2 * len(data)


def attached(content, *fields):
    head = b"".join(field + b"\n" for field in fields)
    return (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee the mail\n"
        + b"--b\nContent-Type: message/rfc822\n"
        + head
        + b"\n"
        + content
        + b"\n--b--\n"
    )


INNER = (
    b"From: anna@client.example.pl\r\nSubject: Zgoda \r\nX-Own:   blanks\tstay \r\n"
    b"Content-Type: multipart/signed; boundary=in\r\n\r\n--in\r\n\r\nyes \r\n--in--\r\n"
)


@pytest.mark.parametrize(
    "fields", [(), (b"Content-Transfer-Encoding: x-own",), (b"Content-Disposition: inline",)]
)
def test_an_attached_mail_is_a_file_byte_for_byte_named_by_its_subject(fields):
    (mail,) = read(attached(INNER, *fields)).attachments
    assert (mail.name, mail.media_type, mail.load()) == ("Zgoda.eml", "message/rfc822", INNER)


def test_mails_inside_mails_are_one_file_however_deep():
    nested = INNER
    for depth in range(500):
        nested = (
            attached(nested)
            .replace(b"boundary=b\n", b"boundary=b%d\n" % depth)
            .replace(b"--b\n", b"--b%d\n" % depth)
            .replace(b"\n--b--\n", b"\n--b%d--\n" % depth)
        )
    record = read(nested)
    assert record.text == "see the mail"
    assert len(record.attachments) == 1
    assert len(record.attachments[0].load()) == record.attachments[0].size


def test_a_mail_of_ten_thousand_parts_and_more_is_kept_whole():
    part = b"--b\nContent-Type: text/plain; name=a.txt\nContent-Disposition: attachment\n\nx\n"
    many = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + part * 9_000 + b"--b--\n"
    assert len(read(many).attachments) == 9_000
    more = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + part * 30_000 + b"--b--\n"
    record = read(more)
    assert record.attachments == ()
    assert any("too many" in one for one in record.warnings)


def test_what_was_signed_leads_to_a_meeting_and_a_text_like_what_was_not():
    signed = (
        b"Content-Type: multipart/signed; boundary=s\n\n"
        b"--s\nContent-Type: multipart/alternative; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\n\ncome\n--b\nContent-Type: text/calendar; method=REQUEST\n\n"
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Talk\nDTSTART:20250205T100000Z\nEND:VEVENT\nEND:VCALENDAR\n"
        b"--b--\n--s\nContent-Type: application/pgp-signature\n\nx\n--s--\n"
    )
    record = read(HEAD + signed)
    assert (record.kind, record.text) == (Kind.MEETING, "come")
    assert record.detail.startswith("request 2025-02-05T10:00:00+00:00 ")
