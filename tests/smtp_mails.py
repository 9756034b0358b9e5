"""Mails as senders hand them to an SMTP intake."""

MAIL = (
    b"From: Ewa <ewa@klos.example>\r\nTo: Kasia <kasia@kreska.example>\r\n"
    b"Date: Mon, 02 Mar 2026 10:%(minute)02d:00 +0100\r\nMessage-ID: <%(key)d@klos.example>\r\n"
    b"Subject: Oferta %(key)d\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\nslowo%(key)d\r\n.kropka na pocz\xc4\x85tku\r\n\r\n"
)
REPORT = (
    b"From: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@agency.example>\r\n"
    b"To: <archive@agency.example>\r\nSubject: Oferta\r\nDate: Mon, 02 Mar 2026 09:00:07 +0000\r\n"
    b"Message-ID: <9f2b@journal.report.generator>\r\nX-MS-Journal-Report:\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="_25e_"\r\n\r\n--_25e_\r\n'
    b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
    b"Sender: ewa@klos.example\r\nSubject: Oferta\r\nMessage-Id: <1@klos.example>\r\n%(lines)s\r\n"
    b"--_25e_\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%(mail)s\r\n"
    b"--_25e_--\r\n"
)
"""As Exchange 2010 and later write it; addresses and boundaries are made up."""
LINES = (
    b"To: Kasia@Kreska.example\r\nCc: lena@kreska.example, Expanded: team@kreska.example\r\n"
    b"Bcc: szef@agency.example\r\nRecipient: audyt@agency.example, Forwarded: old@agency.example\r\n"
    b"Recipient: /o=Agency/ou=Exchange/cn=Recipients/cn=anna\r\n"
)


def mail(key: int = 1) -> bytes:
    """Return a mail that has words of its own, and a line that begins with a dot."""
    return MAIL % {b"key": key, b"minute": key % 60}


def report(inside: bytes, lines: bytes = LINES) -> bytes:
    """Return a journal report that carries a mail."""
    return REPORT % {b"mail": inside, b"lines": lines}
