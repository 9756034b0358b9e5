"""The msg and pst samples; `python tests/sources/outlook_samples.py` writes them anew, a test compares them.

Invented mail in the shapes that Outlook keeps: no real one may be published.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from compressed_rtf import compress
from outlook_files import Attachment, Message, compound, msg
from pst_files import pst

SAMPLES = Path(__file__).parent / "samples"

SENT_AT = datetime(2025, 3, 3, 9, 15, tzinfo=UTC)
DELIVERED_AT = datetime(2025, 3, 3, 9, 16, 30, tzinfo=UTC)
CLASS, SUBJECT, SUBMITTED, HEADERS, DELIVERED, FLAGS = 0x001A, 0x0037, 0x0039, 0x007D, 0x0E06, 0x0E07
REPRESENTED, REPRESENTED_ADDRESS, REPRESENTED_SMTP = 0x0042, 0x0065, 0x5D02
SENDER, SENDER_ADDRESS, SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
BODY, RTF, HTML, MESSAGE_ID, IN_REPLY_TO, REFERENCES = 0x1000, 0x1009, 0x1013, 0x1035, 0x1042, 0x1039
SHOWN, ADDRESS, SMTP, ROLE = 0x3001, 0x3003, 0x39FE, 0x0C15
DATA, NAME, METHOD, LONG_NAME, MEDIA_TYPE, CONTENT_ID = 0x3701, 0x3704, 0x3705, 0x3707, 0x370E, 0x3712
INTERNET_CODE_PAGE, CODE_PAGE = 0x3FDE, 0x3FFD
START, END, APPOINTMENT, SHOWN_TO = 0x0060, 0x0061, 0x0062, 0x0E04
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")

RECEIVED = """Microsoft Mail Internet Headers Version 2.0
Received: from mx.klient.example (mx.klient.example [192.0.2.7])
\tby exchange.agencja.example with ESMTPS; Mon, 3 Mar 2025 10:16:28 +0100
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="----=_NextPart_000_0001"
Content-Transfer-Encoding: 7bit
From: =?utf-8?q?Jan_W=C3=B3jcik?= <jan@klient.example>
To: Anna Nowak <anna@agencja.example>
Cc: biuro@klient.example
Subject: =?utf-8?b?UmU6IEJ1ZMW8ZXQga2FtcGFuaWk=?=
Date: Mon, 3 Mar 2025 10:15:00 +0100
Message-ID: <received-1@klient.example>
In-Reply-To: <sent-1@agencja.example>
References: <sent-1@agencja.example>

------=_NextPart_000_0001
Content-Type: text/plain
"""
SIGNED = b"""Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=sig

--sig
Content-Type: text/plain

Zatwierdzam.
--sig
Content-Type: application/pkcs7-signature
Content-Transfer-Encoding: base64

