"""The records of the log: a Fact goes in, an Entry with its place and time comes out. Never: changes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.errors import LedgerError

_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Fact:
    """What somebody wants recorded; raises LedgerError for names that could not be stored or read back."""

    kind: str
    """Dotted lower-case name of what happened: `agreement.opened`."""
    subject: str
    """Id of the thing that the fact is about."""
    body: Mapping[str, Any]
    """JSON object (RFC 8785: text without lone surrogates, finite numbers, integers below 2**53)."""
    actor: str
    """Id of the person or part of the program that caused it."""

    def __post_init__(self) -> None:
        if len(self.kind) > _LIMIT or not _KIND.fullmatch(self.kind):
            raise LedgerError(f"ledger: kind {self.kind!r} is no dotted lower-case name up to {_LIMIT} long")
        for label, value in (("subject", self.subject), ("actor", self.actor)):
            if not (0 < len(value) <= _LIMIT and value.isprintable()):
                raise LedgerError(f"ledger: {label} {value!r} must be 1 to {_LIMIT} printable characters")


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact in its place: what the leaf of the tree commits to."""

    seq: int
    """Zero-based position in the log, equal to the leaf index of RFC 6962."""
    kind: str
    subject: str
    body: Mapping[str, Any]
    at: datetime
    """When it was appended, by our clock: aware, UTC, microseconds."""
    actor: str
