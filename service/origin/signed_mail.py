"""A mail as its signers saw it: fields in order, lines ended by CRLF. In: bytes. Out: what was hashed.

Stores write LF where the wire had CRLF; both read the same here. The fields are those that
`service.sources.mail_headers` reads, so that what is verified is what is shown.

dkimpy canonicalises fields; bodies are done here, since its expressions are quadratic in a run of blanks.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

import dkim
from dkim.canonicalization import Relaxed, Simple

from service.origin.signature import LARGEST_HEADER

_ENVELOPE = re.compile(rb"(?:[ \t\r]*\n)*(?:>?From [^\r\n]*\r?\n)?")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"^([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_OWN_VALUE = re.compile(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")
_BLANKS = re.compile(rb"\t[ \t]*| [ \t]+")
"""Blanks that are not one space already: most are, and each replacement costs."""
MOST_FIELDS = 2000
"""Fields of a header that are read; a name in a signature costs a look at each."""

Field = tuple[bytes, bytes]
"""A name and its value as they were written, the value with CRLF at its end."""


@dataclass(slots=True)
class SignedMail:
    """The two parts of a mail that signatures cover; remembers body hashes, the costly part."""

    fields: list[Field]
    body: bytes
    _hashes: dict[tuple[bytes, int | None], tuple[bytes, bool]] = field(default_factory=dict)

    def named(self, *names: bytes) -> list[Field]:
        """Return the fields of these names (in lower case), in file order."""
        return [one for one in self.fields if one[0].lower() in names]

    def body_hash(self, policy: bytes, length: int | None) -> tuple[bytes, bool]:
        """Return the SHA-256 of the body under a policy, and whether it covers the whole body.

        `length` is the number of bytes that the signer says were signed (tag l=).
        """
        known = self._hashes.get((policy, length))
        if known is None:
            body = relaxed_body(self.body) if policy == Relaxed.name else simple_body(self.body)
            whole = length is None or length >= len(body)
            known = sha256(body if whole else body[:length]).digest(), whole
            self._hashes[policy, length] = known
        return known

    def signed_fields(self, policy: bytes, names: list[bytes], own: Field) -> bytes:
        """Return the bytes that a signature over these field names signs (RFC 6376, 3.7)."""
        return joined(policy, dkim.select_headers(self.fields, names), own)


def read_signed_mail(original: bytes) -> SignedMail:
    """Split a mail; lines that are no fields are passed over, as no signature can name them."""
    start = _ENVELOPE.match(original)
    begin = start.end() if start else 0
    blank = _BLANK_LINE.search(original, begin, begin + LARGEST_HEADER)
    end = blank.start() + 1 if blank else min(len(original), begin + LARGEST_HEADER)
    fields = [
        (found[1], _crlf(found[2].removesuffix(b"\r")) + b"\r\n")
        for found in islice(_FIELD.finditer(original, begin, end), MOST_FIELDS)
    ]
    return SignedMail(fields, _crlf(original[blank.end() :]) if blank else b"")


def joined(policy: bytes, fields: list[Field], own: Field) -> bytes:
    """Return canonical fields, and after them the signature's own field without its value and last CRLF."""
    emptied = (own[0], _OWN_VALUE.sub(rb"\1", own[1], count=1))
    rules = Relaxed if policy == Relaxed.name else Simple
    lines = [name + b":" + value for name, value in rules.canonicalize_headers([*fields, emptied])]
    return b"".join(lines).removesuffix(b"\r\n")


def relaxed_body(body: bytes) -> bytes:
    r"""Return the body under the relaxed policy (RFC 6376, 3.4.4).

    >>> relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n")
    b' C\r\nD E\r\n'
    """
    ended = body if body.endswith(b"\r\n") else body + b"\r\n"
    lines = _without_last_blank_lines(_BLANKS.sub(b" ", ended).replace(b" \r\n", b"\r\n"))
    return lines + b"\r\n" if lines else b""


def simple_body(body: bytes) -> bytes:
    r"""Return the body under the simple policy (RFC 6376, 3.4.3).

    >>> simple_body(b"C \r\n\r\n\r\n"), simple_body(b"")
    (b'C \r\n', b'\r\n')
    """
    return _without_last_blank_lines(body) + b"\r\n"


def _without_last_blank_lines(body: bytes) -> bytes:
    words = body.rstrip(b"\r\n")
    tail = body[len(words) :]
    # A CR that no LF follows is a character of its line; every LF here has its CR.
    lone = len(tail) if tail.endswith(b"\r") else tail.rfind(b"\r\r") + 1
    return words + tail[:lone]


def _crlf(text: bytes) -> bytes:
    if text.count(b"\n") == text.count(b"\r\n"):
        return text
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