MIAG
--sig--
"""
RTF_OF_HTML = rb"""{\rtf1\ansi\ansicpg1250\fromhtml1 \fbidi \deff0{\fonttbl
{\f0\fswiss Arial;}{\f1\fswiss\fcharset204 Arial Cyr;}}
{\colortbl\red0\green0\blue0;}
\uc1\pard\plain\deftab360 \f0\fs24
{\*\htmltag19 <html>}{\*\htmltag50 <body>}
{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Zatwierdzam bud\u380?et 12\~500 z\'b3.
{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0
{\*\htmltag64 <p>}\htmlrtf {\f1\htmlrtf0 \'c8\'e2\'e0\'ed{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0
{\*\htmltag58 </body>}{\*\htmltag27 </html>}}"""


def _person(name: str, smtp: str, role: int = 1) -> dict:
    return {SHOWN: name, ADDRESS: smtp, SMTP: smtp, ROLE: role}


ANNA = {SENDER: "Anna Nowak", SENDER_ADDRESS: "anna@agencja.example", SENDER_SMTP: "anna@agencja.example"}
JAN = _person("Jan Wójcik", "jan@klient.example")


def _note(said: dict, *people: dict, files: tuple[Attachment, ...] = (), charset: str = "") -> Message:
    return Message({CLASS: "IPM.Note", SUBMITTED: SENT_AT, **said}, people, files, charset)


ALL = {
    "received-with-its-header.msg": _note(
        {
            SUBJECT: "Re: Budżet kampanii",
            HEADERS: RECEIVED.replace("\n", "\r\n"),
            DELIVERED: DELIVERED_AT,
            BODY: "Zatwierdzam budżet 12 500 zł.\r\n\r\nJan",
            HTML: "<html><body><p>Zatwierdzam budżet 12 500 zł.</p><p>Jan</p></body></html>".encode(),
            INTERNET_CODE_PAGE: 65001,
        },
        _person("Anna Nowak", "anna@agencja.example"),
    ),
    "sent-without-a-header.msg": _note(
        {
            SUBJECT: "Budżet kampanii",
            BODY: "Proszę o akceptację do piątku.",
            MESSAGE_ID: "<sent-1@agencja.example>",
            IN_REPLY_TO: "<first@klient.example>",
            REFERENCES: "<zero@klient.example> <first@klient.example>",
            **ANNA,
        },
        JAN,
        _person("Biuro", "biuro@klient.example", 2),
        _person("Szef", "szef@agencja.example", 3),
    ),
    "exchange-addresses.msg": _note(
        {
            SUBJECT: "Wewnętrznie",
            BODY: "Klient się zgodził.",
            SENDER: "Sekretariat",
            SENDER_ADDRESS: "/O=AGENCJA/OU=EXCHANGE/CN=RECIPIENTS/CN=SEKRETARIAT",
            SENDER_SMTP: "sekretariat@agencja.example",
            REPRESENTED: "Anna Nowak",
            REPRESENTED_ADDRESS: "/O=AGENCJA/OU=EXCHANGE/CN=RECIPIENTS/CN=ANNA",
            REPRESENTED_SMTP: "Anna@agencja.example",
        },
        {SHOWN: "Piotr Lis", ADDRESS: "/O=AGENCJA/OU=EXCHANGE/CN=RECIPIENTS/CN=PIOTR", ROLE: 1},
        _person("Jan Wójcik", "jan@klient.example", 2),
    ),
    "ansi-windows-1251.msg": _note(
        {
            SUBJECT: "Договор на сайт",
            BODY: "Согласовано, запускаем в понедельник.\r\nИван",
            SENDER: "Иван Петров",
            SENDER_ADDRESS: "ivan@klient.example",
            CODE_PAGE: 1251,
        },
        {SHOWN: "Анна", ADDRESS: "anna@agencja.example", ROLE: 1},
        files=(Attachment({NAME: "смета.txt", DATA: "итого 100 000".encode("cp1251")}),),
        charset="cp1251",
    ),
    "ansi-windows-1250-undeclared.msg": _note(
        {SUBJECT: "Zaległa faktura", BODY: "Proszę o płatność, wciąż czekamy.", **ANNA}, JAN, charset="cp1250"
    ),
    "html-in-its-code-page.msg": _note(
        {
            SUBJECT: "Макет",
            HTML: "<html><body><p>Макет <b>утверждён</b>.</p></body></html>".encode("cp1251"),
            INTERNET_CODE_PAGE: 1251,
            **ANNA,
        },
        JAN,
    ),
    "html-inside-rtf.msg": _note({SUBJECT: "Budżet", RTF: compress(RTF_OF_HTML), **ANNA}, JAN),
    "rtf-only.msg": _note(
        {
            SUBJECT: "Смета",
            RTF: compress(rb"{\rtf1\ansi\ansicpg1251 \'d1\'ee\'e3\'eb\'e0\'f1\'e5\'ed.\par}"),
            **ANNA,
        },
        JAN,
    ),
    "every-kind-of-attachment.msg": _note(
        {
            SUBJECT: "Pliki",
            BODY: "W załączeniu.",
            HTML: b'<p>W za&#322;&#261;czeniu.</p><img src="cid:logo@agencja">',
            **ANNA,
        },
        JAN,
        files=(
            Attachment({LONG_NAME: "Umowa żółta.pdf", DATA: b"%PDF-1.4 " + bytes(5000), METHOD: 1}),
            Attachment(
                {LONG_NAME: "logo.png", DATA: PNG, CONTENT_ID: "logo@agencja", MEDIA_TYPE: "image/png"}
            ),
            Attachment({NAME: "KROTKA~1.TXT", DATA: b"", METHOD: 1}),
            Attachment({LONG_NAME: "..\\..\\evil.exe", DATA: b"MZ", MEDIA_TYPE: "a b\r\nX: y"}),
            Attachment({LONG_NAME: "wspólny.xlsx", METHOD: 7}),
            Attachment(
                {SHOWN: "Zgoda klienta", METHOD: 5},
                _note(
                    {
                        SUBJECT: "Zgoda klienta",
                        BODY: "Zgadzam się.",
                        SENDER: "Jan",
                        SENDER_SMTP: "jan@klient.example",
                    }
                ),
            ),
        ),
    ),
    "meeting-request.msg": Message(
        {
            CLASS: "IPM.Schedule.Meeting.Request",
            SUBJECT: "Omówienie budżetu",
            SUBMITTED: SENT_AT,
            BODY: "Spotkajmy się u nas.",
            START: datetime(2025, 3, 5, 9, 0, tzinfo=UTC),
            END: datetime(2025, 3, 5, 9, 45, tzinfo=UTC),
            APPOINTMENT: 0x1BADCAFE,
            **ANNA,
        },
        (JAN,),
    ),
    "meeting-declined.msg": Message(
        {CLASS: "IPM.Schedule.Meeting.Resp.Neg", SUBJECT: "Declined: Omówienie", SUBMITTED: SENT_AT, **ANNA},
        (JAN,),
    ),
    "delivery-report.msg": Message(
        {
            CLASS: "REPORT.IPM.Note.NDR",
            SUBJECT: "Undeliverable: Budżet",
            SUBMITTED: SENT_AT,
            0x1001: "The recipient was not found.",
            SENDER: "System Administrator",
        },
        (_person("Anna Nowak", "anna@agencja.example"),),
    ),
    "encrypted.msg": Message(
        {CLASS: "IPM.Note.SMIME", SUBJECT: "Poufne", SUBMITTED: SENT_AT, **ANNA},
        (JAN,),
        (
            Attachment(
                {LONG_NAME: "smime.p7m", MEDIA_TYPE: "application/pkcs7-mime", DATA: b"\x30\x80" + bytes(40)}
            ),
        ),
    ),
    "signed-beside-the-text.msg": Message(
        {CLASS: "IPM.Note.SMIME.MultipartSigned", SUBJECT: "Podpisane", SUBMITTED: SENT_AT, **ANNA},
        (JAN,),
        (
            Attachment(
                {
                    LONG_NAME: "smime.p7m",
                    MEDIA_TYPE: "multipart/signed",
                    DATA: SIGNED.replace(b"\n", b"\r\n"),
                }
            ),
        ),
    ),
    "draft.msg": Message(
        {
            CLASS: "IPM.Note",
            SUBJECT: "Szkic",
            BODY: "Jeszcze nie wysłane.",
            FLAGS: 8,
            DELIVERED: DELIVERED_AT,
            **ANNA,
        },
        (JAN,),
    ),
    "contact.msg": Message(
        {CLASS: "IPM.Contact", SUBJECT: "Jan Wójcik", 0x3A08: "+48 600 000 000", DELIVERED: DELIVERED_AT}
    ),
    "names-only.msg": _note(
        {SUBJECT: "Stare", BODY: "Z archiwum.", SENDER: "Иван Петров", SHOWN_TO: "Anna Nowak; Jan"}
    ),
}
"""File names, and what is in them."""

WHOLE = {name: msg(message) for name, message in ALL.items()}
DAMAGED = {
    "cut-in-half.msg": WHOLE["every-kind-of-attachment.msg"][:9000],
    "word-document.msg": compound({"WordDocument": bytes(5000), "1Table": bytes(100)}),
    "nothing-in-it.msg": msg(Message({})),
}


MAILBOX = {
    "Top of Personal Folders": {
        "Inbox": {
            "Клиенты": [
                ALL["received-with-its-header.msg"],
                ALL["every-kind-of-attachment.msg"],
                ALL["html-inside-rtf.msg"],
            ],
            "a/b": [ALL["meeting-request.msg"], ALL["delivery-report.msg"]],
        },
        "Sent Items": [ALL["sent-without-a-header.msg"], ALL["exchange-addresses.msg"]],
        "Drafts": [ALL["draft.msg"]],
        "Contacts": [ALL["contact.msg"]],
        "Old": [ALL["ansi-windows-1251.msg"], ALL["ansi-windows-1250-undeclared.msg"], Message({})],
        "Prefix": [_note({SUBJECT: "\x01\x05Re: Budżet", BODY: "Tak."})],
        "Empty": [],
    }
}
PSTS = {"every-kind-of-folder.pst": (whole := pst(MAILBOX)), "cut-in-half.pst": whole[: len(whole) // 2]}


def every() -> dict[str, bytes]:
    """Return the samples by their paths."""
    msgs = {f"msg/{name}": content for name, content in (WHOLE | DAMAGED).items()}
    return msgs | {f"pst/{name}": content for name, content in PSTS.items()}


if __name__ == "__main__":
    for name, content in every().items():
        (SAMPLES / name).write_bytes(content)
