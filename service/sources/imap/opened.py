"""What a server tells of a folder and its messages, as our records. In: responses. Never: asks anything."""

from dataclasses import dataclass

from service.sources.imap.framing import (
    Malformed,
    Response,
    Value,
    read_code,
    read_fetch,
    read_internal_date,
    read_number,
    read_pairs,
    read_uid_set,
    read_values,
)
from service.sources.imap.mailbox import Fetched, FolderStatus
from service.sources.imap.names import read_name

_MOST_AT_ONCE = 1_000_000


@dataclass(slots=True)
class Opened:
    """The opened folder; it changes with what the server says unasked (RFC 3501, 7.3 and 7.4)."""

    messages: int = 0
    uid_next: int | None = None
    uid_validity: int = 0
    modseq: int | None = None
    changed: bool = False
    """Messages came or went since somebody last looked."""

    def note(self, response: Response) -> None:
        """Take in one response of any command."""
        match response.word:
            case b"EXISTS":
                self._count(response.number)
            case b"EXPUNGE":
                self._count(self.messages - 1)
            case b"VANISHED" if not response.text.upper().startswith(b"(EARLIER)"):
                gone = read_uid_set(response.text, _MOST_AT_ONCE)
                self._count(self.messages - len(gone or ()))
            case b"OK":
                self._note_code(response.text)

    def status(self) -> FolderStatus:
        """Return what is known now."""
        return FolderStatus(self.messages, self.uid_next, self.uid_validity, self.modseq)

    def _count(self, messages: int) -> None:
        # Some servers say the same number again at each IDLE.
        self.changed = self.changed or messages != self.messages
        self.messages = max(0, messages)

    def _note_code(self, text: bytes) -> None:
        if text.startswith(b"[CLOSED]"):
            # What came before it was said of the folder that was open until now (RFC 7162, 3.2.11).
            self.messages, self.changed = 0, False
        self.uid_validity = read_code(text, b"UIDVALIDITY") or self.uid_validity
        self.uid_next = read_code(text, b"UIDNEXT") or self.uid_next
        self.modseq = read_code(text, b"HIGHESTMODSEQ") or self.modseq


def read_status(response: Response) -> tuple[str, FolderStatus] | None:
    """Read an untagged STATUS: the folder's name and state; None where it makes no sense."""
    try:
        raw, items = read_values(response.pieces)
        told = read_pairs(items)
    except (Malformed, ValueError):
        return None
    messages = read_number(told.get(b"MESSAGES"))
    if not isinstance(raw, bytes) or messages is None:
        return None
    name = "INBOX" if raw.upper() == b"INBOX" else read_name(raw)
    uid_next, modseq = read_number(told.get(b"UIDNEXT")), read_number(told.get(b"HIGHESTMODSEQ"))
    return name, FolderStatus(
        messages, uid_next or None, read_number(told.get(b"UIDVALIDITY")) or 0, modseq or None
    )


def read_message(response: Response) -> Fetched | None:
    """Read a FETCH with a body; None for any other."""
    if response.word != b"FETCH":
        return None
    told = read_fetch(response)
    uid, body = read_number(told.get(b"UID")), told.get(b"BODY[]")
    if not uid or not isinstance(body, bytes):
        return None
    return Fetched(
        uid,
        body,
        read_internal_date(told.get(b"INTERNALDATE")),
        read_labels(told.get(b"X-GM-LABELS")),
        read_number(told.get(b"X-GM-THRID")),
    )


def read_labels(value: Value) -> tuple[str, ...] | None:
    """Read Gmail's labels, which are spelt as names of folders are; None where there are none to read."""
    if not isinstance(value, list):
        return None
    return tuple(read_name(label) for label in value if isinstance(label, bytes))
