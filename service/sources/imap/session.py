"""Read one mailbox (RFC 3501). In: Server, Credentials. Out: records of `mailbox`. Never: changes anything.

Folders are opened by EXAMINE and bodies asked for by PEEK, so that not even a flag moves.
"""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from service.errors import Unreachable
from service.sources.imap.folders import choose, choose_on_gmail, read_entry
from service.sources.imap.framing import (
    Response,
    join_words,
    read_fetch,
    read_number,
    read_uid_set,
    write_quoted,
    write_uid_sets,
)
from service.sources.imap.mailbox import (
    Changes,
    Choice,
    Credentials,
    Fetched,
    Folder,
    FolderStatus,
    Listed,
    Server,
)
from service.sources.imap.names import write_name
from service.sources.imap.opened import Opened, read_labels, read_message, read_status
from service.sources.imap.sign_in import check_secrecy, sign_in
from service.sources.imap.troubles import Declined, quote, where
from service.sources.imap.wire import Wire

WINDOW = 5_000
"""Messages that one command of a listing asks for."""
IDLE_S = 9 * 60
"""How long one IDLE lasts: servers hang up after 30 minutes (RFC 2177), many routers after 10."""
LOOK_S = 2
"""How often a waiting connection looks whether it is to stop."""
NOOP_S = 15
"""How often a server without IDLE is asked."""
_MOST_VANISHED = 1_000_000
_LARGEST_UID = 2**32 - 1
"""RFC 3501, 2.3.1.1."""
_EMPTY_WINDOWS = 3
_EXPUNGED = b"[EXPUNGEISSUED]"


class Mailbox:
    """A signed-in connection, for one thread; as a context manager it closes itself.

    Every method may raise Unreachable (also Throttled): the connection is then of no more use. SourceError
    of another kind means that this one thing cannot be had.
    """

    def __init__(self, wire: Wire) -> None:
        self.refused: dict[int, str] = {}
        """Why the server does not give a message of the opened folder, by UID."""
        self._wire = wire
        self._raw_names: dict[str, bytes] = {}
        self._opened = Opened()
        self._idles = wire.has(b"IDLE")
        self._enabled = self._enable()

    @classmethod
    def open(cls, server: Server, credentials: Credentials, *, timeout_s: float = 60) -> "Mailbox":
        """Connect and sign in; raises SignInRefused (a person must act), Throttled, Unreachable."""
        check_secrecy(server)
        wire = Wire(server, timeout_s)
        with contextlib.ExitStack() as undo:
            undo.callback(wire.cut)
            sign_in(wire, credentials)
            mailbox = cls(wire)
            undo.pop_all()
            return mailbox

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Sign out; never raises."""
        self._wire.close()

    def is_gmail(self) -> bool:
        """Say whether messages have Gmail's labels and threads."""
        return self._wire.has(b"X-GM-EXT-1")

    def folders(self, choice: Choice) -> list[Folder]:
        """Return the wanted folders that can be opened, in the server's order."""
        entries = [entry for response in self._list() if (entry := read_entry(response)) is not None]
        self._raw_names = {entry.name: entry.raw for entry in entries}
        return choose_on_gmail(entries, choice) if self.is_gmail() else choose(entries, choice)

    def statuses(self, folders: Sequence[Folder]) -> dict[str, FolderStatus]:
        """Return the state of folders by name, in one round where the server can; missing ones are absent."""
        told: dict[str, FolderStatus] = {}
        if self._wire.has(b"LIST-STATUS"):
            for names in join_words([self._quoted(folder) for folder in folders]):
                told |= self._statuses(
                    b'LIST "" (' + names + b") RETURN (STATUS " + self._status_items + b")"
                )
        for folder in folders:
            if folder.name not in told:
                told |= self._statuses(b"STATUS " + self._quoted(folder) + b" " + self._status_items)
        return {folder.name: told[folder.name] for folder in folders if folder.name in told}

    def examine(self, folder: Folder) -> FolderStatus:
        """Open a folder for reading only; raises SourceError where it cannot be opened."""
        self._opened = Opened()
        self.refused = {}
        asked = b"" if self._enabled or not self._wire.has(b"CONDSTORE") else b" (CONDSTORE)"
        try:
            self._do(b"EXAMINE " + self._quoted(folder) + asked)
        except Declined as declined:
            raise Declined(
                f'{where(self._wire.server)} does not open "{folder.name}": {quote(declined.text)}',
                declined.text,
            ) from None
        self._opened.changed = False
        return self._opened.status()

    def listing(self, above: int = 0) -> Iterator[Listed]:
        """Yield the messages of the opened folder with a UID above `above`, the newest first.

        By windows of sequence numbers from the top: an expunge meanwhile only moves messages to lower
        numbers, so that none is passed over.
        """
        last, empty = self._opened.messages, 0
        before: dict[int, int] = {}
        while last > 0:
            first = max(1, last - WINDOW + 1)
            window = self._sizes(first, last)
            for uid in sorted(window.keys() - before.keys(), reverse=True):
                if uid > above:
                    yield Listed(uid, window[uid])
            if window and min(window) <= above:
                return
            empty = 0 if window else empty + 1
            if empty:
                self._look_again(empty)
            before, last = window, min(first - 1, self._opened.messages)

    def fetch(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """Yield messages with their bytes, one in memory at a time; what the server does not give is absent.

        To be read to its end: who stops before loses the connection. Where the server declines, the rest
        is asked for by halves, so that one bad message costs no other; see `refused`.
        """
        waiting = [sorted(set(uids))]
        while waiting:
            missing = dict.fromkeys(waiting.pop())
            try:
                for message in self._messages(list(missing)):
                    if message.uid in missing:
                        del missing[message.uid]
                        yield message
            except Declined as declined:
                if _EXPUNGED in declined.text:
                    continue
                left = list(missing)
                if len(left) == 1:
                    self.refused[left[0]] = str(declined)
                elif left:
                    waiting += [left[len(left) // 2 :], left[: len(left) // 2]]

    def changes(self, modseq: int) -> Changes | None:
        """Say what changed in the opened folder since the MODSEQ of an earlier `examine`.

        None where the server cannot say, or says more than can be kept: compare by `listing` then. Gmail has
        no QRESYNC: there only labels are told.
        """
        now, vanishes = self._opened.modseq, b"QRESYNC" in self._enabled
        if now is None or not 0 < modseq <= now or not (vanishes or self.is_gmail()):
            return None
        items = b"(UID X-GM-LABELS)" if self.is_gmail() else b"(UID)"
        since = b"(CHANGEDSINCE %d%s)" % (modseq, b" VANISHED" if vanishes else b"")
        return self._read_changes(self._ask(b"UID FETCH 1:* " + items + b" " + since))

    def idle(self, wait_s: float, stop: threading.Event | None) -> bool:
        """Wait until messages of the opened folder come or go (True), the time is over or `stop` set (False).

        True at once where that was told since the folder was opened or this last was True.
        """
        until = time.monotonic() + wait_s
        while not self._opened.changed:
            left = until - time.monotonic()
            if left <= 0 or (stop is not None and stop.is_set()):
                return False
            try:
                self._wait(min(left, IDLE_S if self._idles else NOOP_S), stop)
            except Declined:
                # Offered, and not done after all.
                self._idles = False
        self._opened.changed = False
        return True

    def _enable(self) -> frozenset[bytes]:
        """Introduce ourselves (163.com opens no folder for strangers) and switch on what helps."""
        if self._wire.has(b"ID"):
            self._try(b'ID ("name" "Scripta")')
        if not self._wire.has(b"ENABLE"):
            return frozenset()
        wanted = next((name for name in (b"QRESYNC", b"CONDSTORE") if self._wire.has(name)), b"")
        told = self._try(b"ENABLE " + wanted) if wanted else []
        return frozenset(
            name for response in told if response.word == b"ENABLED" for name in response.text.upper().split()
        )

    def _try(self, command: bytes) -> list[Response]:
        try:
            return list(self._ask(command))
        except Declined:
            return []

    def _ask(self, command: bytes) -> Iterator[Response]:
        for response in self._wire.answers(command):
            self._opened.note(response)
            yield response

    def _do(self, command: bytes) -> None:
        for _ in self._ask(command):
            pass

    def _quoted(self, folder: Folder) -> bytes:
        return write_quoted(self._raw_names.get(folder.name) or write_name(folder.name))

    def _list(self) -> list[Response]:
        offered = self._wire.has
        commands = [b'LIST "" "*"']
        if offered(b"SPECIAL-USE") and offered(b"LIST-EXTENDED"):
            commands.insert(0, b'LIST "" "*" RETURN (SPECIAL-USE)')
        elif offered(b"XLIST") and not offered(b"SPECIAL-USE"):
            commands.insert(0, b'XLIST "" "*"')
        for command in commands[:-1]:
            if told := self._listed(self._try(command)):
                return told
        return self._listed(self._ask(commands[-1]))

    @staticmethod
    def _listed(responses: Iterator[Response] | list[Response]) -> list[Response]:
        return [response for response in responses if response.word in {b"LIST", b"XLIST"}]

    @property
    def _status_items(self) -> bytes:
        more = b" HIGHESTMODSEQ" if self._wire.has(b"CONDSTORE") else b""
        return b"(MESSAGES UIDNEXT UIDVALIDITY" + more + b")"

    def _statuses(self, command: bytes) -> dict[str, FolderStatus]:
        told = (read_status(response) for response in self._try(command) if response.word == b"STATUS")
        return dict(status for status in told if status is not None)

    def _sizes(self, first: int, last: int) -> dict[int, int]:
        sizes: dict[int, int] = {}
        try:
            for response in self._ask(b"FETCH %d:%d (UID RFC822.SIZE)" % (first, last)):
                # What comes unasked of others (a flag that moved) says nothing of this window.
                if response.word == b"FETCH" and first <= response.number <= last:
                    told = read_fetch(response)
                    uid = read_number(told.get(b"UID"))
                    if uid and uid <= _LARGEST_UID:
                        sizes[uid] = read_number(told.get(b"RFC822.SIZE")) or sizes.get(uid, 0)
        except Declined as declined:
            if _EXPUNGED not in declined.text:
                raise
        return sizes

    def _look_again(self, empty: int) -> None:
        """Let the server say what was expunged, when nothing came of a window; give up when it lies."""
        if empty > _EMPTY_WINDOWS:
            raise Unreachable(
                f"{where(self._wire.server)} says that a folder has {self._opened.messages} messages "
                "and does not list them; it is tried again by itself"
            )
        self._do(b"NOOP")

    def _messages(self, uids: Sequence[int]) -> Iterator[Fetched]:
        gmail = b" X-GM-LABELS X-GM-THRID" if self.is_gmail() else b""
        for part in write_uid_sets(uids):
            for response in self._ask(
                b"UID FETCH " + part + b" (UID INTERNALDATE BODY.PEEK[]" + gmail + b")"
            ):
                if (message := read_message(response)) is not None:
                    yield message

    def _read_changes(self, responses: Iterator[Response]) -> Changes | None:
        vanished: set[int] = set()
        labels: dict[int, tuple[str, ...]] = {}
        too_many = False
        for response in responses:
            if response.word == b"VANISHED":
                gone = read_uid_set(response.text.rpartition(b" ")[2], _MOST_VANISHED - len(vanished))
                too_many = too_many or gone is None
                vanished |= gone or set()
            elif response.word == b"FETCH":
                told = read_fetch(response)
                uid, names = read_number(told.get(b"UID")), read_labels(told.get(b"X-GM-LABELS"))
                if uid and names is not None:
                    labels[uid] = names
        return None if too_many else Changes(frozenset(vanished), labels)

    def _wait(self, seconds: float, stop: threading.Event | None) -> None:
        """Wait once, until messages come or go, the time is over or `stop` is set."""
        if not self._idles:
            (stop or threading.Event()).wait(seconds)
            self._do(b"NOOP")
            return
        until = time.monotonic() + seconds

        def left() -> float | None:
            rest = until - time.monotonic()
            over = rest <= 0 or self._opened.changed or (stop is not None and stop.is_set())
            return None if over else min(rest, LOOK_S)

        for response in self._wire.idle(left):
            self._opened.note(response)
